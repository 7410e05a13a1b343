//! One hidden layer, its biases, mask or gains: the fused kernel over cached pre-activations.

use bl_core::{Mlp, Prepared, Preprocessing};
use bl_kernels::{BatchLoss, Gradient, loss_and_gradient};

use super::units::{UnitGradient, Units};
use super::{Initial, Learned, Objective, Validation};
use crate::config::TrainConfig;
use crate::error::Error;
use crate::frozen_half::FrozenHalf;

/// `y = A (m ∘ φ(p + b))` with b, m, or both learned. A mask is `m = sigmoid(g / τ)` while it is learned.
pub(crate) struct Shallow<'a, 'd> {
    mlp: &'a Mlp,
    config: &'a TrainConfig,
    preprocessing: Preprocessing,
    labels: &'a [u8],
    frozen: &'a mut FrozenHalf<'d>,
    units: Units<'a>,
    adapter: Prepared,
    gradient: Gradient,
}

impl<'a, 'd> Shallow<'a, 'd> {
    pub(crate) fn new(
        mlp: &'a Mlp,
        config: &'a TrainConfig,
        preprocessing: Preprocessing,
        labels: &'a [u8],
        frozen: &'a mut FrozenHalf<'d>,
    ) -> Result<Self, Error> {
        let units = Units::new(config, mlp.units(), &[]);
        let adapter = Prepared::new(mlp, preprocessing, &[units.base().to_vec()])?;
        let gradient = Gradient::new(units.wrt(), mlp.units());
        Ok(Self { mlp, config, preprocessing, labels, frozen, units, adapter, gradient })
    }
}

impl Objective for Shallow<'_, '_> {
    fn initial(&self) -> Vec<Initial> {
        self.units.initial()
    }

    fn begin_epoch(&mut self, epoch: u32) {
        self.units.begin_epoch(epoch);
        self.frozen.begin_epoch(epoch);
    }

    fn loss_and_gradient(
        &mut self,
        parameters: &[Vec<f32>],
        rows: &[u32],
        into: &mut [Vec<f32>],
    ) -> Result<BatchLoss, Error> {
        let (view, gains) = self.units.set(parameters);
        if self.config.method.learns_bias() {
            self.adapter.set_first(self.mlp, self.preprocessing, view.bias);
        }
        if self.config.method.learns_gain() {
            self.adapter.set_gains(self.mlp, gains)?;
        }
        let batch = self.frozen.batch(self.mlp, rows, self.labels)?;
        let (isa, half) = (self.mlp.isa(), self.adapter.kernel_args(self.mlp));
        let loss = loss_and_gradient(isa, batch.p, &batch.rows, batch.labels, &half, &mut self.gradient)
            .map_err(bl_core::Error::from)?;
        let gradient = UnitGradient {
            bias: self.gradient.bias(),
            // The kernel's bias is c = σ b − μ Σ B: a step of b moves it σ as far.
            bias_scale: self.mlp.standardisation(self.preprocessing).std as f32,
            gains: self.gradient.unit_gain(),
            state: &[],
        };
        self.units.write(parameters, &gradient, into);
        Ok(loss)
    }

    fn validate(&mut self, parameters: &[Vec<f32>], rows: &[u32]) -> Result<Validation, Error> {
        let learned = self.units.parameters(parameters.to_vec());
        let adapter = Prepared::with_gains(self.mlp, self.preprocessing, &learned.biases, &learned.gains)?;
        let scores = self.frozen.scores(self.mlp, rows, self.config.batch_size, self.labels, &adapter)?;
        Ok(Validation::of_scores(&scores, self.labels, rows))
    }

    fn learned(&self, parameters: Vec<Vec<f32>>) -> Learned {
        self.units.learned(parameters)
    }
}
