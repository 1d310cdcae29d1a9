use ffi_object::{FfiObject, Obj, ffi_methods};

#[derive(FfiObject)]
#[ffi(colour = "red")]
struct Point {
    #[ffi(name = "class")]
    x: f64,
    y: std::cell::Cell<f64>,
    #[ffi(base)]
    z: f64,
}

#[ffi_methods]
impl Point {
    fn length(&mut self) -> f64 {
        self.x
    }
    async fn later<T>(&self) {}
}

fn use_it(point: Point) -> Obj<Point> {
    Obj::new(point)
}

fn main() {}
