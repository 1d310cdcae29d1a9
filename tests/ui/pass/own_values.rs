// A type of one's own is a value by one line, whatever the names around it mean.
#![forbid(unsafe_code)]
#![deny(warnings)]
#![allow(dead_code)]

use ffi_object::{register, value, FfiEnum, FfiObject, Mut};

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
register!(Box<Mut<Some>> as "BoxOfCell");

fn main() {}
