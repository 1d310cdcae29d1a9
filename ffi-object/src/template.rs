//! Generic structs: what the derive says of all their instantiations, and [`register!`](crate::register!), which makes one
//! of them a type of objects.

use std::fmt;
use std::marker::PhantomData;

use crate::census::TypeCell;
use crate::frontend;
use crate::info::{Builder, Entry, FieldInfo, FunctionInfo, HiddenField, Memory, Source, TypeInfo, TypeOptions};
use crate::obj::{FfiObject, Object};

/// A generic struct with `#[derive(FfiObject)]`: what its instantiations have in common.
///
/// # Safety
///
/// `FIELDS` are fields of this very type, and `BUILDER` is right for them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be registered",
    label = "not an instantiation of a generic struct with `#[derive(FfiObject)]`",
    note = "put `#[derive(FfiObject)]` on the generic struct; for these parameters, too, all its fields have to be fields, \
            and it has the traits that its options name: `PartialEq` for `eq`, `Display` for `str`, …"
)]
pub unsafe trait Template: Send + Sync + Sized + 'static {
    /// The module of the class, if it is not the one that the frontend builds.
    const MODULE: Option<&'static str>;
    /// The documentation.
    const DOC: &'static str;
    /// How the frontend makes one.
    const BUILDER: Builder;
    /// What the class can do beyond identity.
    const OPTIONS: TypeOptions;
    /// The fields that the frontend sees.
    const FIELDS: &'static [FieldInfo];
    /// The fields that it does not see.
    const HIDDEN: &'static [HiddenField];
}

/// What `register!` takes from a template, all at once: so that a type that has none is reported once.
pub struct Instance<T> {
    module: Option<&'static str>,
    doc: &'static str,
    builder: Builder,
    options: TypeOptions,
    fields: &'static [FieldInfo],
    _of: PhantomData<fn() -> T>,
}

impl<T> fmt::Debug for Instance<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Instance").field("fields", &self.fields).finish_non_exhaustive()
    }
}

/// All that the template knows.
#[must_use]
pub const fn instance<T: Template>() -> Instance<T> {
    Instance {
        module: T::MODULE,
        doc: T::DOC,
        builder: T::BUILDER,
        options: T::OPTIONS,
        fields: T::FIELDS,
        _of: PhantomData,
    }
}

impl<T> Instance<T> {
    /// The descriptor.
    ///
    /// # Panics
    ///
    /// When it is compiled: a name that no class can have.
    #[must_use]
    pub const fn info(self, key: &'static str, name: &'static str, source: Source, cell: &'static TypeCell) -> TypeInfo
    where
        T: FfiObject,
    {
        assert!(is_identifier(name), "the name of a class is letters, digits and `_`, and does not start with a digit");
        TypeInfo {
            key,
            name,
            module: self.module,
            doc: self.doc,
            source,
            parents: Object::LINEAGE,
            fields: self.fields,
            builder: Some(self.builder),
            trace: None,
            options: self.options,
            cell,
            memory: Memory::of::<T>(),
        }
    }
}

const fn is_identifier(name: &str) -> bool {
    let bytes = name.as_bytes();
    let mut i = 0;
    while i < bytes.len() {
        if !(bytes[i] == b'_' || bytes[i].is_ascii_alphabetic() || (i > 0 && bytes[i].is_ascii_digit())) {
            return false;
        }
        i += 1;
    }
    !bytes.is_empty()
}

/// A method of a generic struct, for one of its instantiations. `#[ffi_methods]` implements it for a type of its own.
pub trait GenericMethod {
    /// Its descriptor.
    const INFO: &'static FunctionInfo;
}

/// The entry point of a method of a generic struct.
///
/// # Safety
///
/// As for any [`Trampoline`](crate::info::Trampoline): the frontend's language calls it.
pub unsafe extern "C" fn trampoline<M: GenericMethod>(
    this: *mut (),
    args: *const *mut (),
    count: isize,
    names: *mut (),
) -> *mut () {
    // SAFETY: these are the trampoline's own arguments.
    unsafe { frontend::call(this, args, count, names, M::INFO) }
}

/// The methods of a type that has none: `register!` finds these where no generic block of `#[ffi_methods]` has defined a
/// constant of this name, as what a type itself has comes before what traits give it. Two blocks define it twice; then its
/// name is the message.
pub trait NoMethods {
    /// None.
    const METHODS_OF_A_GENERIC_STRUCT_STAND_IN_ONE_BLOCK: &'static [Entry] = &[];
}

impl<T> NoMethods for T {}

/// A text put together when it is compiled: the name of a method, after that of its class.
#[derive(Debug)]
pub struct Joined {
    bytes: [u8; 256],
    len: usize,
}

impl Joined {
    /// Class and method, with a dot between.
    ///
    /// # Panics
    ///
    /// When it is compiled: names that are too long together.
    #[must_use]
    pub const fn new(class: &str, method: &str) -> Self {
        let joined = Self { bytes: [0; 256], len: 0 };
        joined.and(class.as_bytes()).and(b".").and(method.as_bytes())
    }

    const fn and(mut self, more: &[u8]) -> Self {
        assert!(self.len + more.len() <= self.bytes.len(), "the names of class and method are too long");
        let mut i = 0;
        while i < more.len() {
            self.bytes[self.len] = more[i];
            self.len += 1;
            i += 1;
        }
        self
    }

    /// The text.
    #[must_use]
    pub const fn as_str(&self) -> &str {
        match std::str::from_utf8(self.bytes.split_at(self.len).0) {
            Ok(text) => text,
            Err(_) => panic!("texts joined are a text"),
        }
    }
}

/// Makes an instantiation of a generic struct a type of objects, with a class of this name.
///
/// A frontend sees one class for each type, and cannot make one of a type with parameters. So `#[derive(FfiObject)]` on a
/// generic struct only prepares, and each instantiation that is used as an object is registered:
///
/// ```
/// use ffi_object::{register, FfiObject, Mut, Obj};
///
/// /// Two values.
/// #[derive(FfiObject)]
/// struct Pair<A, B> {
///     first: A,
///     #[ffi(default)]
///     second: Mut<B>,
/// }
///
/// register!(Pair<i64, f64> as "PairIF");
/// register!(Pair<String, Option<Obj<Pair<i64, f64>>>> as "PairSP");
///
/// # fn main() {
/// let pair = Obj::new(Pair { first: 1, second: Mut::new(0.5) });
/// assert_eq!(pair.type_info().name, "PairIF");
/// # }
/// ```
///
/// Each class has the fields with the types that they have there. By Rust's rules, `register!` stands in the crate of the
/// struct.
#[macro_export]
macro_rules! register {
    ($ty:ty as $name:expr $(,)?) => {
        const _: () = {
            use $crate::__private as __ffi;

            static __FFI_CELL: __ffi::TypeCell = __ffi::TypeCell::new();
            const __FFI_INSTANCE: __ffi::Instance<$ty> = __ffi::instance::<$ty>();
            static __FFI_TYPE: __ffi::TypeInfo = __FFI_INSTANCE.info(
                ::core::concat!(::core::module_path!(), "::", ::core::stringify!($ty)),
                $name,
                __ffi::Source { file: ::core::file!(), line: ::core::line!() },
                &__FFI_CELL,
            );

            // SAFETY: the descriptor is that of this type, which has no base with fields.
            unsafe impl __ffi::FfiObject for $ty {
                type Base = __ffi::Object;
                const TYPE: &'static __ffi::TypeInfo = &__FFI_TYPE;
                const LINEAGE: &'static [&'static __ffi::TypeInfo] =
                    &[<__ffi::Object as __ffi::FfiObject>::TYPE, &__FFI_TYPE];
            }

            impl __ffi::Return for $ty {
                fn type_name() -> ::std::borrow::Cow<'static, ::core::primitive::str> {
                    ::std::borrow::Cow::Borrowed($name)
                }
                fn give<'py>(
                    self,
                    out: __ffi::Encoder<'py>,
                ) -> ::core::result::Result<__ffi::Handle<'py>, __ffi::Error> {
                    out.owned_object(__ffi::Obj::new(self))
                }
            }

            __ffi::inventory::submit!(__ffi::Entry::Type(&__FFI_TYPE));

            use __ffi::NoMethods as _;
            __ffi::inventory::submit!(__ffi::Entry::All(<$ty>::METHODS_OF_A_GENERIC_STRUCT_STAND_IN_ONE_BLOCK));
        };
    };
}
