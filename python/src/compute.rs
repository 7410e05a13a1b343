//! How work is done: without the interpreter's lock, and in a process that was forked on threads of its own.

use std::sync::OnceLock;

use pyo3::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

/// The process that imported the module: its threads are gone in a process that was forked from it.
static IMPORTED_BY: OnceLock<u32> = OnceLock::new();
static AFTER_FORK: OnceLock<Option<ThreadPool>> = OnceLock::new();

pub(crate) fn remember_process() {
    IMPORTED_BY.get_or_init(std::process::id);
}

/// Does `work` while other threads of Python go on.
pub(crate) fn compute<T: Send>(py: Python<'_>, work: impl FnOnce() -> T + Send) -> T {
    py.detach(|| in_pool(work))
}

/// Does `work` where there are threads for it.
pub(crate) fn in_pool<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    if IMPORTED_BY.get().is_none_or(|pid| *pid == std::process::id()) {
        return work();
    }
    match AFTER_FORK.get_or_init(|| ThreadPoolBuilder::new().build().ok()) {
        Some(pool) => pool.install(work),
        None => work(),
    }
}
