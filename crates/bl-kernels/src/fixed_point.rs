//! Vectors of 16-bit fixed-point numbers, each with one scale: what a lattice matrix can multiply exactly.

/// The largest magnitude that a value is rounded to.
const LARGEST: f32 = i16::MAX as f32;

/// A vector whose largest magnitude is below 2^−110 counts as zero: its scale, or the inverse of it, would leave
/// the range of normal f32.
const NEGLIGIBLE: f32 = f32::from_bits((127 - 110) << 23);

/// Added to a number below 2^22 in magnitude, it leaves the nearest integer (ties to even) in the low bits.
const ROUNDING: f32 = (3 << 22) as f32;

/// The row `v` of a batch as `u · s`: `s = max |v| / 32767` and `u = round(v / s)`, so `|v − u s| ≤ s / 2`, but for
/// the rounding of f32.
///
/// A zero row has `u = 0`, `s = 0`. A row with a value that is not finite has `u = 0`, `s = NaN`, so that all that
/// is computed from it is NaN.
pub(crate) struct FixedPoint {
    /// u, `[rows, stride]`
    pub(crate) values: Vec<i16>,
    /// s, `[rows]`
    pub(crate) scales: Vec<f32>,
}

impl FixedPoint {
    pub(crate) fn zero(rows: usize, stride: usize) -> Self {
        Self { values: vec![0; rows * stride], scales: vec![0.0; rows] }
    }

    /// Rounds `[rows, stride]` values. No operation depends on the instruction set or on the order it takes lanes in;
    /// inlined into a kernel, the two loops become its vector instructions.
    #[inline(always)]
    pub(crate) fn round(&mut self, rows: &[f32]) {
        let stride = self.values.len() / self.scales.len();
        assert!(rows.len() == self.values.len());
        let out = self.values.chunks_exact_mut(stride).zip(&mut self.scales);
        for (row, (values, scale)) in rows.chunks_exact(stride).zip(out) {
            // Magnitudes are in the order of their bits; infinity and NaN come last.
            let largest = row.iter().fold(0, |max, v| magnitude(*v).max(max));
            let largest = f32::from_bits(largest.cast_unsigned());
            let inverse = if largest >= NEGLIGIBLE && largest.is_finite() {
                *scale = largest / LARGEST;
                LARGEST / largest
            } else {
                *scale = if largest.is_finite() { 0.0 } else { f32::NAN };
                values.fill(0);
                continue;
            };
            for (value, v) in values.iter_mut().zip(row) {
                *value = (v * inverse + ROUNDING).to_bits() as i16;
            }
        }
    }
}

/// Signed, because baseline SSE2 compares only signed integers.
#[inline(always)]
fn magnitude(v: f32) -> i32 {
    v.abs().to_bits().cast_signed()
}

#[cfg(test)]
mod tests {
    use super::FixedPoint;

    fn round(row: &[f32]) -> (Vec<i16>, f32) {
        let mut fixed = FixedPoint::zero(1, row.len());
        fixed.round(row);
        (fixed.values, fixed.scales[0])
    }

    #[test]
    fn the_largest_value_takes_the_whole_range_and_ties_go_to_even() {
        let (values, scale) = round(&[32767.0, -32767.0, 0.5, 1.5, 2.5, -0.5, -1.5, 0.49]);
        assert_eq!(values, [32767, -32767, 0, 2, 2, 0, -2, 0]);
        assert_eq!(scale.to_bits(), 1.0_f32.to_bits());
    }

    #[test]
    fn no_largest_value_leaves_the_range() {
        for i in 0..10_000_u32 {
            let largest = f32::from_bits(0x3f80_0000 + i * 839);
            assert_eq!(round(&[largest, -largest]).0, [32767, -32767], "{largest}");
        }
    }

    #[test]
    fn what_is_zero_or_not_finite_says_so_in_the_scale() {
        assert_eq!(round(&[0.0, -0.0]), (vec![0, 0], 0.0));
        let (values, scale) = round(&[1.0, f32::NAN]);
        assert!(values == [0, 0] && scale.is_nan());
        assert!(round(&[f32::NEG_INFINITY, 1.0]).1.is_nan());
    }
}
