//! Products of matrices in f32, for networks whose weights are learned: the `gemm` crate behind checks of every length.
//!
//! On one thread: callers cut a product into parts of their own, so that its bits do not depend on the number of threads. They do
//! depend on the CPU, whose caches and vectors say in which order a sum is taken.

use std::ops::Range;

use gemm::Parallelism;

use crate::error::{Error, check_len};

/// A matrix in a slice: element (i, j) is `i · steps.0 + j · steps.1` values from its start.
#[derive(Clone, Copy, Debug)]
pub struct Matrix<'a> {
    values: &'a [f32],
    shape: (usize, usize),
    steps: (usize, usize),
}

impl<'a> Matrix<'a> {
    /// `rows` rows, one after the other.
    pub fn new(values: &'a [f32], rows: usize, columns: usize) -> Result<Self, Error> {
        check_len("matrix", rows.saturating_mul(columns), values.len())?;
        Ok(Self { values, shape: (rows, columns), steps: (columns, 1) })
    }

    /// Rows as columns.
    #[must_use]
    pub fn t(self) -> Self {
        let swap = |(a, b)| (b, a);
        Self { values: self.values, shape: swap(self.shape), steps: swap(self.steps) }
    }

    /// Some of the rows.
    pub fn rows(self, rows: Range<usize>) -> Result<Self, Error> {
        let len = self.shape.0;
        if rows.start > rows.end || rows.end > len {
            return Err(Error::OutOfRange { what: "row", index: rows.end, len });
        }
        let start = (rows.start * self.steps.0).min(self.values.len()); // past the end where there are no columns
        Ok(Self { values: &self.values[start..], shape: (rows.len(), self.shape.1), steps: self.steps })
    }

    /// Some of the columns.
    pub fn columns(self, columns: Range<usize>) -> Result<Self, Error> {
        Ok(self.t().rows(columns)?.t())
    }
}

/// `into = a b`, or `into += a b` where it `adds`, on this thread.
///
/// # Shapes
/// - `a`: `[m, k]`, `b`: `[k, n]`, `into`: `[m, n]`
pub fn product(into: &mut [f32], a: Matrix<'_>, b: Matrix<'_>, adds: bool) -> Result<(), Error> {
    let ((m, k), n) = (a.shape, b.shape.1);
    check_len("rows of the second matrix", k, b.shape.0)?;
    check_len("product", m.saturating_mul(n), into.len())?;
    let step = |step: usize| step as isize;
    // SAFETY: `Matrix` has all its elements within its slice, by its constructors; `into` has m n values, and nothing else sees it.
    unsafe {
        gemm::gemm(
            m,
            n,
            k,
            into.as_mut_ptr(),
            1,
            step(n),
            adds,
            a.values.as_ptr(),
            step(a.steps.1),
            step(a.steps.0),
            b.values.as_ptr(),
            step(b.steps.1),
            step(b.steps.0),
            1.0,
            1.0,
            false,
            false,
            false,
            Parallelism::None,
        );
    }
    Ok(())
}
