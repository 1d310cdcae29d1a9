use ffi_object::{FfiObject, Obj, ffi_function, ffi_methods};

#[derive(FfiObject)]
struct Counter {
    hits: std::rc::Rc<u64>,
    next: Option<Obj<Counter>>,
}

#[ffi_methods]
impl Counter {
    #[ffi(new)]
    fn new() -> Self {
        Self { hits: Default::default(), next: None }
    }
    fn own(self: &Obj<Self>) -> Obj<Self> {
        self.clone()
    }
}

#[ffi_function]
fn hits(of: &Counter) -> u64 {
    *of.hits
}

fn main() {
    let _ = Obj::new(Counter::new()).next.clone();
}
