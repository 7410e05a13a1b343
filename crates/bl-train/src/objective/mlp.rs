//! One hidden layer, its biases, mask or gains: the fused kernel over cached pre-activations.

use bl_core::{Mlp, Prepared, Preprocessing};
use bl_kernels::{BatchLoss, Gradient, Targets, loss_and_gradient};

use super::units::{UnitGradient, Units};
use super::{Initial, Learned, Objective, Validation};
use crate::config::TrainConfig;
use crate::error::Error;
use crate::frozen_half::FrozenHalf;

/// What is known of the rows that are trained on.
#[derive(Clone, Copy)]
pub(crate) enum Known<'a> {
    /// The class of each.
    Classes(&'a [u8]),
    /// Numbers.
    Numbers {
        /// `[rows, outputs]`
        targets: &'a [f32],
        /// `[rows]`, which say nothing
        labels: &'a [u8],
    },
}

impl<'a> Known<'a> {
    fn labels(self) -> &'a [u8] {
        let (Self::Classes(labels) | Self::Numbers { labels, .. }) = self;
        labels
    }
}

/// `y = A (m ∘ φ(p + b))` with b, m, or both learned. A mask is `m = sigmoid(g / τ)` while it is learned.
pub(crate) struct Shallow<'a, 'd> {
    mlp: &'a Mlp,
    config: &'a TrainConfig,
    preprocessing: Preprocessing,
    known: Known<'a>,
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
        known: Known<'a>,
        frozen: &'a mut FrozenHalf<'d>,
    ) -> Result<Self, Error> {
        let units = Units::new(config, mlp.units(), &[]);
        let adapter = Prepared::new(mlp, preprocessing, &[units.base().to_vec()])?;
        let gradient = Gradient::new(units.wrt(), mlp.units());
        Ok(Self { mlp, config, preprocessing, known, frozen, units, adapter, gradient })
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
        let batch = self.frozen.batch(self.mlp, rows, self.known.labels())?;
        let numbers = match self.known {
            Known::Classes(_) => Vec::new(),
            Known::Numbers { targets, .. } => of_rows(targets, self.mlp.outputs(), rows),
        };
        let targets = match self.known {
            Known::Classes(_) => Targets::Labels(batch.labels),
            Known::Numbers { .. } => Targets::Values(&numbers),
        };
        let (isa, half) = (self.mlp.isa(), self.adapter.kernel_args(self.mlp));
        let loss = loss_and_gradient(isa, batch.p, &batch.rows, targets, &half, &mut self.gradient)
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
        let labels = self.known.labels();
        let scores = self.frozen.scores(self.mlp, rows, self.config.batch_size, labels, &adapter)?;
        Ok(match self.known {
            Known::Classes(labels) => Validation::of_scores(&scores, labels, rows),
            Known::Numbers { targets, .. } => Validation::of_numbers(&scores, targets, rows),
        })
    }

    fn has_classes(&self) -> bool {
        matches!(self.known, Known::Classes(_))
    }

    fn learned(&self, parameters: Vec<Vec<f32>>) -> Learned {
        self.units.learned(parameters)
    }
}

/// The targets of some rows, `[rows.len(), outputs]`.
fn of_rows(targets: &[f32], outputs: usize, rows: &[u32]) -> Vec<f32> {
    rows.iter().flat_map(|&row| &targets[row as usize * outputs..][..outputs]).copied().collect()
}
