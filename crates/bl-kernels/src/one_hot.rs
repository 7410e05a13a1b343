//! The adapter half where unit `i` feeds class `i % classes` alone.
//!
//! Lanes and classes repeat together after `period` vectors: 5 vectors of 16 lanes for ten classes.
//! With one accumulator per vector of the period every lane belongs to one class for the whole pass,
//! and a unit costs one multiply-add.

use crate::simd::{Derivative, Simd};

/// Vectors after which lane and class repeat together.
fn period<S: Simd>(classes: usize) -> usize {
    let (mut a, mut b) = (classes, S::LANES);
    while b > 0 {
        (a, b) = (b, a % b);
    }
    classes / a
}

/// Evaluates `$fixed` with the period as a constant, so that accumulators are registers.
macro_rules! with_constant_period {
    ($period:expr, $P:ident => $fixed:expr, else $any:expr) => {
        match $period {
            1 => {
                const $P: usize = 1;
                $fixed
            }
            2 => {
                const $P: usize = 2;
                $fixed
            }
            3 => {
                const $P: usize = 3;
                $fixed
            }
            4 => {
                const $P: usize = 4;
                $fixed
            }
            5 => {
                const $P: usize = 5;
                $fixed
            }
            _ => $any,
        }
    };
}

/// Logits of some rows.
///
/// # Safety
/// As `Kernel::run`. Each of `p` points to `bias.len()` values; `weights` is as long as `bias`, a
/// multiple of `UNIT_BLOCK`; `out` is `[p.len(), classes]`.
#[inline(always)]
pub(crate) unsafe fn forward<S: Simd>(
    p: &[*const u16],
    bias: &[f32],
    weights: &[f32],
    classes: usize,
    out: &mut [f32],
) {
    let period = period::<S>(classes);
    let width = period * S::LANES; // a multiple of the classes
    let mut sums = vec![0.0; p.len() * width];
    // SAFETY: lengths are the caller's; `sums` has `width` values for each row.
    unsafe {
        let done = with_constant_period!(period,
            P => forward_periods::<S, P>(p, bias, weights, &mut sums),
            else 0);
        forward_rest::<S>(p, bias, weights, done, period, &mut sums);
    }
    for (out, sums) in out.chunks_exact_mut(classes).zip(sums.chunks_exact(width)) {
        out.fill(0.0);
        for lanes in sums.chunks_exact(classes) {
            out.iter_mut().zip(lanes).for_each(|(y, sum)| *y += sum);
        }
    }
}

/// All whole periods, as many rows at a time as there are registers for. Returns the vectors done.
#[inline(always)]
unsafe fn forward_periods<S: Simd, const P: usize>(
    p: &[*const u16],
    bias: &[f32],
    weights: &[f32],
    sums: &mut [f32],
) -> usize {
    let width = P * S::LANES;
    let mut row = 0;
    // SAFETY: rows `row..row + R` exist, with `width` sums each.
    unsafe {
        while S::ROWS >= 4 && row + 4 <= p.len() {
            forward_block::<S, P, 4>(&p[row..], bias, weights, &mut sums[row * width..]);
            row += 4;
        }
        while S::ROWS >= 2 && row + 2 <= p.len() {
            forward_block::<S, P, 2>(&p[row..], bias, weights, &mut sums[row * width..]);
            row += 2;
        }
        while row < p.len() {
            forward_block::<S, P, 1>(&p[row..], bias, weights, &mut sums[row * width..]);
            row += 1;
        }
    }
    bias.len() / S::LANES / P * P
}

#[inline(always)]
unsafe fn forward_block<S: Simd, const P: usize, const R: usize>(
    p: &[*const u16],
    bias: &[f32],
    weights: &[f32],
    sums: &mut [f32],
) {
    assert!(p.len() >= R && sums.len() >= R * P * S::LANES);
    // SAFETY: `at + LANES` stays within the whole periods of `bias`, `weights` and each row.
    unsafe {
        let mut acc = [[S::splat(0.0); P]; R];
        for first in 0..bias.len() / S::LANES / P {
            for j in 0..P {
                let at = (first * P + j) * S::LANES;
                let b = S::load(bias.as_ptr().add(at));
                let a = S::load(weights.as_ptr().add(at));
                for r in 0..R {
                    let h = S::relu(S::add(S::load_f16(p[r].add(at)), b));
                    acc[r][j] = S::mul_add(h, a, acc[r][j]);
                }
            }
        }
        for r in 0..R {
            for j in 0..P {
                S::store(sums.as_mut_ptr().add((r * P + j) * S::LANES), acc[r][j]);
            }
        }
    }
}

/// Vectors from `from` on, for the end of a row and for periods too long for the registers.
#[inline(always)]
unsafe fn forward_rest<S: Simd>(
    p: &[*const u16],
    bias: &[f32],
    weights: &[f32],
    from: usize,
    period: usize,
    sums: &mut [f32],
) {
    for (&p, sums) in p.iter().zip(sums.chunks_exact_mut(period * S::LANES)) {
        for vector in from..bias.len() / S::LANES {
            let at = vector * S::LANES;
            // SAFETY: `at + LANES` is within the row, and `vector % period` within its sums.
            unsafe {
                let sum = sums.as_mut_ptr().add(vector % period * S::LANES);
                let h = S::relu(S::add(S::load_f16(p.add(at)), S::load(bias.as_ptr().add(at))));
                S::store(sum, S::mul_add(h, S::load(weights.as_ptr().add(at)), S::load(sum)));
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
    let period = period::<S>(classes);
    // δ of each row, repeated until it fills the period: lane by lane what each unit's class gets.
    let lanes: Vec<f32> = delta
        .chunks_exact(classes)
        .flat_map(|delta| delta.iter().copied().cycle().take(period * S::LANES))
        .collect();
    let vectors = bias.len() / S::LANES;
    // SAFETY: lengths are the caller's; `lanes` has a whole period for each row.
    unsafe {
        let done = with_constant_period!(period,
            P => {
                for first in (0..vectors / P * P).step_by(P) {
                    backward_vectors::<S, D, P>(p, bias, weights, &lanes, P, first, gradient);
                }
                vectors / P * P
            },
            else 0);
        for vector in done..vectors {
            backward_vectors::<S, D, 1>(p, bias, weights, &lanes, period, vector, gradient);
        }
    }
}

/// `N` vectors of units from `first` on, over all rows.
#[inline(always)]
unsafe fn backward_vectors<S: Simd, D: Derivative, const N: usize>(
    p: &[*const u16],
    bias: &[f32],
    weights: &[f32],
    lanes: &[f32],
    period: usize,
    first: usize,
    gradient: &mut [f32],
) {
    // SAFETY: vectors `first..first + N` are within every row; `first % period + N` within the period.
    unsafe {
        let at = first * S::LANES;
        let mut b = [S::splat(0.0); N];
        for j in 0..N {
            b[j] = S::load(bias.as_ptr().add(at + j * S::LANES));
        }
        let mut acc = [S::splat(0.0); N];
        let mut delta = lanes.as_ptr().add(first % period * S::LANES);
        for &p in p {
            for j in 0..N {
                let x = S::add(S::load_f16(p.add(at + j * S::LANES)), b[j]);
                acc[j] = D::accumulate::<S>(acc[j], x, S::load(delta.add(j * S::LANES)));
            }
            delta = delta.wrapping_add(period * S::LANES);
        }
        for (j, acc) in acc.into_iter().enumerate() {
            let at = at + j * S::LANES;
            let sum = gradient.as_mut_ptr().add(at);
            S::store(sum, S::mul_add(acc, S::load(weights.as_ptr().add(at)), S::load(sum)));
        }
    }
}
