//! What owns an object asks nothing of the type's drop: a chain of types may be longer than the compiler looks.
#![recursion_limit = "32"]

use ffi_object::{FfiObject, Obj, WeakObj};

#[derive(FfiObject)]
struct L0 {
    value: i64,
}

macro_rules! links {
    ($($link:ident: $next:ident),* $(,)?) => {
        $(
            #[derive(FfiObject)]
            struct $link {
                next: Option<Obj<$next>>,
                seen: WeakObj<$next>,
            }
        )*
    };
}

links! {
    L1: L0, L2: L1, L3: L2, L4: L3, L5: L4, L6: L5, L7: L6, L8: L7, L9: L8, L10: L9, L11: L10, L12:
    L11, L13: L12, L14: L13, L15: L14, L16: L15, L17: L16, L18: L17, L19: L18, L20: L19, L21: L20,
    L22: L21, L23: L22, L24: L23, L25: L24, L26: L25, L27: L26, L28: L27, L29: L28, L30: L29, L31:
    L30, L32: L31, L33: L32, L34: L33, L35: L34, L36: L35, L37: L36, L38: L37, L39: L38, L40: L39,
}

fn main() {
    let first = Obj::new(L0 { value: 1 });
    let second = Obj::new(L1 { next: Some(first.clone()), seen: first.downgrade() });
    assert_eq!(second.next.as_ref().map(|next| next.value), Some(1));
    assert!(second.seen.upgrade().is_some());
    drop(L40 { next: None, seen: WeakObj::new() });
}
