//! What owning an object costs in Rust, beside `std::sync::Arc` and `triomphe::Arc`. `cargo xtask bench rust`.
#![forbid(unsafe_code)]

use std::hint::black_box;
use std::sync::Arc;

use ffi_object::Obj;
use ffi_object_benches::{ArcTree, Leaf, ObjTree, TriompheTree};

fn main() {
    divan::main();
}

#[divan::bench_group]
mod clone_and_drop {
    use super::*;

    #[divan::bench]
    fn arc(bencher: divan::Bencher<'_, '_>) {
        let owner = Arc::new(Leaf { val: 1 });
        bencher.bench(|| drop(black_box(black_box(&owner).clone())));
    }

    #[divan::bench]
    fn triomphe(bencher: divan::Bencher<'_, '_>) {
        let owner = triomphe::Arc::new(Leaf { val: 1 });
        bencher.bench(|| drop(black_box(black_box(&owner).clone())));
    }

    #[divan::bench]
    fn obj(bencher: divan::Bencher<'_, '_>) {
        let owner = Obj::new(Leaf { val: 1 });
        bencher.bench(|| drop(black_box(black_box(&owner).clone())));
    }
}

#[divan::bench_group]
mod new_and_drop {
    use super::*;

    #[divan::bench]
    fn arc() {
        drop(black_box(Arc::new(Leaf { val: black_box(1) })));
    }

    #[divan::bench]
    fn triomphe() {
        drop(black_box(triomphe::Arc::new(Leaf { val: black_box(1) })));
    }

    #[divan::bench]
    fn obj() {
        drop(black_box(Obj::new(Leaf { val: black_box(1) })));
    }
}

#[divan::bench_group]
mod tree_of_65535 {
    use super::*;

    #[divan::bench]
    fn arc() {
        drop(black_box(ArcTree::full(black_box(15))));
    }

    #[divan::bench]
    fn triomphe() {
        drop(black_box(TriompheTree::full(black_box(15))));
    }

    #[divan::bench]
    fn obj() {
        drop(black_box(ObjTree::full(black_box(15))));
    }
}
