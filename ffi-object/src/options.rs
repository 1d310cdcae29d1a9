//! What a type's class can do beyond identity, as `#[ffi(…)]` on the struct says: shims over the traits of Rust.
//!
//! Options hold for the very type that has them, not for the types that extend it: what these add would have no part in
//! their base's equality or text.

use std::cmp::Ordering;
use std::fmt::{Debug, Display};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ptr::NonNull;

use crate::header::RawObject;
use crate::info::TypeInfo;

type Equal = unsafe fn(NonNull<()>, NonNull<()>) -> bool;
type Compare = unsafe fn(NonNull<()>, NonNull<()>) -> Option<Ordering>;
type HashOf = unsafe fn(NonNull<()>) -> u64;
type Text = unsafe fn(NonNull<()>) -> String;

/// The options of a type.
#[derive(Debug, Clone, Copy)]
pub struct TypeOptions {
    eq: Option<Equal>,
    ord: Option<Compare>,
    hash: Option<HashOf>,
    str: Option<Text>,
    repr: Option<Text>,
    closed: bool,
    dict: bool,
    no_wrapper: bool,
}

impl TypeOptions {
    /// Identity alone.
    pub const NONE: Self =
        Self { eq: None, ord: None, hash: None, str: None, repr: None, closed: false, dict: false, no_wrapper: false };

    /// `eq`: objects are compared by `PartialEq`.
    #[must_use]
    pub const fn eq<T: PartialEq>(self) -> Self {
        unsafe fn equal<T: PartialEq>(a: NonNull<()>, b: NonNull<()>) -> bool {
            // SAFETY: by the caller, `a` is a shared `T`.
            let a = unsafe { a.cast::<T>().as_ref() };
            // SAFETY: by the caller, `b` is too.
            a == unsafe { b.cast::<T>().as_ref() }
        }
        Self { eq: Some(equal::<T>), ..self }
    }

    /// `ord`: objects are ordered by `PartialOrd`.
    #[must_use]
    pub const fn ord<T: PartialOrd>(self) -> Self {
        unsafe fn compare<T: PartialOrd>(a: NonNull<()>, b: NonNull<()>) -> Option<Ordering> {
            // SAFETY: by the caller, `a` is a shared `T`.
            let a = unsafe { a.cast::<T>().as_ref() };
            // SAFETY: by the caller, `b` is too.
            a.partial_cmp(unsafe { b.cast::<T>().as_ref() })
        }
        Self { ord: Some(compare::<T>), ..self }
    }

    /// `hash`: by `Hash`.
    #[must_use]
    pub const fn hash<T: Hash>(self) -> Self {
        unsafe fn hash<T: Hash>(value: NonNull<()>) -> u64 {
            let mut hasher = DefaultHasher::new();
            // SAFETY: by the caller, `value` is a shared `T`.
            unsafe { value.cast::<T>().as_ref() }.hash(&mut hasher);
            hasher.finish()
        }
        Self { hash: Some(hash::<T>), ..self }
    }

    /// `str`: by `Display`.
    #[must_use]
    pub const fn str<T: Display>(self) -> Self {
        unsafe fn text<T: Display>(value: NonNull<()>) -> String {
            // SAFETY: by the caller, `value` is a shared `T`.
            unsafe { value.cast::<T>().as_ref() }.to_string()
        }
        Self { str: Some(text::<T>), ..self }
    }

    /// `repr`: by `Debug`.
    #[must_use]
    pub const fn repr<T: Debug>(self) -> Self {
        unsafe fn text<T: Debug>(value: NonNull<()>) -> String {
            // SAFETY: by the caller, `value` is a shared `T`.
            format!("{:?}", unsafe { value.cast::<T>().as_ref() })
        }
        Self { repr: Some(text::<T>), ..self }
    }

    /// `final`: nothing extends the class.
    #[must_use]
    pub const fn closed(self) -> Self {
        Self { closed: true, ..self }
    }

    /// `dict`: wrappers have attributes of their own.
    #[must_use]
    pub const fn dict(self) -> Self {
        Self { dict: true, ..self }
    }

    /// `no_wrapper`: no wrapper is canonical.
    #[must_use]
    pub const fn no_wrapper(self) -> Self {
        Self { no_wrapper: true, ..self }
    }

    /// Whether objects are compared by value.
    #[must_use]
    pub const fn compares(&self) -> bool {
        self.eq.is_some()
    }

    /// Whether objects are hashed by value.
    #[must_use]
    pub const fn hashes(&self) -> bool {
        self.hash.is_some()
    }

    /// Whether objects have a text for users.
    #[must_use]
    pub const fn displays(&self) -> bool {
        self.str.is_some()
    }

    /// Whether objects have a text for programmers that is not made from their fields.
    #[must_use]
    pub const fn debugs(&self) -> bool {
        self.repr.is_some()
    }

    /// The special methods that come of them.
    pub(crate) fn special_methods(&self) -> impl Iterator<Item = &'static str> {
        let all: [(bool, &[&str]); 5] = [
            (self.eq.is_some(), &["__eq__", "__ne__"]),
            (self.ord.is_some(), &["__lt__", "__le__", "__gt__", "__ge__"]),
            (self.hash.is_some(), &["__hash__"]),
            (self.str.is_some(), &["__str__"]),
            (self.repr.is_some(), &["__repr__"]),
        ];
        all.into_iter().filter(|(there, _)| *there).flat_map(|(_, names)| names.iter().copied())
    }

    /// Whether nothing can extend the type. One without wrappers of its own could not keep what a subclass adds.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        self.closed || self.no_wrapper
    }

    /// Whether wrappers have attributes of their own, as far as this type says.
    #[must_use]
    pub const fn has_dict(&self) -> bool {
        self.dict
    }

    /// Whether all wrappers are separate ones.
    #[must_use]
    #[inline]
    pub const fn is_unwrapped(&self) -> bool {
        self.no_wrapper
    }
}

impl RawObject {
    /// Both objects' type, if it is the same.
    ///
    /// # Safety
    ///
    /// Both objects are alive.
    unsafe fn common_type(self, other: Self) -> Option<&'static TypeInfo> {
        // SAFETY: by the caller.
        let info = unsafe { self.info() };
        // SAFETY: by the caller.
        std::ptr::eq(info, unsafe { other.info() }).then_some(info)
    }

    /// Whether both are equal by value. `None`: their types do not compare so.
    ///
    /// # Safety
    ///
    /// Both objects are alive, and not borrowed mutably.
    #[must_use]
    pub unsafe fn equals(self, other: Self) -> Option<bool> {
        // SAFETY: by the caller.
        let equal = unsafe { self.common_type(other) }?.options.eq?;
        // SAFETY: by the caller, two values of the type that the function is for.
        Some(unsafe { equal(self.value(), other.value()) })
    }

    /// The order of both, which may be none. `None`: their types have no order.
    ///
    /// # Safety
    ///
    /// As for [`equals`](Self::equals).
    #[must_use]
    pub unsafe fn compare(self, other: Self) -> Option<Option<Ordering>> {
        // SAFETY: by the caller.
        let compare = unsafe { self.common_type(other) }?.options.ord?;
        // SAFETY: by the caller, two values of the type that the function is for.
        Some(unsafe { compare(self.value(), other.value()) })
    }

    /// The hash by value, if the type has one.
    ///
    /// # Safety
    ///
    /// The object is alive, and not borrowed mutably.
    #[must_use]
    pub unsafe fn hash_value(self) -> Option<u64> {
        // SAFETY: by the caller.
        let hash = unsafe { self.info() }.options.hash?;
        // SAFETY: by the caller, a value of the type that the function is for.
        Some(unsafe { hash(self.value()) })
    }

    /// The text by `Display`, if the type says so.
    ///
    /// # Safety
    ///
    /// As for [`hash_value`](Self::hash_value).
    #[must_use]
    pub unsafe fn display(self) -> Option<String> {
        // SAFETY: by the caller.
        let text = unsafe { self.info() }.options.str?;
        // SAFETY: by the caller, a value of the type that the function is for.
        Some(unsafe { text(self.value()) })
    }

    /// The text by `Debug`, if the type says so.
    ///
    /// # Safety
    ///
    /// As for [`hash_value`](Self::hash_value).
    #[must_use]
    pub unsafe fn debug(self) -> Option<String> {
        // SAFETY: by the caller.
        let text = unsafe { self.info() }.options.repr?;
        // SAFETY: by the caller, a value of the type that the function is for.
        Some(unsafe { text(self.value()) })
    }
}

impl TypeInfo {
    /// Whether wrappers have attributes of their own: this type's class, or one that it extends, says so.
    #[must_use]
    pub fn has_dict(&self) -> bool {
        self.options.has_dict() || self.parents.iter().any(|info| info.options.has_dict())
    }
}
