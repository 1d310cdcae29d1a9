//! What a closure that runs detached may do: clone what is owned, read what is borrowed, look whether it is alive.

use ffi_object::{FfiObject, Mut, Obj, WeakObj, ffi_function, ffi_methods};

#[derive(FfiObject)]
struct Point {
    x: Mut<f64>,
    next: Option<Obj<Point>>,
}

#[ffi_methods]
impl Point {
    fn keep(self: &Obj<Self>) -> Obj<Self> {
        std::thread::scope(|scope| scope.spawn(|| self.clone()).join()).unwrap()
    }
}

#[ffi_function]
fn look(point: &Point, owner: &Obj<Point>) -> Option<Obj<Point>> {
    let weak: WeakObj<Point> = owner.downgrade();
    let read = || {
        point.x.set(1.0);
        point.next.clone().or_else(|| weak.upgrade())
    };
    std::thread::scope(|scope| scope.spawn(read).join()).unwrap()
}

fn main() {
    let point = Obj::new(Point { x: Mut::new(0.0), next: None });
    assert_eq!(look(&point, &point), Some(Point::keep(&point)));
}
