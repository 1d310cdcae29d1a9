//! Fields, types and objects by name, as code does it that knows no type.

use std::collections::BTreeMap;

use ffi_object::{ffi_function, Any, AnyObj, Error, FfiObject, Mut, TypeInfo};

/// For the tests of reflection.
#[derive(FfiObject)]
pub(crate) struct Described {
    /// The size.
    size: Mut<f64>,
    name: String,
    #[ffi(default = vec![1, 2])]
    shape: Vec<i64>,
    #[ffi(kw_only, default = -3, repr = false)]
    level: Mut<i64>,
    #[ffi(init = false, default = true)]
    fresh: Mut<bool>,
}

/// Reads a field.
#[ffi_function(cached)]
fn read_field(object: AnyObj, name: &str) -> Result<Any, Error> {
    object.field(name)
}

/// Writes a field.
#[ffi_function]
fn write_field(object: AnyObj, name: &str, value: Any) -> Result<(), Error> {
    object.set_field(name, &value)
}

/// Makes an object.
#[ffi_function(cached)]
fn make_by_name(name: &str, values: BTreeMap<String, Any>) -> Result<AnyObj, Error> {
    let values: Vec<_> = values.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    TypeInfo::find(name)?.make(&values)
}

/// The names of all fields.
#[ffi_function]
fn field_names(object: AnyObj) -> Vec<String> {
    object.type_info().all_fields().map(|(_, field)| field.name.to_owned()).collect()
}
