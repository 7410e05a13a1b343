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
use crate::gradient::{Gradient, PARTS, Wrt};
use crate::isa::Isa;
use crate::preactivations::Preactivations;
use crate::readout::Readout;
use crate::simd::{Kernel, Simd};
use crate::softmax::{argmax, cross_entropy, squared_error};
use crate::tile::Tile;
use crate::{dense, one_hot, parallel};

/// Rows that go forward and back together where the way back needs their gates alone.
const ROWS: usize = 32;

/// Bytes of pre-activations that go forward and back together where the way back reads them again: they stay in a core's
/// own cache. How rows are cut into tiles makes no difference to any sum.
const TILE_BYTES: usize = 512 << 10;

/// Runs the kernel that is compiled for the conditions at hand: each is a constant of it.
macro_rules! run {
    ($isa:expr, $kernel:ident $fields:tt, [$($constant:literal)*]) => {
        $isa.run(run!(@make $kernel $fields [$($constant)*]))
    };
    ($isa:expr, $kernel:ident $fields:tt, [$($constant:literal)*] $condition:expr $(, $rest:expr)*) => {
        if $condition {
            run!($isa, $kernel $fields, [$($constant)* true] $($rest),*)
        } else {
            run!($isa, $kernel $fields, [$($constant)* false] $($rest),*)
        }
    };
    (@make $kernel:ident { $($field:tt)* } [$($constant:literal)*]) => { $kernel::<$($constant),*> { $($field)* } };
}

/// What an adapter adds to the frozen half: `y = scale · A (m ∘ φ(p + bias))`.
#[derive(Clone, Copy)]
pub struct AdapterHalf<'a> {
    /// `[stride]`, padded with zeros ([`crate::padded_units`])
    pub bias: &'a [f32],
    /// m, `[stride]`, padded with zeros; empty for 1
    pub gains: &'a [f32],
    /// A
    pub readout: &'a Readout,
    /// A factor on all logits, 1 unless the inputs' standardisation was folded into the biases.
    pub scale: f32,
}

impl AdapterHalf<'_> {
    /// What sums over the integer weights of the readout are worth.
    fn step(&self) -> f32 {
        self.scale * self.readout.scale()
    }
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
        let (one_hot, gains) = (half.readout.is_one_hot(), !half.gains.is_empty());
        run!(isa, Forward { p, half, rows, out: &mut *out }, [] one_hot, gains);
        for y in out {
            *y *= half.step();
        }
    });
    Ok(())
}

/// What should come out for the rows of a batch.
#[derive(Clone, Copy, Debug)]
pub enum Targets<'a> {
    /// A class for each row of `p`, `[p.rows()]`: cross-entropy.
    Labels(&'a [u8]),
    /// Numbers for each row of the batch, in its order, `[rows.len(), outputs]`: squared error.
    Values(&'a [f32]),
}

impl Targets<'_> {
    /// Of the rows of a batch from `first` on.
    fn from(self, first: usize, outputs: usize) -> Self {
        match self {
            Self::Labels(labels) => Self::Labels(labels),
            Self::Values(values) => Self::Values(&values[first * outputs..]),
        }
    }
}

/// Loss of a batch, summed over its rows, and how many of them were classified correctly.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct BatchLoss {
    /// Sum of the cross-entropies, or of the squared errors.
    pub sum: f64,
    /// Rows whose highest logit is their label's (the first one among equals); 0 where there are no labels.
    pub correct: usize,
}

/// Cross-entropy of a batch, or its squared error, and the gradient of its mean with respect to what `gradient` was made for.
///
/// # Shapes
/// - `rows`: the batch, as row numbers of `p`; must not be empty
pub fn loss_and_gradient(
    isa: Isa,
    p: &Preactivations,
    rows: &[u32],
    targets: Targets<'_>,
    half: &AdapterHalf<'_>,
    gradient: &mut Gradient,
) -> Result<BatchLoss, Error> {
    check_shapes(p, half)?;
    check_len("gradient", p.stride(), gradient.stride())?;
    check_len("gradient", p.units(), gradient.units())?;
    if rows.is_empty() {
        return Err(Error::Length { what: "rows of a batch", expected: 1, found: 0 });
    }
    let classes = half.readout.classes();
    if let Some(&row) = rows.iter().find(|&&row| row as usize >= p.rows()) {
        return Err(Error::OutOfRange { what: "row", index: row as usize, len: p.rows() });
    }
    match targets {
        Targets::Labels(labels) => {
            check_len("labels", p.rows(), labels.len())?;
            let label = |row: &u32| usize::from(labels[*row as usize]);
            if let Some(index) = rows.iter().map(label).find(|label| *label >= classes) {
                return Err(Error::OutOfRange { what: "label", index, len: classes });
            }
        }
        Targets::Values(values) => check_len("targets", rows.len() * classes, values.len())?,
    }
    let part_rows = rows.len().div_ceil(PARTS);
    let (one_hot, gains, wrt) = (half.readout.is_one_hot(), !half.gains.is_empty(), gradient.wrt());
    let (parts, len) = gradient.parts(rows.len().div_ceil(part_rows));
    let losses = parallel::chunks_mut(parts, len, |i, sums| {
        let part = &rows[i * part_rows..rows.len().min((i + 1) * part_rows)];
        let batch = rows.len() as f32;
        let targets = targets.from(i * part_rows, classes);
        match wrt {
            Wrt::Bias => {
                run!(isa, ForwardBackward { p, half, rows: part, targets, batch, sums }, [true false] one_hot, gains)
            }
            Wrt::UnitGain => {
                run!(isa, ForwardBackward { p, half, rows: part, targets, batch, sums }, [false true] one_hot, gains)
            }
            Wrt::Both => {
                run!(isa, ForwardBackward { p, half, rows: part, targets, batch, sums }, [true true] one_hot, gains)
            }
        }
    });
    gradient.add_up(half);
    Ok(losses.into_iter().fold(BatchLoss::default(), |all, part| BatchLoss {
        sum: all.sum + part.sum,
        correct: all.correct + part.correct,
    }))
}

fn check_shapes(p: &Preactivations, half: &AdapterHalf<'_>) -> Result<(), Error> {
    check_len("bias", p.stride(), half.bias.len())?;
    if !half.gains.is_empty() {
        check_len("unit gains", p.stride(), half.gains.len())?;
    }
    check_len("readout", p.stride(), half.readout.stride())
}

/// Rows that go forward and back together.
fn tile_rows(stride: usize) -> usize {
    (TILE_BYTES / (stride * size_of::<u16>())).clamp(4, ROWS) / 4 * 4
}

/// Pointers to the rows' pre-activations, `stride` values each.
fn pointers(p: &Preactivations, rows: &[u32]) -> Vec<*const u16> {
    let stride = p.stride();
    rows.iter().map(|&row| p.data()[row as usize * stride..][..stride].as_ptr()).collect()
}

/// The first `rows` rows of `p`; lengths agree ([`check_shapes`]).
fn tile<'a>(half: &AdapterHalf<'a>, p: &'a [*const u16], rows: usize) -> Tile<'a> {
    let (weights, classes) = (half.readout.weights(), half.readout.classes());
    Tile { p, rows, bias: half.bias, gains: half.gains, weights, classes }
}

struct Forward<'a, const ONE_HOT: bool, const GAINS: bool> {
    p: &'a Preactivations,
    half: &'a AdapterHalf<'a>,
    rows: &'a [u32],
    out: &'a mut [f32],
}

impl<const ONE_HOT: bool, const GAINS: bool> Kernel for Forward<'_, ONE_HOT, GAINS> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let p = pointers(self.p, self.rows);
        // SAFETY: the CPU has S; pointers are to whole rows; `logits` checked the lengths.
        unsafe {
            forward::<S, ONE_HOT, GAINS, false, false>(&tile(self.half, &p, p.len()), &mut [], self.out);
        }
    }
}

/// # Safety
/// As [`Kernel::run`], for the tile.
#[inline(always)]
unsafe fn forward<S: Simd, const ONE_HOT: bool, const GAINS: bool, const GATES: bool, const AHEAD: bool>(
    tile: &Tile<'_>,
    gates: &mut [u8],
    out: &mut [f32],
) {
    // SAFETY: the caller's.
    unsafe {
        if ONE_HOT {
            one_hot::forward::<S, GAINS, GATES, AHEAD>(tile, gates, out);
        } else {
            dense::forward::<S, GAINS, GATES, AHEAD>(tile, gates, out);
        }
    }
}

struct ForwardBackward<'a, const OF_BIAS: bool, const OF_GAIN: bool, const ONE_HOT: bool, const GAINS: bool> {
    p: &'a Preactivations,
    half: &'a AdapterHalf<'a>,
    rows: &'a [u32],
    targets: Targets<'a>,
    batch: f32,
    /// Of the biases, then of the gains, as far as they are asked for: `[stride]` each
    sums: &'a mut [f32],
}

impl<const OF_BIAS: bool, const OF_GAIN: bool, const ONE_HOT: bool, const GAINS: bool> Kernel
    for ForwardBackward<'_, OF_BIAS, OF_GAIN, ONE_HOT, GAINS>
{
    type Output = BatchLoss;

    #[inline(always)]
    unsafe fn run<S: Simd>(self) -> BatchLoss {
        let may_keep_gates = !OF_GAIN && S::GATES_FROM < usize::MAX; // of a constant: the other way is not compiled
        // SAFETY: the caller's.
        unsafe {
            if may_keep_gates && self.p.stride() >= S::GATES_FROM {
                self.learn::<S, true>()
            } else {
                self.learn::<S, false>()
            }
        }
    }
}

impl<const OF_BIAS: bool, const OF_GAIN: bool, const ONE_HOT: bool, const GAINS: bool>
    ForwardBackward<'_, OF_BIAS, OF_GAIN, ONE_HOT, GAINS>
{
    /// # Safety
    /// As [`Kernel::run`].
    #[inline(always)]
    unsafe fn learn<S: Simd, const GATES: bool>(self) -> BatchLoss {
        let step = self.half.step();
        let (classes, stride) = (self.half.readout.classes(), self.p.stride());
        let together = if GATES { ROWS } else { tile_rows(stride) };
        let mut scores = vec![0.0; together * classes];
        let mut gates = vec![0; if GATES { together * stride / 8 } else { 0 }];
        let mut loss = BatchLoss::default();
        let (of_bias, of_gain) = self.sums.split_at_mut(if OF_BIAS { stride } else { 0 });
        let p = pointers(self.p, self.rows);
        for (first, rows) in (0..).step_by(together).zip(self.rows.chunks(together)) {
            let tile = &tile(self.half, &p[first..], rows.len());
            let scores = &mut scores[..rows.len() * classes];
            // SAFETY: the CPU has S; pointers are to whole rows; `loss_and_gradient` checked the lengths.
            unsafe { forward::<S, ONE_HOT, GAINS, GATES, true>(tile, &mut gates, scores) };
            let scale = step / self.batch;
            for (nth, (scores, &row)) in (first..).zip(scores.chunks_exact_mut(classes).zip(rows)) {
                for y in scores.iter_mut() {
                    *y *= step;
                }
                match self.targets {
                    Targets::Labels(labels) => {
                        let label = usize::from(labels[row as usize]);
                        loss.correct += usize::from(argmax(scores) == label);
                        loss.sum += f64::from(cross_entropy(scores, label, scale)); // scores are δ now
                    }
                    Targets::Values(values) => {
                        loss.sum += squared_error(scores, &values[nth * classes..][..classes], scale);
                    }
                }
            }
            let (gates, is_first) = (&gates, first == 0);
            // SAFETY: as above; sums that are asked for have a value for each unit.
            unsafe {
                if ONE_HOT {
                    one_hot::backward::<S, OF_BIAS, OF_GAIN, GATES>(
                        tile, gates, scores, is_first, of_bias, of_gain,
                    );
                } else {
                    dense::backward::<S, OF_BIAS, OF_GAIN, GATES>(
                        tile, gates, scores, is_first, of_bias, of_gain,
                    );
                }
            }
        }
        loss
    }
}
