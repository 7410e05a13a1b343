//! What a run in time hands over: the adapter or network with its header.

use std::path::Path;

use bl_core::header::{DatasetRecord, FORMAT, Kind, Mode, TrainingRecord, VERSION};
use bl_core::recurrent::{
    FEATURE, RecurrentAdapter, RecurrentBackbone, RecurrentHeader, RecurrentRef, SignalTask,
};
use bl_tasks::time::{Judgement, TimeTask, What};

use super::config::RecurrentConfig;
use super::network_file::RecurrentNetworkFile;
use super::trainer::{RecurrentFitted, RecurrentLearned};
use crate::config::Method;
use crate::error::Error;

/// What a run produced, ready to be written.
#[derive(Clone, Debug)]
pub enum RecurrentProduct {
    /// An adapter.
    Adapter(Box<RecurrentAdapter>),
    /// A network of its own.
    Network(Box<RecurrentNetworkFile>),
}

impl RecurrentProduct {
    /// Puts what was learned and all that is known about it together.
    pub fn new(
        task: &TimeTask,
        config: &RecurrentConfig,
        backbone: &RecurrentBackbone,
        fitted: &RecurrentFitted,
        judgement: &Judgement,
    ) -> Result<Self, Error> {
        let about = SignalTask { name: task.name.clone(), title: task.title.clone() };
        let training = record(task, config, backbone)?;
        let mut metrics = judgement.metrics();
        metrics.retain(|metric| metric.value.is_finite());
        let (biases, gains, initial) = match &fitted.learned {
            RecurrentLearned::Units { biases, gains, initial } => (biases, gains, initial),
            RecurrentLearned::Network(network) => {
                let network = (**network).clone();
                let file = RecurrentNetworkFile::new(about, task.signal(), network, training, metrics);
                return Ok(Self::Network(Box::new(file)));
            }
        };
        let (kind, base_bias) = match config.method {
            Method::Bias | Method::Full => (Kind::Bias, None),
            Method::Mask => (Kind::Mask, Some(config.base_bias())),
            Method::Gain => (Kind::Gain, Some(config.base_bias())),
            Method::BiasGain => (Kind::BiasGain, None),
        };
        let header = RecurrentHeader {
            format: FORMAT.to_owned(),
            version: VERSION,
            requires: vec![FEATURE.to_owned()],
            kind,
            mode: Mode::Replace,
            learned_state: initial.is_some(),
            base_bias,
            task: about,
            signal: task.signal(),
            backbone: RecurrentRef { fingerprint: backbone.fingerprint(), spec: backbone.spec().clone() },
            training: Some(training),
            metrics,
            license: None,
        };
        let adapter = RecurrentAdapter::new(header, biases.clone(), gains.clone(), initial.clone())?;
        Ok(Self::Adapter(Box::new(adapter)))
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

impl RecurrentConfig {
    /// Number of parameters that a run learns.
    pub fn learned_parameters(&self, backbone: &RecurrentBackbone) -> usize {
        let units = backbone.units();
        let of_method = match self.method {
            Method::Bias | Method::Mask | Method::Gain => units,
            Method::BiasGain => 2 * units,
            Method::Full => units + backbone.spec().frozen_weights(),
        };
        of_method + if self.learn_state { units } else { 0 }
    }
}

fn record(
    task: &TimeTask,
    config: &RecurrentConfig,
    backbone: &RecurrentBackbone,
) -> Result<TrainingRecord, Error> {
    let config_value = serde_json::to_value(config)
        .map_err(|source| bl_core::Error::Json { what: "configuration", source })?;
    let ((train, test), (train_sha256, test_sha256)) = (task.halves(), task.digests());
    let per_sample = if matches!(task.what, What::Reach(_)) { 2 } else { 1 };
    Ok(TrainingRecord {
        method: config.method.name().to_owned(),
        config: config_value,
        seed: config.seed,
        dataset: DatasetRecord {
            name: task.name.clone(),
            source: task.source.to_owned(),
            train: train.len() / per_sample,
            validation: 0,
            test: test.len() / per_sample,
            train_sha256,
            test_sha256,
        },
        isa: backbone.isa().to_string(),
        code: concat!("bias-adapters ", env!("CARGO_PKG_VERSION")).to_owned(),
    })
}
