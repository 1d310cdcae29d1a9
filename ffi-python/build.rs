//! Passes the interpreter's version and build on as cfgs.

fn main() {
    pyo3_build_config::use_pyo3_cfgs();
}
