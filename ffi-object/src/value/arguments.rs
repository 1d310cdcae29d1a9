//! Arguments that are borrowed for the call.

use std::borrow::Cow;

use crate::error::Error;
use crate::frontend::Decoder;
use crate::obj::{FfiObject, Obj};
use crate::value::{RefArg, Value};

impl RefArg for str {
    type Held<'py> = &'py str;
    fn type_name() -> Cow<'static, str> {
        "str".into()
    }
    fn hold(from: Decoder<'_>) -> Result<&str, Error> {
        from.str().map_err(|mismatch| from.error(mismatch, "str"))
    }
}

impl RefArg for [u8] {
    type Held<'py> = &'py [u8];
    fn type_name() -> Cow<'static, str> {
        "bytes".into()
    }
    fn hold(from: Decoder<'_>) -> Result<&[u8], Error> {
        from.bytes().map_err(|mismatch| from.error(mismatch, "bytes"))
    }
}

#[diagnostic::do_not_recommend]
impl<T: FfiObject> RefArg for T {
    type Held<'py> = &'py T;
    fn type_name() -> Cow<'static, str> {
        T::TYPE.name.into()
    }
    fn hold(from: Decoder<'_>) -> Result<&T, Error> {
        from.object()
    }
}

/// A real owner for the duration of the call, so that a closure which runs detached may clone it.
impl<T: FfiObject> RefArg for Obj<T> {
    type Held<'py> = Obj<T>;
    fn type_name() -> Cow<'static, str> {
        T::TYPE.name.into()
    }
    fn hold(from: Decoder<'_>) -> Result<Obj<T>, Error> {
        Value::decode(from)
    }
}
