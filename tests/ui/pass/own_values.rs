// A type of one's own is a value by one line, whatever the names around it mean.
#![forbid(unsafe_code)]
#![deny(warnings)]
#![allow(dead_code)]

use ffi_object::{ffi_methods, register, value, FfiEnum, FfiObject, Mut, Return, Value};

#[derive(Clone)]
struct Option(f64);
value!(Option(f64));

#[derive(Clone)]
struct Result(u8);
value!(Result as String, |result| result.0.to_string(), |text| text.parse().map(Result));

#[derive(Clone, FfiEnum)]
enum Some {
    Ok,
    Err,
    #[ffi(name = "NONE")]
    None,
}

#[derive(FfiObject)]
enum Vec {
    Some(Mut<Some>),
    Ok { r#type: Option },
}

#[derive(FfiObject)]
struct Box<T> {
    value: T,
    #[ffi(default)]
    other: Mut<i64>,
}
register!(Box<Result> as "BoxOfResult");

#[ffi_methods]
impl<T: Value + Return + Clone> Box<T> {
    fn get(&self, default: T) -> (T, T) {
        (self.value.clone(), default)
    }
}

#[ffi_methods]
impl Box<Result> {
    fn inner(&self) -> u8 {
        self.value.0
    }
}
register!(Box<Mut<Some>> as "BoxOfCell");

fn main() {}
