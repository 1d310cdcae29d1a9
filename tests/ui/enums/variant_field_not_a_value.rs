use ffi_object::FfiObject;

#[derive(FfiObject)]
enum Shape {
    Circle { since: std::time::Instant },
}

fn main() {}
