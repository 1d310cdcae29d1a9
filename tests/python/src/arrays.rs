//! Arrays, and numbers in bulk.

use ffi_object::{ffi_function, Any, Array, Error, FfiObject, List, Mut, Obj, PyValue};

/// Arrays in fields.
#[derive(FfiObject)]
pub(crate) struct Shelves {
    names: Obj<Array<String>>,
    #[ffi(default)]
    rows: Obj<Array<Obj<Array<f64>>>>,
    #[ffi(default)]
    tags: Mut<Obj<Array<Any>>>,
    #[ffi(default)]
    weights: Mut<Option<Obj<Array<f32>>>>,
}

/// A part of an array that Rust makes.
#[derive(FfiObject)]
pub(crate) struct Pearl {
    size: Mut<i64>,
    #[ffi(default)]
    string: Mut<Option<Obj<Array<Obj<Pearl>>>>>,
}

#[ffi_function]
fn pearls(count: i64) -> Obj<Array<Obj<Pearl>>> {
    (0..count).map(|size| Obj::new(Pearl { size: Mut::new(size), string: Mut::default() })).collect()
}

/// Carries Python values, which the collector has to see.
#[ffi_function]
fn array_of_values(items: Vec<PyValue>) -> Obj<Array<PyValue>> {
    Array::new(items)
}

/// An array in an array, so many times.
#[ffi_function]
fn nested_arrays(depth: usize) -> Obj<Array<Any>> {
    (0..depth).fold(Obj::default(), |inner, _| Array::new([Any::from(inner)]))
}

/// Lists in a list, converted or by reference.
#[ffi_function(cached)]
fn rows_of_lists(rows: Obj<List<Obj<List<f64>>>>) -> Obj<List<Obj<List<f64>>>> {
    rows
}

#[ffi_function]
fn sum_of(items: &Array<f64>) -> f64 {
    items.iter().sum()
}

#[ffi_function]
fn first_of(items: &Obj<Array<String>>) -> Result<String, Error> {
    items.first().cloned().ok_or_else(|| Error::value("an empty array"))
}

/// Whether Rust may change the items in place: an array that nothing else refers to.
#[ffi_function]
fn doubled(mut items: Obj<Array<f64>>) -> (bool, Obj<Array<f64>>) {
    match Array::get_mut(&mut items) {
        Some(own) => {
            own.iter_mut().for_each(|n| *n *= 2.0);
            (true, items)
        }
        None => (false, items.iter().map(|n| n * 2.0).collect()),
    }
}

#[ffi_function]
fn sum_of_numbers(items: Vec<f64>) -> f64 {
    items.iter().sum()
}

/// Containers of one number type, by reference if they are, by conversion if not.
macro_rules! of_numbers {
    ($($number:ty: $list:ident, $array:ident;)*) => {
        $(
            #[ffi_function(cached)]
            fn $list(items: Obj<List<$number>>) -> Obj<List<$number>> {
                items
            }

            #[ffi_function(cached)]
            fn $array(items: Obj<Array<$number>>) -> Obj<Array<$number>> {
                items
            }
        )*
    };
}

of_numbers! {
    bool: list_of_bool, array_of_bool;
    i8: list_of_i8, array_of_i8;
    i16: list_of_i16, array_of_i16;
    i32: list_of_i32, array_of_i32;
    i64: list_of_i64, array_of_i64;
    u8: list_of_u8, array_of_u8;
    u16: list_of_u16, array_of_u16;
    u32: list_of_u32, array_of_u32;
    u64: list_of_u64, array_of_u64;
    f32: list_of_f32, array_of_f32;
    f64: list_of_f64, array_of_f64;
}
