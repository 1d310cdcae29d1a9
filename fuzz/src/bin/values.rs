//! Fuzzes the properties of `fuzz/src/values.rs`.
#![cfg_attr(fuzzing, no_main)]

ffi_object_fuzz::target!(ffi_object_fuzz::values::check);
