use ffi_object::FfiEnum;

#[derive(FfiEnum)]
enum Shape {
    Circle(f64),
    Empty,
}

fn main() {}
