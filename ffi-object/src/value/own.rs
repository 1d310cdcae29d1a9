//! `value!`: types of the user's own that cross as another type does.

use crate::trace::Tracing;
use crate::value::Value;

/// How a newtype is traced: as what is in it.
///
/// # Safety
///
/// `inner` borrows a part of the value itself, which is not behind a pointer or a lock.
#[doc(hidden)]
#[must_use]
pub const unsafe fn trace_as<T, P: Value>(trace: fn(&T, &mut crate::trace::Tracer<'_>)) -> Option<Tracing<T>> {
    // SAFETY: by the caller, what is reported is a part of the value.
    unsafe { Tracing::of_parts::<P>(trace) }
}

/// Makes a type of your own a [`Value`](crate::Value), which crosses as another type does.
///
/// A newtype crosses as what is in it:
///
/// ```
/// use ffi_object::{ffi_function, value, Any, FfiObject, Mut};
///
/// /// A length.
/// #[derive(Clone, Copy, Debug, Default, PartialEq)]
/// struct Meters(f64);
/// value!(Meters(f64));
///
/// #[derive(FfiObject)]
/// struct Rope {
///     length: Mut<Meters>,
/// }
///
/// #[ffi_function]
/// fn double(length: Meters) -> Meters {
///     Meters(length.0 * 2.0)
/// }
///
/// assert_eq!(Any::of(&Meters(2.5))?, Any::from(2.5));
/// assert_eq!(Any::from(2.5).to::<Meters>()?, Meters(2.5));
/// # Ok::<(), ffi_object::Error>(())
/// ```
///
/// Any other type crosses `as` a value that stands for it, with a function for each direction. The way back may fail:
///
/// ```
/// use std::net::IpAddr;
///
/// use ffi_object::{value, Any, Error};
///
/// #[derive(Clone, Debug, PartialEq)]
/// struct Host(IpAddr);
/// value!(Host as String, |host| host.0.to_string(), |text| match text.parse() {
///     Ok(address) => Ok(Host(address)),
///     Err(error) => Err(Error::value(format!("{text:?}: {error}"))),
/// });
///
/// assert_eq!(Any::from("::1").to::<Host>()?, Host(IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1])));
/// assert_eq!(Any::from("home").to::<Host>().unwrap_err().to_string(), "\"home\": invalid IP address syntax");
/// # Ok::<(), Error>(())
/// ```
///
/// For a type with a [`Value`](crate::Value) written by hand, `value!(return Type)` says that functions may give it back.
#[macro_export]
macro_rules! value {
    (return $ty:ty $(,)?) => {
        const _: () = {
            use $crate::__private as rt;

            impl rt::Return for $ty {
                fn type_name() -> ::std::borrow::Cow<'static, str> {
                    <$ty as rt::Value>::type_name()
                }
                fn give<'py>(self, out: rt::Encoder<'py>) -> ::core::result::Result<rt::Handle<'py>, rt::Error> {
                    rt::Value::encode(&self, out)
                }
            }
        };
    };
    ($ty:ident($inner:ty) $(,)?) => {
        const _: () = {
            use $crate::__private as rt;

            impl rt::Value for $ty {
                const TRACE: ::core::option::Option<rt::Tracing<Self>> =
                    // SAFETY: what is in a newtype is a part of it.
                    unsafe { rt::trace_as::<Self, $inner>(|$ty(inner), tracer| tracer.trace::<$inner>(inner)) };

                fn type_name() -> ::std::borrow::Cow<'static, str> {
                    <$inner as rt::Value>::type_name()
                }
                fn encode<'py>(&self, out: rt::Encoder<'py>) -> ::core::result::Result<rt::Handle<'py>, rt::Error> {
                    let $ty(inner) = self;
                    <$inner as rt::Value>::encode(inner, out)
                }
                fn decode(from: rt::Decoder<'_>) -> ::core::result::Result<Self, rt::Error> {
                    <$inner as rt::Value>::decode(from).map($ty)
                }
                fn nothing() -> ::core::option::Option<Self> {
                    <$inner as rt::Value>::nothing().map($ty)
                }
            }
        };
        $crate::value!(return $ty);
    };
    ($ty:ty as $other:ty, $encode:expr, $decode:expr $(,)?) => {
        const _: () = {
            use $crate::__private as rt;

            fn encode(this: &$ty) -> $other {
                let encode: fn(&$ty) -> $other = $encode;
                encode(this)
            }
            fn decode<E: ::core::convert::Into<rt::Error>>(
                other: $other,
                decode: impl ::core::ops::FnOnce($other) -> ::core::result::Result<$ty, E>,
            ) -> ::core::result::Result<$ty, rt::Error> {
                decode(other).map_err(::core::convert::Into::into)
            }

            impl rt::Value for $ty {
                fn type_name() -> ::std::borrow::Cow<'static, str> {
                    <$other as rt::Value>::type_name()
                }
                fn encode<'py>(&self, out: rt::Encoder<'py>) -> ::core::result::Result<rt::Handle<'py>, rt::Error> {
                    rt::Value::encode(&encode(self), out)
                }
                fn decode(from: rt::Decoder<'_>) -> ::core::result::Result<Self, rt::Error> {
                    decode(<$other as rt::Value>::decode(from)?, $decode)
                }
            }
        };
        $crate::value!(return $ty);
    };
}
