//! What the hidden units of an adapter do on images: mean and variance of each one's activation.

use bl_core::{Adapter, Backbone, Mlp, Preactivations, Prepared};
use half::f16;
use half::slice::HalfFloatSliceExt;
use rayon::prelude::*;

use crate::error::Error;

/// Images that one thread takes at a time; partial results are merged in order, so that threads change no bit.
const CHUNK: usize = 500;

/// What is wrong with numbers of units.
#[derive(Debug, PartialEq, thiserror::Error)]
#[expect(missing_docs, reason = "the message of each variant says what it is")]
pub enum ActivityError {
    #[error("expected at least one entry, found none: samples")]
    Empty,
    #[error("{what}: expected {expected}, found {found}")]
    Length { what: &'static str, expected: usize, found: usize },
    #[error("activations of a sample: expected finite numbers, found {value} at index {index}")]
    NotFinite { index: usize, value: f32 },
}

/// Mean and population variance of every unit, one sample at a time.
///
/// Welford's recurrence, in f64: with the `n`-th sample `x`,
/// `δ = x − m`, `m ← m + δ/n`, `s ← s + δ (x − m)`, and the variance is `s/n`. Nothing large is
/// subtracted from anything large, so a unit that hovers around 10⁴ loses no digits.
#[derive(Clone, Debug, PartialEq)]
pub struct UnitVariance {
    samples: u64,
    means: Vec<f64>,
    squares: Vec<f64>,
}

impl UnitVariance {
    /// Of `units` units, before the first sample.
    pub fn new(units: usize) -> Self {
        Self { samples: 0, means: vec![0.0; units], squares: vec![0.0; units] }
    }

    /// Takes in one sample: the activation of every unit.
    ///
    /// # Shapes
    /// - `activations`: `[units]`
    pub fn add(&mut self, activations: &[f32]) -> Result<(), ActivityError> {
        self.check_length("activations of a sample", activations.len())?;
        if let Some(index) = activations.iter().position(|x| !x.is_finite()) {
            return Err(ActivityError::NotFinite { index, value: activations[index] });
        }
        self.samples += 1;
        let share = 1.0 / self.samples as f64;
        for ((mean, squares), &x) in self.means.iter_mut().zip(&mut self.squares).zip(activations) {
            let x = f64::from(x);
            let delta = x - *mean;
            *mean += delta * share;
            *squares += delta * (x - *mean);
        }
        Ok(())
    }

    /// Takes in the samples of another chunk (Chan, Golub and LeVeque 1979):
    /// `s ← s₁ + s₂ + δ² n₁n₂/n` with `δ = m₂ − m₁`.
    ///
    /// Chunks that are always merged in the same order give the same bits, whichever thread made them.
    pub fn merge(&mut self, other: &Self) -> Result<(), ActivityError> {
        self.check_length("units of the other chunk", other.means.len())?;
        let samples = self.samples + other.samples;
        if other.samples == 0 {
            return Ok(());
        }
        let share = other.samples as f64 / samples as f64; // n₂/n
        let weight = self.samples as f64 * share; // n₁n₂/n
        let pairs = other.means.iter().zip(&other.squares);
        for ((mean, squares), (other_mean, other_squares)) in
            self.means.iter_mut().zip(&mut self.squares).zip(pairs)
        {
            let delta = other_mean - *mean;
            *mean += delta * share;
            *squares += other_squares + delta * delta * weight;
        }
        self.samples = samples;
        Ok(())
    }

    /// Takes in the activations `φ(p + b)` of the first `rows` images of `p` under an adapter; 0 of units that a mask turns
    /// OFF.
    pub fn add_rows(
        &mut self,
        mlp: &Mlp,
        adapter: &Prepared,
        p: &Preactivations,
        rows: usize,
    ) -> Result<(), ActivityError> {
        let half = adapter.kernel_args(mlp);
        let rows: Vec<usize> = (0..rows).collect();
        let parts = rows
            .par_chunks(CHUNK)
            .map(|rows| {
                let mut part = Self::new(p.units());
                let mut h = vec![0.0_f32; p.units()];
                for &row in rows {
                    bits(p.row(row)).convert_to_f32_slice(&mut h);
                    for (h, c) in h.iter_mut().zip(half.bias) {
                        *h = (*h + c).max(0.0) * half.scale;
                    }
                    part.add(&h)?;
                }
                Ok(part)
            })
            .collect::<Result<Vec<_>, ActivityError>>()?;
        parts.iter().try_for_each(|part| self.merge(part))
    }

    /// Number of samples so far.
    pub fn samples(&self) -> u64 {
        self.samples
    }

    /// Mean activation of every unit.
    pub fn means(&self) -> Result<&[f64], ActivityError> {
        if self.samples == 0 { Err(ActivityError::Empty) } else { Ok(&self.means) }
    }

    /// Population variance of every unit: the sum of squares over n, as NumPy's `var`.
    pub fn variances(&self) -> Result<Vec<f64>, ActivityError> {
        if self.samples == 0 {
            return Err(ActivityError::Empty);
        }
        Ok(self.squares.iter().map(|squares| squares / self.samples as f64).collect())
    }

    fn check_length(&self, what: &'static str, found: usize) -> Result<(), ActivityError> {
        let expected = self.means.len();
        if expected == found { Ok(()) } else { Err(ActivityError::Length { what, expected, found }) }
    }
}

/// Mean and variance of each unit's activation `φ(p + b)` over images, as many as there are: only some of their p are held
/// at a time. A mean of 0 is that of a unit that no image turns on.
///
/// # Shapes
/// - `images`: `[count, inputs]`
pub fn unit_activity(backbone: &Backbone, adapter: &Adapter, images: &[u8]) -> Result<UnitVariance, Error> {
    const TOGETHER: usize = 4 * CHUNK;
    let half = backbone.prepare(adapter)?;
    let (mlp, prepared) = backbone.with(&half).mlp()?;
    let (units, inputs) = (mlp.units(), mlp.inputs());
    let mut p =
        Preactivations::zeroed(TOGETHER.min(images.len() / inputs), units).map_err(bl_core::Error::from)?;
    let mut all = UnitVariance::new(units);
    for images in images.chunks(TOGETHER * inputs) {
        mlp.preactivations_into(images, &mut p, 0)?;
        all.add_rows(mlp, prepared, &p, images.len() / inputs)?;
    }
    Ok(all)
}

fn bits(row: &[u16]) -> Vec<f16> {
    row.iter().map(|&bits| f16::from_bits(bits)).collect()
}
