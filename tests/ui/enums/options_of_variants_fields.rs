use ffi_object::FfiObject;

#[derive(FfiObject)]
enum Shape {
    Circle {
        #[ffi(kw_only, init = false)]
        radius: f64,
        #[ffi(skip, name = "other")]
        label: String,
    },
    Rectangle(#[ffi(default)] f64, f64),
    Square(#[ffi(init = false)] f64, #[ffi(name = "class")] f64),
    Named {
        #[ffi(name = "same")]
        one: i64,
        same: i64,
    },
}

fn main() {}
