//! Fuzzes the properties of `fuzz/src/containers.rs`.
#![cfg_attr(fuzzing, no_main)]

ffi_object_fuzz::target!(ffi_object_fuzz::containers::check);
