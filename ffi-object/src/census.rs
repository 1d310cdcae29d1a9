//! How many objects of each type are alive.
//!
//! Every thread counts in a table of its own, so that counting costs no atomic read-modify-write. A thread that ends
//! adds its table to the types' own counters; a reader adds up all tables.

use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicPtr, AtomicU32, Ordering};
use std::sync::Arc;

use parking_lot::Mutex;

use crate::info::{Constructor, TypeInfo};

/// Types with a column in the threads' tables. Those beyond are counted by an atomic of their own.
const COLUMNS: usize = 512;

/// The words of a type that change: its column, its count, what a frontend keeps for it, whether it is traced, and what is
/// known of it only when the program runs.
#[derive(Debug)]
pub struct TypeCell {
    /// 0 until the first object is born; then one more than its place in the tables.
    column: AtomicU32,
    folded: AtomicI64,
    class: AtomicPtr<()>,
    traced: AtomicBool,
    /// Null until someone asks. No `OnceLock`, so that all words are 0 at first and take no room in the program's file.
    constructor: AtomicPtr<Constructor>,
}

impl TypeCell {
    /// The words of a type that no one has used yet.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "it has to be const, for statics")]
    pub const fn new() -> Self {
        Self {
            column: AtomicU32::new(0),
            folded: AtomicI64::new(0),
            class: AtomicPtr::new(ptr::null_mut()),
            traced: AtomicBool::new(false),
            constructor: AtomicPtr::new(ptr::null_mut()),
        }
    }

    /// See [`TypeInfo::is_traced`].
    #[inline]
    pub(crate) fn is_traced(&self) -> bool {
        self.traced.load(Ordering::Relaxed)
    }

    /// Called while the registry is made, before anyone has it.
    pub(crate) fn set_traced(&self) {
        self.traced.store(true, Ordering::Relaxed);
    }

    /// See [`TypeInfo::constructor`].
    pub(crate) fn constructor(&self, make: impl FnOnce() -> Constructor) -> &Constructor {
        static MAKING: Mutex<()> = Mutex::new(());
        let mut there = self.constructor.load(Ordering::Acquire);
        if there.is_null() {
            let _alone = MAKING.lock();
            there = self.constructor.load(Ordering::Acquire);
            if there.is_null() {
                there = Box::into_raw(Box::new(make()));
                self.constructor.store(there, Ordering::Release);
            }
        }
        // SAFETY: not null, so it came from a box that is never freed; the store above happens before the load that saw it.
        unsafe { &*there }
    }

    /// What the frontend keeps for this type, or null.
    #[inline]
    pub fn class(&self) -> *mut () {
        self.class.load(Ordering::Acquire)
    }

    /// Sets what [`class`](Self::class) returns.
    pub fn set_class(&self, class: *mut ()) {
        self.class.store(class, Ordering::Release);
    }

    #[cold]
    fn assign_column(&self) -> u32 {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let new = NEXT.fetch_add(1, Ordering::Relaxed);
        // Who comes second uses the first one's; a column is lost.
        match self.column.compare_exchange(0, new, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => new,
            Err(first) => first,
        }
    }
}

/// One thread's counts. Only its thread writes; all may read.
#[derive(Debug)]
pub(crate) struct Table([AtomicI64; COLUMNS]);

static TABLES: Mutex<Vec<Arc<Table>>> = Mutex::new(Vec::new());
static CELLS: Mutex<Vec<(u32, &'static TypeInfo)>> = Mutex::new(Vec::new());

impl Table {
    /// A table that readers add up.
    pub(crate) fn open() -> Arc<Self> {
        let table = Arc::new(Self([const { AtomicI64::new(0) }; COLUMNS]));
        TABLES.lock().push(Arc::clone(&table));
        table
    }

    /// Adds the counts to the types' own, for a thread that counts no more.
    pub(crate) fn close(self: Arc<Self>) {
        let mut tables = TABLES.lock();
        for (column, info) in CELLS.lock().iter() {
            if let Some(count) = self.0.get(*column as usize - 1) {
                info.cell.folded.fetch_add(count.load(Ordering::Relaxed), Ordering::Relaxed);
            }
        }
        tables.retain(|other| !Arc::ptr_eq(other, &self));
    }

    /// Counts, unless the type has no column. Called by the table's thread.
    #[inline]
    pub(crate) fn count(&self, info: &'static TypeInfo, by: i64) -> bool {
        let column = info.cell.column.load(Ordering::Relaxed) as usize;
        // The column 0, which is none, becomes the largest number.
        let Some(cell) = self.0.get(column.wrapping_sub(1)) else { return false };
        // Only this thread writes, so no increment is lost.
        cell.store(cell.load(Ordering::Relaxed) + by, Ordering::Relaxed);
        true
    }
}

/// Counts by the type's own counter, and gives it a column if it has none.
#[cold]
pub(crate) fn count_slowly(info: &'static TypeInfo, by: i64) {
    info.cell.folded.fetch_add(by, Ordering::Relaxed);
    if info.cell.column.load(Ordering::Relaxed) == 0 {
        let column = info.cell.assign_column();
        let mut cells = CELLS.lock();
        if !cells.iter().any(|(c, _)| *c == column) {
            cells.push((column, info));
        }
    }
}

/// The number of living objects of exactly this type. Exact when no thread creates or drops any meanwhile.
pub fn live_objects(info: &'static TypeInfo) -> usize {
    let tables = TABLES.lock();
    let mut sum = info.cell.folded.load(Ordering::Relaxed);
    let column = info.cell.column.load(Ordering::Relaxed) as usize;
    if (1..=COLUMNS).contains(&column) {
        sum += tables.iter().map(|t| t.0[column - 1].load(Ordering::Relaxed)).sum::<i64>();
    }
    usize::try_from(sum).unwrap_or(0)
}
