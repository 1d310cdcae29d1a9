//! What Rust finds in an `Any`, and exceptions on their way through Rust.

use std::thread;

use ffi_object::{ffi_function, ffi_methods, function, Any, Bytes, Error, FfiObject, Function, Iter, List, Mut, Obj};

/// The kind that Rust sees.
#[ffi_function]
fn kind_of(value: Any) -> &'static str {
    value.type_name()
}

/// What Rust makes of it when it wants a number.
#[ffi_function]
fn any_float(value: Any) -> Result<f64, Error> {
    value.to()
}

#[ffi_function]
fn any_ints(value: Any) -> Result<Vec<i64>, Error> {
    value.to()
}

/// The same on a thread that is not attached.
#[ffi_function]
fn any_int_elsewhere(value: Any) -> Result<i64, Error> {
    let reader = thread::spawn(move || value.to::<i64>());
    ffi_python::detach(|| reader.join().expect("reading does not panic"))
}

/// A list of what was given, made in Rust.
#[ffi_function]
fn any_list(#[ffi(args)] values: Vec<Any>) -> Obj<List<Any>> {
    Obj::new(values.into_iter().collect())
}

/// Has one text that never changes, one that does, and anything.
#[derive(FfiObject)]
pub(crate) struct Texts {
    fixed: String,
    #[ffi(default)]
    changing: Mut<String>,
    #[ffi(default = Bytes::new(&[]))]
    bytes: Mut<Bytes>,
    #[ffi(default)]
    anything: Mut<Any>,
}

/// Calls a function through a closure of Rust's.
#[ffi_function]
fn through_function(run: Function) -> Result<Any, Error> {
    let closure = function!("through", move || -> Result<Any, Error> { run.call(()) });
    closure.call(())
}

/// Calls a function wherever Python code can be called from.
#[derive(FfiObject)]
pub(crate) struct Relay {
    run: Function,
}

#[ffi_methods]
impl Relay {
    #[ffi(new)]
    fn make(run: Function) -> Self {
        Self { run }
    }
    fn method(&self) -> Result<Any, Error> {
        self.run.call(())
    }
    #[ffi(getter)]
    fn attribute(&self) -> Result<Any, Error> {
        self.run.call(())
    }
    #[ffi(setter)]
    fn set_attribute(&self, _value: Any) -> Result<(), Error> {
        self.run.call(())
    }
    fn __add__(&self, _other: Any) -> Result<Any, Error> {
        self.run.call(())
    }
    fn __eq__(&self, _other: &Relay) -> Result<bool, Error> {
        self.run.call(())
    }
    fn __len__(&self) -> Result<usize, Error> {
        self.run.call(())
    }
    fn __getitem__(&self, _index: Any) -> Result<Any, Error> {
        self.run.call(())
    }
    fn __call__(&self) -> Result<Any, Error> {
        self.run.call(())
    }
    fn __iter__(self: &Obj<Self>) -> Iter<Result<Any, Error>> {
        let this = self.clone();
        Iter::new(std::iter::repeat_with(move || this.run.call(())))
    }
    /// From another thread.
    fn elsewhere(self: &Obj<Self>) -> Result<Any, Error> {
        let this = self.clone();
        let caller = thread::spawn(move || this.run.call(()));
        ffi_python::detach(|| caller.join().expect("calling does not panic"))
    }
    /// Ignores the first failure and gives the second.
    fn second(&self) -> Result<Any, Error> {
        let _ = self.run.call::<Any>(());
        self.run.call(())
    }
    /// Calls on with one less, as deep as that goes.
    fn descend(self: &Obj<Self>, depth: i64) -> Result<i64, Error> {
        if depth == 0 {
            return Ok(0);
        }
        self.run.call((self.clone(), depth - 1))
    }
}
