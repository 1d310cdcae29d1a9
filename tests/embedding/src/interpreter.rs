//! The interpreter, from start to end, on the main thread.

use std::ffi::CString;
use std::marker::PhantomData;

use pyo3::ffi;
use pyo3::prelude::*;

extern "C" {
    /// What `ffi_python::module!` has made.
    fn PyInit_embedded() -> *mut ffi::PyObject;
}

extern "C" fn init() -> *mut ffi::PyObject {
    // SAFETY: CPython calls this attached.
    unsafe { PyInit_embedded() }
}

/// An interpreter that runs until [`end`](Self::end). The thread is attached meanwhile.
#[derive(Debug)]
pub(crate) struct Interpreter(PhantomData<*mut ()>);

impl Interpreter {
    /// Starts one that has the module `embedded` built in. There must be none.
    pub(crate) fn start() -> Self {
        // Each time: the end of an interpreter forgets it.
        // SAFETY: no interpreter is there; a name and a function that stay.
        let added = unsafe { ffi::PyImport_AppendInittab(c"embedded".as_ptr(), Some(init)) };
        assert_eq!(added, 0);
        // SAFETY: as above. Signals are left alone.
        unsafe { ffi::Py_InitializeEx(0) };
        Self(PhantomData)
    }

    /// Runs code in a namespace of its own, or gives the exception's text.
    pub(crate) fn run(&self, code: &str) -> Result<(), String> {
        let code = CString::new(code).expect("code has no NUL");
        Python::attach(|py| {
            let globals = py.import("__main__")?.dict();
            py.run(&code, Some(&globals), None)
        })
        .map_err(|exception: PyErr| Python::attach(|_| exception.to_string()))
    }

    /// Runs what is to happen while Python may run other threads.
    pub(crate) fn detached<R: Send>(&self, run: impl FnOnce() -> R + Send) -> R {
        Python::attach(|py| py.detach(run))
    }

    /// Ends it.
    pub(crate) fn end(self) {
        // SAFETY: started by `start`, on this thread.
        let status = unsafe { ffi::Py_FinalizeEx() };
        assert_eq!(status, 0);
    }
}
