use ffi_object::FfiObject;

#[derive(FfiObject, Debug)]
#[ffi(repr = "Account {name}")]
struct Account {
    name: String,
}

fn main() {}
