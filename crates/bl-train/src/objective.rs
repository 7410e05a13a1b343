//! What a method learns, and how the gradient of it is had.

use bl_core::{Backbone, Preprocessing, UnitGains};
use bl_kernels::BatchLoss;

use crate::config::{Method, TrainConfig};
use crate::deep::DeepBiases;
use crate::error::Error;
use crate::full::Full;
use crate::network::Network;
use crate::shallow::Shallow;
use crate::training_set::TrainingSet;

/// A parameter vector by name, as a run begins with it.
pub(crate) struct Initial {
    pub(crate) name: String,
    pub(crate) values: Vec<f32>,
}

/// What a run learned.
#[derive(Clone, Debug)]
pub enum Learned {
    /// What an adapter holds.
    Units {
        /// One vector for each hidden layer.
        biases: Vec<Vec<f32>>,
        /// What multiplies the units' activations.
        gains: UnitGains,
    },
    /// A network of its own.
    Network(Network),
}

/// A loss as a function of some parameter vectors, over the rows of a training set.
pub(crate) trait Objective {
    /// The parameters as the run begins.
    fn initial(&self) -> Vec<Initial>;

    /// An epoch (from 0) begins.
    fn begin_epoch(&mut self, _epoch: u32) {}

    /// The loss of a batch, summed, and the gradient of its mean: `into` is shaped as `parameters`.
    fn loss_and_gradient(
        &mut self,
        parameters: &[Vec<f32>],
        rows: &[u32],
        into: &mut [Vec<f32>],
    ) -> Result<BatchLoss, Error>;

    /// Whether [`BatchLoss::correct`] says anything.
    fn has_classes(&self) -> bool {
        true
    }
}

/// An objective whose outputs are scores of classes.
pub(crate) trait Classifier: Objective {
    /// Class scores of any number of rows as they will be at test time, `[rows.len(), outputs]`.
    fn scores(&mut self, parameters: &[Vec<f32>], rows: &[u32]) -> Result<Vec<f32>, Error>;

    /// What the parameters mean.
    fn learned(&self, parameters: Vec<Vec<f32>>) -> Learned;
}

/// The objective that a configuration asks for.
pub(crate) fn objective<'a>(
    backbone: &'a Backbone,
    config: &'a TrainConfig,
    preprocessing: Preprocessing,
    set: &'a mut TrainingSet<'_>,
) -> Result<Box<dyn Classifier + 'a>, Error> {
    let layers = backbone.spec().layers.len();
    Ok(match config.method {
        Method::Full => Box::new(Full::new(backbone.spec(), config, preprocessing, set.data)),
        _ if layers == 1 => Box::new(Shallow::new(backbone, config, preprocessing, set)?),
        Method::Bias => Box::new(DeepBiases::new(backbone, config, preprocessing, set)?),
        method => return Err(Error::OneLayerMethod { method: method.name(), layers }),
    })
}
