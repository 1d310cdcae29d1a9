use ffi_object::{FfiObject, Mut, Obj, WeakObj, ffi_function, ffi_methods};

#[derive(FfiObject)]
struct Node(Mut<Option<Obj<Node>>>);

#[derive(FfiObject)]
#[repr(C)]
struct Leaf {
    #[ffi(base)]
    node: Node,
    parent: WeakObj<Node>,
}

#[ffi_methods]
impl Node {
    fn parent(self: &Obj<Self>) -> Option<Obj<Node>> {
        self.0.get()
    }
}

#[ffi_function]
fn make(of: &Node) -> Node {
    Node(Mut::new(of.0.get()))
}

fn main() {}
