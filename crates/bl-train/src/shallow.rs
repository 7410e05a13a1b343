//! One hidden layer, its biases, mask or gains: the fused kernel over cached pre-activations.

use bl_core::{Backbone, BaseBias, Prepared, Preprocessing, UnitGains};
use bl_kernels::{BatchLoss, Gradient, Wrt, loss_and_gradient};

use crate::config::{Method, TrainConfig};
use crate::draws::initial_mask;
use crate::error::Error;
use crate::mask::{binary_mask, soft_mask, temperature, to_mask_gradient};
use crate::objective::{Classifier, Initial, Learned, Objective};
use crate::training_set::TrainingSet;

/// `y = A (m ∘ φ(p + b))` with b, m, or both learned. A mask is `m = sigmoid(g / τ)` while it is learned.
pub(crate) struct Shallow<'a, 'd> {
    backbone: &'a Backbone,
    config: &'a TrainConfig,
    preprocessing: Preprocessing,
    set: &'a mut TrainingSet<'d>,
    adapter: Prepared,
    gradient: Gradient,
    /// b at the start: fixed where it is not learned.
    base: Vec<Vec<f32>>,
    /// m of the step
    gains: Vec<f32>,
    /// τ
    temperature: f64,
}

impl<'a, 'd> Shallow<'a, 'd> {
    pub(crate) fn new(
        backbone: &'a Backbone,
        config: &'a TrainConfig,
        preprocessing: Preprocessing,
        set: &'a mut TrainingSet<'d>,
    ) -> Result<Self, Error> {
        let base = vec![base_bias(config).draw(0, backbone.units())];
        let wrt = match config.method {
            Method::Mask | Method::Gain => Wrt::UnitGain,
            Method::BiasGain => Wrt::Both,
            Method::Bias | Method::Full => Wrt::Bias,
        };
        Ok(Self {
            adapter: Prepared::new(backbone, preprocessing, &base)?,
            gradient: Gradient::new(wrt, backbone.units()),
            backbone,
            config,
            preprocessing,
            set,
            base,
            gains: Vec::new(),
            temperature: 1.0,
        })
    }

    /// Sets the adapter of a step to the parameters.
    fn set(&mut self, parameters: &[Vec<f32>]) -> Result<(), Error> {
        if matches!(self.config.method, Method::Bias | Method::BiasGain) {
            self.adapter.set_first(self.backbone, self.preprocessing, &parameters[0]);
        }
        match self.config.method {
            Method::Bias | Method::Full => return Ok(()),
            Method::Mask => {
                soft_mask(&parameters[0], self.temperature, &mut self.gains);
            }
            Method::Gain => self.gains.clone_from(&parameters[0]),
            Method::BiasGain => self.gains.clone_from(&parameters[1]),
        }
        Ok(self.adapter.set_gains(self.backbone, &self.gains)?)
    }
}

/// The biases that a run begins with, and keeps where they are not learned.
pub(crate) fn base_bias(config: &TrainConfig) -> BaseBias {
    BaseBias { half_width: config.bias_init, mean: 0.0, seed: config.seed }
}

impl Objective for Shallow<'_, '_> {
    fn initial(&self) -> Vec<Initial> {
        let units = self.backbone.units();
        let TrainConfig { method, seed, bias_init, .. } = *self.config;
        let bias = || Initial { name: "hidden.0.bias".into(), values: self.base[0].clone() };
        let gain = |values| Initial { name: "hidden.0.gain".into(), values };
        match method {
            Method::Bias | Method::Full => vec![bias()],
            Method::Mask => vec![gain(initial_mask(seed, units, bias_init))],
            Method::Gain => vec![gain(vec![1.0; units])],
            Method::BiasGain => vec![bias(), gain(vec![1.0; units])],
        }
    }

    fn begin_epoch(&mut self, epoch: u32) {
        if let Some(last) = self.config.final_temperature {
            self.temperature = temperature(last, epoch, self.config.epochs);
        }
    }

    fn loss_and_gradient(
        &mut self,
        parameters: &[Vec<f32>],
        rows: &[u32],
        into: &mut [Vec<f32>],
    ) -> Result<BatchLoss, Error> {
        self.set(parameters)?;
        let batch = self.set.batch(self.backbone, rows)?;
        let (isa, half) = (self.backbone.isa(), self.adapter.half(self.backbone));
        let loss = loss_and_gradient(isa, batch.p, &batch.rows, batch.labels, &half, &mut self.gradient)
            .map_err(bl_core::Error::from)?;
        let mut into = into.iter_mut();
        if !self.gradient.bias().is_empty()
            && let Some(into) = into.next()
        {
            // The kernel's bias is c = σ b − μ Σ B: a step of b moves it σ as far.
            let std = self.preprocessing.std as f32;
            into.iter_mut().zip(self.gradient.bias()).for_each(|(db, dc)| *db = std * dc);
        }
        if let Some(into) = into.next() {
            into.copy_from_slice(self.gradient.unit_gain());
            if self.config.method == Method::Mask {
                to_mask_gradient(&parameters[0], self.temperature, &self.gains, into);
            }
        }
        Ok(loss)
    }
}

impl Classifier for Shallow<'_, '_> {
    fn scores(&mut self, parameters: &[Vec<f32>], rows: &[u32]) -> Result<Vec<f32>, Error> {
        let Learned::Units { biases, gains } = self.learned(parameters.to_vec()) else { unreachable!() };
        let adapter = Prepared::with_gains(self.backbone, self.preprocessing, &biases, &gains)?;
        self.set.scores(self.backbone, rows, self.config.batch_size, &adapter)
    }

    fn learned(&self, mut parameters: Vec<Vec<f32>>) -> Learned {
        let last = parameters.pop().unwrap_or_default();
        match self.config.method {
            Method::Bias | Method::Full => Learned::Units { biases: vec![last], gains: UnitGains::One },
            Method::Mask => {
                Learned::Units { biases: self.base.clone(), gains: UnitGains::Mask(binary_mask(&last)) }
            }
            Method::Gain => Learned::Units { biases: self.base.clone(), gains: UnitGains::Learned(last) },
            Method::BiasGain => Learned::Units { biases: parameters, gains: UnitGains::Learned(last) },
        }
    }
}
