//! How a run went, for scripts.

use std::path::Path;

use bl_core::{Backbone, UnitGains};
use bl_tasks::{Judgement, Source, Task};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::augment::Augmentation;
use crate::cache::CacheMode;
use crate::config::TrainConfig;
use crate::frozen_half::FrozenHalf;
use crate::memory;
use crate::method::Method;
use crate::objective::Learned;
use crate::trainer::Fitted;

/// One JSON object that says how a run went, the same for every task. Field names are part of the command line's contract.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "the names say it; units are in them, or are seconds and bytes")]
pub struct Report {
    pub adapter: String,
    pub task: String,
    pub method: Method,
    pub backbone: String,
    pub width: usize,
    /// Epochs done.
    pub epochs: usize,
    pub seed: u64,
    /// What the network is worth: fields of the kind of task.
    #[serde(flatten)]
    pub judgement: Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validation_accuracy: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validation_loss: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub train_accuracy: Option<f64>,
    pub train_loss: f64,
    /// The epoch whose parameters were kept: with patience the one that was best on the held-out part, else the last.
    pub kept_epoch: u32,
    /// How training images varied from epoch to epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub augmentation: Option<Augmentation>,
    /// Windows of a series, targets, trials, or one trajectory; none where rows go in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trajectories: Option<usize>,
    pub trainable_parameters: usize,
    pub total_parameters: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_units: Option<usize>,
    pub dataset: DatasetReport,
    pub seconds: Seconds,
    pub epoch_seconds: f64,
    pub peak_memory_bytes: Option<u64>,
    pub cache: CacheReport,
    pub isa: String,
    pub threads: usize,
}

/// The data of a run.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct DatasetReport {
    pub name: String,
    /// `images`, `samples` or `targets`
    pub unit: &'static str,
    pub train: usize,
    pub validation: usize,
    pub test: usize,
    pub source: Source,
}

/// Where the time went.
#[derive(Clone, Copy, Debug, Default, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Seconds {
    pub load: f64,
    pub backbone: f64,
    pub cache: f64,
    pub train: f64,
    pub evaluate: f64,
    pub write: f64,
    pub total: f64,
}

/// Whether pre-activations were cached or recomputed.
#[derive(Clone, Copy, Debug, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct CacheReport {
    pub mode: CacheMode,
    pub bytes: u64,
}

/// What a report is made of.
#[derive(Clone, Copy)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Run<'a> {
    pub path: &'a Path,
    pub task: &'a Task,
    pub config: &'a TrainConfig,
    pub backbone: &'a Backbone,
    pub frozen: &'a FrozenHalf<'a>,
    pub fitted: &'a Fitted,
    pub judgement: &'a Judgement,
    pub seconds: Seconds,
}

impl From<Run<'_>> for Report {
    fn from(run: Run<'_>) -> Self {
        let Run { path, task, config, backbone, frozen, fitted, judgement, seconds } = run;
        let (spec, parts) = (backbone.spec(), task.kind().parts());
        Self {
            adapter: path.display().to_string(),
            task: task.name.clone(),
            method: config.method,
            backbone: backbone.fingerprint().to_string(),
            width: spec.layers()[0],
            epochs: fitted.epochs.len(),
            seed: config.seed,
            judgement: judgement.summary.clone(),
            validation_accuracy: fitted.last.validation_accuracy,
            validation_loss: fitted.last.validation_loss,
            train_accuracy: fitted.last.train_accuracy,
            train_loss: fitted.last.train_loss,
            kept_epoch: fitted.last.epoch,
            augmentation: Augmentation::of(config),
            trajectories: task.kind().io().signal().is_ok().then_some(fitted.train_rows),
            trainable_parameters: config.learned_parameters(spec),
            total_parameters: spec.hidden_units() + spec.frozen_weights(),
            on_units: match &fitted.learned {
                Learned::Units(parameters) => on_units(&parameters.gains),
                Learned::Network(_) => None,
            },
            dataset: DatasetReport {
                name: task.name.clone(),
                unit: parts.unit,
                train: parts.train.saturating_sub(fitted.validation_samples),
                validation: fitted.validation_samples,
                test: parts.test,
                source: task.source,
            },
            seconds,
            epoch_seconds: fitted.epoch_seconds(),
            peak_memory_bytes: memory::peak(),
            cache: CacheReport { mode: frozen.mode(), bytes: frozen.bytes() },
            isa: backbone.isa().to_string(),
            threads: rayon::current_num_threads(),
        }
    }
}

fn on_units(gains: &UnitGains) -> Option<usize> {
    match gains {
        UnitGains::Mask(on) => Some(on.iter().filter(|on| **on).count()),
        _ => None,
    }
}
