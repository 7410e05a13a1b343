//! What a run hands over: the adapter or the network, with its header.

use std::path::Path;

use bl_core::header::{DatasetRecord, Header, TaskInfo, TrainingRecord};
use bl_core::{Adapter, Backbone};
use bl_tasks::{Judgement, Task};

use crate::config::TrainConfig;
use crate::error::Error;
use crate::network_file::NetworkFile;
use crate::objective::Learned;
use crate::trainer::Fitted;

/// What a run produced, ready to be written.
#[derive(Clone, Debug)]
pub enum Product {
    /// An adapter.
    Adapter(Box<Adapter>),
    /// A network of its own.
    Network(Box<NetworkFile>),
}

impl Product {
    /// Puts what was learned and all that is known about it together. Metrics that are not finite are left out.
    pub fn new(
        task: &Task,
        config: &TrainConfig,
        backbone: &Backbone,
        fitted: &Fitted,
        judgement: &Judgement,
    ) -> Result<Self, Error> {
        let (name, title) = (task.name.clone(), task.title.clone());
        let about = TaskInfo { name, title, labels: task.kind().labels().to_vec() };
        let training = record(task, config, backbone, fitted)?;
        let metrics: Vec<_> =
            judgement.metrics.iter().filter(|metric| metric.value.is_finite()).cloned().collect();
        let io = task.kind().io();
        let (parameters, kind) = match (&fitted.learned, config.method.kind()) {
            (Learned::Units(parameters), Some(kind)) => (parameters.clone(), kind),
            (Learned::Network(network), _) => {
                let file = NetworkFile::new(about, io, (**network).clone(), training, metrics);
                return Ok(Self::Network(Box::new(file)));
            }
            (Learned::Units(_), None) => {
                let (key, of, method) = ("method", "bias", config.method.name());
                return Err(Error::SettingOfOtherMethod { key, of, method });
            }
        };
        let io = io.with_learned_state(parameters.initial.is_some());
        let header = Header {
            base_bias: config.method.draws_bias().then(|| config.base_bias()),
            training: Some(training),
            metrics,
            ..Header::new(kind, about, io, backbone)
        };
        Ok(Self::Adapter(Box::new(Adapter::new(header, parameters)?)))
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
    task: &Task,
    config: &TrainConfig,
    backbone: &Backbone,
    fitted: &Fitted,
) -> Result<TrainingRecord, Error> {
    let config_value = serde_json::to_value(config)
        .map_err(|source| bl_core::Error::Json { what: "configuration", source })?;
    let parts = task.kind().parts();
    Ok(TrainingRecord {
        method: config.method.name().to_owned(),
        config: config_value,
        seed: config.seed,
        dataset: DatasetRecord {
            name: task.name.clone(),
            source: task.source.to_string(),
            train: parts.train.saturating_sub(fitted.validation_samples),
            validation: fitted.validation_samples,
            test: parts.test,
            train_sha256: parts.train_sha256,
            test_sha256: parts.test_sha256,
        },
        isa: config.method.isa(backbone),
        code: concat!("bias-adapters ", env!("CARGO_PKG_VERSION")).to_owned(),
    })
}
