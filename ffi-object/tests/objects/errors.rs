//! `Error`.

use std::error::Error as _;
use std::io;
use std::path::Path;

use ffi_object::{Error, ErrorKind, Position};

#[test]
fn kinds_have_constructors() {
    let all = [
        (Error::type_error("m"), ErrorKind::Type),
        (Error::value("m"), ErrorKind::Value),
        (Error::overflow("m"), ErrorKind::Overflow),
        (Error::key("m"), ErrorKind::Key),
        (Error::index("m"), ErrorKind::Index),
        (Error::attribute("m"), ErrorKind::Attribute),
        (Error::reference("m"), ErrorKind::Reference),
        (Error::runtime("m"), ErrorKind::Runtime),
        (Error::from("m"), ErrorKind::Runtime),
        (Error::from(String::from("m")), ErrorKind::Runtime),
        (Error::new(ErrorKind::NotImplemented, "m"), ErrorKind::NotImplemented),
        (Error::syntax("m", Position { line: 1, column: 2 }), ErrorKind::Syntax),
    ];
    for (error, kind) in all {
        assert_eq!((error.kind(), error.message()), (kind, "m"));
        assert!(error.source().is_none() && error.file().is_none() && error.os_code().is_none());
    }
}

#[test]
fn says_where() {
    let error = Error::syntax("unexpected ')'", Position { line: 3, column: 14 });
    assert_eq!(error.to_string(), "unexpected ')' (line 3, column 14)");
    let error = error.in_file("scene.txt").at("item 2").at("List[float]");
    assert_eq!(error.to_string(), "List[float]: item 2: unexpected ')' (line 3, column 14): scene.txt");
    assert_eq!(error.position(), Some(Position { line: 3, column: 14 }));
    assert_eq!(error.file(), Some(Path::new("scene.txt")));
    assert_eq!(Error::expected("int", "str").to_string(), "expected int, got str");
}

#[test]
fn keeps_what_the_system_said() {
    let error = Error::os(io::Error::from_raw_os_error(2), "/no/such/file");
    assert_eq!((error.kind(), error.os_code()), (ErrorKind::Os, Some(2)));
    assert!(error.to_string().ends_with(": /no/such/file"), "{error}");
    assert!(error.source().is_some_and(|cause| cause.is::<io::Error>()));
    let other = Error::from(io::Error::other("mine"));
    assert_eq!((other.kind(), other.os_code(), other.to_string()), (ErrorKind::Os, None, "mine".into()));
}

#[test]
fn keeps_its_causes() {
    fn parse(text: &str) -> Result<i64, Error> {
        Ok(text.parse::<i64>()?)
    }
    let error = parse("x").unwrap_err();
    assert_eq!((error.kind(), error.to_string()), (ErrorKind::Value, "invalid digit found in string".into()));
    let outer = Error::runtime("cannot load").caused_by(error);
    let inner = outer.source().and_then(|e| e.downcast_ref::<Error>()).unwrap();
    assert!(inner.source().is_some_and(|e| e.is::<std::num::ParseIntError>()));
    assert!(format!("{outer:?}").starts_with(r#"Error { kind: Runtime, message: "cannot load""#));
    assert_eq!(Error::from(u8::try_from(300).unwrap_err()).kind(), ErrorKind::Value);
    assert_eq!(Error::from(String::from_utf8(vec![255]).unwrap_err()).kind(), ErrorKind::Value);
}

#[test]
fn carries_exceptions_through() {
    let error = Error::foreign(String::from("the exception"), "ValueError: bad").at("item 1");
    assert_eq!((error.kind(), error.to_string()), (ErrorKind::Foreign, "ValueError: bad".into()));
    assert_eq!(error.into_foreign::<String>().unwrap(), "the exception");
    assert_eq!(Error::value("plain").into_foreign::<String>().unwrap_err().to_string(), "plain");
}

/// A frontend that finds another frontend's exception must be able to pass it on.
#[test]
fn keeps_an_exception_of_another_type() {
    let error = Error::foreign(1_u8, "m").into_foreign::<String>().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Foreign);
    assert_eq!(error.into_foreign::<u8>().unwrap(), 1);
}

#[test]
fn is_one_word_and_crosses_threads() {
    fn sendable<T: Send + Sync + 'static>() {}
    sendable::<Error>();
    assert_eq!(size_of::<Result<(), Error>>(), size_of::<usize>());
}
