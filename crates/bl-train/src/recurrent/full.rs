//! The baseline: every weight of a recurrent network learned, by back-propagation through time.
//!
//! The gradient of the weights is one product over all steps, `dW = Σ_t g_t r_{t−1}ᵀ`, rather than a product and an
//! addition at every step as autograd has it. Networks that match an adapter's number of parameters have some thirty
//! units: there a tensor library's calls cost fifty times their arithmetic, so this is on plain matrices.

use bl_core::recurrent::RecurrentBackbone;
use bl_kernels::BatchLoss;
use ndarray::linalg::general_mat_mul;
use ndarray::{Array2, Array3, ArrayView2, Axis, Slice, Zip};

use super::config::RecurrentConfig;
use super::lesson::Lesson;
use super::network::{RecurrentNetwork, States, Weights, flat, of_step, shape};
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

    /// In the order of the parameters.
    fn gradient(
        &self,
        weights: &Weights<'_>,
        states: &States,
        x: ArrayView2<'_, f32>,
        delta: ArrayView2<'_, f32>,
    ) -> Vec<Vec<f32>> {
        let (steps, trajectories, units) = states.h.dim();
        let read = delta.dot(&weights.c); // Cᵀ δ of every step
        let truncate = self.config.truncate.map_or(usize::MAX, |steps| steps as usize);
        let mut adjoint = Array2::<f32>::zeros((trajectories, units));
        let mut all_g = Array3::<f32>::zeros((steps, trajectories, units));
        for step in (0..steps).rev() {
            adjoint += &of_step(read.view(), step, trajectories);
            let mut g = all_g.index_axis_mut(Axis(0), step);
            Zip::from(&mut g)
                .and(&adjoint)
                .and(&states.h.index_axis(Axis(0), step))
                .for_each(|g, a, h| *g = if *h > 0.0 { weights.beta * a } else { 0.0 });
            if step.is_multiple_of(truncate) && step > 0 {
                adjoint.fill(0.0);
            } else {
                general_mat_mul(1.0, &g, &weights.w, weights.alpha, &mut adjoint);
            }
        }
        let g = flat(all_g.view());
        let before = flat(states.r.slice_axis(Axis(0), Slice::from(..steps)));
        let after = flat(states.r.slice_axis(Axis(0), Slice::from(1..)));
        let values = |matrix: Array2<f32>| matrix.iter().copied().collect::<Vec<f32>>(); // in standard order
        let mut gradients = vec![
            values(g.t().dot(&before)),
            values(g.t().dot(&x)),
            g.sum_axis(Axis(0)).to_vec(),
            values(delta.t().dot(&after)),
        ];
        if self.config.learn_state {
            gradients.push(adjoint.sum_axis(Axis(0)).to_vec());
        }
        gradients
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
        let (units, inputs) = (self.backbone.units(), self.backbone.spec().input.values as usize);
        let weights = Weights::new(self.backbone.spec(), parameters).map_err(shape)?;
        let shown = self.lesson.show(rows);
        let x = ArrayView2::from_shape((shown.steps * rows.len(), inputs), &shown.x).map_err(shape)?;
        let initial = parameters.get(4).map_or(self.backbone.initial(), |state| state).repeat(rows.len());
        let r = ArrayView2::from_shape((rows.len(), units), &initial).map_err(shape)?;
        let states = weights.unroll(x, shown.steps, r);
        let y: Vec<f32> = states.y.iter().copied().collect();
        if let Some(at) = y.iter().position(|y| !y.is_finite()) {
            let per_step = y.len() / shown.steps;
            return Err(Error::Exploded { epoch: 0, step: 0, time: at / per_step });
        }
        let wrong = self.lesson.judge(rows, &y)?;
        let delta = ArrayView2::from_shape(states.y.dim(), &wrong.delta).map_err(shape)?;
        for (into, gradient) in into.iter_mut().zip(self.gradient(&weights, &states, x, delta)) {
            *into = gradient;
        }
        Ok(BatchLoss { sum: wrong.sum, correct: 0 })
    }

    fn has_classes(&self) -> bool {
        false
    }
}
