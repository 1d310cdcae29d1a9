use ffi_object::FfiObject;

#[derive(FfiObject)]
#[ffi(eq, hash)]
struct Point {
    #[ffi(kw_only)]
    x: f64,
}

fn main() {}
