//! The types that the benchmarks build, as objects, behind the standard library's `Arc`, and behind `triomphe`'s.
#![forbid(unsafe_code)]

use std::sync::Arc;

use ffi_object::{FfiObject, Obj};

/// One number.
#[derive(Debug, FfiObject)]
pub struct Leaf {
    /// The number.
    pub val: i64,
}

/// A node of a binary tree of objects.
#[derive(Debug, FfiObject)]
pub struct ObjTree {
    /// The number.
    pub val: i64,
    /// The left half.
    pub left: Option<Obj<ObjTree>>,
    /// The right half.
    pub right: Option<Obj<ObjTree>>,
}

/// A node of a binary tree behind `Arc`.
#[derive(Debug)]
pub struct ArcTree {
    /// The number.
    pub val: i64,
    /// The left half.
    pub left: Option<Arc<ArcTree>>,
    /// The right half.
    pub right: Option<Arc<ArcTree>>,
}

/// A node of a binary tree behind `triomphe::Arc`, which counts no weak references.
#[derive(Debug)]
pub struct TriompheTree {
    /// The number.
    pub val: i64,
    /// The left half.
    pub left: Option<triomphe::Arc<TriompheTree>>,
    /// The right half.
    pub right: Option<triomphe::Arc<TriompheTree>>,
}

impl ObjTree {
    /// A full tree of this depth.
    #[must_use]
    pub fn full(depth: u32) -> Option<Obj<Self>> {
        let below = || Self::full(depth.checked_sub(1)?);
        Some(Obj::new(Self { val: i64::from(depth), left: below(), right: below() }))
    }
}

impl ArcTree {
    /// A full tree of this depth.
    #[must_use]
    pub fn full(depth: u32) -> Option<Arc<Self>> {
        let below = || Self::full(depth.checked_sub(1)?);
        Some(Arc::new(Self { val: i64::from(depth), left: below(), right: below() }))
    }
}

impl TriompheTree {
    /// A full tree of this depth.
    #[must_use]
    pub fn full(depth: u32) -> Option<triomphe::Arc<Self>> {
        let below = || Self::full(depth.checked_sub(1)?);
        Some(triomphe::Arc::new(Self { val: i64::from(depth), left: below(), right: below() }))
    }
}
