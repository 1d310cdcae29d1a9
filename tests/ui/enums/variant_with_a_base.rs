use ffi_object::FfiObject;

#[derive(FfiObject)]
struct Named {
    name: String,
}

#[derive(FfiObject)]
enum Shape {
    Circle {
        #[ffi(base)]
        named: Named,
    },
}

fn main() {}
