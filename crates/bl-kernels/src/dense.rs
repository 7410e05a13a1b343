//! The adapter half where every unit feeds every class.

use crate::UNIT_BLOCK;
use crate::simd::{Derivative, Simd};

/// Units whose activations are computed once and then multiplied with all classes: they stay in L1.
const BLOCK: usize = 512;
/// Rows of activations held at once.
const TILE: usize = 8;
/// Classes summed in registers at once.
const CLASSES: usize = 5;

/// Logits of some rows.
///
/// # Safety
/// As `Kernel::run`. Each of `p` points to `bias.len()` values, a multiple of `UNIT_BLOCK`; `weights`
/// is `[classes, bias.len()]`; `out` is `[p.len(), classes]`.
#[inline(always)]
pub(crate) unsafe fn forward<S: Simd>(
    p: &[*const u16],
    bias: &[f32],
    weights: &[f32],
    classes: usize,
    out: &mut [f32],
) {
    let stride = bias.len();
    let mut h = [0.0_f32; TILE * BLOCK];
    let mut sums = vec![0.0_f32; TILE * classes * S::LANES];
    for (p, out) in p.chunks(TILE).zip(out.chunks_mut(TILE * classes)) {
        sums.fill(0.0);
        for start in (0..stride).step_by(BLOCK) {
            let len = BLOCK.min(stride - start);
            // SAFETY: `start + len` is within every row; `h` and `sums` have room for `TILE` rows.
            unsafe {
                activate::<S>(p, bias, start, len, &mut h);
                multiply::<S>(p.len(), &h, weights, stride, start, len, classes, &mut sums);
            }
        }
        for (y, lanes) in out.iter_mut().zip(sums.chunks_exact(S::LANES)) {
            *y = lanes.iter().sum();
        }
    }
}

/// `h = φ(p + b)` of units `start..start + len`, `[rows, BLOCK]`.
#[inline(always)]
unsafe fn activate<S: Simd>(p: &[*const u16], bias: &[f32], start: usize, len: usize, h: &mut [f32]) {
    for (&p, h) in p.iter().zip(h.chunks_exact_mut(BLOCK)) {
        for at in (0..len).step_by(S::LANES) {
            // SAFETY: `at + LANES <= len`, a multiple of `UNIT_BLOCK` that the caller vouches for.
            unsafe {
                let sum = S::add(S::load_f16(p.add(start + at)), S::load(bias.as_ptr().add(start + at)));
                S::store(h.as_mut_ptr().add(at), S::relu(sum));
            }
        }
    }
}

/// `sums[row, class] += h[row] · A[class]`, lane by lane, over units `start..start + len`.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "a matrix product has this many")]
unsafe fn multiply<S: Simd>(
    rows: usize,
    h: &[f32],
    weights: &[f32],
    stride: usize,
    start: usize,
    len: usize,
    classes: usize,
    sums: &mut [f32],
) {
    let mut row = 0;
    while row < rows {
        let together = if rows - row >= S::ROWS { S::ROWS } else { 1 };
        let mut class = 0;
        while class < classes {
            let wide = classes - class >= CLASSES;
            let a = weights[class * stride + start..].as_ptr();
            let h = h[row * BLOCK..].as_ptr();
            let sum = sums[(row * classes + class) * S::LANES..].as_mut_ptr();
            // SAFETY: `together` rows of h, 1 or CLASSES rows of A and their sums exist.
            unsafe {
                match (together, wide) {
                    (4, true) => tile::<S, 4, CLASSES>(h, a, stride, len, classes, sum),
                    (4, false) => tile::<S, 4, 1>(h, a, stride, len, classes, sum),
                    (2, true) => tile::<S, 2, CLASSES>(h, a, stride, len, classes, sum),
                    (2, false) => tile::<S, 2, 1>(h, a, stride, len, classes, sum),
                    (_, true) => tile::<S, 1, CLASSES>(h, a, stride, len, classes, sum),
                    (_, false) => tile::<S, 1, 1>(h, a, stride, len, classes, sum),
                }
            }
            class += if wide { CLASSES } else { 1 };
        }
        row += together;
    }
}

/// `R` rows times `C` classes in registers.
#[inline(always)]
unsafe fn tile<S: Simd, const R: usize, const C: usize>(
    h: *const f32,
    a: *const f32,
    stride: usize,
    len: usize,
    classes: usize,
    sums: *mut f32,
) {
    // SAFETY: the caller has R rows of h, C rows of A, and R × C sums.
    unsafe {
        let mut acc = [[S::splat(0.0); C]; R];
        for at in (0..len).step_by(S::LANES) {
            let mut rows = [S::splat(0.0); R];
            for r in 0..R {
                rows[r] = S::load(h.add(r * BLOCK + at));
            }
            for c in 0..C {
                let a = S::load(a.add(c * stride + at));
                for r in 0..R {
                    acc[r][c] = S::mul_add(rows[r], a, acc[r][c]);
                }
            }
        }
        for (r, acc) in acc.into_iter().enumerate() {
            for (c, acc) in acc.into_iter().enumerate() {
                let sum = sums.add((r * classes + c) * S::LANES);
                S::store(sum, S::add(S::load(sum), acc));
            }
        }
    }
}

/// Adds some rows' part to the gradient of one parameter of each unit.
///
/// # Safety
/// As [`forward`]; `delta` is `[p.len(), classes]`, `gradient` as long as `bias`.
#[inline(always)]
pub(crate) unsafe fn backward<S: Simd, D: Derivative>(
    p: &[*const u16],
    bias: &[f32],
    weights: &[f32],
    classes: usize,
    delta: &[f32],
    gradient: &mut [f32],
) {
    const VECTORS: usize = 4; // of at most 16 lanes: `UNIT_BLOCK` is a multiple
    const { assert!(UNIT_BLOCK.is_multiple_of(VECTORS * 16)) };
    let stride = bias.len();
    for at in (0..stride).step_by(VECTORS * S::LANES) {
        let mut row = 0;
        // SAFETY: four vectors at `at` are within every row; `row + R` rows of p and δ exist.
        unsafe {
            while row < p.len() {
                let together = if p.len() - row >= S::ROWS { S::ROWS } else { 1 };
                let (p, delta) = (&p[row..], &delta[row * classes..]);
                match together {
                    4 => backward_tile::<S, D, 4, VECTORS>(p, bias, weights, classes, delta, at, gradient),
                    2 => backward_tile::<S, D, 2, VECTORS>(p, bias, weights, classes, delta, at, gradient),
                    _ => backward_tile::<S, D, 1, VECTORS>(p, bias, weights, classes, delta, at, gradient),
                }
                row += together;
            }
        }
    }
}

/// `R` rows, `N` vectors of units from `at` on: `(Aᵀ δ)` in registers, then the derivative.
#[inline(always)]
unsafe fn backward_tile<S: Simd, D: Derivative, const R: usize, const N: usize>(
    p: &[*const u16],
    bias: &[f32],
    weights: &[f32],
    classes: usize,
    delta: &[f32],
    at: usize,
    gradient: &mut [f32],
) {
    let stride = bias.len();
    assert!(p.len() >= R && delta.len() >= R * classes);
    // SAFETY: the caller's lengths, and the assertion.
    unsafe {
        let mut back = [[S::splat(0.0); N]; R];
        for c in 0..classes {
            let mut a = [S::splat(0.0); N];
            for j in 0..N {
                a[j] = S::load(weights.as_ptr().add(c * stride + at + j * S::LANES));
            }
            for r in 0..R {
                let delta = S::splat(*delta.as_ptr().add(r * classes + c));
                for j in 0..N {
                    back[r][j] = S::mul_add(delta, a[j], back[r][j]);
                }
            }
        }
        for j in 0..N {
            let at = at + j * S::LANES;
            let b = S::load(bias.as_ptr().add(at));
            let sum = gradient.as_mut_ptr().add(at);
            let mut acc = S::load(sum);
            for r in 0..R {
                acc = D::accumulate::<S>(acc, S::add(S::load_f16(p[r].add(at)), b), back[r][j]);
            }
            S::store(sum, acc);
        }
    }
}
