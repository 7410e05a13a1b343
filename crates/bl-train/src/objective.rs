//! What a method learns, and how the gradient of it is had.

mod bert;
mod deep;
#[cfg(test)]
mod gradients;
mod mlp;
mod mlp_full;
mod rnn;
mod rnn_full;
mod units;

use bl_core::{Backbone, BertSpec, Half, Io, MlpSpec, Net, Parameters, RnnSpec, Spec, argmax};
use bl_kernels::{BatchLoss, squared_error};
use bl_tasks::Lesson;

use crate::config::TrainConfig;
use crate::error::Error;
use crate::frozen_half::FrozenHalf;
use crate::method::Method;
use crate::network::FullNetwork;

/// A parameter vector by name, as a run begins with it.
pub(crate) struct Initial {
    pub(crate) name: String,
    pub(crate) values: Vec<f32>,
}

/// What a run learned.
#[derive(Clone, Debug)]
pub enum Learned {
    /// What an adapter holds.
    Units(Parameters),
    /// A network of its own.
    Network(Box<FullNetwork>),
}

impl Learned {
    /// Runs something with the network that was learned, on its backbone.
    pub fn with_net<T>(
        &self,
        backbone: &Backbone,
        io: &Io,
        act: impl FnOnce(&dyn Net) -> T,
    ) -> Result<T, Error> {
        match self {
            Self::Network(network) => Ok(act(network.net())),
            Self::Units(parameters) => {
                let half = Half::new(backbone, io, parameters)?;
                Ok(act(&backbone.with(&half)))
            }
        }
    }
}

/// How good parameters are on rows that they were not trained on.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Validation {
    pub(crate) accuracy: Option<f64>,
    pub(crate) loss: Option<f64>,
    /// Decides between equal accuracies, the lower the better: the mean loss.
    pub(crate) tie: f64,
}

impl Validation {
    /// The mean squared error of outputs `[rows.len(), outputs]`, at least one row; `targets` is `[all, outputs]`.
    pub(crate) fn of_numbers(found: &[f32], targets: &[f32], rows: &[u32]) -> Self {
        let outputs = found.len() / rows.len();
        let pairs = found.chunks_exact(outputs).zip(rows);
        let of_row = |(found, row): (&[f32], &u32)| {
            let targets = &targets[*row as usize * outputs..][..outputs];
            squared_error(&mut found.to_vec(), targets, 1.0)
        };
        let loss = pairs.map(of_row).sum::<f64>() / rows.len() as f64;
        Self { accuracy: None, loss: Some(loss), tie: loss }
    }

    /// From class scores `[rows.len(), classes]`, at least one row.
    pub(crate) fn of_scores(scores: &[f32], labels: &[u8], rows: &[u32]) -> Self {
        let label = |row: u32| usize::from(labels[row as usize]);
        let pairs = || scores.chunks_exact(scores.len() / rows.len()).zip(rows);
        let right = pairs().filter(|(scores, row)| argmax(scores) == label(**row)).count();
        let loss: f64 = pairs().map(|(scores, row)| cross_entropy(scores, label(*row))).sum();
        let of_rows = |sum: f64| sum / rows.len() as f64;
        Self { accuracy: Some(of_rows(right as f64)), loss: None, tie: of_rows(loss) }
    }
}

/// −ln softmax of the score of a class.
fn cross_entropy(scores: &[f32], class: usize) -> f64 {
    let above = |score: f32| f64::from(score) - f64::from(scores[class]);
    let most = scores.iter().fold(f64::NEG_INFINITY, |most, &score| most.max(above(score)));
    let sum: f64 = scores.iter().map(|&score| libm::exp(above(score) - most)).sum();
    most + libm::log(sum)
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

    /// How good the parameters are, as they will be at test time, on some rows; at least one.
    fn validate(&mut self, parameters: &[Vec<f32>], rows: &[u32]) -> Result<Validation, Error>;

    /// Whether [`BatchLoss::correct`] says anything.
    fn has_classes(&self) -> bool {
        true
    }

    /// What the parameters mean.
    fn learned(&self, parameters: Vec<Vec<f32>>) -> Learned;
}

/// The objective that a configuration asks for: the one `match` on what a network is and what it learns from.
pub(crate) fn objective<'a>(
    backbone: &'a Backbone,
    config: &'a TrainConfig,
    io: &Io,
    lesson: &'a Lesson<'a>,
    frozen: &'a mut FrozenHalf<'_>,
) -> Result<Box<dyn Objective + 'a>, Error> {
    let (expected, found) = match (lesson, backbone.spec()) {
        (Lesson::Classes(data), Spec::Mlp(spec)) => {
            let (mlp, (_, preprocessing), layers) = (backbone.mlp()?, io.rows()?, spec.layers.len());
            return Ok(match config.method {
                Method::Full => Box::new(mlp_full::Full::new(spec, config, preprocessing, data)?),
                _ if layers == 1 => {
                    let targets = mlp::Known::Classes(&data.labels);
                    Box::new(mlp::Shallow::new(mlp, config, preprocessing, targets, frozen)?)
                }
                Method::Bias => {
                    Box::new(deep::DeepBiases::new(mlp, config, preprocessing, &data.labels, frozen)?)
                }
                method => return Err(Error::OneLayerMethod { method: method.name(), layers }),
            });
        }
        (Lesson::Numbers { rows, targets }, Spec::Mlp(spec)) => {
            let (mlp, (_, preprocessing), layers) = (backbone.mlp()?, io.rows()?, spec.layers.len());
            if layers != 1 || config.method.is_full() {
                return Err(Error::NumbersMethod { method: config.method.name(), layers });
            }
            let targets = mlp::Known::Numbers { targets, labels: &rows.labels };
            return Ok(Box::new(mlp::Shallow::new(mlp, config, preprocessing, targets, frozen)?));
        }
        (Lesson::Texts(data), Spec::Bert(_)) => {
            return Ok(match config.method {
                Method::Full => return Err(Error::NoFullEncoder),
                _ => Box::new(bert::Encoded::new(backbone.bert()?, config, io, data)?),
            });
        }
        (Lesson::Steps(loss), Spec::Rnn(_)) => {
            let rnn = backbone.rnn()?;
            return Ok(match config.method {
                Method::Full => Box::new(rnn_full::Full::new(rnn, config, &**loss)),
                _ => Box::new(rnn::Unrolled::new(rnn, config, &**loss)),
            });
        }
        (Lesson::Texts(_), spec) => (BertSpec::FAMILY, spec.family_name()),
        (Lesson::Classes(_) | Lesson::Numbers { .. }, spec) => (MlpSpec::FAMILY, spec.family_name()),
        (Lesson::Steps(_), spec) => (RnnSpec::FAMILY, spec.family_name()),
    };
    Err(bl_core::Error::Family { expected, found }.into())
}
