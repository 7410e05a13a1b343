//! The biases of several hidden layers: candle, whose products these layers' cost is.

use bl_core::tensor::DeepLayers;
use bl_core::{Backbone, Prepared, Preprocessing, UnitGains};
use bl_kernels::BatchLoss;
use candle_core::{D, DType, Device, Tensor, Var};

use crate::config::TrainConfig;
use crate::error::Error;
use crate::objective::{Classifier, Initial, Learned, Objective};
use crate::shallow::base_bias;
use crate::training_set::TrainingSet;

pub(crate) struct DeepBiases<'a, 'd> {
    backbone: &'a Backbone,
    layers: &'a DeepLayers,
    config: &'a TrainConfig,
    preprocessing: Preprocessing,
    set: &'a mut TrainingSet<'d>,
}

impl<'a, 'd> DeepBiases<'a, 'd> {
    pub(crate) fn new(
        backbone: &'a Backbone,
        config: &'a TrainConfig,
        preprocessing: Preprocessing,
        set: &'a mut TrainingSet<'d>,
    ) -> Result<Self, Error> {
        Ok(Self { layers: backbone.layers_after_first()?, backbone, config, preprocessing, set })
    }
}

impl Objective for DeepBiases<'_, '_> {
    fn initial(&self) -> Vec<Initial> {
        let base = base_bias(self.config);
        let layers = self.backbone.spec().layers.iter().enumerate();
        layers
            .map(|(layer, spec)| Initial {
                name: format!("hidden.{layer}.bias"),
                values: base.draw(layer, spec.units as usize),
            })
            .collect()
    }

    fn loss_and_gradient(
        &mut self,
        biases: &[Vec<f32>],
        rows: &[u32],
        into: &mut [Vec<f32>],
    ) -> Result<BatchLoss, Error> {
        let batch = self.set.batch(self.backbone, rows)?;
        let p = bl_core::tensor::rows(batch.p, &batch.rows)?;
        let labels: Vec<u32> = batch.rows.iter().map(|&row| batch.labels[row as usize].into()).collect();
        let variables = variables(biases.iter().map(|bias| (&**bias, vec![bias.len()])))?;
        let tensors: Vec<Tensor> = variables.iter().map(|b| b.as_tensor().clone()).collect();
        let logits = self.backbone.forward(self.layers, &p, self.preprocessing, &tensors)?;
        backward(&logits, labels, &variables, into)
    }
}

impl Classifier for DeepBiases<'_, '_> {
    fn scores(&mut self, biases: &[Vec<f32>], rows: &[u32]) -> Result<Vec<f32>, Error> {
        let adapter = Prepared::new(self.backbone, self.preprocessing, biases)?;
        self.set.scores(self.backbone, rows, self.config.batch_size, &adapter)
    }

    fn learned(&self, biases: Vec<Vec<f32>>) -> Learned {
        Learned::Units { biases, gains: UnitGains::One }
    }
}

/// Parameters with their shapes, as variables of candle's autograd.
pub(crate) fn variables<'v>(
    parameters: impl Iterator<Item = (&'v [f32], Vec<usize>)>,
) -> Result<Vec<Var>, Error> {
    parameters.map(|(values, shape)| Ok(Var::from_slice(values, shape, &Device::Cpu)?)).collect()
}

/// Cross-entropy of a batch and its gradient with respect to the variables.
///
/// # Shapes
/// - `logits`: `[batch, outputs]`, `labels`: `[batch]`
pub(crate) fn backward(
    logits: &Tensor,
    labels: Vec<u32>,
    variables: &[Var],
    into: &mut [Vec<f32>],
) -> Result<BatchLoss, Error> {
    let count = labels.len();
    let labels = Tensor::from_vec(labels, count, &Device::Cpu)?;
    let loss = candle_nn::loss::cross_entropy(logits, &labels)?;
    let gradients = loss.backward()?;
    for (into, variable) in into.iter_mut().zip(variables) {
        match gradients.get(variable) {
            Some(gradient) => *into = gradient.flatten_all()?.to_vec1()?,
            None => into.fill(0.0),
        }
    }
    let right = logits.argmax(D::Minus1)?.eq(&labels)?.to_dtype(DType::F32)?.sum_all()?;
    let sum = f64::from(loss.to_scalar::<f32>()?) * count as f64;
    Ok(BatchLoss { sum, correct: right.to_scalar::<f32>()? as usize })
}
