//! The native half of the Python package `bias-adapters`: the facade crate as classes that hold no state of their own, and the two
//! programs. What Python users see is in `python/bias_adapters`; nothing is computed here that the Rust library does not.

mod adapter;
mod backbone;
mod compute;
mod errors;
mod hub;
mod model;
mod runtime;
mod training;
mod trials;

use std::ffi::OsString;

use pyo3::prelude::*;

/// Carries out a command of one of the two programs, and gives its exit code. `arguments` begin with the program's name.
#[pyfunction]
fn program(py: Python<'_>, arguments: Vec<OsString>) -> u8 {
    let is_run = arguments.first().is_some_and(|name| name.to_string_lossy().contains("bl-run"));
    py.detach(|| if is_run { bl_run::run(arguments) } else { bl_adapt::run(arguments) })
}

#[pymodule]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    compute::remember_process();
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<adapter::NativeAdapter>()?;
    module.add_class::<backbone::NativeBackbone>()?;
    module.add_class::<model::NativeModel>()?;
    module.add_class::<runtime::NativeRuntime>()?;
    module.add_class::<training::NativeHalves>()?;
    module.add_class::<training::NativeTask>()?;
    module.add_class::<training::NativeTrained>()?;
    module.add_function(wrap_pyfunction!(training::train, module)?)?;
    module.add_function(wrap_pyfunction!(hub::pull, module)?)?;
    module.add_function(wrap_pyfunction!(hub::push, module)?)?;
    module.add_function(wrap_pyfunction!(program, module)?)
}
