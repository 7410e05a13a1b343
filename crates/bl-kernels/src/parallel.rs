//! Loops with independent iterations: on all threads with the feature `threads`, on one without it.
//!
//! Results come in the order of the iterations, whatever the number of threads: adding them up is left to the caller,
//! in that order.

#[cfg(feature = "threads")]
use rayon::prelude::*;

/// `f(i)` for every `i` below `count`.
pub(crate) fn map<R: Send>(count: usize, f: impl Fn(usize) -> R + Send + Sync) -> Vec<R> {
    map_init(count, || (), |(), i| f(i))
}

/// [`map`] with a buffer from `init` that iterations on the same thread reuse.
pub(crate) fn map_init<B, R: Send>(
    count: usize,
    init: impl Fn() -> B + Send + Sync,
    f: impl Fn(&mut B, usize) -> R + Send + Sync,
) -> Vec<R> {
    #[cfg(feature = "threads")]
    {
        (0..count).into_par_iter().map_init(init, f).collect()
    }
    #[cfg(not(feature = "threads"))]
    {
        let mut buffer = init();
        (0..count).map(|i| f(&mut buffer, i)).collect()
    }
}

/// `f(i, chunk)` for every chunk of `len` values; the last one may be shorter.
pub(crate) fn chunks_mut<T: Send, R: Send>(
    values: &mut [T],
    len: usize,
    f: impl Fn(usize, &mut [T]) -> R + Send + Sync,
) -> Vec<R> {
    #[cfg(feature = "threads")]
    let chunks = values.par_chunks_mut(len);
    #[cfg(not(feature = "threads"))]
    let chunks = values.chunks_mut(len);
    chunks.enumerate().map(|(i, chunk)| f(i, chunk)).collect()
}
