use ffi_object::{Map, Obj, Set};

fn mean(_: &Obj<Set<f64>>) {}

fn longest(_: &Obj<Map<f64, String>>) {}

fn main() {}
