use std::borrow::Cow;
use std::thread;

use ffi_object::frontend::{Decoder, Encoder, Handle};
use ffi_object::{Error, Value};

struct Number(i64);

impl Value for Number {
    fn type_name() -> Cow<'static, str> {
        "int".into()
    }
    fn encode<'py>(&self, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
        out.int(self.0)
    }
    fn decode(from: Decoder<'_>) -> Result<Self, Error> {
        thread::scope(|scope| scope.spawn(|| from.is_none()).join()).unwrap();
        from.int().map(Self).map_err(|mismatch| from.error(mismatch, "int"))
    }
}

fn main() {}
