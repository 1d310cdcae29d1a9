//! Options of generic structs, and of the fields of variants.

use ffi_object::info::ParamKind;
use ffi_object::{FfiObject, register};

#[derive(FfiObject, PartialEq, Debug)]
#[ffi(eq, repr)]
struct Pair<A, B> {
    #[ffi(kw_only)]
    first: A,
    second: B,
    #[ffi(init = false, default)]
    seen: bool,
}

register!(Pair<i64, String> as "PairIS");

#[derive(FfiObject)]
enum Shape {
    Circle {
        #[ffi(kw_only)]
        radius: f64,
        #[ffi(repr = false)]
        label: String,
    },
}

#[test]
fn options_of_generic_structs_and_variants_are_described() {
    let pair = <Pair<i64, String>>::TYPE;
    assert!(pair.options.compares() && pair.options.debugs() && !pair.options.hashes());
    assert_eq!(
        pair.constructor().unwrap().signature.params.iter().map(|p| p.name).collect::<Vec<_>>(),
        ["second", "first", "seen"]
    );
    assert_eq!(pair.fields.iter().map(|f| f.param != ParamKind::Hidden).collect::<Vec<_>>(), [true, true, false]);
    let shape = Shape::Circle { radius: 1.0, label: String::new() };
    let circle = shape.type_of();
    assert_eq!(circle.fields.iter().map(|f| f.repr).collect::<Vec<_>>(), [true, false]);
    let params = circle.constructor().unwrap().signature.params;
    assert_eq!(params.iter().map(|p| p.name).collect::<Vec<_>>(), ["label", "radius"]);
}
