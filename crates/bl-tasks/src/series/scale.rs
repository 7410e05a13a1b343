//! Units in which a network sees a series.

use super::Fault;

/// `(x − offset) / unit`, and back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// What becomes 0.
    pub offset: f64,
    /// What becomes 1 above it.
    pub unit: f64,
}

impl Scale {
    /// Mean 0 and standard deviation 1 (divided by n) over `values`, which should be those that are
    /// learned from: held-out samples must not leak into the scale.
    pub fn standard(values: &[f64]) -> Result<Self, Fault> {
        let (offset, variance) = mean_and_variance(values)?;
        Ok(Self { offset, unit: variance.sqrt() })
    }

    /// The lowest of `values` becomes −1 and the highest 1.
    pub fn to_unit_range(values: &[f64]) -> Result<Self, Fault> {
        mean_and_variance(values)?;
        let (low, high) = ends(values);
        Ok(Self { offset: f64::midpoint(low, high), unit: (high - low) / 2.0 })
    }

    /// Into the network's units.
    pub fn apply(&self, x: f64) -> f64 {
        (x - self.offset) / self.unit
    }

    /// Back into the units of the series.
    pub fn invert(&self, x: f64) -> f64 {
        x * self.unit + self.offset
    }

    /// [`apply`](Self::apply) to each.
    pub fn apply_all(&self, values: &[f64]) -> Vec<f64> {
        values.iter().map(|&x| self.apply(x)).collect()
    }
}

/// Mean and variance (divided by n) of values that vary.
pub(crate) fn mean_and_variance(values: &[f64]) -> Result<(f64, f64), Fault> {
    let n = values.len() as f64;
    let &first = values.first().ok_or(Fault::Empty)?;
    let (low, high) = ends(values);
    if low >= high {
        return Err(Fault::Constant { value: first });
    }
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n;
    if variance.is_finite() && variance > 0.0 {
        Ok((mean, variance))
    } else {
        Err(Fault::Deviation { found: variance.sqrt() })
    }
}

/// The lowest and the highest value.
pub(crate) fn ends(values: &[f64]) -> (f64, f64) {
    let start = (f64::INFINITY, f64::NEG_INFINITY);
    values.iter().fold(start, |(low, high), &x| (low.min(x), high.max(x)))
}
