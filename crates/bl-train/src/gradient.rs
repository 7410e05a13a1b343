//! Loss and gradient of a batch: the fused kernel for one hidden layer, candle for more.

use bl_core::tensor::DeepLayers;
use bl_core::{Backbone, Prepared, Preprocessing};
use bl_kernels::{BatchLoss, Gradient, loss_and_gradient};
use candle_core::{D, DType, Device, Tensor, Var};

use crate::cache::Batch;
use crate::error::Error;

/// Computes gradients with respect to the biases, of this backbone and preprocessing.
pub(crate) struct Differentiator<'a> {
    backbone: &'a Backbone,
    preprocessing: Preprocessing,
    path: Path<'a>,
}

enum Path<'a> {
    Fused { adapter: Prepared, gradient: Gradient },
    Deep { layers: &'a DeepLayers },
}

impl<'a> Differentiator<'a> {
    pub(crate) fn new(
        backbone: &'a Backbone,
        preprocessing: Preprocessing,
        biases: &[Vec<f32>],
    ) -> Result<Self, Error> {
        let path = if backbone.is_shallow() {
            let adapter = Prepared::new(backbone, preprocessing, biases)?;
            Path::Fused { adapter, gradient: Gradient::new(backbone.units()) }
        } else {
            Path::Deep { layers: backbone.layers_after_first()? }
        };
        Ok(Self { backbone, preprocessing, path })
    }

    /// The loss of a batch, summed, and the gradient of its mean: `into` has one vector for each layer.
    pub(crate) fn loss_and_gradient(
        &mut self,
        biases: &[Vec<f32>],
        batch: &Batch<'_>,
        into: &mut [Vec<f32>],
    ) -> Result<BatchLoss, Error> {
        match &mut self.path {
            Path::Fused { adapter, gradient } => {
                adapter.set_first(self.backbone, self.preprocessing, &biases[0]);
                let half = adapter.half(self.backbone);
                let isa = self.backbone.isa();
                let loss = loss_and_gradient(isa, batch.p, &batch.rows, batch.labels, &half, gradient)
                    .map_err(bl_core::Error::from)?;
                // The kernel's bias is c = σ b − μ Σ B: a step of b moves it σ as far.
                let std = self.preprocessing.std as f32;
                into[0].iter_mut().zip(gradient.bias()).for_each(|(db, dc)| *db = std * dc);
                Ok(loss)
            }
            Path::Deep { layers } => deep(self.backbone, layers, self.preprocessing, biases, batch, into),
        }
    }
}

fn deep(
    backbone: &Backbone,
    layers: &DeepLayers,
    preprocessing: Preprocessing,
    biases: &[Vec<f32>],
    batch: &Batch<'_>,
    into: &mut [Vec<f32>],
) -> Result<BatchLoss, Error> {
    let device = Device::Cpu;
    let p = bl_core::tensor::rows(batch.p, &batch.rows)?;
    let labels: Vec<u32> = batch.rows.iter().map(|&row| batch.labels[row as usize].into()).collect();
    let labels = Tensor::from_vec(labels, batch.rows.len(), &device)?;
    let variables =
        biases.iter().map(|b| Var::from_slice(b, b.len(), &device)).collect::<Result<Vec<_>, _>>()?;
    let tensors: Vec<Tensor> = variables.iter().map(|b| b.as_tensor().clone()).collect();

    let logits = backbone.forward(layers, &p, preprocessing, &tensors)?;
    let loss = candle_nn::loss::cross_entropy(&logits, &labels)?;
    let gradients = loss.backward()?;

    for (into, variable) in into.iter_mut().zip(&variables) {
        match gradients.get(variable) {
            Some(gradient) => *into = gradient.to_vec1()?,
            None => into.fill(0.0),
        }
    }
    let right = logits.argmax(D::Minus1)?.eq(&labels)?.to_dtype(DType::F32)?.sum_all()?;
    let sum = f64::from(loss.to_scalar::<f32>()?) * batch.rows.len() as f64;
    Ok(BatchLoss { sum, correct: right.to_scalar::<f32>()? as usize })
}
