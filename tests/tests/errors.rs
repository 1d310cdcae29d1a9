//! What `#[derive(FfiError)]` says of errors, and what becomes of any error.

use std::error::Error as StdError;
use std::fmt;

use ffi_object::{Error, ErrorBase, ErrorKind, FfiError, IntoError, registry};

/// The scene cannot be drawn.
#[derive(Debug, FfiError)]
#[ffi(base = "LookupError", module = "scene.errors")]
enum DrawError {
    /// There is no such layer.
    #[ffi(base = "KeyError")]
    NoLayer {
        name: String,
        depth: i64,
    },
    #[ffi(name = "Unreadable")]
    Texture(std::io::Error),
    Code(#[ffi(name = "code")] u8),
}

impl fmt::Display for DrawError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoLayer { name, depth } => write!(f, "no layer {name} at {depth}"),
            Self::Texture(_) => f.write_str("no texture"),
            Self::Code(code) => write!(f, "code {code}"),
        }
    }
}

impl StdError for DrawError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Texture(error) => Some(error),
            _ => None,
        }
    }
}

/// Sorts before its base by name.
#[derive(Debug, FfiError)]
#[ffi(base = DrawError)]
struct Canvas {
    source: std::fmt::Error,
    width: f64,
}

impl fmt::Display for Canvas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no canvas of width {}", self.width)
    }
}

impl StdError for Canvas {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&self.source)
    }
}

#[derive(Debug)]
struct Plain(&'static str);

impl fmt::Display for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl StdError for Plain {}

fn texture() -> DrawError {
    DrawError::Texture(std::io::Error::from_raw_os_error(2))
}

#[test]
fn a_descriptor_says_what_was_written() {
    let ty = DrawError::TYPE;
    assert_eq!(
        (ty.class.name, ty.class.doc, ty.module),
        ("DrawError", "The scene cannot be drawn.", Some("scene.errors"))
    );
    assert!(matches!(ty.class.base, Some(ErrorBase::Builtin("LookupError"))));
    assert!(ty.source.file.ends_with("errors.rs") && ty.key.ends_with("errors::DrawError"));
    let variants: Vec<_> = ty.variants.iter().map(|v| (v.name, v.doc, v.fields)).collect();
    let expected: [(&str, &str, &[&str]); 3] =
        [("NoLayer", "There is no such layer.", &["name", "depth"]), ("Unreadable", "", &[]), ("Code", "", &["code"])];
    assert_eq!(variants, expected);
    assert!(matches!(ty.variants[0].base, Some(ErrorBase::Builtin("KeyError"))));
    assert!(ty.variants[1].base.is_none());

    assert_eq!(Canvas::TYPE.class.fields, ["width"]);
    assert!(matches!(Canvas::TYPE.class.base, Some(ErrorBase::Error(base)) if std::ptr::eq(base, ty)));
}

#[test]
fn bases_come_before_what_extends_them() {
    let names: Vec<_> = registry().unwrap().errors.iter().map(|e| e.class.name).collect();
    assert_eq!(names, ["DrawError", "Canvas"]);
}

#[test]
fn an_error_knows_its_class() {
    assert!(std::ptr::eq(texture().class(), &raw const DrawError::TYPE.variants[1]));
    assert_eq!(DrawError::Code(1).class().name, "Code");
    let canvas = Canvas { source: fmt::Error, width: 1.0 };
    assert_eq!(canvas.class().name, "Canvas");
}

#[test]
fn any_error_becomes_one_and_stays_there() {
    let error = DrawError::NoLayer { name: "sky".into(), depth: 2 }.into_error();
    assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Key, "no layer sky at 2"));
    assert!(matches!(error.downcast_ref(), Some(DrawError::NoLayer { depth: 2, .. })));
    assert!(error.cause().is_none() && error.stands_for().is_some());

    let error: Error = texture().into();
    let cause = error.cause().unwrap();
    assert_eq!(cause.downcast_ref::<std::io::Error>().unwrap().raw_os_error(), Some(2));
    assert!(error.source().unwrap().is::<DrawError>());

    let error = Plain("plain").into_error();
    assert_eq!((error.kind(), error.message()), (ErrorKind::Runtime, "plain"));
    let error = Error::value("top").caused_by(Plain("below"));
    assert!(error.stands_for().is_none() && error.cause().unwrap().is::<Plain>());
    assert_eq!(Error::other(error).kind(), ErrorKind::Value);
    assert_eq!("text".into_error().to_string(), "text");
    let boxed: Box<dyn StdError + Send + Sync> = Box::new(texture());
    assert!(boxed.into_error().downcast_ref::<DrawError>().is_some());
}

#[test]
fn errors_of_std_have_kinds() {
    let parse = "x".parse::<i64>().unwrap_err().into_error();
    assert_eq!(parse.kind(), ErrorKind::Value);
    assert!(parse.cause().is_none());
    let system = std::io::Error::from_raw_os_error(13).into_error();
    assert_eq!((system.kind(), system.os_code()), (ErrorKind::Os, Some(13)));
    let own = std::io::Error::other(Plain("within")).into_error();
    assert_eq!((own.kind(), own.os_code(), own.message()), (ErrorKind::Os, None, "within"));
}

#[test]
fn an_error_knows_its_place() {
    let (error, line) = (Error::value("here"), line!());
    assert_eq!(error.place().unwrap(), format!("{}:{line}", file!()));
    let convert = || -> Result<(), Error> { Err(texture())? };
    let line = line!() - 1;
    assert_eq!(convert().unwrap_err().place().unwrap(), format!("{}:{line}", file!()));
    // Made by the runtime: only the frontend knows which function was called.
    assert_eq!(texture().into_error().place(), None);
    let fail = || Err::<(), _>(texture());
    let made_by_std = fail().map_err(Error::other).unwrap_err();
    assert_eq!(made_by_std.place(), None);
}
