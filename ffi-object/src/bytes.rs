//! `Str` and `Bytes`: immutable text and bytes behind one thin pointer, their items in the same block as the header.

use std::alloc::Layout;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::ptr::NonNull;

use crate::alloc::{self, Block};
use crate::census::TypeCell;
use crate::info::{Memory, Source, TypeInfo, TypeOptions};
use crate::obj::{FfiObject, Obj, Object};
use crate::state::State;
use crate::text::text;

/// What stands before the bytes.
#[derive(Debug, Clone, Copy)]
struct Blob {
    len: usize,
}

static BLOB_CELL: TypeCell = TypeCell::new();
static BLOB: TypeInfo = TypeInfo {
    key: "ffi_object::Bytes",
    name: "Bytes",
    module: None,
    doc: "Text or bytes. Frontends have types of their own for them and never see this one.",
    source: Source { file: file!(), line: line!() },
    parents: Object::LINEAGE,
    fields: &[],
    builder: None,
    trace: None,
    options: TypeOptions::NONE,
    cell: &BLOB_CELL,
    memory: Memory::with_tail::<Blob>(block_of, None),
};

// SAFETY: extends the root, which has no fields. The tail is described by `blob_layout`.
unsafe impl FfiObject for Blob {
    type Base = Object;
    const TYPE: &'static TypeInfo = &BLOB;
    const LINEAGE: &'static [&'static TypeInfo] = &[Object::TYPE, &BLOB];
}

fn block_for(len: usize) -> Block {
    const TOO_LONG: &str = "no slice is longer than an allocation can be";
    let (layout, at) = Layout::new::<Blob>().extend(Layout::array::<u8>(len).expect(TOO_LONG)).expect(TOO_LONG);
    debug_assert_eq!(at, size_of::<Blob>());
    Block::new(layout).expect(TOO_LONG)
}

/// # Safety
///
/// `value` is a `Blob`, which is plain data and may have been dropped.
unsafe fn block_of(value: NonNull<()>) -> Block {
    // SAFETY: by the caller.
    block_for(unsafe { value.cast::<Blob>().read() }.len)
}

/// Immutable bytes, shared by counting.
#[derive(Clone)]
pub struct Bytes(Obj<Blob>);

impl Bytes {
    /// A copy of these bytes.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        let object = alloc::allocate(&BLOB, block_for(bytes.len()), State::bare());
        let blob = object.value().cast::<Blob>();
        // SAFETY: the allocation starts with a `Blob` that is not written yet.
        unsafe { blob.write(Blob { len: bytes.len() }) };
        // SAFETY: the bytes follow it.
        let items = unsafe { blob.add(1) }.cast::<u8>();
        // SAFETY: the allocation is new and has room for as many.
        unsafe { items.copy_from_nonoverlapping(NonNull::from(bytes).cast(), bytes.len()) };
        // SAFETY: the state was born with one owner, which this is.
        Self(unsafe { Obj::from_raw(object) })
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        let blob = self.0.as_raw().value().cast::<Blob>();
        // SAFETY: the bytes follow the blob in its block.
        let items = unsafe { blob.add(1) }.cast::<u8>();
        // SAFETY: as many were written when it was made, and never again.
        unsafe { NonNull::slice_from_raw_parts(items, self.0.len).as_ref() }
    }
}

impl PartialEq for Bytes {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Bytes {}

impl Hash for Bytes {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl From<&[u8]> for Bytes {
    fn from(bytes: &[u8]) -> Self {
        Self::new(bytes)
    }
}

/// Immutable text, shared by counting.
///
/// ```
/// use ffi_object::Str;
///
/// let a = Str::new("tag");
/// let b = a.clone();
/// assert_eq!(&*b, "tag");
/// assert_eq!(size_of::<Str>(), size_of::<usize>());
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Str(Bytes);

impl Str {
    /// A copy of this text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(Bytes::new(text.as_bytes()))
    }
}

impl Deref for Str {
    type Target = str;

    fn deref(&self) -> &str {
        // SAFETY: made from a `str` only.
        unsafe { std::str::from_utf8_unchecked(&self.0) }
    }
}

text!(Str);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_follow_their_header() {
        for text in ["", "x", "tag", &"long ".repeat(1000)] {
            let s = Str::new(text);
            let t = s.clone();
            assert_eq!(&*t, text);
            drop(s);
            assert_eq!(&*t, text);
        }
    }

    #[test]
    fn a_weak_reference_outlives_the_items() {
        let b = Bytes::new(&[1, 2, 3]);
        let weak = b.0.downgrade();
        drop(b);
        assert!(weak.upgrade().is_none());
    }
}
