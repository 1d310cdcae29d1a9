//! Panics wherever user code runs.

use std::borrow::Cow;

use ffi_object::frontend::{Decoder, Encoder, Handle};
use ffi_object::{ffi_function, ffi_methods, Error, FfiObject, List, Mut, Obj, Return, Value};

use crate::graph::Inner;
use crate::methods::Grenade;

/// A number that panics as it is told: where it crosses, is copied, or dropped.
struct Fragile {
    number: i64,
}

/// The numbers that panic.
const WHEN_READ: i64 = 13;
const WHEN_GIVEN: i64 = 14;
const WHEN_CLONED: i64 = 15;
const WHEN_DROPPED: i64 = 16;

impl Value for Fragile {
    fn type_name() -> Cow<'static, str> {
        "int".into()
    }
    fn encode<'py>(&self, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
        assert!(self.number != WHEN_GIVEN, "while it is given");
        out.int(self.number)
    }
    fn decode(from: Decoder<'_>) -> Result<Self, Error> {
        let number = from.int().map_err(|mismatch| from.error(mismatch, "int"))?;
        assert!(number != WHEN_READ, "while it is read");
        Ok(Self { number })
    }
}

impl Return for Fragile {
    fn type_name() -> Cow<'static, str> {
        <Self as Value>::type_name()
    }
    fn give<'py>(self, out: Encoder<'py>) -> Result<Handle<'py>, Error> {
        self.encode(out)
    }
}

impl Clone for Fragile {
    fn clone(&self) -> Self {
        assert!(self.number != WHEN_CLONED, "while it is copied");
        Self { number: self.number }
    }
}

impl Drop for Fragile {
    fn drop(&mut self) {
        assert!(self.number != WHEN_DROPPED, "while it is dropped");
    }
}

/// Has a place for everything that may panic.
#[derive(FfiObject)]
pub(crate) struct Bomb {
    inner: Obj<Inner>,
    cell: Mut<Fragile>,
    plain: Fragile,
    list: Obj<List<Fragile>>,
    #[ffi(skip)]
    hits: Mut<i64>,
}

#[ffi_methods]
impl Bomb {
    /// Takes owners, and then may panic, from inside or in one of its parts.
    #[ffi(new)]
    fn make(
        inner: Obj<Inner>,
        #[ffi(default = Fragile { number: 0 })] cell: Fragile,
        #[ffi(default = Fragile { number: 0 })] plain: Fragile,
        #[ffi(default = false)] fail: bool,
    ) -> Self {
        let list = Obj::default();
        let bomb = Self { inner, cell: Mut::new(cell), plain, list, hits: Mut::new(0) };
        assert!(!fail, "in the constructor");
        bomb
    }

    /// Panics while it has owners and a borrow.
    fn method(&self, inner: Obj<Inner>, other: &Inner) -> i64 {
        panic!("in the method, with {} and {}", inner.val.get(), other.val.get());
    }

    /// Panics while it has an owner of its own.
    fn owning_method(self: &Obj<Self>) {
        let _more = [self.clone(), self.clone()];
        panic!("with {} owners", self.owners());
    }

    /// Panics under the lock of a cell, after a write.
    fn under_lock(&self) {
        self.hits.with(|hits| {
            *hits += 1;
            panic!("under the lock of a cell");
        });
    }

    /// Panics under the lock of a list, after a write.
    fn under_list_lock(&self) {
        self.list.with(|items| {
            items.push(Fragile { number: 1 });
            panic!("under the lock of a list");
        });
    }

    #[ffi(getter)]
    fn hits(&self) -> i64 {
        self.hits.get()
    }

    #[ffi(getter)]
    fn getter(&self) -> i64 {
        panic!("in the getter");
    }

    #[ffi(setter)]
    fn set_getter(&self, _value: Obj<Inner>) {
        panic!("in the setter");
    }

    fn __len__(&self) -> usize {
        panic!("in len");
    }

    fn __bool__(&self) -> bool {
        panic!("in bool");
    }

    fn __eq__(&self, _value: &Bomb) -> bool {
        panic!("in eq");
    }

    fn __hash__(&self) -> i64 {
        panic!("in hash");
    }

    fn __str__(&self) -> String {
        panic!("in str");
    }

    fn __getitem__(&self, _value: Obj<Inner>) -> i64 {
        panic!("in getitem");
    }

    fn __contains__(&self, _value: Obj<Inner>) -> bool {
        panic!("in contains");
    }

    fn __iter__(&self) -> Obj<List<i64>> {
        panic!("in iter");
    }

    fn __call__(&self, _value: Obj<Inner>) {
        panic!("in call");
    }
}

/// Takes what an iterable gives, which may be Python code that raises or calls a function that panics.
#[ffi_function]
fn take_all(items: Vec<Obj<Inner>>, _last: Fragile) -> usize {
    items.len()
}

/// Objects and numbers, one of which may panic when it is given.
#[ffi_function]
fn give_all(number: Fragile) -> (Obj<Inner>, Fragile, Obj<Inner>) {
    let inner = |val| Obj::new(Inner { val: Mut::new(val) });
    (inner(1), number, inner(2))
}

/// Drops objects that Python has never seen, all of which panic, and one among them that does not.
#[ffi_function]
fn drop_grenades(count: usize) {
    let grenades: Vec<_> = (0..count).map(|_| Grenade::armed()).collect();
    let last = Obj::new(Inner { val: Mut::new(0) });
    drop((grenades, last));
}

/// Panics while it owns objects that panic when they are dropped.
#[ffi_function]
fn panic_among_grenades(wrapped: Obj<Grenade>) {
    let _owners = (Grenade::armed(), wrapped, Grenade::armed());
    panic!("among grenades");
}
