//! What XML 1.0 allows in names and texts, and fields that hold nothing else.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use ffi_object::frontend::{Decoder, Encoder, Handle};
use ffi_object::{Error, Field, Mut, Str, Value};

/// Whether a character may be in a document at all.
#[must_use]
pub const fn is_xml_char(c: char) -> bool {
    !matches!(c, '\0'..='\x08' | '\x0B' | '\x0C' | '\x0E'..='\x1F' | '\u{FFFE}' | '\u{FFFF}')
}

/// The byte offset of the first character that may not be in a document.
#[must_use]
pub fn first_bad_char(text: &str) -> Option<usize> {
    let bad = |b: u8| b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r');
    // Without an early end, so that the compiler can look at many bytes at once.
    let control = text.as_bytes().chunks(4096).any(|chunk| chunk.iter().fold(false, |any, &b| any | bad(b)));
    if !control && !text.contains('\u{FFFE}') && !text.contains('\u{FFFF}') {
        return None;
    }
    text.char_indices().find(|(_, c)| !is_xml_char(*c)).map(|(i, _)| i)
}

const fn starts_name(c: char) -> bool {
    matches!(c,
        ':' | '_' | 'A'..='Z' | 'a'..='z' | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{2FF}'
        | '\u{370}'..='\u{37D}' | '\u{37F}'..='\u{1FFF}' | '\u{200C}'..='\u{200D}' | '\u{2070}'..='\u{218F}'
        | '\u{2C00}'..='\u{2FEF}' | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}'
        | '\u{10000}'..='\u{EFFFF}')
}

const fn continues_name(c: char) -> bool {
    starts_name(c) || matches!(c, '-' | '.' | '0'..='9' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}')
}

/// Whether this is a name of elements and attributes: XML's `Name`, and with at most one colon, not at an end.
#[must_use]
pub fn is_name(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|c| starts_name(c) && c != ':')
        && chars.all(continues_name)
        && name.split_once(':').is_none_or(|(_, local)| local.starts_with(starts_name) && !local.contains(':'))
}

/// # Errors
///
/// A `ValueError` if this is no name.
pub fn check_name(name: &str) -> Result<(), Error> {
    if is_name(name) {
        return Ok(());
    }
    let hint = if name.starts_with('{') { ": names are written with their prefix, as in 'svg:rect'" } else { "" };
    Err(Error::value(format!("{name:?} is not an XML name{hint}")))
}

/// # Errors
///
/// A `ValueError` if the text has a character that XML does not allow.
pub fn check_chars(text: &str) -> Result<(), Error> {
    let Some(at) = first_bad_char(text) else { return Ok(()) };
    let c = text[at..].chars().next().map_or(0, u32::from);
    Err(Error::value(format!("XML does not allow the character U+{c:04X} (at index {})", text[..at].chars().count())))
}

/// What a text field accepts.
pub trait Rule: 'static {
    /// # Errors
    ///
    /// A `ValueError` for a text that the field cannot hold.
    fn check(text: &str) -> Result<(), Error>;
}

macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident: |$text:ident| $check:expr;)*) => {
        $($(#[$doc])*
        #[derive(Debug)]
        pub struct $name;

        impl Rule for $name {
            fn check($text: &str) -> Result<(), Error> {
                $check
            }
        })*
    };
}

rules! {
    /// A name.
    IsName: |text| check_name(text);
    /// Text of an element.
    IsText: |text| check_chars(text);
    /// Text of a comment.
    IsComment: |text| if text.contains("--") || text.ends_with('-') {
        Err(Error::value("the text of a comment cannot contain '--' or end with '-'"))
    } else {
        check_chars(text)
    };
    /// The target of a processing instruction.
    IsTarget: |text| if text.eq_ignore_ascii_case("xml") {
        Err(Error::value("the target of a processing instruction cannot be 'xml': see Document.version"))
    } else {
        check_name(text)
    };
    /// Text of a processing instruction.
    IsInstruction: |text| if text.contains("?>") {
        Err(Error::value("the text of a processing instruction cannot contain '?>'"))
    } else {
        check_chars(text)
    };
    /// What stands between `<!DOCTYPE` and `>`.
    IsDoctype: |text| crate::parse::check_doctype(text);
}

/// What holds a text.
pub trait Contents: Value + Clone + Deref<Target = str> + for<'a> From<&'a str> {}

impl<T: Value + Clone + Deref<Target = str> + for<'a> From<&'a str>> Contents for T {}

/// A field with text that keeps to a rule: what does not fit is a `ValueError`, and nothing changes.
pub struct Checked<R, T = Str> {
    text: Mut<T>,
    _rule: PhantomData<fn() -> R>,
}

impl<R: Rule, T: Contents> Checked<R, T> {
    /// A field with text that is known to keep to the rule.
    #[must_use]
    pub fn trusted(text: T) -> Self {
        Self { text: Mut::new(text), _rule: PhantomData }
    }

    /// The text.
    #[must_use]
    pub fn get(&self) -> T {
        self.text.get()
    }

    /// Runs `look` with the text, under the field's lock.
    pub fn read<Out>(&self, look: impl FnOnce(&str) -> Out) -> Out {
        self.text.read(|text| look(text))
    }

    /// # Errors
    ///
    /// A `ValueError` for a text that the field cannot hold.
    pub fn set(&self, text: &str) -> Result<(), Error> {
        R::check(text)?;
        self.text.set(text.into());
        Ok(())
    }
}

impl<R, T: fmt::Debug> fmt::Debug for Checked<R, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt(f)
    }
}

impl<R: Rule, T: Contents> Field for Checked<R, T> {
    type Inner = T;
    const WRITABLE: bool = true;

    fn type_name() -> Cow<'static, str> {
        "str".into()
    }
    fn new(inner: T) -> Self {
        Self::trusted(inner)
    }
    fn decode(from: Decoder<'_>) -> Result<Self, Error> {
        let text = T::decode(from)?;
        R::check(&text)?;
        Ok(Self::trusted(text))
    }
    fn read<'py>(&self, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
        Field::read(&self.text, out)
    }
    fn write(&self, from: Decoder<'_>) -> Result<(), Error> {
        let text = T::decode(from)?;
        R::check(&text)?;
        self.text.set(text);
        Ok(())
    }
}
