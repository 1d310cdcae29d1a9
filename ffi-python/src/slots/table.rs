//! The type slots of a class that is being built.

use std::ffi::{c_int, c_void};

use pyo3::ffi;

/// Slots by number, each once. A class has few, so that a list does.
#[derive(Default)]
pub(crate) struct TypeSlots(Vec<ffi::PyType_Slot>);

impl TypeSlots {
    fn find(&mut self, slot: c_int) -> Option<&mut ffi::PyType_Slot> {
        self.0.iter_mut().find(|there| there.slot == slot)
    }

    /// Whether the slot is filled.
    pub(crate) fn has(&mut self, slot: c_int) -> bool {
        self.find(slot).is_some()
    }

    /// Fills the slot, whatever is there.
    pub(crate) fn set(&mut self, slot: c_int, function: *mut c_void) {
        match self.find(slot) {
            Some(there) => there.pfunc = function,
            None => self.0.push(ffi::PyType_Slot { slot, pfunc: function }),
        }
    }

    /// Fills the slot if it is empty.
    pub(crate) fn set_default(&mut self, slot: c_int, function: *mut c_void) {
        if !self.has(slot) {
            self.set(slot, function);
        }
    }

    /// Fills several, whatever is there.
    pub(crate) fn set_all(&mut self, slots: &[(c_int, *mut c_void)]) {
        slots.iter().for_each(|(slot, function)| self.set(*slot, *function));
    }

    /// The slots as CPython takes them, with the end.
    pub(crate) fn finish(mut self) -> Vec<ffi::PyType_Slot> {
        self.0.push(ffi::PyType_Slot { slot: 0, pfunc: std::ptr::null_mut() });
        self.0
    }
}
