//! Generic structs: what the derive says of all their instantiations, and [`register!`](crate::register!), which makes one
//! of them a type of objects.

use crate::args::Arguments;
use crate::census::TypeCell;
use crate::error::Error;
use crate::info::{Builder, ByFields, FieldInfo, Memory, Param, Places, Source, TypeInfo, TypeOptions};
use crate::obj::{FfiObject, Object};

/// A generic struct with `#[derive(FfiObject)]`: what its instantiations have in common.
///
/// # Safety
///
/// `FIELDS` are fields of this very type.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be registered",
    label = "not an instantiation of a generic struct with `#[derive(FfiObject)]`",
    note = "put `#[derive(FfiObject)]` on the generic struct; all its fields have to be fields for these parameters, too"
)]
pub unsafe trait Template: Send + Sync + Sized + 'static {
    /// The module of the class, if it is not the one that the frontend builds.
    const MODULE: Option<&'static str>;
    /// The documentation.
    const DOC: &'static str;
    /// Whether the frontend can make one.
    const INIT: bool;
    /// What the class can do beyond identity.
    const OPTIONS: TypeOptions;
    /// The fields that the frontend sees.
    const FIELDS: &'static [FieldInfo];
    /// The same as parameters.
    const PARAMS: &'static [Param];

    /// Makes a value of the arguments. `places` is where those begin that have no position.
    ///
    /// # Errors
    ///
    /// Arguments that do not fit.
    fn from_arguments(args: &Arguments<'_>, places: Places) -> Result<Self, Error>;
}

/// The descriptor of an instantiation.
///
/// # Panics
///
/// When it is compiled: a name that no class can have.
#[must_use]
pub const fn instance_info<T: Template + FfiObject>(
    key: &'static str,
    name: &'static str,
    source: Source,
    cell: &'static TypeCell,
) -> TypeInfo {
    assert!(is_identifier(name), "the name of a class is letters, digits and `_`, and does not start with a digit");
    TypeInfo {
        key,
        name,
        module: T::MODULE,
        doc: T::DOC,
        source,
        parents: Object::LINEAGE,
        fields: T::FIELDS,
        builder: if T::INIT { Some(Builder::of::<T, ByFields>()) } else { None },
        trace: None,
        options: T::OPTIONS,
        cell,
        memory: Memory::of::<T>(),
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
            use $crate::__private as rt;

            static CELL: rt::TypeCell = rt::TypeCell::new();
            static TYPE: rt::TypeInfo = rt::instance_info::<$ty>(
                ::core::concat!(::core::module_path!(), "::", ::core::stringify!($ty)),
                $name,
                rt::Source { file: ::core::file!(), line: ::core::line!() },
                &CELL,
            );

            // SAFETY: the descriptor is that of this type, which has no base with fields.
            unsafe impl rt::FfiObject for $ty {
                type Base = rt::Object;
                const TYPE: &'static rt::TypeInfo = &TYPE;
                const LINEAGE: &'static [&'static rt::TypeInfo] = &[<rt::Object as rt::FfiObject>::TYPE, &TYPE];
                const INIT_PARAMS: &'static [rt::Param] = <$ty as rt::Template>::PARAMS;

                fn from_arguments(
                    args: &rt::Arguments<'_>,
                    places: rt::Places,
                ) -> ::core::result::Result<Self, rt::Error> {
                    <Self as rt::Template>::from_arguments(args, places)
                }
            }

            impl rt::Return for $ty {
                fn type_name() -> ::std::borrow::Cow<'static, ::core::primitive::str> {
                    ::std::borrow::Cow::Borrowed($name)
                }
                fn give<'py>(self, out: rt::Encoder<'py>) -> ::core::result::Result<rt::Handle<'py>, rt::Error> {
                    out.owned_object(rt::Obj::new(self))
                }
            }

            rt::inventory::submit!(rt::Entry::Type(&TYPE));
        };
    };
}
