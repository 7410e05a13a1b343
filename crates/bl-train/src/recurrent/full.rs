//! The baseline: every weight of a recurrent network learned, by back-propagation through time in candle.
//!
//! The gradient of the weights is one product over all steps, `dW = Σ_t g_t r_{t−1}ᵀ`, rather than a product and an
//! addition at every step as autograd has it.

use bl_core::recurrent::RecurrentBackbone;
use bl_kernels::BatchLoss;
use candle_core::{DType, Device, Tensor};

use super::config::RecurrentConfig;
use super::lesson::{Lesson, Wrong};
use super::network::{RecurrentNetwork, States, Weights};
use crate::error::Error;
use crate::objective::{Initial, Objective};

pub(crate) struct Full<'a> {
    backbone: &'a RecurrentBackbone,
    config: &'a RecurrentConfig,
    lesson: &'a Lesson<'a>,
}

impl<'a> Full<'a> {
    pub(crate) fn new(
        backbone: &'a RecurrentBackbone,
        config: &'a RecurrentConfig,
        lesson: &'a Lesson<'a>,
    ) -> Self {
        Self { backbone, config, lesson }
    }

    /// What the parameters mean.
    pub(crate) fn network(&self, mut parameters: Vec<Vec<f32>>) -> RecurrentNetwork {
        let initial = if self.config.learn_state {
            parameters.pop().unwrap_or_default()
        } else {
            self.backbone.initial().to_vec()
        };
        RecurrentNetwork::new(self.backbone.spec().clone(), parameters, initial)
    }

    fn gradient(
        &self,
        weights: &Weights,
        states: &States,
        x: Option<&Tensor>,
        wrong: &Wrong,
    ) -> candle_core::Result<Vec<Tensor>> {
        let (steps, trajectories) = (states.h.len(), states.r[0].dim(0)?);
        let delta = Tensor::from_slice(&wrong.delta, states.y.shape(), &Device::Cpu)?;
        let read = delta.matmul(&weights.c)?; // Cᵀ δ of every step
        let truncate = self.config.truncate.map_or(usize::MAX, |steps| steps as usize);
        let mut adjoint = states.r[0].zeros_like()?;
        let mut g = vec![adjoint.clone(); steps];
        for step in (0..steps).rev() {
            adjoint = (adjoint + read.narrow(0, step * trajectories, trajectories)?)?;
            let on = states.h[step].gt(0.0_f32)?.to_dtype(DType::F32)?;
            let gated = ((&adjoint * weights.beta)? * on)?;
            let back = gated.matmul(&weights.w)?;
            g[step] = gated;
            adjoint = match step.is_multiple_of(truncate) && step > 0 {
                true => adjoint.zeros_like()?,
                false if weights.alpha == 0.0 => back,
                false => ((adjoint * weights.alpha)? + back)?,
            };
        }
        let g = Tensor::cat(&g, 0)?; // [steps · trajectories, units]
        let transposed = g.t()?.contiguous()?;
        let before = Tensor::cat(&states.r[..steps], 0)?;
        let after = Tensor::cat(&states.r[1..], 0)?;
        let mut gradients = vec![
            transposed.matmul(&before)?,
            match x {
                Some(x) => transposed.matmul(x)?,
                None => Tensor::zeros((g.dim(1)?, 0), DType::F32, &Device::Cpu)?,
            },
            g.sum(0)?,
            delta.t()?.contiguous()?.matmul(&after)?,
        ];
        if self.config.learn_state {
            gradients.push(adjoint.sum(0)?);
        }
        Ok(gradients)
    }
}

impl Objective for Full<'_> {
    fn initial(&self) -> Vec<Initial> {
        let backbone = self.backbone;
        let initial = |name: &str, values| Initial { name: name.into(), values };
        let mut parameters = vec![
            initial("recurrent.weight", backbone.recurrent().weights()),
            initial("input.weight", backbone.input().weights()),
            initial("hidden.0.bias", self.config.base_bias().draw(0, backbone.units())),
            initial("readout.weight", backbone.readout().weights()),
        ];
        if self.config.learn_state {
            parameters.push(initial("state.0", backbone.initial().to_vec()));
        }
        parameters
    }

    fn loss_and_gradient(
        &mut self,
        parameters: &[Vec<f32>],
        rows: &[u32],
        into: &mut [Vec<f32>],
    ) -> Result<BatchLoss, Error> {
        let units = self.backbone.units();
        let weights = Weights::new(self.backbone.spec(), parameters)?;
        let shown = self.lesson.show(rows);
        let x = match self.backbone.spec().input.values as usize {
            0 => None,
            inputs => Some(Tensor::from_vec(shown.x, (shown.steps * rows.len(), inputs), &Device::Cpu)?),
        };
        let initial = parameters.get(4).map_or(self.backbone.initial(), |state| state);
        let r = Tensor::from_vec(initial.repeat(rows.len()), (rows.len(), units), &Device::Cpu)?;
        let states = weights.unroll(x.as_ref(), shown.steps, r)?;
        let y: Vec<f32> = states.y.flatten_all()?.to_vec1()?;
        if let Some(at) = y.iter().position(|y| !y.is_finite()) {
            let per_step = y.len() / shown.steps;
            return Err(Error::Exploded { epoch: 0, step: 0, time: at / per_step });
        }
        let wrong = self.lesson.judge(rows, &y)?;
        let gradients = self.gradient(&weights, &states, x.as_ref(), &wrong)?;
        for (into, gradient) in into.iter_mut().zip(gradients) {
            *into = gradient.flatten_all()?.to_vec1()?;
        }
        Ok(BatchLoss { sum: wrong.sum, correct: 0 })
    }

    fn has_classes(&self) -> bool {
        false
    }
}
