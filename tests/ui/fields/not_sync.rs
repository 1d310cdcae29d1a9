use ffi_object::FfiObject;

#[derive(Default)]
struct Hits(std::cell::Cell<u64>);

#[derive(FfiObject)]
struct Counter {
    #[ffi(skip)]
    hits: Hits,
}

fn main() {}
