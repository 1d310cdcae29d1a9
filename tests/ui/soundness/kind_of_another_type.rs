use std::borrow::Cow;

use ffi_object::frontend::{Decoder, Encoder, Handle};
use ffi_object::info::{FieldKind, Kind};
use ffi_object::{Error, Field, FfiObject, Obj, Value};

#[derive(FfiObject)]
struct Point {
    x: f64,
}

struct Taken(usize);

impl Value for Taken {
    const KIND: Kind<Self> = <Obj<Point> as Value>::KIND;
    fn type_name() -> Cow<'static, str> {
        "int".into()
    }
    fn encode<'py>(&self, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
        Ok(out.none())
    }
    fn decode(_: Decoder<'_>) -> Result<Self, Error> {
        Ok(Self(1))
    }
}

struct Made(usize);

impl Field for Made {
    type Inner = usize;
    const KIND: Kind<Self> = Kind::new(FieldKind::Object);
    const WRITABLE: bool = false;
    fn type_name() -> Cow<'static, str> {
        "int".into()
    }
    fn new(inner: usize) -> Self {
        Self(inner)
    }
    fn decode(_: Decoder<'_>) -> Result<Self, Error> {
        Ok(Self(1))
    }
    fn read<'py>(&self, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
        Ok(out.none())
    }
    fn write(&self, _: Decoder<'_>) -> Result<(), Error> {
        Ok(())
    }
}

fn main() {}
