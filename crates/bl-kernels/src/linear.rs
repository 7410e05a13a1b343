//! A readout of real weights, `y = A v + c`, and the way back from it: training, evaluation and serving all compute it here.
//!
//! Plain loops, compiled for each instruction set. Every sum has one order, so the bits depend on none of them.

use crate::error::{Error, check_len};
use crate::isa::Isa;
use crate::simd::{Kernel, SUMS, Simd};

/// `y = A v + c`.
#[derive(Clone, Copy, Debug)]
pub struct Linear<'a> {
    weights: &'a [f32],
    added: &'a [f32],
    size: usize,
    outputs: usize,
    isa: Isa,
}

impl<'a> Linear<'a> {
    /// A readout of vectors of `size` values.
    ///
    /// # Shapes
    /// - `weights`: A, `[outputs, size]`
    /// - `added`: c, `[outputs]`, or empty for none
    pub fn new(isa: Isa, weights: &'a [f32], added: &'a [f32], size: usize) -> Result<Self, Error> {
        let size = size.max(1);
        let outputs = weights.len() / size;
        check_len("readout", (outputs * size).max(1), weights.len())?;
        check_len("added to the outputs", if added.is_empty() { 0 } else { outputs }, added.len())?;
        Ok(Self { weights, added, size, outputs, isa })
    }

    /// # Shapes
    /// - `vectors`: `[rows, size]`
    /// - returns: `[rows, outputs]`
    pub fn scores(&self, vectors: &[f32]) -> Result<Vec<f32>, Error> {
        let rows = vectors.len() / self.size;
        check_len("vectors", rows * self.size, vectors.len())?;
        let mut scores = vec![0.0; rows * self.outputs];
        self.isa.run(Scores { of: self, vectors, into: &mut scores });
        Ok(scores)
    }

    /// The gradient at the vectors, from that at the scores: `Aᵀ δ` of each row.
    ///
    /// # Shapes
    /// - `delta`: `[rows, outputs]`
    /// - returns: `[rows, size]`
    pub fn back(&self, delta: &[f32]) -> Result<Vec<f32>, Error> {
        let rows = delta.len() / self.outputs;
        check_len("gradient at the scores", rows * self.outputs, delta.len())?;
        let mut into = vec![0.0; rows * self.size];
        self.isa.run(Back { of: self, delta, into: &mut into });
        Ok(into)
    }

    /// The gradients at A and at c, from that at the scores.
    ///
    /// # Shapes
    /// - `delta`: `[rows, outputs]`, `vectors`: `[rows, size]`
    /// - `weights`: `[outputs, size]`, `added`: `[outputs]`
    pub fn gradient(
        &self,
        delta: &[f32],
        vectors: &[f32],
        weights: &mut [f32],
        added: &mut [f32],
    ) -> Result<(), Error> {
        let rows = vectors.len() / self.size;
        check_len("vectors", rows * self.size, vectors.len())?;
        check_len("gradient at the scores", rows * self.outputs, delta.len())?;
        check_len("gradient at the readout", self.weights.len(), weights.len())?;
        check_len("gradient at what is added", self.outputs, added.len())?;
        self.isa.run(Gradient { of: self, delta, vectors, weights, added });
        Ok(())
    }
}

struct Scores<'a> {
    of: &'a Linear<'a>,
    vectors: &'a [f32],
    into: &'a mut [f32],
}

impl Kernel for Scores<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let Linear { weights, added, size, outputs, .. } = *self.of;
        for (vector, into) in self.vectors.chunks_exact(size).zip(self.into.chunks_exact_mut(outputs)) {
            for (into, weights) in into.iter_mut().zip(weights.chunks_exact(size)) {
                *into = dot(weights, vector);
            }
            for (into, added) in into.iter_mut().zip(added) {
                *into += added;
            }
        }
    }
}

struct Back<'a> {
    of: &'a Linear<'a>,
    delta: &'a [f32],
    into: &'a mut [f32],
}

impl Kernel for Back<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let Linear { weights, size, outputs, .. } = *self.of;
        for (delta, into) in self.delta.chunks_exact(outputs).zip(self.into.chunks_exact_mut(size)) {
            for (&delta, weights) in delta.iter().zip(weights.chunks_exact(size)) {
                add_scaled(into, delta, weights);
            }
        }
    }
}

struct Gradient<'a> {
    of: &'a Linear<'a>,
    delta: &'a [f32],
    vectors: &'a [f32],
    weights: &'a mut [f32],
    added: &'a mut [f32],
}

impl Kernel for Gradient<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let Linear { size, outputs, .. } = *self.of;
        self.weights.fill(0.0);
        self.added.fill(0.0);
        for (output, (weights, added)) in self.weights.chunks_exact_mut(size).zip(self.added).enumerate() {
            for (delta, vector) in self.delta.chunks_exact(outputs).zip(self.vectors.chunks_exact(size)) {
                add_scaled(weights, delta[output], vector);
                *added += delta[output];
            }
        }
    }
}

/// The sum of `a b` in [`SUMS`] sums, value i in sum `i % SUMS`, which are added in order.
#[inline(always)]
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0; SUMS];
    let ((a, last_a), (b, last_b)) = (a.as_chunks::<SUMS>(), b.as_chunks::<SUMS>());
    for (a, b) in a.iter().zip(b) {
        for i in 0..SUMS {
            sums[i] += a[i] * b[i];
        }
    }
    for ((sum, a), b) in sums.iter_mut().zip(last_a).zip(last_b) {
        *sum += a * b;
    }
    sums.iter().sum()
}

/// `into += factor x`
#[inline(always)]
fn add_scaled(into: &mut [f32], factor: f32, x: &[f32]) {
    for (into, x) in into.iter_mut().zip(x) {
        *into += factor * x;
    }
}
