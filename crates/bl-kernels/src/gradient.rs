//! The gradient of a batch's mean loss with respect to numbers of the units.

use crate::adapter_half::AdapterHalf;
use crate::padded::Padded;
use crate::{padded_units, parallel};

/// A batch is always cut into this many parts, each with sums of its own that are added up in order: the
/// gradient is the same whatever the number of threads.
pub(crate) const PARTS: usize = 16;

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
    parts: Padded, // [PARTS, sums, stride]
    used: usize,   // of the parts
    total: Padded, // [sums, stride]
    units: usize,
}

impl Gradient {
    /// Buffers for the gradients of `units` units.
    pub fn new(wrt: Wrt, units: usize) -> Self {
        let stride = padded_units(units);
        let parts = Padded::rows(PARTS * wrt.sums(), stride);
        Self { wrt, parts, used: 0, total: Padded::rows(wrt.sums(), stride), units }
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

    pub(crate) fn wrt(&self) -> Wrt {
        self.wrt
    }

    pub(crate) fn units(&self) -> usize {
        self.units
    }

    pub(crate) fn stride(&self) -> usize {
        self.total.len() / self.wrt.sums()
    }

    /// The first `used` parts, and the length of each.
    pub(crate) fn parts(&mut self, used: usize) -> (&mut [f32], usize) {
        self.used = used;
        let len = self.total.len();
        (&mut self.parts[..used * len], len)
    }

    /// Adds the parts up and multiplies the sums with what does not depend on the row: with q where a unit feeds one class, and
    /// with m where a bias is behind it.
    pub(crate) fn add_up(&mut self, half: &AdapterHalf<'_>) {
        const CHUNK: usize = 2048;
        let (len, stride) = (self.total.len(), self.stride());
        let (parts, wrt) = (&self.parts[..self.used * len], self.wrt);
        let q = half.readout;
        for (i, total) in self.total.chunks_exact_mut(stride).enumerate() {
            let is_of_bias = i == 0 && wrt != Wrt::UnitGain;
            parallel::chunks_mut(total, CHUNK, |chunk, total| {
                let units = chunk * CHUNK..chunk * CHUNK + total.len();
                total.fill(0.0);
                for part in parts.chunks_exact(len) {
                    add(total, &part[i * stride..][units.clone()]);
                }
                if q.is_one_hot() {
                    multiply(total, &q.weights()[units.clone()]);
                }
                if is_of_bias && !half.gains.is_empty() {
                    multiply(total, &half.gains[units]);
                }
            });
        }
    }
}

fn add(to: &mut [f32], values: &[f32]) {
    to.iter_mut().zip(values).for_each(|(to, x)| *to += x);
}

fn multiply(to: &mut [f32], values: &[f32]) {
    to.iter_mut().zip(values).for_each(|(to, x)| *to *= x);
}
