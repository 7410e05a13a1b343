//! The baseline: every weight of a recurrent network learned, by back-propagation through time.
//!
//! The gradient of the weights is one product over all steps, `dW = Σ_t g_t r_{t−1}ᵀ`, rather than a product and an
//! addition at every step as autograd has it. Networks that match an adapter's number of parameters have some thirty
//! units: there a tensor library's calls cost fifty times their arithmetic, so this is on plain matrices.

use bl_core::{Net, Rnn};
use bl_kernels::BatchLoss;
use bl_tasks::Loss;
use ndarray::linalg::general_mat_mul;
use ndarray::{Array2, Array3, ArrayView2, Axis, Slice, Zip};

use super::rnn::validation;
use super::{Initial, Learned, Objective, Validation};
use crate::config::TrainConfig;
use crate::error::Error;
use crate::network::rnn::{RnnNetwork, States, Weights, flat, of_step, shape};

pub(crate) struct Full<'a> {
    rnn: &'a Rnn,
    config: &'a TrainConfig,
    loss: &'a dyn Loss,
}

impl<'a> Full<'a> {
    pub(crate) fn new(rnn: &'a Rnn, config: &'a TrainConfig, loss: &'a dyn Loss) -> Self {
        Self { rnn, config, loss }
    }

    /// What the parameters mean.
    fn network(&self, mut parameters: Vec<Vec<f32>>) -> RnnNetwork {
        let initial = if self.config.learns_state() {
            parameters.pop().unwrap_or_default()
        } else {
            self.rnn.initial().to_vec()
        };
        RnnNetwork::new(self.rnn.spec().clone(), parameters, initial)
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
        if self.config.learns_state() {
            gradients.push(adjoint.sum_axis(Axis(0)).to_vec());
        }
        gradients
    }
}

impl Objective for Full<'_> {
    fn initial(&self) -> Vec<Initial> {
        let rnn = self.rnn;
        let initial = |name: &str, values| Initial { name: name.into(), values };
        let mut parameters = vec![
            initial("recurrent.weight", rnn.recurrent().weights()),
            initial("input.weight", rnn.input().weights()),
            initial("hidden.0.bias", self.config.base_bias().draw(0, rnn.units())),
            initial("readout.weight", rnn.readout().weights()),
        ];
        if self.config.learns_state() {
            parameters.push(initial("state.0", rnn.initial().to_vec()));
        }
        parameters
    }

    fn loss_and_gradient(
        &mut self,
        parameters: &[Vec<f32>],
        rows: &[u32],
        into: &mut [Vec<f32>],
    ) -> Result<BatchLoss, Error> {
        let (units, inputs) = (self.rnn.units(), self.rnn.spec().input.values as usize);
        let weights = Weights::new(self.rnn.spec(), parameters).map_err(shape)?;
        let shown = self.loss.inputs(rows);
        let x = ArrayView2::from_shape((shown.steps * rows.len(), inputs), &shown.x).map_err(shape)?;
        let initial = parameters.get(4).map_or(self.rnn.initial(), |state| state).repeat(rows.len());
        let r = ArrayView2::from_shape((rows.len(), units), &initial).map_err(shape)?;
        let states = weights.unroll(x, shown.steps, r);
        let y: Vec<f32> = states.y.iter().copied().collect();
        if let Some(at) = y.iter().position(|y| !y.is_finite()) {
            let per_step = y.len() / shown.steps;
            return Err(Error::Exploded { epoch: 0, step: 0, time: at / per_step });
        }
        let wrong = self.loss.gradient(rows, &y)?;
        let delta = ArrayView2::from_shape(states.y.dim(), &wrong.delta).map_err(shape)?;
        for (into, gradient) in into.iter_mut().zip(self.gradient(&weights, &states, x, delta)) {
            *into = gradient;
        }
        Ok(BatchLoss { sum: wrong.sum, correct: wrong.correct })
    }

    fn has_classes(&self) -> bool {
        self.loss.has_classes()
    }

    fn validate(&mut self, parameters: &[Vec<f32>], rows: &[u32]) -> Result<Validation, Error> {
        let network = self.network(parameters.to_vec());
        validation(self.loss, rows, self.config.batch_size, |x, steps, count| {
            Ok(network.run(x, steps, &mut network.initial().repeat(count))?)
        })
    }

    fn learned(&self, parameters: Vec<Vec<f32>>) -> Learned {
        Learned::Network(Box::new(self.network(parameters).into()))
    }
}
