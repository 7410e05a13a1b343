//! What a run hands over: the adapter's header, and the figures for people and scripts.

use std::path::Path;

use bl_core::header::{
    BackboneRef, DatasetRecord, FORMAT, Header, Kind, Metric, Mode, TaskInfo, TrainingRecord, VERSION,
};
use bl_core::{Backbone, BiasAdapter, Evaluation, Preprocessing};
use bl_tasks::ImageTask;
use serde::Serialize;

use crate::cache::CacheMode;
use crate::config::{Method, TrainConfig};
use crate::error::Error;
use crate::network_file::{NetworkFile, NetworkHeader};
use crate::objective::Learned;
use crate::shallow::base_bias;
use crate::trainer::Fitted;

/// One JSON object that says how a run went. Field names are part of the command line's contract.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "the names say it; units are in them, or are seconds and bytes")]
pub struct Report {
    pub adapter: String,
    pub task: String,
    pub method: Method,
    pub backbone: String,
    pub width: usize,
    pub epochs: u32,
    pub seed: u64,
    pub test_accuracy: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validation_accuracy: Option<f64>,
    pub train_accuracy: f64,
    pub train_loss: f64,
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

/// What was learned on.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct DatasetReport {
    pub name: String,
    pub train: usize,
    pub validation: usize,
    pub test: usize,
    pub source: bl_tasks::Source,
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

/// How the pre-activations were had.
#[derive(Clone, Copy, Debug, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct CacheReport {
    pub mode: CacheMode,
    pub bytes: u64,
}

/// Median, 0 of nothing.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => 0.0,
        n if n % 2 == 1 => sorted[middle],
        _ => f64::midpoint(sorted[middle - 1], sorted[middle]),
    }
}

/// Standardisation of the training pictures, rounded to six digits so that it reads well and is exact.
pub fn standardisation(task: &ImageTask) -> Result<Preprocessing, Error> {
    let (mean, std) = task.train.pixel_mean_std();
    let round = |x: f64| (x * 1e6).round() / 1e6;
    let (mean, std) = (round(mean), round(std));
    if std > 0.0 {
        Ok(Preprocessing { mean, std })
    } else {
        Err(Error::NoContrast { samples: task.train.len() })
    }
}

/// What a run produced, ready to be written.
#[derive(Clone, Debug)]
pub enum Product {
    /// An adapter.
    Adapter(Box<BiasAdapter>),
    /// A network of its own.
    Network(Box<NetworkFile>),
}

impl Product {
    /// Puts what was learned and all that is known about it together.
    pub fn new(
        task: &ImageTask,
        config: &TrainConfig,
        backbone: &Backbone,
        preprocessing: Preprocessing,
        fitted: &Fitted,
        test: &Evaluation,
    ) -> Result<Self, Error> {
        let about =
            TaskInfo { name: task.name.clone(), title: task.title.clone(), labels: task.labels.clone() };
        let (training, metrics) = (record(task, config, backbone, fitted)?, metrics(fitted, test));
        let (biases, gains) = match &fitted.learned {
            Learned::Units { biases, gains } => (biases.clone(), gains.clone()),
            Learned::Network(network) => {
                let header = NetworkHeader::new(about, task.input, network, training, metrics);
                return Ok(Self::Network(Box::new(NetworkFile { header, network: network.clone() })));
            }
        };
        let (kind, base_bias) = match config.method {
            Method::Bias | Method::Full => (Kind::Bias, None),
            Method::Mask => (Kind::Mask, Some(base_bias(config))),
            Method::Gain => (Kind::Gain, Some(base_bias(config))),
            Method::BiasGain => (Kind::BiasGain, None),
        };
        let header = Header {
            format: FORMAT.to_owned(),
            version: VERSION,
            requires: Vec::new(),
            kind,
            mode: Mode::Replace,
            base_bias,
            task: about,
            input: task.input,
            preprocessing,
            backbone: BackboneRef { fingerprint: backbone.fingerprint(), spec: backbone.spec().clone() },
            training: Some(training),
            metrics,
            license: None,
        };
        Ok(Self::Adapter(Box::new(BiasAdapter::with_gains(header, biases, gains)?)))
    }

    /// The same under a licence, an SPDX expression; a network's file has no place for one.
    #[must_use]
    pub fn licensed(mut self, license: Option<&str>) -> Self {
        if let Self::Adapter(adapter) = &mut self {
            adapter.header.license = license.map(str::to_owned);
        }
        self
    }

    /// Writes the file.
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        match self {
            Self::Adapter(adapter) => Ok(adapter.save(path)?),
            Self::Network(network) => network.save(path),
        }
    }
}

fn record(
    task: &ImageTask,
    config: &TrainConfig,
    backbone: &Backbone,
    fitted: &Fitted,
) -> Result<TrainingRecord, Error> {
    let config_value = serde_json::to_value(config)
        .map_err(|source| bl_core::Error::Json { what: "configuration", source })?;
    Ok(TrainingRecord {
        method: config.method.name().to_owned(),
        config: config_value,
        seed: config.seed,
        dataset: DatasetRecord {
            name: task.name.clone(),
            source: task.source.to_string(),
            train: fitted.train_samples,
            validation: fitted.validation_samples,
            test: task.test.len(),
            train_sha256: task.train.sha256(),
            test_sha256: task.test.sha256(),
        },
        isa: backbone.isa().to_string(),
        code: concat!("bias-adapters ", env!("CARGO_PKG_VERSION")).to_owned(),
    })
}

fn metrics(fitted: &Fitted, test: &Evaluation) -> Vec<Metric> {
    let metric = |name: &str, split: &str, value| Metric { name: name.into(), split: split.into(), value };
    let mut metrics = vec![
        metric("accuracy", "test", test.accuracy()),
        metric("loss", "test", test.loss),
        metric("accuracy", "train", fitted.train_accuracy()),
        metric("loss", "train", fitted.last.train_loss),
    ];
    metrics.extend(fitted.last.validation_accuracy.map(|value| metric("accuracy", "validation", value)));
    metrics
}
