//! Adam (Kingma & Ba 2015), with weight decay added to the gradient as PyTorch's `Adam` does.

use rayon::prelude::*;

const BETA1: f32 = 0.9;
const BETA2: f32 = 0.999;
const EPSILON: f32 = 1e-8;

/// Parameters that one thread works on at a time; a vector of biases is a single chunk.
pub(crate) const CHUNK: usize = 1 << 16;

/// Running moments of the gradient of one parameter vector.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Adam {
    /// Mean of the gradient.
    pub(crate) m: Vec<f32>,
    /// Mean of its square.
    pub(crate) v: Vec<f32>,
}

impl Adam {
    /// Moments of `len` parameters before the first step.
    pub(crate) fn new(len: usize) -> Self {
        Self { m: vec![0.0; len], v: vec![0.0; len] }
    }

    /// One step; `step` counts from 1.
    pub(crate) fn update(
        &mut self,
        parameters: &mut [f32],
        gradient: &[f32],
        step: u64,
        lr: f64,
        weight_decay: f64,
    ) {
        let correction = |beta: f32| 1.0 - libm::pow(f64::from(beta), step as f64);
        let rate = (lr / correction(BETA1)) as f32;
        let to_v = (1.0 / correction(BETA2)) as f32;
        let decay = weight_decay as f32;
        let moments = self.m.par_chunks_mut(CHUNK).zip(self.v.par_chunks_mut(CHUNK));
        let values = parameters.par_chunks_mut(CHUNK).zip(gradient.par_chunks(CHUNK));
        values.zip(moments).for_each(|((x, g), (m, v))| {
            for ((x, &g), (m, v)) in x.iter_mut().zip(g).zip(m.iter_mut().zip(v)) {
                let g = g + decay * *x;
                *m = BETA1 * *m + (1.0 - BETA1) * g;
                *v = BETA2 * *v + (1.0 - BETA2) * g * g;
                *x -= rate * *m / ((*v * to_v).sqrt() + EPSILON);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // torch 2.9.1:
    //   x = torch.tensor([1.0, -2.0], requires_grad=True); o = torch.optim.Adam([x], lr=0.1, weight_decay=0.01)
    //   for g in ([0.5, -1.0], [0.25, 3.0], [0.0, 1e-4]): x.grad = torch.tensor(g); o.step(); print(x.tolist())
    #[test]
    fn three_steps_equal_pytorch() {
        let expected = [
            [0.900_000_035_762_786_9, -1.899_999_976_158_142],
            [0.806_555_092_334_747_3, -1.948_727_130_889_892_6],
            [0.733_427_584_171_295_2, -1.985_999_345_779_419],
        ];
        let mut x = [1.0, -2.0];
        let mut adam = Adam::new(2);
        for (step, (g, expected)) in (1..).zip([[0.5, -1.0], [0.25, 3.0], [0.0, 1e-4]].iter().zip(expected)) {
            adam.update(&mut x, g, step, 0.1, 0.01);
            for (x, expected) in x.iter().zip(expected) {
                assert!((f64::from(*x) - expected).abs() < 1e-6, "step {step}: {x} {expected}");
            }
        }
    }
}
