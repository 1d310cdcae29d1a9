//! What every thread has to itself: its counts of objects, and the blocks that it has freed.

use std::cell::Cell;
use std::ptr::{self, NonNull};
use std::sync::Arc;

use crate::census::{count_slowly, Table};
use crate::free_list::{self, FreeLists, ListIndex};
use crate::info::TypeInfo;

struct Local {
    /// Null before the thread's first object and after its end.
    table: Cell<*const Table>,
    /// Closed while there is no table.
    blocks: FreeLists,
}

thread_local! {
    // One variable, since finding it is a call. Const and without a destructor: usable while the thread's others are destroyed.
    static LOCAL: Local = const { Local { table: Cell::new(ptr::null()), blocks: FreeLists::new() } };
    static MEMBERSHIP: Membership = const { Membership(Cell::new(None)) };
}

/// Keeps the thread's table, and clears up when the thread ends.
struct Membership(Cell<Option<Arc<Table>>>);

impl Drop for Membership {
    fn drop(&mut self) {
        LOCAL.with(|local| {
            local.table.set(ptr::null());
            local.blocks.close();
        });
        if let Some(table) = self.0.take() {
            table.close();
        }
    }
}

/// Gives a thread that has no table one, and opens its lists, unless it is ending.
#[cold]
fn join(local: &Local) {
    // Fails when the thread is ending: it counts by the types' own counters then.
    let _ = MEMBERSHIP.try_with(|membership| {
        let table = Table::open();
        local.table.set(Arc::as_ptr(&table));
        membership.0.set(Some(table));
        if free_list::are_wanted() {
            local.blocks.open();
        }
    });
}

/// An object was born.
#[inline]
pub(crate) fn born(info: &'static TypeInfo) {
    count(info, 1);
}

/// An object died.
#[inline]
pub(crate) fn died(info: &'static TypeInfo) {
    count(info, -1);
}

#[inline]
fn count(info: &'static TypeInfo, by: i64) {
    LOCAL.with(|local| {
        // SAFETY: the pointer is null unless the thread's membership keeps the table.
        let is_counted = unsafe { local.table.get().as_ref() }.is_some_and(|table| table.count(info, by));
        if !is_counted {
            count_slowly(info, by);
            if local.table.get().is_null() {
                join(local);
            }
        }
    });
}

/// A block that the thread has freed: see [`FreeLists::take`].
#[inline]
pub(crate) fn take_block(list: ListIndex) -> Option<NonNull<u8>> {
    LOCAL.with(|local| local.blocks.take(list))
}

/// Keeps a block for the thread's next object: see [`FreeLists::keep`].
///
/// # Safety
///
/// As there.
#[inline]
pub(crate) unsafe fn keep_block(start: NonNull<u8>, list: ListIndex) -> bool {
    // SAFETY: by the caller.
    LOCAL.with(|local| unsafe { local.blocks.keep(start, list) })
}
