//! Functions that Rust makes and hands out, and callables with types.

use std::collections::HashMap;
use std::thread;

use ffi_object::{
    ffi_function, ffi_methods, function, get_function, register_function, Any, Callback, Error, FfiObject, Function,
    List, Mut, Obj, RustFunction,
};

use crate::graph::Inner;

/// Gives a function that adds a number.
#[ffi_function]
fn adder(n: i64) -> Obj<RustFunction> {
    function!(
        /// Adds the number.
        ///
        /// It was given to `adder`.
        "add",
        move |x: i64| x + n
    )
}

/// Functions of several kinds.
#[ffi_function]
fn rust_functions(keep: Obj<Inner>) -> Vec<Obj<RustFunction>> {
    vec![
        function!("nothing", || ()),
        function!("two", |text: String, times: usize| text.repeat(times)),
        function!("fail", |text: String| -> Result<(), Error> { Err(Error::key(text)) }),
        function!("panic", || -> i64 { panic!("at last") }),
        function!("kept", move || keep.clone()),
        function!("fresh", |val: i64| Inner { val: Mut::new(val) }),
        function!("call", |function: Function, value: Any| function.call::<Any>((value,))),
    ]
}

/// Has functions of both languages.
#[derive(FfiObject)]
pub(crate) struct Toolbox {
    #[ffi(default)]
    tool: Mut<Option<Obj<RustFunction>>>,
    #[ffi(default)]
    tools: Obj<List<Obj<RustFunction>>>,
    #[ffi(default)]
    compare: Mut<Option<Callback<(i64, i64), bool>>>,
}

#[ffi_methods]
impl Toolbox {
    /// Uses the tool from a thread that never sees Python.
    fn use_elsewhere(&self, value: i64) -> Result<i64, Error> {
        let tool = self.tool.get().ok_or_else(|| Error::value("there is no tool"))?;
        thread::spawn(move || tool.call((value,))).join().expect("calling does not panic")
    }

    /// Whether the numbers are in the order of `compare`.
    fn in_order(&self, numbers: Vec<i64>) -> Result<bool, Error> {
        let Some(compare) = self.compare.get() else { return Ok(true) };
        for pair in numbers.windows(2) {
            if !compare.call((pair[0], pair[1]))? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Calls a function by its name, from a thread of Rust's.
#[ffi_function]
fn call_named(name: String, #[ffi(args)] args: Vec<Any>) -> Result<Any, Error> {
    let function = get_function(&name).ok_or_else(|| Error::key(name))?;
    let caller = thread::spawn(move || function.call::<Any>(args));
    ffi_python::detach(|| caller.join().expect("calling does not panic"))
}

/// Registers a function of Rust's.
#[ffi_function]
fn register_adder(name: &str, n: i64) -> Result<(), Error> {
    register_function(name, adder(n))
}

/// Has all kinds of parameters.
#[ffi_function]
fn all_parameters(
    #[ffi(pos_only)] a: i64,
    b: &Inner,
    #[ffi(default = 3)] c: i64,
    #[ffi(args)] rest: Vec<i64>,
    #[ffi(kw_only, default = 5)] d: i64,
    #[ffi(kwargs)] others: HashMap<String, i64>,
) -> Vec<i64> {
    let mut all = vec![a, b.val.get(), c, d, others.len() as i64];
    all.extend(rest);
    all
}

/// Calls a typed callable once for each number.
#[ffi_function]
fn fold(step: Callback<(i64, i64), i64>, numbers: Vec<i64>) -> Result<i64, Error> {
    numbers.into_iter().try_fold(0, |sum, n| step.call((sum, n)))
}
