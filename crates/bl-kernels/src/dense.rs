//! The adapter half where every unit feeds every class, with an integer weight of 8 bits.
//!
//! What is multiplied with the weights (an activation, or δ) is rounded to 17 significant bits first. Products
//! are exact then, so it makes no difference whether they are fused with the addition. (p has 11 bits.)

use crate::padded::Padded;
use crate::simd::{SUMS, Simd};
use crate::tile::Tile;

mod back;

pub(crate) use back::backward;

/// Units whose activations are computed once and then multiplied with all classes: they stay in L1.
const BLOCK: usize = 512;
/// Rows of activations held at once.
const ROWS: usize = 8;
/// Classes summed in registers at once.
const CLASSES: usize = 5;

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
    let (units, classes) = (tile.bias.len(), tile.classes);
    let mut h = Padded::rows(ROWS.min(tile.rows), BLOCK);
    let mut sums = Padded::rows(ROWS.min(tile.rows) * classes, SUMS);
    for (first, out) in (0..).step_by(ROWS).zip(out.chunks_mut(ROWS * classes)) {
        let rows = out.len() / classes;
        sums.fill(0.0);
        for start in (0..units).step_by(BLOCK) {
            let len = BLOCK.min(units - start);
            // SAFETY: `start + len` is within the units; `h` and `sums` have room for `ROWS` rows.
            unsafe {
                for (r, h) in h.chunks_exact_mut(BLOCK).take(rows).enumerate() {
                    activate::<S, GAINS, GATES, AHEAD>(tile, first + r, start, len, gates, h);
                }
                multiply::<S>(tile, rows, &h, start, len, &mut sums);
            }
        }
        for (y, sums) in out.iter_mut().zip(sums.chunks_exact(SUMS)) {
            *y = sums.iter().sum();
        }
    }
}

/// `h = m φ(p + b)` of units `start..start + len` of a row, to 17 bits.
#[inline(always)]
unsafe fn activate<S: Simd, const GAINS: bool, const GATES: bool, const AHEAD: bool>(
    tile: &Tile<'_>,
    row: usize,
    start: usize,
    len: usize,
    gates: &mut [u8],
    h: &mut [f32],
) {
    let p = tile.p[row];
    if AHEAD && let Some(next) = tile.p.get(row + ROWS) {
        for at in (start..start + len).step_by(64 / size_of::<u16>()) {
            // SAFETY: a prefetch reads nothing.
            unsafe { S::prefetch(next.wrapping_add(at)) };
        }
    }
    let gates = if GATES { gates[row * tile.gate_bytes()..].as_mut_ptr() } else { gates.as_mut_ptr() };
    for to in (0..len).step_by(S::LANES) {
        // SAFETY: `start + to + LANES` is within the units, a multiple of `UNIT_BLOCK`, and `to + LANES` within `h`.
        unsafe {
            let at = start + to;
            let x = S::add(S::load_f16(p.add(at)), S::load(tile.bias.as_ptr().add(at)));
            if GATES {
                S::store_mask(gates.add(at / 8), S::positive(x));
            }
            let active = S::relu(x);
            let active = if GAINS { S::mul(active, S::load(tile.gains.as_ptr().add(at))) } else { active };
            S::store(h.as_mut_ptr().add(to), S::round_to_17_bits(active));
        }
    }
}

/// `sums[row, class] += h[row] · Q[class]`, over units `start..start + len`.
#[inline(always)]
unsafe fn multiply<S: Simd>(
    tile: &Tile<'_>,
    rows: usize,
    h: &[f32],
    start: usize,
    len: usize,
    sums: &mut [f32],
) {
    let (units, classes) = (tile.bias.len(), tile.classes);
    let mut row = 0;
    while row < rows {
        let together = if rows - row >= S::ROWS { S::ROWS } else { 1 };
        let mut class = 0;
        while class < classes {
            let wide = classes - class >= CLASSES;
            let product = Product {
                h: h[row * BLOCK..].as_ptr(),
                q: tile.weights[class * units + start..].as_ptr(),
                units,
                len,
                sums: sums[(row * classes + class) * SUMS..].as_mut_ptr(),
                classes,
            };
            // SAFETY: `together` rows of h, 1 or CLASSES rows of Q and their sums exist.
            unsafe {
                match (together, wide) {
                    (4, true) => product.add::<S, 4, CLASSES>(),
                    (4, false) => product.add::<S, 4, 1>(),
                    (2, true) => product.add::<S, 2, CLASSES>(),
                    (2, false) => product.add::<S, 2, 1>(),
                    (_, true) => product.add::<S, 1, CLASSES>(),
                    (_, false) => product.add::<S, 1, 1>(),
                }
            }
            class += if wide { CLASSES } else { 1 };
        }
        row += together;
    }
}

/// Some rows of activations, `BLOCK` values each, and some rows of Q, `units` each: their products are added to `sums`.
struct Product {
    h: *const f32,
    q: *const f32,
    units: usize,
    len: usize,
    /// `[rows, classes, SUMS]`
    sums: *mut f32,
    classes: usize,
}

impl Product {
    /// `R` rows times `C` classes in registers, a vector of the sums at a time.
    #[inline(always)]
    unsafe fn add<S: Simd, const R: usize, const C: usize>(&self) {
        for lane in (0..SUMS).step_by(S::LANES) {
            // SAFETY: the caller has R rows of h, C rows of Q, and R × C sums.
            unsafe {
                let mut acc = [[S::splat(0.0); C]; R];
                for at in (lane..self.len).step_by(SUMS) {
                    let mut h = [S::splat(0.0); R];
                    for r in 0..R {
                        h[r] = S::load(self.h.add(r * BLOCK + at));
                    }
                    for c in 0..C {
                        let q = S::load(self.q.add(c * self.units + at));
                        for r in 0..R {
                            acc[r][c] = S::add_exact_product(h[r], q, acc[r][c]);
                        }
                    }
                }
                for (r, acc) in acc.into_iter().enumerate() {
                    for (c, acc) in acc.into_iter().enumerate() {
                        let sum = self.sums.add((r * self.classes + c) * SUMS + lane);
                        S::store(sum, S::add(S::load(sum), acc));
                    }
                }
            }
        }
    }
}
