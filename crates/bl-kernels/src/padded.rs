//! One number for each unit, laid out for the kernels.

use std::ops::{Deref, DerefMut};

use crate::padded_units;

/// f32 values in one cache line: a vector that lies across two takes twice as long to load.
const LINE: usize = 16;

#[repr(C, align(64))]
#[derive(Clone, Copy, Debug, PartialEq)]
struct Line([f32; LINE]);

/// Values of units (biases, gains), padded with zeros to [`padded_units`] and aligned to cache lines.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Padded(Vec<Line>);

impl Padded {
    /// Zeros for `units` units.
    pub fn zeroed(units: usize) -> Self {
        Self::rows(1, padded_units(units))
    }

    /// `[rows, stride]` zeros; `stride` is padded already.
    pub(crate) fn rows(rows: usize, stride: usize) -> Self {
        Self(vec![Line([0.0; LINE]); (rows * stride).div_ceil(LINE)])
    }
}

impl From<&[f32]> for Padded {
    fn from(values: &[f32]) -> Self {
        let mut padded = Self::zeroed(values.len());
        padded[..values.len()].copy_from_slice(values);
        padded
    }
}

impl Deref for Padded {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        // SAFETY: a `Line` is `LINE` values and nothing else.
        unsafe { std::slice::from_raw_parts(self.0.as_ptr().cast(), self.0.len() * LINE) }
    }
}

impl DerefMut for Padded {
    fn deref_mut(&mut self) -> &mut [f32] {
        // SAFETY: as above.
        unsafe { std::slice::from_raw_parts_mut(self.0.as_mut_ptr().cast(), self.0.len() * LINE) }
    }
}
