use ffi_object::register;

struct Tree {
    value: i64,
}

register!(Tree as "Tree");

fn main() {
    let _ = Tree { value: 1 }.value;
}
