use ffi_object::ffi_methods;

struct Tree<T>(T);

#[ffi_methods]
impl<T> Tree<T> {
    fn height(&self) -> usize {
        1
    }
}

fn main() {}
