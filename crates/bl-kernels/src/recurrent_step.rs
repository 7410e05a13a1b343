//! The inner loops of the recurrence: a product with lattice weights, a step forward, a step back.

use crate::recurrent::Recurrence;
use crate::simd::{Derivative, Kernel, OfBias, OfGain, Simd};

/// Units whose sums are held in registers together.
pub(crate) const PANEL: usize = 32;

/// A square matrix of lattice values, cut into panels of `PANEL` targets: `[blocks, from, PANEL]`. A quarter of the bytes
/// of f32: for a thousand units it stays in a core's own cache through all steps.
pub(crate) struct Panels {
    data: Vec<i8>,
    from: usize,
}

impl Panels {
    pub(crate) fn new(units: usize, stride: usize, value: impl Fn(usize, usize) -> i8) -> Self {
        let mut data = vec![0; stride * units];
        for (block, panel) in data.chunks_exact_mut(units * PANEL).enumerate() {
            for (from, row) in panel.chunks_exact_mut(PANEL).enumerate() {
                for (lane, q) in row.iter_mut().enumerate() {
                    let to = block * PANEL + lane;
                    if to < units {
                        *q = value(from, to);
                    }
                }
            }
        }
        Self { data, from: units }
    }

    /// `out[row] = Q v[row]` for `rows` vectors `stride` apart, as many at a time as registers allow.
    ///
    /// # Safety
    /// As [`Kernel::run`]. `v` and `out` have `rows` rows of `stride` values, the stride the panels were made for.
    #[inline(always)]
    unsafe fn multiply<S: Simd>(&self, v: &[f32], out: &mut [f32], rows: usize, stride: usize) {
        assert!(
            v.len() >= rows * stride && out.len() >= rows * stride && self.data.len() == stride * self.from
        );
        for (block, panel) in self.data.chunks_exact(self.from * PANEL).enumerate() {
            let mut row = 0;
            // SAFETY: rows and the panel exist as asserted.
            unsafe {
                while row < rows {
                    let (v, out) =
                        (v.as_ptr().add(row * stride), out.as_mut_ptr().add(row * stride + block * PANEL));
                    row += match rows - row {
                        8.. if S::LANES == 16 => panel_rows::<S, 8, 2>(panel, v, out, stride),
                        4.. => panel_rows::<S, 4, 2>(panel, v, out, stride),
                        2.. => panel_rows::<S, 2, 2>(panel, v, out, stride),
                        _ => panel_rows::<S, 1, 2>(panel, v, out, stride),
                    };
                }
            }
        }
    }
}

/// One panel times `R` vectors, `N` vector registers of targets at a time. Returns R.
#[inline(always)]
unsafe fn panel_rows<S: Simd, const R: usize, const N: usize>(
    panel: &[i8],
    v: *const f32,
    out: *mut f32,
    stride: usize,
) -> usize {
    for first in (0..PANEL).step_by(N * S::LANES) {
        // SAFETY: the caller's R rows; `first + N · LANES` is within the panel.
        unsafe {
            let mut acc = [[S::splat(0.0); N]; R];
            for (from, row) in panel.chunks_exact(PANEL).enumerate() {
                let mut q = [S::splat(0.0); N];
                for n in 0..N {
                    q[n] = S::load_i8(row.as_ptr().add(first + n * S::LANES));
                }
                for r in 0..R {
                    let x = S::splat(*v.add(r * stride + from));
                    for n in 0..N {
                        acc[r][n] = S::mul_add(q[n], x, acc[r][n]);
                    }
                }
            }
            for r in 0..R {
                for n in 0..N {
                    S::store(out.add(r * stride + first + n * S::LANES), acc[r][n]);
                }
            }
        }
    }
    R
}

/// All steps of a tile's trajectories.
pub(crate) struct Forward<'a> {
    pub(crate) net: &'a Recurrence,
    pub(crate) bias: &'a [f32],
    /// β m
    pub(crate) gains: &'a [f32],
    /// `[steps, rows, inputs]`
    pub(crate) x: &'a [f32],
    pub(crate) rows: usize,
    /// `[rows, stride]`: r₀, then `r_T`
    pub(crate) r: &'a mut [f32],
    /// `[steps, rows, stride]`
    pub(crate) h: &'a mut [f32],
    /// `[steps, rows, outputs]`
    pub(crate) y: &'a mut [f32],
}

impl Kernel for Forward<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let Self { net, rows, r, .. } = self;
        let (stride, inputs, outputs) = (net.stride, net.inputs, net.outputs);
        assert!(self.bias.len() == stride && self.gains.len() == stride && r.len() == rows * stride);
        for (step, (h, y)) in
            self.h.chunks_exact_mut(rows * stride).zip(self.y.chunks_exact_mut(rows * outputs)).enumerate()
        {
            // SAFETY: h and r have `rows` rows.
            unsafe { net.forward.multiply::<S>(r, h, rows, stride) };
            for row in 0..rows {
                let x = &self.x[(step * rows + row) * inputs..][..inputs];
                let (h, r) = (&mut h[row * stride..][..stride], &mut r[row * stride..][..stride]);
                for at in (0..stride).step_by(S::LANES) {
                    // SAFETY: `at + LANES` is within `stride`, the length of all that is read and written.
                    unsafe {
                        let mut sum = S::load(self.bias.as_ptr().add(at));
                        for (k, x) in x.iter().enumerate() {
                            sum = S::mul_add(
                                S::load(net.input.as_ptr().add(k * stride + at)),
                                S::splat(*x),
                                sum,
                            );
                        }
                        let product = S::load(h.as_ptr().add(at));
                        let sum = S::mul_add(product, S::load(net.scales.as_ptr().add(at)), sum);
                        let active = S::relu(sum);
                        S::store(h.as_mut_ptr().add(at), active);
                        // r ← α r + (β m) h
                        let zero = S::splat(0.0);
                        let kept = S::mul_add(S::load(r.as_ptr().add(at)), S::splat(net.alpha), zero);
                        let gain = S::load(self.gains.as_ptr().add(at));
                        S::store(r.as_mut_ptr().add(at), S::mul_add(gain, active, kept));
                    }
                }
                for (y, readout) in y[row * outputs..].iter_mut().zip(net.readout.chunks_exact(stride)) {
                    // SAFETY: both have `stride` values.
                    *y = unsafe { dot::<S>(readout, r) };
                }
            }
        }
    }
}

#[inline(always)]
unsafe fn dot<S: Simd>(a: &[f32], b: &[f32]) -> f32 {
    assert!(a.len() == b.len() && a.len().is_multiple_of(S::LANES));
    let mut lanes = [0.0; 16];
    // SAFETY: as asserted; no vector has more than 16 lanes.
    unsafe {
        let mut acc = S::splat(0.0);
        for at in (0..a.len()).step_by(S::LANES) {
            acc = S::mul_add(S::load(a.as_ptr().add(at)), S::load(b.as_ptr().add(at)), acc);
        }
        S::store(lanes.as_mut_ptr(), acc);
    }
    lanes[..S::LANES].iter().sum()
}

/// The adjoint of all steps of a tile's trajectories.
pub(crate) struct Backward<'a> {
    pub(crate) net: &'a Recurrence,
    /// β m
    pub(crate) gains: &'a [f32],
    /// `[steps, rows, stride]`
    pub(crate) h: &'a [f32],
    /// `[steps, rows, outputs]`
    pub(crate) delta: &'a [f32],
    pub(crate) rows: usize,
    pub(crate) truncate: usize,
    /// `[rows, stride]`: zero, then ∂L/∂r₀
    pub(crate) adjoint: &'a mut [f32],
    /// `[stride]`, or empty
    pub(crate) of_bias: &'a mut [f32],
    /// `[stride]`, or empty
    pub(crate) of_gain: &'a mut [f32],
}

impl Kernel for Backward<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let Self { net, rows, adjoint, of_bias, of_gain, .. } = self;
        let (stride, outputs) = (net.stride, net.outputs);
        assert!(self.gains.len() == stride && adjoint.len() == rows * stride);
        let mut scaled = vec![0.0; rows * stride]; // s ∘ g: W = diag(s) Q
        let mut product = vec![0.0; rows * stride];
        let steps = self.h.chunks_exact(rows * stride).zip(self.delta.chunks_exact(rows * outputs));
        for (step, (h, delta)) in steps.enumerate().rev() {
            for row in 0..rows {
                let (h, a) = (&h[row * stride..][..stride], &mut adjoint[row * stride..][..stride]);
                let scaled = &mut scaled[row * stride..][..stride];
                for at in (0..stride).step_by(S::LANES) {
                    // SAFETY: `at + LANES` is within `stride`, the length of all that is read and written.
                    unsafe {
                        let mut back = S::load(a.as_ptr().add(at));
                        for o in 0..outputs {
                            let c = S::load(net.readout.as_ptr().add(o * stride + at));
                            back = S::mul_add(c, S::splat(delta[row * outputs + o]), back);
                        }
                        S::store(a.as_mut_ptr().add(at), back);
                        let (zero, active) = (S::splat(0.0), S::load(h.as_ptr().add(at)));
                        let g = S::mul_add(back, S::load(self.gains.as_ptr().add(at)), zero);
                        let gated = OfBias::accumulate::<S>(zero, active, g);
                        if !of_bias.is_empty() {
                            let sum = of_bias.as_mut_ptr().add(at);
                            S::store(sum, S::add(S::load(sum), gated));
                        }
                        if !of_gain.is_empty() {
                            let sum = of_gain.as_mut_ptr().add(at);
                            let back = S::mul_add(back, S::splat(net.beta), zero);
                            S::store(sum, OfGain::accumulate::<S>(S::load(sum), active, back));
                        }
                        let scale = S::load(net.scales.as_ptr().add(at));
                        S::store(scaled.as_mut_ptr().add(at), S::mul_add(gated, scale, zero));
                    }
                }
            }
            // SAFETY: both have `rows` rows.
            unsafe { net.backward.multiply::<S>(&scaled, &mut product, rows, stride) };
            let kept = if step.is_multiple_of(self.truncate) && step > 0 { 0.0 } else { 1.0 };
            for (a, w) in adjoint.iter_mut().zip(&product) {
                *a = kept * (net.alpha * *a + w);
            }
        }
    }
}
