//! The biases of several hidden layers: candle, whose products these layers' cost is.

use bl_core::deep::DeepLayers;
use bl_core::{Mlp, Parameters, Prepared, Preprocessing};
use bl_kernels::BatchLoss;
use candle_core::{D, DType, Device, Tensor, Var};

use super::{Initial, Learned, Objective, Validation};
use crate::config::TrainConfig;
use crate::error::Error;
use crate::frozen_half::FrozenHalf;

pub(crate) struct DeepBiases<'a, 'd> {
    mlp: &'a Mlp,
    layers: &'a DeepLayers,
    config: &'a TrainConfig,
    preprocessing: Preprocessing,
    labels: &'a [u8],
    frozen: &'a mut FrozenHalf<'d>,
}

impl<'a, 'd> DeepBiases<'a, 'd> {
    pub(crate) fn new(
        mlp: &'a Mlp,
        config: &'a TrainConfig,
        preprocessing: Preprocessing,
        labels: &'a [u8],
        frozen: &'a mut FrozenHalf<'d>,
    ) -> Result<Self, Error> {
        Ok(Self { layers: mlp.layers_after_first()?, mlp, config, preprocessing, labels, frozen })
    }
}

impl Objective for DeepBiases<'_, '_> {
    fn initial(&self) -> Vec<Initial> {
        let base = self.config.base_bias();
        let layers = self.mlp.spec().layers.iter().enumerate();
        layers
            .map(|(layer, spec)| Initial {
                name: format!("hidden.{layer}.bias"),
                values: base.draw(layer, spec.units as usize),
            })
            .collect()
    }

    fn begin_epoch(&mut self, epoch: u32) {
        self.frozen.begin_epoch(epoch);
    }

    fn loss_and_gradient(
        &mut self,
        biases: &[Vec<f32>],
        rows: &[u32],
        into: &mut [Vec<f32>],
    ) -> Result<BatchLoss, Error> {
        let batch = self.frozen.batch(self.mlp, rows, self.labels)?;
        let p = bl_core::deep::rows(batch.p, &batch.rows)?;
        let labels: Vec<u32> = batch.rows.iter().map(|&row| batch.labels[row as usize].into()).collect();
        let variables = variables(biases.iter().map(|bias| (&**bias, vec![bias.len()])))?;
        let tensors: Vec<Tensor> = variables.iter().map(|b| b.as_tensor().clone()).collect();
        let logits = self.mlp.forward(self.layers, &p, self.preprocessing, &tensors)?;
        backward(&logits, labels, &variables, into)
    }

    fn validate(&mut self, biases: &[Vec<f32>], rows: &[u32]) -> Result<Validation, Error> {
        let adapter = Prepared::new(self.mlp, self.preprocessing, biases)?;
        let scores = self.frozen.scores(self.mlp, rows, self.config.batch_size, self.labels, &adapter)?;
        Ok(Validation::of_scores(&scores, self.labels, rows))
    }

    fn learned(&self, biases: Vec<Vec<f32>>) -> Learned {
        Learned::Units(Parameters::of_biases(biases))
    }
}

/// Parameters with their shapes, as variables of candle's autograd.
fn variables<'v>(parameters: impl Iterator<Item = (&'v [f32], Vec<usize>)>) -> Result<Vec<Var>, Error> {
    parameters.map(|(values, shape)| Ok(Var::from_slice(values, shape, &Device::Cpu)?)).collect()
}

/// Cross-entropy of a batch and its gradient with respect to the variables.
///
/// # Shapes
/// - `logits`: `[batch, outputs]`, `labels`: `[batch]`
fn backward(
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
