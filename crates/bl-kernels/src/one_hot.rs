//! The adapter half where unit `i` feeds class `i % classes` alone, with q = ±1.
//!
//! Lanes and classes repeat together after a period of units, the least common multiple of [`SUMS`] and the classes: 80
//! units for ten classes. With a sum for each unit of the period every sum belongs to one class for the whole pass,
//! and a unit costs one addition.

use crate::padded::Padded;
use crate::simd::{SUMS, Simd, VECTORS};
use crate::tile::Tile;

/// Values of a row that the passes over a period share while they are in the first-level cache.
const SHARED: usize = 2560;

/// Units after which class and sum repeat together.
fn period(classes: usize) -> usize {
    let (mut a, mut b) = (classes, SUMS);
    while b > 0 {
        (a, b) = (b, a % b);
    }
    classes / a * SUMS
}

/// Scores of the rows of a tile, `[rows, classes]`, and their gates where the tile keeps them.
///
/// # Safety
/// As `Kernel::run`, for the tile.
#[inline(always)]
pub(crate) unsafe fn forward<S: Simd, const GAINS: bool, const GATES: bool, const AHEAD: bool>(
    tile: &Tile<'_>,
    gates: &mut [u8],
    out: &mut [f32],
) {
    let (classes, period) = (tile.classes, period(tile.classes));
    let mut sums = Padded::rows(tile.rows, period);
    let mut row = 0;
    // SAFETY: `R` rows are left for each call, with `period` sums each.
    unsafe {
        while S::ROWS >= 4 && row + 4 <= tile.rows {
            forward_rows::<S, GAINS, GATES, AHEAD, 4>(tile, row, period, gates, &mut sums);
            row += 4;
        }
        while S::ROWS >= 2 && row + 2 <= tile.rows {
            forward_rows::<S, GAINS, GATES, AHEAD, 2>(tile, row, period, gates, &mut sums);
            row += 2;
        }
        while row < tile.rows {
            forward_rows::<S, GAINS, GATES, AHEAD, 1>(tile, row, period, gates, &mut sums);
            row += 1;
        }
    }
    for (out, sums) in out.chunks_exact_mut(classes).zip(sums.chunks_exact(period)) {
        out.fill(0.0);
        for of_period in sums.chunks_exact(classes) {
            out.iter_mut().zip(of_period).for_each(|(y, sum)| *y += sum);
        }
    }
}

/// All units of `R` rows: whole periods with sums in registers, as many vectors of them as there are, then the rest.
#[inline(always)]
unsafe fn forward_rows<S: Simd, const GAINS: bool, const GATES: bool, const AHEAD: bool, const R: usize>(
    tile: &Tile<'_>,
    row: usize,
    period: usize,
    gates: &mut [u8],
    sums: &mut [f32],
) {
    let units = tile.bias.len();
    let whole = units / period * period;
    let together = if period <= 5 * S::LANES { whole } else { (SHARED / period).max(1) * period };
    let rows = &mut Rows::<R>::new(tile, row, gates, &mut sums[row * period..][..R * period]);
    // SAFETY: every range is within the units, and as long as `N` vectors of the period.
    unsafe {
        for start in (0..whole).step_by(together.max(1)) {
            rows.add_all::<S, GAINS, GATES, AHEAD>((start, whole.min(start + together)), period);
        }
        rows.add_all::<S, GAINS, GATES, AHEAD>((whole, units), units - whole);
    }
}

/// Some rows of a tile and where their sums and gates are.
struct Rows<'a, const R: usize> {
    tile: &'a Tile<'a>,
    p: [*const u16; R],
    next: [*const u16; R],
    gates: [*mut u8; R],
    sums: [*mut f32; R],
}

impl<'a, const R: usize> Rows<'a, R> {
    fn new(tile: &'a Tile<'a>, row: usize, gates: &mut [u8], sums: &mut [f32]) -> Self {
        let of_row = tile.gate_bytes();
        let width = sums.len() / R;
        Self {
            tile,
            p: std::array::from_fn(|r| tile.p[row + r]),
            next: std::array::from_fn(|r| tile.p[(row + R + r).min(tile.p.len() - 1)]),
            gates: std::array::from_fn(|r| {
                if gates.is_empty() {
                    gates.as_mut_ptr()
                } else {
                    gates[(row + r) * of_row..][..of_row].as_mut_ptr()
                }
            }),
            sums: std::array::from_fn(|r| sums[r * width..][..width].as_mut_ptr()),
        }
    }

    /// Adds units to their sums: as many vectors of a period at a time as there are registers for.
    ///
    /// # Safety
    /// As [`Simd`]. `units` are whole periods of every row.
    #[inline(always)]
    unsafe fn add_all<S: Simd, const GAINS: bool, const GATES: bool, const AHEAD: bool>(
        &mut self,
        units: (usize, usize),
        period: usize,
    ) {
        let mut first = 0;
        while first < period {
            // SAFETY: there are as many vectors left as each call takes.
            unsafe {
                first += match (period - first) / S::LANES {
                    5.. => self.add::<S, GAINS, GATES, AHEAD, 5>(units, period, first),
                    4 => self.add::<S, GAINS, GATES, AHEAD, 4>(units, period, first),
                    3 => self.add::<S, GAINS, GATES, AHEAD, 3>(units, period, first),
                    2 => self.add::<S, GAINS, GATES, AHEAD, 2>(units, period, first),
                    _ => self.add::<S, GAINS, GATES, AHEAD, 1>(units, period, first),
                };
            }
        }
    }

    /// Adds the units `first..first + N · LANES` of every period of `units` to their sums. Returns how many units of a period
    /// that were.
    ///
    /// # Safety
    /// As [`Simd`]. `units` are whole periods of every row, and `first + N · LANES` is within one.
    #[inline(always)]
    unsafe fn add<S: Simd, const GAINS: bool, const GATES: bool, const AHEAD: bool, const N: usize>(
        &mut self,
        units: (usize, usize),
        period: usize,
        first: usize,
    ) -> usize {
        let Self { tile, p, next, gates, sums } = self;
        // SAFETY: `at + LANES` is within the units, and `first + N · LANES` within the sums.
        unsafe {
            let mut acc = [[S::splat(0.0); N]; R];
            for r in 0..R {
                for j in 0..N {
                    acc[r][j] = S::load(sums[r].add(first + j * S::LANES));
                }
            }
            for start in (units.0 + first..units.1).step_by(period) {
                for j in 0..N {
                    let at = start + j * S::LANES;
                    let b = S::load(tile.bias.as_ptr().add(at));
                    let q = S::load(tile.weights.as_ptr().add(at));
                    let m = if GAINS { S::load(tile.gains.as_ptr().add(at)) } else { b };
                    for r in 0..R {
                        if AHEAD && j * S::LANES % 32 == 0 {
                            S::prefetch(next[r].wrapping_add(at));
                        }
                        let x = S::add(S::load_f16(p[r].add(at)), b);
                        if GATES {
                            S::store_mask(gates[r].add(at / 8), S::positive(x));
                        }
                        let h = if GAINS { S::mul(S::relu(x), m) } else { S::relu(x) };
                        acc[r][j] = S::add_exact_product(h, q, acc[r][j]);
                    }
                }
            }
            for r in 0..R {
                for j in 0..N {
                    S::store(sums[r].add(first + j * S::LANES), acc[r][j]);
                }
            }
        }
        N * S::LANES
    }
}

/// Adds a tile's part to the sums over rows that gradients are made of: of δ where the unit is ON, for its bias, and of
/// `φ(p + b) δ`, for its gain, with the δ of the unit's class. The first tile begins them.
///
/// # Safety
/// As [`forward`]; `delta` is `[rows, classes]`; sums that are asked for have a value for each unit.
#[inline(always)]
pub(crate) unsafe fn backward<S: Simd, const OF_BIAS: bool, const OF_GAIN: bool, const GATES: bool>(
    tile: &Tile<'_>,
    gates: &[u8],
    delta: &[f32],
    is_first: bool,
    of_bias: &mut [f32],
    of_gain: &mut [f32],
) {
    let (units, period) = (tile.bias.len(), period(tile.classes));
    // δ of each row, repeated for a period and a block more: what each unit's class gets, from any unit on.
    let width = period + VECTORS * SUMS;
    let mut lanes = Padded::rows(tile.rows, width);
    for (lanes, delta) in lanes.chunks_exact_mut(width).zip(delta.chunks_exact(tile.classes)) {
        lanes[..delta.len()].copy_from_slice(delta);
        let mut done = delta.len();
        while done < width {
            let more = done.min(width - done);
            lanes.copy_within(..more, done);
            done += more;
        }
    }
    let rows = Back { tile, gates, lanes: &lanes, width, is_first };
    for at in (0..units).step_by(S::VECTORS * S::LANES) {
        let delta = at % period;
        // SAFETY: as many vectors at `at` are within the units, and at `delta` within a row of `lanes`.
        unsafe {
            if S::VECTORS == 2 {
                rows.add::<S, 2, OF_BIAS, OF_GAIN, GATES>(at, delta, of_bias, of_gain);
            } else {
                rows.add::<S, 4, OF_BIAS, OF_GAIN, GATES>(at, delta, of_bias, of_gain);
            }
        }
    }
}

/// What comes back to the rows of a tile.
struct Back<'a> {
    tile: &'a Tile<'a>,
    gates: &'a [u8],
    /// `[rows, width]`
    lanes: &'a [f32],
    width: usize,
    is_first: bool,
}

impl Back<'_> {
    /// Adds all rows to the sums of `N` vectors of units from `at` on, whose classes begin at `delta` of the lanes.
    ///
    /// # Safety
    /// As [`Simd`]. The vectors are within the units, and within a row of lanes.
    #[inline(always)]
    unsafe fn add<S: Simd, const N: usize, const OF_BIAS: bool, const OF_GAIN: bool, const GATES: bool>(
        &self,
        at: usize,
        delta: usize,
        of_bias: &mut [f32],
        of_gain: &mut [f32],
    ) {
        let Self { tile, gates, lanes, width, is_first } = *self;
        // SAFETY: the caller's.
        unsafe {
            let (mut bias, mut gain, mut b) = ([S::splat(0.0); N], [S::splat(0.0); N], [S::splat(0.0); N]);
            for j in 0..N {
                let at = at + j * S::LANES;
                b[j] = S::load(tile.bias.as_ptr().add(at));
                if OF_BIAS && !is_first {
                    bias[j] = S::load(of_bias.as_ptr().add(at));
                }
                if OF_GAIN && !is_first {
                    gain[j] = S::load(of_gain.as_ptr().add(at));
                }
            }
            let mut delta = lanes.as_ptr().add(delta);
            for row in 0..tile.rows {
                if GATES {
                    let on = S::load_masks::<N>(gates.as_ptr().add(row * tile.gate_bytes() + at / 8));
                    for j in 0..N {
                        bias[j] = S::add_where(on[j], S::load(delta.add(j * S::LANES)), bias[j]);
                    }
                } else {
                    for j in 0..N {
                        let x = S::add(S::load_f16(tile.p[row].add(at + j * S::LANES)), b[j]);
                        let delta = S::load(delta.add(j * S::LANES));
                        if OF_BIAS {
                            bias[j] = S::add_where_positive(x, delta, bias[j]);
                        }
                        if OF_GAIN {
                            gain[j] = S::add(gain[j], S::mul(S::relu(x), delta));
                        }
                    }
                }
                delta = delta.wrapping_add(width);
            }
            for j in 0..N {
                let at = at + j * S::LANES;
                if OF_BIAS {
                    S::store(of_bias.as_mut_ptr().add(at), bias[j]);
                }
                if OF_GAIN {
                    S::store(of_gain.as_mut_ptr().add(at), gain[j]);
                }
            }
        }
    }
}
