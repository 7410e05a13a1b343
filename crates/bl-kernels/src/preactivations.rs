//! The output of the frozen half, kept as f16.

use half::f16;

use crate::error::{Error, check_len};
use crate::padded_units;
use crate::pages::Pages;

/// Pre-activations `p = B x` of some inputs, `[rows, units]` in f16, rows padded for the kernels.
pub struct Preactivations {
    data: Pages,
    rows: usize,
    units: usize,
    stride: usize,
}

impl Preactivations {
    /// Room for `rows` inputs, all zero.
    pub fn zeroed(rows: usize, units: usize) -> Result<Self, Error> {
        let stride = padded_units(units);
        let data = Pages::zeroed(rows.saturating_mul(stride))?;
        Ok(Self { data, rows, units, stride })
    }

    /// Takes f32 values `[rows, units]`, rounded to the nearest f16.
    pub fn from_f32(values: &[f32], rows: usize, units: usize) -> Result<Self, Error> {
        check_len("pre-activations", rows * units, values.len())?;
        let mut all = Self::zeroed(rows, units)?;
        for (row, values) in values.chunks_exact(units.max(1)).enumerate() {
            for (half, &value) in all.row_mut(row).iter_mut().zip(values) {
                *half = f16::from_f32(value).to_bits();
            }
        }
        Ok(all)
    }

    /// Number of inputs.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of units, padding not counted.
    pub fn units(&self) -> usize {
        self.units
    }

    /// Length of a row in memory, padding counted: [`padded_units`] of the units.
    pub fn stride(&self) -> usize {
        self.stride
    }

    /// Bytes that `rows` inputs of `units` units take.
    pub fn bytes(rows: usize, units: usize) -> usize {
        rows.saturating_mul(padded_units(units)).saturating_mul(size_of::<u16>())
    }

    /// One input's pre-activations as f16 bits, without padding.
    ///
    /// # Panics
    /// When `row` is out of range.
    pub fn row(&self, row: usize) -> &[u16] {
        &self.data[row * self.stride..][..self.units]
    }

    /// One input's pre-activations, widened (exactly).
    ///
    /// # Panics
    /// When `row` is out of range.
    pub fn row_f32(&self, row: usize) -> Vec<f32> {
        self.row(row).iter().map(|&bits| f16::from_bits(bits).to_f32()).collect()
    }

    fn row_mut(&mut self, row: usize) -> &mut [u16] {
        &mut self.data[row * self.stride..][..self.units]
    }

    /// The whole buffer `[rows, stride]`.
    pub(crate) fn data(&self) -> &[u16] {
        &self.data
    }

    /// The rows from `first` on, `[count, stride]`.
    pub(crate) fn rows_mut(&mut self, first: usize, count: usize) -> Result<&mut [u16], Error> {
        let end = first.checked_add(count).filter(|&end| end <= self.rows).ok_or(Error::OutOfRange {
            what: "row",
            index: first.saturating_add(count),
            len: self.rows,
        })?;
        Ok(&mut self.data[first * self.stride..end * self.stride])
    }
}
