//! The way back: δ through the readout to the sums over rows that gradients are made of.

use crate::simd::{Simd, round_to_17_bits};
use crate::tile::Tile;

/// Adds a tile's part to the sums over rows that gradients are made of: of `(Qᵀ δ)` where the unit is ON, for its bias, and
/// of `φ(p + b) (Qᵀ δ)`, for its gain. The first tile begins them.
///
/// # Safety
/// As [`forward`](super::forward); `delta` is `[rows, classes]`; sums that are asked for have a value for each unit.
#[inline(always)]
pub(crate) unsafe fn backward<S: Simd, const OF_BIAS: bool, const OF_GAIN: bool, const GATES: bool>(
    tile: &Tile<'_>,
    gates: &[u8],
    delta: &[f32],
    is_first: bool,
    of_bias: &mut [f32],
    of_gain: &mut [f32],
) {
    let delta: Vec<f32> = delta.iter().copied().map(round_to_17_bits).collect();
    let rows = Rows { tile, gates, delta: &delta, is_first };
    for at in (0..tile.bias.len()).step_by(S::VECTORS * S::LANES) {
        // SAFETY: as many vectors at `at` are within the units.
        unsafe {
            if S::VECTORS == 2 {
                rows.add::<S, 2, OF_BIAS, OF_GAIN, GATES>(at, of_bias, of_gain);
            } else {
                rows.add::<S, 4, OF_BIAS, OF_GAIN, GATES>(at, of_bias, of_gain);
            }
        }
    }
}

/// What comes back to the rows of a tile.
#[derive(Clone, Copy)]
struct Rows<'a> {
    tile: &'a Tile<'a>,
    gates: &'a [u8],
    /// `[rows, classes]`
    delta: &'a [f32],
    is_first: bool,
}

impl Rows<'_> {
    /// Adds all rows to the sums of `N` vectors of units from `at` on.
    ///
    /// # Safety
    /// As [`Simd`]. The vectors are within the units.
    #[inline(always)]
    unsafe fn add<S: Simd, const N: usize, const OF_BIAS: bool, const OF_GAIN: bool, const GATES: bool>(
        &self,
        at: usize,
        of_bias: &mut [f32],
        of_gain: &mut [f32],
    ) {
        // SAFETY: the caller's; the rows that each call takes are left.
        unsafe {
            let mut back =
                Back::<S, N> { rows: self, at, bias: [S::splat(0.0); N], gain: [S::splat(0.0); N] };
            for j in 0..N {
                let at = at + j * S::LANES;
                if OF_BIAS && !self.is_first {
                    back.bias[j] = S::load(of_bias.as_ptr().add(at));
                }
                if OF_GAIN && !self.is_first {
                    back.gain[j] = S::load(of_gain.as_ptr().add(at));
                }
            }
            let (mut row, rows) = (0, self.tile.rows);
            while row < rows {
                let together = if rows - row >= S::ROWS { S::ROWS } else { 1 };
                match together {
                    4 => back.add::<4, OF_BIAS, OF_GAIN, GATES>(row),
                    2 => back.add::<2, OF_BIAS, OF_GAIN, GATES>(row),
                    _ => back.add::<1, OF_BIAS, OF_GAIN, GATES>(row),
                }
                row += together;
            }
            for j in 0..N {
                let at = at + j * S::LANES;
                if OF_BIAS {
                    S::store(of_bias.as_mut_ptr().add(at), back.bias[j]);
                }
                if OF_GAIN {
                    S::store(of_gain.as_mut_ptr().add(at), back.gain[j]);
                }
            }
        }
    }
}

/// Vectors of units from `at` on, and their sums so far.
struct Back<'a, S: Simd, const N: usize> {
    rows: &'a Rows<'a>,
    at: usize,
    bias: [S::V; N],
    gain: [S::V; N],
}

impl<S: Simd, const N: usize> Back<'_, S, N> {
    /// `R` rows from `row` on: `(Qᵀ δ)` in registers, then the sums.
    ///
    /// # Safety
    /// As [`Simd`]. The rows are in the tile, the vectors within the units.
    #[inline(always)]
    unsafe fn add<const R: usize, const OF_BIAS: bool, const OF_GAIN: bool, const GATES: bool>(
        &mut self,
        row: usize,
    ) {
        let (Rows { tile, gates, delta, .. }, at) = (*self.rows, self.at);
        let (units, classes) = (tile.bias.len(), tile.classes);
        let delta = &delta[row * classes..][..R * classes];
        // SAFETY: the caller's.
        unsafe {
            let mut back = [[S::splat(0.0); N]; R];
            for c in 0..classes {
                let mut q = [S::splat(0.0); N];
                for j in 0..N {
                    q[j] = S::load(tile.weights.as_ptr().add(c * units + at + j * S::LANES));
                }
                for r in 0..R {
                    let delta = S::splat(*delta.as_ptr().add(r * classes + c));
                    for j in 0..N {
                        back[r][j] = S::add_exact_product(delta, q[j], back[r][j]);
                    }
                }
            }
            if GATES {
                for r in 0..R {
                    let on = S::load_masks::<N>(gates.as_ptr().add((row + r) * tile.gate_bytes() + at / 8));
                    for j in 0..N {
                        self.bias[j] = S::add_where(on[j], back[r][j], self.bias[j]);
                    }
                }
                return;
            }
            for j in 0..N {
                let at = at + j * S::LANES;
                let b = S::load(tile.bias.as_ptr().add(at));
                for r in 0..R {
                    let x = S::add(S::load_f16(tile.p[row + r].add(at)), b);
                    if OF_BIAS {
                        self.bias[j] = S::add_where_positive(x, back[r][j], self.bias[j]);
                    }
                    if OF_GAIN {
                        self.gain[j] = S::add(self.gain[j], S::mul(S::relu(x), back[r][j]));
                    }
                }
            }
        }
    }
}
