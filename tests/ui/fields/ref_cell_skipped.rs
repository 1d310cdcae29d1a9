use ffi_object::FfiObject;

#[derive(FfiObject)]
struct Counter {
    #[ffi(skip)]
    hits: std::cell::RefCell<Vec<u64>>,
}

fn main() {}
