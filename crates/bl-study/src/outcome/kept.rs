//! An outcome as files have it, since version 0.1: image tasks and sequence tasks have fields of their own.

use serde::{Deserialize, Serialize};

use super::{CacheUse, Metrics, Outcome};

/// What a file says.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Kept {
    Images(OfImages),
    Sequence(OfSequence),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OfImages {
    test_accuracy: f64,
    test_loss: f64,
    train_accuracy: f64,
    train_loss: f64,
    parameters: usize,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    on_units: Option<usize>,
    curve: Vec<f64>,
    train_samples: usize,
    test_samples: usize,
    epoch_seconds: f64,
    train_seconds: f64,
    cache_seconds: f64,
    shared_cache: bool,
    isa: String,
    threads: usize,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OfSequence {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    failed: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    figures: Option<Metrics>,
    train_loss: f64,
    parameters: usize,
    epochs: usize,
    curve: Vec<(usize, f64)>,
    epoch_seconds: f64,
    train_seconds: f64,
    isa: String,
    threads: usize,
}

impl From<Kept> for Outcome {
    fn from(kept: Kept) -> Self {
        match kept {
            Kept::Images(kept) => Self {
                failed: None,
                metrics: Some(Metrics::Images {
                    test_accuracy: kept.test_accuracy,
                    test_loss: kept.test_loss,
                    train_accuracy: kept.train_accuracy,
                    on_units: kept.on_units,
                    train_samples: kept.train_samples,
                    test_samples: kept.test_samples,
                }),
                train_loss: kept.train_loss,
                parameters: kept.parameters,
                epochs: kept.curve.len(),
                curve: (1..).zip(kept.curve).collect(),
                epoch_seconds: kept.epoch_seconds,
                train_seconds: kept.train_seconds,
                cache: Some(CacheUse { seconds: kept.cache_seconds, shared: kept.shared_cache }),
                isa: kept.isa,
                threads: kept.threads,
            },
            Kept::Sequence(kept) => Self {
                failed: kept.failed,
                metrics: kept.figures,
                train_loss: kept.train_loss,
                parameters: kept.parameters,
                epochs: kept.epochs,
                curve: kept.curve,
                epoch_seconds: kept.epoch_seconds,
                train_seconds: kept.train_seconds,
                cache: None,
                isa: kept.isa,
                threads: kept.threads,
            },
        }
    }
}

impl From<Outcome> for Kept {
    fn from(outcome: Outcome) -> Self {
        let Outcome { failed, metrics, train_loss, parameters, epochs, curve, .. } = outcome;
        let Outcome { epoch_seconds, train_seconds, cache, isa, threads, .. } = outcome;
        let figures = match metrics {
            Some(Metrics::Images {
                test_accuracy,
                test_loss,
                train_accuracy,
                on_units,
                train_samples,
                test_samples,
            }) => {
                let cache = cache.unwrap_or(CacheUse { seconds: 0.0, shared: false });
                return Self::Images(OfImages {
                    test_accuracy,
                    test_loss,
                    train_accuracy,
                    train_loss,
                    parameters,
                    on_units,
                    curve: curve.into_iter().map(|(_, accuracy)| accuracy).collect(),
                    train_samples,
                    test_samples,
                    epoch_seconds,
                    train_seconds,
                    cache_seconds: cache.seconds,
                    shared_cache: cache.shared,
                    isa,
                    threads,
                });
            }
            figures => figures,
        };
        Self::Sequence(OfSequence {
            failed,
            figures,
            train_loss,
            parameters,
            epochs,
            curve,
            epoch_seconds,
            train_seconds,
            isa,
            threads,
        })
    }
}
