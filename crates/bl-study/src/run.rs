//! One training run of a study, and what came of it.

use bl_core::{BackboneSpec, Distribution, InputShape, LayerSpec, ReadoutSpec};
use bl_train::{Method, Schedule, TrainConfig};
use serde::{Deserialize, Serialize};

/// Everything that the outcome of a run is a function of, but for the data's own content.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// What it learns from.
    pub data: Data,
    /// The frozen weights; of a fully trained network the architecture alone.
    pub backbone: BackboneSpec,
    /// How it learns.
    pub config: TrainConfig,
}

/// Which pictures a run learns from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Data {
    /// Names of tasks: one, or several to be mixed (they share the classes).
    pub tasks: Vec<String>,
    /// The first so many training pictures; of a mixture, so many drawn at random. All, if not stated.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub train: Option<usize>,
}

impl Data {
    /// Training pictures of one task.
    pub fn of(task: &str, train: Option<usize>) -> Self {
        Self { tasks: vec![task.to_owned()], train }
    }
}

/// What came of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names say it; accuracies are shares, durations are seconds")]
pub struct Outcome {
    pub test_accuracy: f64,
    pub test_loss: f64,
    pub train_accuracy: f64,
    pub train_loss: f64,
    /// Learned parameters.
    pub parameters: usize,
    /// Units that a mask leaves ON.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub on_units: Option<usize>,
    /// Accuracy over each epoch, while learning.
    pub curve: Vec<f64>,
    pub train_samples: usize,
    pub test_samples: usize,
    /// Median epoch.
    pub epoch_seconds: f64,
    pub train_seconds: f64,
    /// Of filling the cache that this run used, whoever filled it.
    pub cache_seconds: f64,
    /// Whether an earlier run had filled it.
    pub shared_cache: bool,
    pub isa: String,
    pub threads: usize,
}

/// A backbone of `widths` hidden layers for pictures of 28 × 28 and ten classes, all weights from one distribution.
pub(crate) fn plain_backbone(seed: u64, widths: &[u32], weights: &Distribution) -> BackboneSpec {
    BackboneSpec {
        generator: bl_core::GENERATOR,
        kind: bl_core::Kind::Mlp,
        seed,
        activation: bl_core::Activation::Relu,
        residual: false,
        input: InputShape { height: 28, width: 28, channels: 1 },
        layers: widths.iter().map(|&units| LayerSpec { units, weights: weights.clone() }).collect(),
        readout: ReadoutSpec { outputs: 10, weights: weights.clone() },
    }
}

/// How a run learns when the paper's settings hold: Adam at a constant rate, batches of 512.
pub(crate) fn plain_config(task: &str, method: Method, epochs: u32, lr: f64, seed: u64) -> TrainConfig {
    TrainConfig {
        task: task.to_owned(),
        backbone: "study".to_owned(),
        method,
        width: None,
        match_parameters: None,
        epochs,
        batch_size: 512,
        lr,
        schedule: Schedule::Constant,
        weight_decay: 0.0,
        bias_init: 0.01,
        final_temperature: (method == Method::Mask).then_some(0.001),
        seed,
        val_fraction: 0.0,
    }
}
