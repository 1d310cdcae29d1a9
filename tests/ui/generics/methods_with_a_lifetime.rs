use ffi_object::ffi_methods;

struct View<'a, T>(&'a T);

#[ffi_methods]
impl<'a, T> View<'a, T> {
    fn height(&self) -> usize {
        1
    }
}

fn main() {}
