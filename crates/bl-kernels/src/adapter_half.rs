//! The adapter half `y = A (m ∘ φ(p + b))` over cached pre-activations, and its gradient with respect to the
//! biases b and the units' gains m (all 1 where only biases are learned):
//!
//! ```text
//! db_i = m_i Σ_n 1[p_ni + b_i > 0] · (Aᵀ δ_n)_i     δ_n the gradient of the loss at sample n's logits
//! dm_i =     Σ_n φ(p_ni + b_i)     · (Aᵀ δ_n)_i
//! ```
//!
//! `δ_n` depends on sample n alone, so a few rows go forward and straight back while they are still in
//! the cache: pre-activations are read from memory once per epoch.

use crate::error::{Error, check_len};
use crate::isa::Isa;
use crate::preactivations::Preactivations;
use crate::readout::Readout;
use crate::simd::{Derivative, Kernel, OfBias, OfGain, Simd};
use crate::softmax::{argmax, cross_entropy};
use crate::{dense, one_hot, parallel};

/// A batch is always cut into this many parts, each with a gradient of its own, added up in order: the
/// sum is the same whatever the number of threads.
const PARTS: usize = 16;

/// Bytes of pre-activations that go forward and back together: they stay in a core's own cache.
const TILE_BYTES: usize = 512 << 10;

/// What an adapter adds to the frozen half: `y = scale · A (m ∘ φ(p + bias))`.
#[derive(Clone, Copy)]
pub struct AdapterHalf<'a> {
    /// `[stride]`, padded with zeros ([`crate::padded_units`])
    pub bias: &'a [f32],
    /// `A diag(m)`: the frozen readout, or what [`Readout::scale_units`] made of it
    pub readout: &'a Readout,
    /// A, that gradients with respect to m go back through; the same as `readout` where units have no gains
    pub frozen: &'a Readout,
    /// A factor on all logits, 1 unless the inputs' standardisation was folded into the biases.
    pub scale: f32,
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
    check_shapes(p, half)?;
    let classes = half.readout.classes();
    if let Some(&row) = rows.iter().find(|&&row| row as usize >= p.rows()) {
        return Err(Error::OutOfRange { what: "row", index: row as usize, len: p.rows() });
    }
    check_len("logits", rows.len() * classes, out.len())?;
    let tile = tile_rows(p.stride());
    parallel::chunks_mut(out, tile * classes, |i, out| {
        let rows = &rows[i * tile..][..out.len() / classes];
        isa.run(Forward { half: Half { p, half }, rows, out: &mut *out });
        for y in out {
            *y *= half.scale;
        }
    });
    Ok(())
}

/// Loss of a batch, summed over its rows, and how many of them were classified correctly.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct BatchLoss {
    /// Sum of the cross-entropies.
    pub sum: f64,
    /// Rows whose highest logit is their label's (the first one among equals).
    pub correct: usize,
}

/// What a gradient is taken with respect to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrt {
    /// The units' biases b.
    Bias,
    /// The units' gains m.
    UnitGain,
    /// Both.
    Both,
}

impl Wrt {
    fn sums(self) -> usize {
        if self == Self::Both { 2 } else { 1 }
    }
}

/// The gradient of a batch's mean loss, and the buffers to compute it in.
pub struct Gradient {
    wrt: Wrt,
    parts: Vec<f32>, // [PARTS, sums, stride]
    total: Vec<f32>, // [sums, stride]
    units: usize,
}

impl Gradient {
    /// Buffers for the gradients of `units` units.
    pub fn new(wrt: Wrt, units: usize) -> Self {
        let len = wrt.sums() * crate::padded_units(units);
        Self { wrt, parts: vec![0.0; PARTS * len], total: vec![0.0; len], units }
    }

    /// `[units]`, empty if biases are not learned.
    pub fn bias(&self) -> &[f32] {
        if self.wrt == Wrt::UnitGain { &[] } else { &self.total[..self.units] }
    }

    /// `[units]`, empty if gains are not learned.
    pub fn unit_gain(&self) -> &[f32] {
        if self.wrt == Wrt::Bias {
            return &[];
        }
        let from = self.total.len() - self.stride();
        &self.total[from..from + self.units]
    }

    fn stride(&self) -> usize {
        self.total.len() / self.wrt.sums()
    }

    fn add_up(&mut self) {
        const CHUNK: usize = 2048;
        let (len, parts) = (self.total.len(), &self.parts);
        parallel::chunks_mut(&mut self.total, CHUNK, |chunk, total| {
            let start = chunk * CHUNK;
            total.copy_from_slice(&parts[start..start + total.len()]);
            for part in parts.chunks_exact(len).skip(1) {
                total.iter_mut().zip(&part[start..]).for_each(|(sum, x)| *sum += x);
            }
        });
    }
}

/// Cross-entropy of a batch and the gradient of its mean with respect to what `gradient` was made for.
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
    check_shapes(p, half)?;
    check_len("labels", p.rows(), labels.len())?;
    check_len("gradient", p.stride(), gradient.stride())?;
    check_len("gradient", p.units(), gradient.units)?;
    if rows.is_empty() {
        return Err(Error::Length { what: "rows of a batch", expected: 1, found: 0 });
    }
    let classes = half.readout.classes();
    for &row in rows {
        let row = row as usize;
        let label = *labels.get(row).ok_or(Error::OutOfRange { what: "row", index: row, len: p.rows() })?;
        if usize::from(label) >= classes {
            return Err(Error::OutOfRange { what: "label", index: label.into(), len: classes });
        }
    }
    let part_rows = rows.len().div_ceil(PARTS);
    let used = rows.len().div_ceil(part_rows);
    let (wrt, len) = (gradient.wrt, gradient.total.len());
    gradient.parts[used * len..].fill(0.0);
    let losses = parallel::chunks_mut(&mut gradient.parts[..used * len], len, |i, gradient| {
        gradient.fill(0.0);
        let part = &rows[i * part_rows..rows.len().min((i + 1) * part_rows)];
        let batch = rows.len() as f32;
        isa.run(ForwardBackward { half: Half { p, half }, rows: part, labels, batch, wrt, gradient })
    });
    gradient.add_up();
    Ok(losses.into_iter().fold(BatchLoss::default(), |all, part| BatchLoss {
        sum: all.sum + part.sum,
        correct: all.correct + part.correct,
    }))
}

fn check_shapes(p: &Preactivations, half: &AdapterHalf<'_>) -> Result<(), Error> {
    check_len("bias", p.stride(), half.bias.len())?;
    for readout in [half.readout, half.frozen] {
        check_len("readout", p.stride(), readout.stride())?;
    }
    check_len("classes of the frozen readout", half.readout.classes(), half.frozen.classes())
}

/// Rows that go forward and back together.
fn tile_rows(stride: usize) -> usize {
    (TILE_BYTES / (stride * size_of::<u16>())).clamp(4, 32) / 4 * 4
}

/// What both directions read; lengths agree ([`check_shapes`]).
#[derive(Clone, Copy)]
struct Half<'a> {
    p: &'a Preactivations,
    half: &'a AdapterHalf<'a>,
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
        let bias = self.half.bias;
        // SAFETY: lengths are the caller's; the readout's own lengths were checked when it was made.
        unsafe {
            match self.half.readout {
                Readout::OneHot { weights, classes } => {
                    one_hot::forward::<S>(p, bias, weights, *classes, out);
                }
                Readout::Dense { weights, classes } => {
                    dense::forward::<S>(p, bias, weights, *classes, out);
                }
            }
        }
    }

    /// Adds `D` times what comes back through `readout` to `sum`.
    ///
    /// # Safety
    /// As [`Self::forward`]; `delta` is `[p.len(), classes]`, `sum` `[stride]`.
    #[inline(always)]
    unsafe fn backward<S: Simd, D: Derivative>(
        &self,
        p: &[*const u16],
        readout: &Readout,
        delta: &[f32],
        sum: &mut [f32],
    ) {
        let bias = self.half.bias;
        // SAFETY: as above.
        unsafe {
            match readout {
                Readout::OneHot { weights, classes } => {
                    one_hot::backward::<S, D>(p, bias, weights, *classes, delta, sum);
                }
                Readout::Dense { weights, classes } => {
                    dense::backward::<S, D>(p, bias, weights, *classes, delta, sum);
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
    batch: f32,
    wrt: Wrt,
    gradient: &'a mut [f32],
}

impl Kernel for ForwardBackward<'_> {
    type Output = BatchLoss;

    #[inline(always)]
    unsafe fn run<S: Simd>(self) -> BatchLoss {
        let AdapterHalf { readout, frozen, scale, .. } = *self.half.half;
        let (classes, stride) = (readout.classes(), self.half.p.stride());
        let tile = tile_rows(stride);
        let mut scores = vec![0.0; tile * classes];
        let mut loss = BatchLoss::default();
        let biases = if self.wrt == Wrt::UnitGain { 0 } else { stride };
        let (of_bias, of_gain) = self.gradient.split_at_mut(biases); // what is not learned is empty
        for rows in self.rows.chunks(tile) {
            let p = self.half.pointers(rows);
            let scores = &mut scores[..rows.len() * classes];
            // SAFETY: the CPU has S; pointers are to whole rows; `loss_and_gradient` checked the lengths.
            unsafe { self.half.forward::<S>(&p, scores) };
            for (scores, &row) in scores.chunks_exact_mut(classes).zip(rows) {
                let label = usize::from(self.labels[row as usize]);
                for y in scores.iter_mut() {
                    *y *= scale;
                }
                loss.correct += usize::from(argmax(scores) == label);
                loss.sum += f64::from(cross_entropy(scores, label, scale / self.batch)); // scores are δ now
            }
            if !of_bias.is_empty() {
                // SAFETY: as above; the sum has a value for each unit.
                unsafe { self.half.backward::<S, OfBias>(&p, readout, scores, of_bias) };
            }
            if !of_gain.is_empty() {
                // SAFETY: as above.
                unsafe { self.half.backward::<S, OfGain>(&p, frozen, scores, of_gain) };
            }
        }
        loss
    }
}
