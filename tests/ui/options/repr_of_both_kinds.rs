use ffi_object::FfiObject;

#[derive(FfiObject, Debug)]
#[ffi(repr)]
struct Account {
    name: String,
    #[ffi(repr = false)]
    password: String,
}

fn main() {}
