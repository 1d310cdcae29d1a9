//! The types of the benchmark in Python, with PyO3 alone.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// A number that Python may change.
#[pyclass(get_all, set_all, weakref)]
struct Inner {
    val: i64,
}

#[pymethods]
impl Inner {
    #[new]
    fn new(val: i64) -> Self {
        Self { val }
    }

    fn get(&self) -> i64 {
        self.val
    }

    fn __reduce__(this: &Bound<'_, Self>) -> (Py<PyAny>, (i64,)) {
        (this.get_type().into_any().unbind(), (this.borrow().val,))
    }
}

/// Holds an object that Python may exchange.
#[pyclass(get_all, set_all)]
struct Outer {
    x: Py<Inner>,
}

#[pymethods]
impl Outer {
    #[new]
    fn new(x: Py<Inner>) -> Self {
        Self { x }
    }
}

/// A number that stays.
#[pyclass(frozen, get_all)]
struct FrozenInner {
    val: i64,
}

#[pymethods]
impl FrozenInner {
    #[new]
    fn new(val: i64) -> Self {
        Self { val }
    }

    fn get(&self) -> i64 {
        self.val
    }
}

/// Holds an object for good.
#[pyclass(frozen, get_all)]
struct FrozenOuter {
    x: Py<FrozenInner>,
}

#[pymethods]
impl FrozenOuter {
    #[new]
    fn new(x: Py<FrozenInner>) -> Self {
        Self { x }
    }
}

/// A number in a field that is copied whenever it is read.
#[pyclass(get_all, set_all, from_py_object)]
#[derive(Clone)]
struct ClonedInner {
    val: i64,
}

#[pymethods]
impl ClonedInner {
    #[new]
    fn new(val: i64) -> Self {
        Self { val }
    }

    fn get(&self) -> i64 {
        self.val
    }
}

/// Holds its object by value.
#[pyclass(get_all, set_all)]
struct ClonedOuter {
    x: ClonedInner,
}

#[pymethods]
impl ClonedOuter {
    #[new]
    fn new(x: ClonedInner) -> Self {
        Self { x }
    }
}

/// A node of a binary tree.
#[pyclass(frozen, get_all)]
struct Node {
    left: Option<Py<Node>>,
    right: Option<Py<Node>>,
    number: i64,
}

#[pymethods]
impl Node {
    #[new]
    fn new(left: Option<Py<Node>>, right: Option<Py<Node>>, number: i64) -> Self {
        Self { left, right, number }
    }
}

/// The number of an object that is borrowed.
#[pyfunction]
fn f(b: &Inner) -> i64 {
    b.val
}

/// The same for one that does not change.
#[pyfunction]
fn f_frozen(b: &FrozenInner) -> i64 {
    b.val
}

/// The same for one that is copied.
#[pyfunction]
fn f_cloned(b: &ClonedInner) -> i64 {
    b.val
}

/// A tree of this depth.
#[pyfunction]
fn tree(py: Python<'_>, depth: u32) -> PyResult<Py<Node>> {
    fn grow(py: Python<'_>, depth: u32, next: &mut i64) -> PyResult<Py<Node>> {
        let number = *next;
        *next += 1;
        let mut half = || if depth > 1 { grow(py, depth - 1, next).map(Some) } else { Ok(None) };
        let (left, right) = (half()?, half()?);
        Py::new(py, Node { left, right, number })
    }
    grow(py, depth, &mut 0)
}

/// Calls a function of Python's so often, with a number.
#[pyfunction]
fn call_back(function: &Bound<'_, PyAny>, count: i64) -> PyResult<i64> {
    (0..count).try_fold(0_i64, |sum, number| Ok(sum.wrapping_add(function.call1((number,))?.extract::<i64>()?)))
}

/// A function of Rust's that Python calls.
#[pyfunction]
fn adder(py: Python<'_>, n: i64) -> PyResult<Bound<'_, pyo3::types::PyCFunction>> {
    pyo3::types::PyCFunction::new_closure(py, Some(c"add"), None, move |args, _| {
        args.extract::<(i64,)>().map(|(x,)| x + n)
    })
}

/// Raises an exception.
#[pyfunction]
fn fail() -> PyResult<()> {
    Err(PyValueError::new_err("no"))
}

#[pymodule(gil_used = false)]
mod peer_pyo3 {
    #[pymodule_export]
    use super::{
        adder, call_back, f, f_cloned, f_frozen, fail, tree, ClonedInner, ClonedOuter, FrozenInner, FrozenOuter, Inner,
        Node, Outer,
    };
}
