//! The frozen readout `A = s Q`, laid out for the kernels.

use crate::error::{Error, check_len};
use crate::padded::Padded;
use crate::padded_units;

/// The frozen readout `A = s Q`, `[classes, units]`: integers of 8 bits, and what a step is worth.
#[derive(Clone, Debug, PartialEq)]
pub struct Readout {
    /// Q as f32, padded with zeros: `[units]` if it is one-hot, else `[classes, units]`
    weights: Padded,
    classes: usize,
    is_one_hot: bool,
    scale: f32,
}

impl Readout {
    /// A readout whose unit `i` feeds class `i % classes` with `signs[i]`, −1, 0 or 1, times `scale`: a tenth of the
    /// arithmetic of a dense readout of ten classes.
    pub fn one_hot(signs: &[i8], classes: usize, scale: f32) -> Result<Self, Error> {
        check_classes(classes)?;
        if let Some(index) = signs.iter().position(|sign| !(-1..=1).contains(sign)) {
            return Err(Error::OutOfRange { what: "sign of unit", index, len: signs.len() });
        }
        let mut weights = Padded::zeroed(signs.len());
        weights.iter_mut().zip(signs).for_each(|(to, &sign)| *to = sign.into());
        Ok(Self { weights, classes, is_one_hot: true, scale })
    }

    /// A dense readout: Q `[classes, units]`, times `scale`.
    pub fn dense(q: &[i8], classes: usize, units: usize, scale: f32) -> Result<Self, Error> {
        check_classes(classes)?;
        check_len("readout", classes * units, q.len())?;
        let stride = padded_units(units);
        let mut weights = Padded::rows(classes, stride);
        for (to, from) in weights.chunks_exact_mut(stride).zip(q.chunks_exact(units.max(1))) {
            to.iter_mut().zip(from).for_each(|(to, &q)| *to = q.into());
        }
        Ok(Self { weights, classes, is_one_hot: false, scale })
    }

    /// The readout of some units, in the order of `slots`; an empty slot feeds no class. Where each unit feeds one class, its
    /// slot must be of that class: `slot % classes == unit % classes`.
    ///
    /// # Panics
    /// When a unit is out of range.
    #[must_use]
    pub fn of_units(&self, slots: &[Option<usize>]) -> Self {
        let stride = padded_units(slots.len());
        let mut weights = Padded::rows(self.weights.len() / self.stride(), stride);
        for (to, from) in weights.chunks_exact_mut(stride).zip(self.weights.chunks_exact(self.stride())) {
            to.iter_mut().zip(slots).for_each(|(to, slot)| *to = slot.map_or(0.0, |unit| from[unit]));
        }
        Self { weights, ..*self }
    }

    /// Number of classes.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// Whether unit `i` feeds class `i % classes` alone.
    pub fn is_one_hot(&self) -> bool {
        self.is_one_hot
    }

    /// Bytes of the weights, padding counted.
    pub fn bytes(&self) -> usize {
        size_of_val(&*self.weights)
    }

    /// Q, padded.
    pub(crate) fn weights(&self) -> &[f32] {
        &self.weights
    }

    /// s
    pub(crate) fn scale(&self) -> f32 {
        self.scale
    }

    /// Units, padding counted.
    pub(crate) fn stride(&self) -> usize {
        if self.is_one_hot { self.weights.len() } else { self.weights.len() / self.classes }
    }
}

fn check_classes(classes: usize) -> Result<(), Error> {
    const MAX: usize = 1 << 16;
    if (1..=MAX).contains(&classes) {
        Ok(())
    } else {
        Err(Error::OutOfRange { what: "number of classes", index: classes, len: MAX })
    }
}
