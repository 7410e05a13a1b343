//! The inner loops of the recurrence: a step forward, a step back.

use crate::fixed_point::FixedPoint;
use crate::recurrent::Recurrence;
use crate::simd::{Kernel, SUMS, Simd};

/// All steps of a tile's trajectories.
pub(crate) struct Forward<'a> {
    pub(crate) net: &'a Recurrence,
    pub(crate) bias: &'a [f32],
    /// β m
    pub(crate) gains: &'a [f32],
    /// `[steps, rows, inputs]`
    pub(crate) x: &'a [f32],
    /// Steps of each row, `[rows]`: after its end a row stays as it is.
    pub(crate) lengths: &'a [usize],
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
        let Self { net, r, .. } = self;
        let rows = self.lengths.len();
        let (stride, inputs, outputs) = (net.stride, net.inputs, net.outputs);
        assert!(self.bias.len() == stride && self.gains.len() == stride && r.len() == rows * stride);
        let mut state = FixedPoint::zero(rows, stride);
        for (step, (h, y)) in
            self.h.chunks_exact_mut(rows * stride).zip(self.y.chunks_exact_mut(rows * outputs)).enumerate()
        {
            state.round(r);
            // SAFETY: the CPU has the instructions of `S`.
            unsafe { net.forward.multiply::<S>(&state, h) };
            for row in 0..rows {
                let x = &self.x[(step * rows + row) * inputs..][..inputs];
                let (h, r) = (&mut h[row * stride..][..stride], &mut r[row * stride..][..stride]);
                if step >= self.lengths[row] {
                    h.fill(0.0);
                    continue;
                }
                for at in (0..stride).step_by(S::LANES) {
                    // SAFETY: `at + LANES` is within `stride`, the length of all that is read and written.
                    unsafe {
                        let mut sum = S::load(self.bias.as_ptr().add(at));
                        for (k, x) in x.iter().enumerate() {
                            let b = S::load(net.input.as_ptr().add(k * stride + at));
                            sum = S::add(sum, S::mul(b, S::splat(*x)));
                        }
                        let product = S::load(h.as_ptr().add(at));
                        let sum = S::add(sum, S::mul(product, S::load(net.scales.as_ptr().add(at))));
                        let active = S::relu(sum);
                        S::store(h.as_mut_ptr().add(at), active);
                        // r ← α r + (β m) h
                        let kept = S::mul(S::load(r.as_ptr().add(at)), S::splat(net.alpha));
                        let gain = S::load(self.gains.as_ptr().add(at));
                        S::store(r.as_mut_ptr().add(at), S::add(kept, S::mul(gain, active)));
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
    assert!(a.len() == b.len() && a.len().is_multiple_of(SUMS));
    let mut sums = [0.0; SUMS];
    for lane in (0..SUMS).step_by(S::LANES) {
        // SAFETY: as asserted; `lane + LANES` is within the sums.
        unsafe {
            let mut acc = S::splat(0.0);
            for at in (lane..a.len()).step_by(SUMS) {
                acc = S::add(acc, S::mul(S::load(a.as_ptr().add(at)), S::load(b.as_ptr().add(at))));
            }
            S::store(sums.as_mut_ptr().add(lane), acc);
        }
    }
    sums.iter().sum()
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
        let mut fixed = FixedPoint::zero(rows, stride);
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
                            back = S::add(back, S::mul(c, S::splat(delta[row * outputs + o])));
                        }
                        S::store(a.as_mut_ptr().add(at), back);
                        let active = S::load(h.as_ptr().add(at));
                        let g = S::mul(back, S::load(self.gains.as_ptr().add(at)));
                        let gated = S::add_where_positive(active, g, S::splat(0.0));
                        if !of_bias.is_empty() {
                            let sum = of_bias.as_mut_ptr().add(at);
                            S::store(sum, S::add(S::load(sum), gated));
                        }
                        if !of_gain.is_empty() {
                            let sum = of_gain.as_mut_ptr().add(at);
                            let back = S::mul(back, S::splat(net.beta));
                            S::store(sum, S::add(S::load(sum), S::mul(active, back)));
                        }
                        let scale = S::load(net.scales.as_ptr().add(at));
                        S::store(scaled.as_mut_ptr().add(at), S::mul(gated, scale));
                    }
                }
            }
            fixed.round(&scaled);
            // SAFETY: the CPU has the instructions of `S`.
            unsafe { net.backward.multiply::<S>(&fixed, &mut product) };
            let kept = if step.is_multiple_of(self.truncate) && step > 0 { 0.0 } else { 1.0 };
            for (a, w) in adjoint.iter_mut().zip(&product) {
                *a = kept * (net.alpha * *a + w);
            }
        }
    }
}
