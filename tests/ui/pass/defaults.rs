use ffi_object::{Bytes, FfiObject, List, Mut, Obj, ffi_function};

#[derive(FfiObject)]
struct Settings {
    #[ffi(default)]
    names: Obj<List<String>>,
    #[ffi(default = vec![1, 2])]
    sizes: Mut<Vec<u8>>,
    #[ffi(default = Some(Bytes::from(&b"x"[..])))]
    bytes: Option<Bytes>,
    #[ffi(default = 3)]
    count: std::sync::atomic::AtomicU8,
}

#[ffi_function]
fn greet(#[ffi(default = "world")] name: &str, #[ffi(default)] title: &str, #[ffi(default = &[1])] bytes: &[u8]) -> String {
    format!("{title} {name} {bytes:?}")
}

fn main() {}
