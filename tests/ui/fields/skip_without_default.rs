use ffi_object::FfiObject;

struct Cache(u8);

#[derive(FfiObject)]
struct Point {
    x: f64,
    #[ffi(skip)]
    cache: Cache,
}

fn main() {}
