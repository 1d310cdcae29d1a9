use std::borrow::Cow;
use std::cell::Cell;

use ffi_object::frontend::{Decoder, Encoder, Handle};
use ffi_object::{Error, FfiObject, Value};

#[derive(FfiObject)]
struct Point {
    x: f64,
}

thread_local! {
    static KEPT: Cell<Option<Decoder<'static>>> = const { Cell::new(None) };
}

struct Kept;

impl Value for Kept {
    fn type_name() -> Cow<'static, str> {
        "int".into()
    }
    fn encode<'py>(&self, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
        Ok(out.none())
    }
    fn decode(from: Decoder<'_>) -> Result<Self, Error> {
        KEPT.set(Some(from));
        Ok(Self)
    }
}

fn main() {}
