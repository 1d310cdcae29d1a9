//! `Name`: text that the frontend's language reads again and again.

use std::borrow::Cow;
use std::ops::Deref;
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

use crate::census::TypeCell;
use crate::error::Error;
use crate::frontend::{self, Decoder, Encoder, Handle, RawHandle};
use crate::info::{Memory, Source, TypeInfo, TypeOptions};
use crate::obj::{FfiObject, Obj, Object};
use crate::text::text;
use crate::value::{returns, Return, Value};

/// Immutable text, shared by counting, whose Python `str` is made once and kept as long as the text: for tags, keys,
/// identifiers and whatever else few texts are many objects' names.
///
/// Who reads a name gets the same `str` each time, with its hash already in it. For a text that is read once, a
/// [`Str`](crate::Str) takes less memory.
///
/// ```
/// use ffi_object::{FfiObject, Name, Obj};
///
/// #[derive(FfiObject)]
/// struct Token {
///     kind: Name,
/// }
///
/// let kind = Name::new("identifier");
/// let tokens: Vec<Obj<Token>> = (0..1000).map(|_| Obj::new(Token { kind: kind.clone() })).collect();
/// assert_eq!(tokens[999].kind, "identifier");
/// ```
#[derive(Clone)]
pub struct Name(Obj<Text>);

/// A text, and the value that it is to the frontend's language.
struct Text {
    text: Box<str>,
    kept: Kept,
}

static TEXT_CELL: TypeCell = TypeCell::new();
static TEXT: TypeInfo = TypeInfo {
    key: "ffi_object::Name",
    name: "Name",
    module: None,
    doc: "A name. Frontends have a type of their own for it and never see this one.",
    source: Source { file: file!(), line: line!() },
    parents: Object::LINEAGE,
    fields: &[],
    builder: None,
    trace: None,
    options: TypeOptions::NONE,
    cell: &TEXT_CELL,
    memory: Memory::of::<Text>(),
};

// SAFETY: extends the root, which has no fields.
unsafe impl FfiObject for Text {
    type Base = Object;
    const TYPE: &'static TypeInfo = &TEXT;
    const LINEAGE: &'static [&'static TypeInfo] = &[Object::TYPE, &TEXT];
}

/// A value of the frontend's language that is made once and kept.
#[derive(Debug)]
pub struct Kept(AtomicPtr<()>);

impl Kept {
    /// The value, if it was made.
    ///
    /// Acquire: pairs with the release in [`keep`](Self::keep), so that what was made is seen whole.
    #[inline]
    #[must_use]
    pub fn get(&self) -> Option<RawHandle> {
        RawHandle::new(self.0.load(Ordering::Acquire))
    }

    /// Keeps a value, whose reference is taken over.
    ///
    /// # Errors
    ///
    /// The value that is kept already: another thread was first. The caller still has its reference.
    ///
    /// # Safety
    ///
    /// The caller owns the reference, which is one of the installed frontend's.
    pub unsafe fn keep(&self, value: RawHandle) -> Result<(), RawHandle> {
        match self.0.compare_exchange(ptr::null_mut(), value.as_ptr(), Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => Ok(()),
            Err(first) => Err(RawHandle::new(first).expect("an exchange with null failed")),
        }
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        if let Some(value) = RawHandle::new(*self.0.get_mut()) {
            frontend::give_back(value);
        }
    }
}

impl Name {
    /// A copy of this text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(Obj::new(Text { text: text.into(), kept: Kept(AtomicPtr::default()) }))
    }
}

impl Value for Name {
    fn type_name() -> Cow<'static, str> {
        "str".into()
    }
    fn encode<'py>(&self, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
        out.kept_str(self, &self.0.kept)
    }
    fn encode_known<'py>(&self, out: Encoder<'py>) -> Option<Handle<'py>> {
        self.encode(out).ok()
    }
    fn decode(from: Decoder<'_>) -> Result<Self, Error> {
        from.str().map(Self::new).map_err(|mismatch| from.error(mismatch, "str"))
    }
}
returns!(Name);

impl Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0.text
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0 || **self == **other
    }
}

impl Eq for Name {}

text!(Name);
