//! Describing types by hand, and counting what is dropped.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;

/// Implements `FfiObject` for a struct: `object!(Circle: Shape)`, where `Shape` is its first field in `repr(C)`, or
/// `object!(Shape)`.
macro_rules! object {
    ($ty:ident) => {
        $crate::support::object!($ty: ffi_object::Object);
    };
    ($ty:ident: $base:ty) => {
        const _: () = {
            use ffi_object::__private::{extend_lineage, Memory, Source, TypeCell, TypeInfo, TypeOptions};
            use ffi_object::FfiObject;

            static CELL: TypeCell = TypeCell::new();
            static INFO: TypeInfo = TypeInfo {
                key: concat!(module_path!(), "::", stringify!($ty), ":", line!()),
                name: stringify!($ty),
                module: None,
                doc: "",
                source: Source { file: file!(), line: line!() },
                parents: <$base>::LINEAGE,
                fields: &[],
                builder: None,
                trace: None,
                options: TypeOptions::NONE,
                cell: &CELL,
                memory: Memory::of::<$ty>(),
            };
            // SAFETY: `INFO` is this type's alone, and the base is its first field in `repr(C)`, or has no fields.
            unsafe impl FfiObject for $ty {
                type Base = $base;
                const TYPE: &'static TypeInfo = &INFO;
                const LINEAGE: &'static [&'static TypeInfo] =
                    &extend_lineage::<{ <$base>::LINEAGE.len() + 1 }>(<$base>::LINEAGE, &INFO);
            }
        };
    };
}
pub(crate) use object;

/// How many of some things were dropped.
#[derive(Debug, Clone, Default)]
pub(crate) struct Drops(Arc<AtomicUsize>);

impl Drops {
    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }

    /// Counts when it is dropped.
    pub(crate) fn one(&self) -> Counted {
        Counted(self.clone())
    }
}

#[derive(Debug)]
pub(crate) struct Counted(Drops);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0 .0.fetch_add(1, Ordering::SeqCst);
    }
}

/// Runs `test` on a thread with so little stack that recursion shows.
pub(crate) fn on_a_small_stack(test: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(256 * 1024).spawn(test).unwrap().join().unwrap();
}
