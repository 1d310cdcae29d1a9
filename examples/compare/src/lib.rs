//! The same small model twice: with ffi-object in `compare.ours`, and with PyO3 alone in `compare.pyo3`.
//!
//! `test_compare.py` holds both to the table of `docs/src/comparison.md`, which shows the two files.
#![forbid(unsafe_code)]

mod with_ffi_object;
mod with_pyo3;

use pyo3::prelude::*;

#[pymodule]
fn compare(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let ours = submodule(module, "ours")?;
    ffi_python::add_to(&ours)?;
    let pyo3 = submodule(module, "pyo3")?;
    with_pyo3::fill(&pyo3)
}

fn submodule<'py>(module: &Bound<'py, PyModule>, name: &str) -> PyResult<Bound<'py, PyModule>> {
    let full = format!("compare.{name}");
    let submodule = PyModule::new(module.py(), &full)?;
    module.add(name, &submodule)?;
    module.py().import("sys")?.getattr("modules")?.set_item(full, &submodule)?;
    Ok(submodule)
}
