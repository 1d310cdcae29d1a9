//! Enums without data.

use std::collections::{BTreeMap, HashMap};

use ffi_object::{ffi_function, Any, FfiEnum, FfiObject, List, Map, Mut, Obj};

/// What a light shows.
#[derive(FfiEnum, Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[ffi(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Light {
    /// Stop.
    #[default]
    Red,
    RedAndYellow,
    Green = 10,
    #[ffi(name = "OUT_OF_ORDER")]
    Off = -1,
    #[ffi(skip)]
    Secret = 99,
}

/// Numbers too.
#[derive(FfiEnum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[ffi(int, name = "HttpStatus")]
#[repr(u16)]
pub(crate) enum Status {
    Ok = 200,
    NotFound = 404,
}

/// A crossing with its lights.
#[derive(FfiObject)]
pub(crate) struct Crossing {
    main: Light,
    #[ffi(default)]
    side: Mut<Light>,
    #[ffi(default = Some(Status::Ok))]
    status: Mut<Option<Status>>,
    #[ffi(default)]
    lights: Obj<List<Light>>,
    #[ffi(default)]
    by_light: Obj<Map<Light, i64>>,
    #[ffi(default)]
    table: BTreeMap<Light, Vec<Light>>,
    #[ffi(default)]
    any: Mut<Any>,
}

#[ffi_function]
fn next_light(light: Light, #[ffi(default = 1)] steps: usize) -> Light {
    let order = [Light::Red, Light::RedAndYellow, Light::Green];
    let place = order.iter().position(|l| *l == light).unwrap_or(0);
    order[(place + steps) % order.len()]
}

#[ffi_function]
fn secret_light() -> Light {
    Light::Secret
}

#[ffi_function]
fn count_lights(lights: Vec<Light>) -> HashMap<Light, usize> {
    let mut counts = HashMap::new();
    lights.into_iter().for_each(|light| *counts.entry(light).or_default() += 1);
    counts
}

#[ffi_function]
fn status_of(any: Any) -> Option<Status> {
    any.to().ok()
}
