//! The adapter half `y = A φ(p + b)` over cached pre-activations, and its gradient with respect to b:
//!
//! ```text
//! db_i = Σ_n 1[p_ni + b_i > 0] · (Aᵀ δ_n)_i         δ_n the gradient of the loss at sample n's logits
//! ```
//!
//! `δ_n` depends on sample n alone, so a few rows go forward and straight back while they are still in
//! the cache: pre-activations are read from memory once per epoch.

use rayon::prelude::*;

use crate::error::{Error, check_len};
use crate::isa::Isa;
use crate::preactivations::Preactivations;
use crate::readout::Readout;
use crate::simd::{Kernel, Simd};
use crate::softmax::cross_entropy;
use crate::{dense, one_hot};

/// A batch is always cut into this many parts, each with a gradient of its own, added up in order: the
/// sum is the same whatever the number of threads.
const PARTS: usize = 16;

/// Bytes of pre-activations that go forward and back together: they stay in a core's own cache.
const TILE_BYTES: usize = 512 << 10;

/// What an adapter adds to the frozen half: `y = gain · A φ(p + bias)`.
#[derive(Clone, Copy)]
pub struct AdapterHalf<'a> {
    /// `[stride]`, padded with zeros ([`crate::padded_units`])
    pub bias: &'a [f32],
    /// A
    pub readout: &'a Readout,
    /// A factor on all logits, 1 unless the inputs' standardisation was folded into the biases.
    pub gain: f32,
}

/// Class scores of the rows in `rows`.
///
/// # Shapes
/// - `out`: `[rows.len(), classes]`
pub fn logits(
    isa: Isa,
    p: &Preactivations,
    rows: &[u32],
    half: &AdapterHalf<'_>,
    out: &mut [f32],
) -> Result<(), Error> {
    let AdapterHalf { bias, readout, gain } = *half;
    check_shapes(p, bias, readout)?;
    if let Some(&row) = rows.iter().find(|&&row| row as usize >= p.rows()) {
        return Err(Error::OutOfRange { what: "row", index: row as usize, len: p.rows() });
    }
    check_len("logits", rows.len() * readout.classes(), out.len())?;
    let tile = tile_rows(p.stride());
    rows.par_chunks(tile).zip(out.par_chunks_mut(tile * readout.classes())).for_each(|(rows, out)| {
        isa.run(Forward { half: Half { p, bias, readout }, rows, out: &mut *out });
        for y in out {
            *y *= gain;
        }
    });
    Ok(())
}

/// Loss of a batch, summed over its rows, and how many of them were right.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct BatchLoss {
    /// Sum of the cross-entropies.
    pub sum: f64,
    /// Rows whose highest logit is their label's (the first one among equals).
    pub correct: usize,
}

/// The gradient of a batch's mean loss with respect to the biases, and the room to compute it in.
pub struct Gradient {
    parts: Vec<f32>, // [PARTS, stride]
    total: Vec<f32>, // [stride]
    units: usize,
}

impl Gradient {
    /// Room for the gradient of `units` biases.
    pub fn new(units: usize) -> Self {
        let stride = crate::padded_units(units);
        Self { parts: vec![0.0; PARTS * stride], total: vec![0.0; stride], units }
    }

    /// `[units]`
    pub fn bias(&self) -> &[f32] {
        &self.total[..self.units]
    }

    fn add_up(&mut self) {
        const CHUNK: usize = 2048;
        let (stride, parts) = (self.total.len(), &self.parts);
        self.total.par_chunks_mut(CHUNK).enumerate().for_each(|(chunk, total)| {
            let start = chunk * CHUNK;
            total.copy_from_slice(&parts[start..start + total.len()]);
            for part in parts.chunks_exact(stride).skip(1) {
                total.iter_mut().zip(&part[start..]).for_each(|(sum, x)| *sum += x);
            }
        });
    }
}

/// Cross-entropy of a batch and the gradient of its mean with respect to `half.bias`.
///
/// # Shapes
/// - `rows`: the batch, as row numbers of `p`; must not be empty
/// - `labels`: `[p.rows()]`
pub fn loss_and_gradient(
    isa: Isa,
    p: &Preactivations,
    rows: &[u32],
    labels: &[u8],
    half: &AdapterHalf<'_>,
    gradient: &mut Gradient,
) -> Result<BatchLoss, Error> {
    let AdapterHalf { bias, readout, gain } = *half;
    check_shapes(p, bias, readout)?;
    check_len("labels", p.rows(), labels.len())?;
    check_len("gradient", p.stride(), gradient.total.len())?;
    check_len("gradient", p.units(), gradient.units)?;
    if rows.is_empty() {
        return Err(Error::Length { what: "rows of a batch", expected: 1, found: 0 });
    }
    for &row in rows {
        let row = row as usize;
        let label = *labels.get(row).ok_or(Error::OutOfRange { what: "row", index: row, len: p.rows() })?;
        if usize::from(label) >= readout.classes() {
            return Err(Error::OutOfRange { what: "label", index: label.into(), len: readout.classes() });
        }
    }
    let half = Half { p, bias, readout };
    let part_rows = rows.len().div_ceil(PARTS);
    let used = rows.len().div_ceil(part_rows);
    gradient.parts[used * p.stride()..].fill(0.0);
    let losses: Vec<BatchLoss> = gradient
        .parts
        .par_chunks_exact_mut(p.stride())
        .zip(rows.par_chunks(part_rows))
        .map(|(gradient, part)| {
            gradient.fill(0.0);
            let batch = rows.len() as f32;
            isa.run(ForwardBackward { half, rows: part, labels, gain, batch, gradient })
        })
        .collect();
    gradient.add_up();
    Ok(losses.into_iter().fold(BatchLoss::default(), |all, part| BatchLoss {
        sum: all.sum + part.sum,
        correct: all.correct + part.correct,
    }))
}

fn check_shapes(p: &Preactivations, bias: &[f32], readout: &Readout) -> Result<(), Error> {
    check_len("bias", p.stride(), bias.len())?;
    check_len("readout", p.stride(), readout.stride())
}

/// Rows that go forward and back together.
fn tile_rows(stride: usize) -> usize {
    (TILE_BYTES / (stride * size_of::<u16>())).clamp(4, 32) / 4 * 4
}

/// What both directions read; lengths agree ([`check_shapes`]).
#[derive(Clone, Copy)]
struct Half<'a> {
    p: &'a Preactivations,
    bias: &'a [f32],
    readout: &'a Readout,
}

impl Half<'_> {
    /// Pointers to the rows' pre-activations, `stride` values each.
    fn pointers(&self, rows: &[u32]) -> Vec<*const u16> {
        let stride = self.p.stride();
        rows.iter().map(|&row| self.p.data()[row as usize * stride..][..stride].as_ptr()).collect()
    }

    /// # Safety
    /// As [`Kernel::run`]. `p` points to rows of `stride` values; `out` is `[p.len(), classes]`.
    #[inline(always)]
    unsafe fn forward<S: Simd>(&self, p: &[*const u16], out: &mut [f32]) {
        // SAFETY: handed on; the readout's own lengths were checked when it was made.
        unsafe {
            match self.readout {
                Readout::OneHot { weights, classes } => {
                    one_hot::forward::<S>(p, self.bias, weights, *classes, out);
                }
                Readout::Dense { weights, classes } => {
                    dense::forward::<S>(p, self.bias, weights, *classes, out);
                }
            }
        }
    }

    /// # Safety
    /// As [`Self::forward`]; `delta` is `[p.len(), classes]`, `gradient` `[stride]`.
    #[inline(always)]
    unsafe fn backward<S: Simd>(&self, p: &[*const u16], delta: &[f32], gradient: &mut [f32]) {
        // SAFETY: as above.
        unsafe {
            match self.readout {
                Readout::OneHot { weights, classes } => {
                    one_hot::backward::<S>(p, self.bias, weights, *classes, delta, gradient);
                }
                Readout::Dense { weights, classes } => {
                    dense::backward::<S>(p, self.bias, weights, *classes, delta, gradient);
                }
            }
        }
    }
}

struct Forward<'a> {
    half: Half<'a>,
    rows: &'a [u32],
    out: &'a mut [f32],
}

impl Kernel for Forward<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let p = self.half.pointers(self.rows);
        // SAFETY: the CPU has S; pointers are to whole rows; `logits` checked the lengths.
        unsafe { self.half.forward::<S>(&p, self.out) }
    }
}

struct ForwardBackward<'a> {
    half: Half<'a>,
    rows: &'a [u32],
    labels: &'a [u8],
    gain: f32,
    batch: f32,
    gradient: &'a mut [f32],
}

impl Kernel for ForwardBackward<'_> {
    type Output = BatchLoss;

    #[inline(always)]
    unsafe fn run<S: Simd>(self) -> BatchLoss {
        let classes = self.half.readout.classes();
        let tile = tile_rows(self.half.p.stride());
        let mut scores = vec![0.0; tile * classes];
        let mut loss = BatchLoss::default();
        let scale = self.gain / self.batch;
        for rows in self.rows.chunks(tile) {
            let p = self.half.pointers(rows);
            let scores = &mut scores[..rows.len() * classes];
            // SAFETY: the CPU has S; pointers are to whole rows; `loss_and_gradient` checked the lengths.
            unsafe { self.half.forward::<S>(&p, scores) };
            for (scores, &row) in scores.chunks_exact_mut(classes).zip(rows) {
                let label = usize::from(self.labels[row as usize]);
                for y in scores.iter_mut() {
                    *y *= self.gain;
                }
                loss.correct += usize::from(argmax(scores) == label);
                loss.sum += f64::from(cross_entropy(scores, label, scale)); // scores are δ now
            }
            // SAFETY: as above.
            unsafe { self.half.backward::<S>(&p, scores, self.gradient) };
        }
        loss
    }
}

fn argmax(scores: &[f32]) -> usize {
    let mut best = 0;
    for (class, score) in scores.iter().enumerate() {
        if *score > scores[best] {
            best = class;
        }
    }
    best
}
