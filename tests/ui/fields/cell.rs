use ffi_object::FfiObject;

#[derive(FfiObject)]
struct Counter {
    hits: std::cell::Cell<u64>,
}

fn main() {}
