//! Types that the tests extend in Python, and that hold what is defined there.

use ffi_object::{ffi_function, ffi_methods, Any, AnyObj, Error, FfiObject, Mut, Obj, PyValue, TypeInfo};
use parking_lot::Mutex;

/// An abstract base, which knows that Python may hang anything on it.
#[derive(FfiObject)]
#[ffi(no_init)]
pub(crate) struct Expr {
    #[ffi(kw_only, default)]
    note: Mut<Option<PyValue>>,
    #[ffi(init = false, default = 7)]
    serial: i64,
    #[ffi(skip)]
    seen: Mutex<u32>,
}

#[ffi_methods]
impl Expr {
    /// How often it was visited.
    fn visit(&self) -> u32 {
        let mut seen = self.seen.lock();
        *seen += 1;
        *seen
    }
}

/// An expression made in Rust.
#[derive(FfiObject)]
#[repr(C)]
pub(crate) struct Negate {
    #[ffi(base)]
    base: Expr,
    pub(crate) operand: Mut<Obj<Expr>>,
}

/// What the tests' own modules keep.
#[derive(FfiObject)]
pub(crate) struct Anchor {
    val: Mut<i64>,
}

/// Nothing extends it.
#[derive(FfiObject)]
#[ffi(final)]
pub(crate) struct Closed {
    val: i64,
}

/// Compared by value, and aligned to more than a word.
#[derive(FfiObject, PartialEq, Debug)]
#[ffi(eq)]
#[repr(C, align(64))]
pub(crate) struct Wide {
    val: u8,
}

static HELD: Mutex<Vec<AnyObj>> = Mutex::new(Vec::new());

/// Makes objects of a type by name, on another thread, that knows no interpreter. Gives back their number.
#[ffi_function]
fn make_elsewhere(name: String, field: String, count: i64) -> Result<usize, Error> {
    let made = std::thread::spawn(move || -> Result<Vec<AnyObj>, Error> {
        let info = TypeInfo::find(&name)?;
        (0..count).map(|i| info.make(&[(field.as_str(), Any::from(i))])).collect()
    });
    let made = made.join().map_err(|_| Error::runtime("panicked"))??;
    let count = made.len();
    HELD.lock().extend(made);
    Ok(count)
}

/// Reads a field of all that was made elsewhere, adds one, and writes it back, without an interpreter; then drops them all.
#[ffi_function]
fn count_up_elsewhere(field: String) -> Result<i64, Error> {
    let summed = std::thread::spawn(move || -> Result<i64, Error> {
        let held = std::mem::take(&mut *HELD.lock());
        let mut sum = 0;
        for object in &held {
            object.set_field(&field, &(object.field(&field)?.to::<i64>()? + 1))?;
            sum += object.field(&field)?.to::<i64>()?;
        }
        Ok(sum)
    });
    summed.join().map_err(|_| Error::runtime("panicked"))?
}

/// Whether an object is a `Shape`, as Rust sees it.
#[ffi_function]
fn is_inner(object: AnyObj) -> bool {
    object.is::<crate::graph::Inner>()
}
