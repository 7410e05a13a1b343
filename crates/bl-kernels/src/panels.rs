//! The product of a square lattice matrix with fixed-point vectors, in integers:
//!
//! ```text
//! out = s Σ_from q[to, from] u[from]
//! ```
//!
//! Up to 512 terms are summed exactly in i32; such sums are rounded to f32 and added in order, and the scale is
//! multiplied last. So the same vectors give the same bits on every instruction set.

use crate::fixed_point::FixedPoint;
use crate::simd::Simd;

/// Targets whose weights lie together: pairs of them fill a cache line.
const PANEL: usize = 32;

/// Terms of one integer sum: `512 · 128 · 32767 < 2^31`. The weights of a panel for as many fill half of a
/// first-level cache of 32 KiB.
const EXACT: usize = 512;

const _: () = assert!(crate::UNIT_BLOCK.is_multiple_of(PANEL) && EXACT.is_multiple_of(2));
const _: () = assert!((EXACT as i64) * (i8::MIN as i64).abs() * (i16::MAX as i64) <= i32::MAX as i64);

/// A square matrix of lattice values, `[panels, from / 2, PANEL, 2]`: the two weights of a target that one
/// instruction multiplies and adds lie side by side. A quarter of the bytes of f32.
pub(crate) struct Panels {
    data: Vec<i8>,
    /// Padded to pairs.
    from: usize,
    /// Of the vectors.
    stride: usize,
}

impl Panels {
    pub(crate) fn new(units: usize, stride: usize, value: impl Fn(usize, usize) -> i8) -> Self {
        let from = units.next_multiple_of(2);
        let mut data = vec![0; units.next_multiple_of(PANEL) * from];
        for (panel, weights) in data.chunks_exact_mut(from * PANEL).enumerate() {
            for (at, q) in weights.iter_mut().enumerate() {
                let (pair, lane) = (at / (2 * PANEL), at % (2 * PANEL));
                let (from, to) = (2 * pair + lane % 2, panel * PANEL + lane / 2);
                if from < units && to < units {
                    *q = value(from, to);
                }
            }
        }
        Self { data, from, stride }
    }

    /// `out[row] = Q v[row]`, as many rows at a time as registers allow. What lies beyond the last panel is left as it is.
    ///
    /// # Safety
    /// As [`crate::simd::Kernel::run`].
    ///
    /// # Shapes
    /// - `v`, `out`: `[rows, stride]`
    #[inline(always)]
    pub(crate) unsafe fn multiply<S: Simd>(&self, v: &FixedPoint, out: &mut [f32]) {
        let (rows, stride) = (v.scales.len(), self.stride);
        let targets = self.data.len() / self.from;
        assert!(v.values.len() == rows * stride && out.len() == rows * stride);
        assert!(self.from <= stride && targets <= stride);
        for (panel, weights) in self.data.chunks_exact(self.from * PANEL).enumerate() {
            // A part of a panel stays in the first-level cache while all rows pass it.
            for (part, weights) in weights.chunks(EXACT * PANEL).enumerate() {
                let mut row = 0;
                while row < rows {
                    let rest = Rows {
                        values: v.values[row * stride + part * EXACT..].as_ptr(),
                        out: out[row * stride + panel * PANEL..].as_mut_ptr(),
                        stride,
                        first_part: part == 0,
                    };
                    // SAFETY: as many rows as each call takes are left; `part · EXACT` and the terms of this part
                    // are within `from`, and the panel's targets within `stride`.
                    unsafe {
                        row += match (rows - row).min(S::PRODUCT_ROWS) {
                            8.. => rest.add::<S, 8, 2>(weights),
                            4.. => rest.add::<S, 4, 2>(weights),
                            3 => rest.add::<S, 3, 2>(weights),
                            2 => rest.add::<S, 2, 2>(weights),
                            // A row alone needs more targets for as much work between two branches.
                            _ if S::LANES == 8 => rest.add::<S, 1, 4>(weights),
                            _ => rest.add::<S, 1, 2>(weights),
                        };
                    }
                }
            }
        }
        for (out, scale) in out.chunks_exact_mut(stride).zip(&v.scales) {
            out[..targets].iter_mut().for_each(|out| *out *= scale);
        }
    }
}

/// Rows that are left to multiply with a part of a panel.
struct Rows {
    values: *const i16,
    out: *mut f32,
    stride: usize,
    first_part: bool,
}

impl Rows {
    /// Adds the sums of this part for `R` rows, `N` registers of targets at a time. Returns R.
    ///
    /// # Safety
    /// As [`Simd`]. There are `R` rows, of as many values as `weights` has, and `PANEL` targets.
    #[inline(always)]
    unsafe fn add<S: Simd, const R: usize, const N: usize>(&self, weights: &[i8]) -> usize {
        let (values, out, stride) = (self.values, self.out, self.stride);
        for first in (0..PANEL).step_by(N * S::LANES) {
            // SAFETY: the caller's R rows; `first + N · LANES` is within the panel.
            unsafe {
                let mut acc = [[S::no_sums(); N]; R];
                for (pair, weights) in weights.chunks_exact(2 * PANEL).enumerate() {
                    let weights = weights.as_ptr().add(2 * first);
                    let mut q = [S::load_pairs(weights); N];
                    for n in 1..N {
                        q[n] = S::load_pairs(weights.add(2 * n * S::LANES));
                    }
                    for r in 0..R {
                        let u = S::splat_pair(values.add(r * stride + 2 * pair));
                        for n in 0..N {
                            acc[r][n] = S::add_products(acc[r][n], q[n], u);
                        }
                    }
                }
                for r in 0..R {
                    for n in 0..N {
                        let out = out.add(r * stride + first + n * S::LANES);
                        let sums = S::round_sums(acc[r][n]);
                        S::store(out, if self.first_part { sums } else { S::add(S::load(out), sums) });
                    }
                }
            }
        }
        R
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::Kernel;
    use crate::{Isa, padded_units};

    struct Product<'a> {
        panels: &'a Panels,
        v: &'a [f32],
        out: &'a mut [f32],
    }

    impl Kernel for Product<'_> {
        type Output = ();

        #[inline(always)]
        unsafe fn run<S: Simd>(self) {
            let stride = self.panels.stride;
            let mut fixed = FixedPoint::zero(self.v.len() / stride, stride);
            fixed.round(self.v);
            // SAFETY: the CPU has the instructions of `S`.
            unsafe { self.panels.multiply::<S>(&fixed, self.out) };
        }
    }

    /// Q v of every instruction set, which must all have the same bits; `v` is `[rows, units]`.
    fn product(units: usize, q: impl Fn(usize, usize) -> i8, v: &[f32]) -> Vec<f32> {
        let (stride, rows) = (padded_units(units), v.len() / units);
        let panels = Panels::new(units, stride, q);
        let mut padded = vec![0.0; rows * stride];
        padded.chunks_mut(stride).zip(v.chunks(units)).for_each(|(to, v)| to[..units].copy_from_slice(v));
        let mut first: Option<Vec<f32>> = None;
        for isa in Isa::all() {
            let mut out = vec![0.0; rows * stride];
            isa.run(Product { panels: &panels, v: &padded, out: &mut out });
            let out: Vec<_> = out.chunks(stride).flat_map(|out| &out[..units]).copied().collect();
            let first = first.get_or_insert_with(|| out.clone());
            let same =
                first.iter().zip(&out).all(|(a, b)| a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan()));
            assert!(same, "{isa}: {units} units, {rows} rows");
        }
        first.expect("there is portable code")
    }

    /// A lattice and values without pattern; every third value is 0, as behind a gate.
    fn q(from: usize, to: usize) -> i8 {
        ((from * 7919 + to * 104_729 + from * to * 31) % 255) as u8 as i8
    }

    fn v(len: usize) -> Vec<f32> {
        (0..len).map(|i| if i % 3 == 0 { 0.0 } else { (i as f32 * 0.739).sin() * 2.5 }).collect()
    }

    #[test]
    fn products_are_within_half_a_rounding_step_of_f64_and_the_same_bits_everywhere() {
        for (units, rows) in [(1, 1), (2, 2), (31, 3), (65, 4), (200, 5), (513, 8), (1024, 11), (1100, 2)] {
            let v = v(units * rows);
            let out = product(units, q, &v);
            for (out, v) in out.chunks(units).zip(v.chunks(units)) {
                let scale = v.iter().fold(0.0_f64, |max, v| max.max(f64::from(v.abs()))) / 32767.0;
                for (to, out) in out.iter().enumerate() {
                    let exact: f64 = (0..units).map(|from| f64::from(q(from, to)) * f64::from(v[from])).sum();
                    let magnitude: f64 = (0..units).map(|from| f64::from(q(from, to)).abs()).sum();
                    // Half a step per value; a hundredth more for the f32 in which values are scaled and sums rounded.
                    let bound = 0.51 * scale * magnitude;
                    let error = (f64::from(*out) - exact).abs();
                    assert!(error <= bound, "{units} units, target {to}: {error} above {bound}");
                }
            }
        }
    }

    #[test]
    fn the_largest_sums_do_not_overflow() {
        for units in [512, 1024, 1500] {
            for (q, v) in [(127, 3.0), (127, -3.0), (-128, 3.0), (-128, -3.0)] {
                let exact = units as f32 * f32::from(q) * v;
                for out in product(units, |_, _| q, &vec![v; units * 5]) {
                    assert!((out - exact).abs() <= 1e-6 * exact.abs(), "{out}, expected {exact}");
                }
            }
        }
    }

    #[test]
    fn a_row_of_zeros_or_of_negligible_values_gives_zeros() {
        assert_eq!(product(65, q, &[0.0; 130]), [0.0; 130]);
        assert_eq!(product(65, q, &[f32::MIN_POSITIVE; 130]), [0.0; 130]);
    }

    #[test]
    fn the_range_of_f32_is_kept() {
        for v in [1e-33_f32, 1e-20, 1e20, f32::MAX / 128.0] {
            let out = product(1, |_, _| 100, &[v])[0];
            assert!((out / 100.0 - v).abs() <= 1e-6 * v, "{out} from {v}");
        }
    }

    #[test]
    fn a_row_that_is_not_finite_gives_nan_and_leaves_the_others() {
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let (clean, mut v) = (v(65 * 3), v(65 * 3));
            v[65 + 7] = bad;
            let (out, clean) = (product(65, q, &v), product(65, q, &clean));
            assert!(out[65..130].iter().all(|out| out.is_nan()));
            assert!(out[..65] == clean[..65] && out[130..] == clean[130..]);
        }
    }
}
