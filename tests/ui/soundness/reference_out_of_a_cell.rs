use ffi_object::{FfiObject, List, Mut, Obj};

#[derive(FfiObject)]
struct Names {
    first: Mut<String>,
    rest: Obj<List<String>>,
}

fn first(names: &Names) -> &str {
    names.first.read(|name| name.as_str())
}

fn rest(names: &Names) -> &mut Vec<String> {
    names.rest.with(|rest| rest)
}

fn main() {}
