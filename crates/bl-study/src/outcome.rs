//! What came of a run.

mod kept;

use bl_core::UnitGains;
use bl_tasks::kinds::ReachJudgement;
use bl_tasks::{Details, Judgement};
use bl_train::{Fitted, Learned, Method};
use serde::{Deserialize, Serialize};

use crate::run::Run;

/// What came of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "kept::Kept", into = "kept::Kept")]
#[expect(missing_docs, reason = "the names say it; durations are seconds")]
pub struct Outcome {
    /// Why it failed, if it did: then there are no metrics.
    pub failed: Option<String>,
    pub metrics: Option<Metrics>,
    /// Of the last epoch.
    pub train_loss: f64,
    /// Learned parameters.
    pub parameters: usize,
    /// Epochs done.
    pub epochs: usize,
    /// How it learned, and in which epochs (from 1): the accuracy over each, of sequence tasks the loss of some 50.
    pub curve: Vec<(usize, f64)>,
    /// Median epoch; of sequence tasks that version 0.1 learned, the mean.
    pub epoch_seconds: f64,
    pub train_seconds: f64,
    /// The frozen half that it used, where there is one.
    pub cache: Option<CacheUse>,
    pub isa: String,
    /// Threads of the program, which several runs may share.
    pub threads: usize,
}

/// The frozen half of a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CacheUse {
    /// Of filling the cache, whichever run filled it.
    pub seconds: f64,
    /// Whether an earlier run had filled it.
    pub shared: bool,
}

/// What a network is worth at its task.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "snake_case", deny_unknown_fields)]
#[expect(missing_docs, reason = "the names say it; accuracies are shares")]
pub enum Metrics {
    #[serde(skip)] // a file has these beside the rest
    Images {
        test_accuracy: f64,
        test_loss: f64,
        train_accuracy: f64,
        /// Units that a mask leaves ON.
        on_units: Option<usize>,
        train_samples: usize,
        test_samples: usize,
    },
    Generate {
        r2: f64,
        /// Null where the network's state exploded after the steps that it learned.
        #[serde(deserialize_with = "number_or_nan")]
        continued_r2: f64,
    },
    Forecast {
        teacher_forced_r2: f64,
        free_run_valid_samples: f64,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        free_run_valid_lyapunov_times: Option<f64>,
    },
    Reach {
        loss: f64,
        train_end_error_m: f64,
        test_end_error_m: f64,
    },
    Cognitive {
        /// The share of trials that are right.
        performance: f64,
    },
}

fn number_or_nan<'de, D: serde::Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or(f64::NAN))
}

impl Metrics {
    fn of(fitted: &Fitted, judgement: &Judgement) -> Option<Self> {
        Some(match &judgement.details {
            Details::Classes(test) => Self::Images {
                test_accuracy: test.accuracy(),
                test_loss: test.loss,
                train_accuracy: fitted.last.train_accuracy.unwrap_or_default(),
                on_units: on_units(fitted),
                train_samples: fitted.train_rows,
                test_samples: test.total(),
            },
            Details::Generate(judged) => {
                Self::Generate { r2: judged.learned_r2, continued_r2: judged.continued_r2 }
            }
            Details::Forecast(judged) => Self::Forecast {
                teacher_forced_r2: judged.teacher_forced.r2,
                free_run_valid_samples: judged.median_valid(),
                free_run_valid_lyapunov_times: judged.median_valid_lyapunov(),
            },
            Details::Reach(judged) => Self::Reach {
                loss: judged.train_loss(),
                train_end_error_m: ReachJudgement::mean_end_error(&judged.train),
                test_end_error_m: ReachJudgement::mean_end_error(&judged.test),
            },
            Details::Own => Self::Cognitive { performance: judgement.metric("performance", "test")? },
        })
    }
}

fn on_units(fitted: &Fitted) -> Option<usize> {
    match &fitted.learned {
        Learned::Units(parameters) => match &parameters.gains {
            UnitGains::Mask(on) => Some(on.iter().filter(|on| **on).count()),
            _ => None,
        },
        Learned::Network(_) => None,
    }
}

impl Outcome {
    /// Of a run that came to its end.
    pub(crate) fn new(
        run: &Run,
        fitted: &Fitted,
        judgement: &Judgement,
        cache: CacheUse,
        isa: String,
    ) -> Self {
        let has_classes = fitted.last.train_accuracy.is_some();
        let epochs = fitted.epochs.len();
        let every = if has_classes { 1 } else { epochs.div_ceil(50).max(1) };
        let is_shown = |epoch: usize| (epoch - 1).is_multiple_of(every) || epoch == epochs;
        let numbered = (1..).zip(&fitted.epochs).filter(|(nth, _)| is_shown(*nth));
        let curve = numbered.map(|(nth, of)| (nth, if has_classes { of.accuracy } else { of.loss }));
        Self {
            failed: None,
            metrics: Metrics::of(fitted, judgement),
            train_loss: fitted.last.train_loss,
            parameters: run.config.learned_parameters(&run.backbone),
            epochs,
            curve: curve.collect(),
            epoch_seconds: fitted.epoch_seconds(),
            train_seconds: fitted.epochs.iter().map(|epoch| epoch.seconds).sum(),
            cache: has_classes.then_some(cache),
            isa,
            threads: rayon::current_num_threads(),
        }
    }

    /// Of a run that did not.
    pub(crate) fn failed(run: &Run, why: String, isa: String) -> Self {
        Self {
            failed: Some(why),
            metrics: None,
            train_loss: f64::MAX, // JSON has no infinity
            parameters: run.config.learned_parameters(&run.backbone),
            epochs: 0,
            curve: Vec::new(),
            epoch_seconds: 0.0,
            train_seconds: 0.0,
            cache: None,
            isa,
            threads: rayon::current_num_threads(),
        }
    }

    fn accuracy(&self) -> Option<f64> {
        match self.metrics? {
            Metrics::Images { test_accuracy, .. } => Some(test_accuracy),
            _ => None,
        }
    }

    /// Accuracy on the test images; NaN where there are none, which no statistic takes.
    pub fn test_accuracy(&self) -> f64 {
        self.accuracy().unwrap_or(f64::NAN)
    }

    /// Units that a mask leaves ON.
    pub fn on_units(&self) -> Option<usize> {
        match self.metrics? {
            Metrics::Images { on_units, .. } => on_units,
            _ => None,
        }
    }

    /// R² of a generator or a forecaster; none of other tasks, and of a run that failed.
    pub fn r2(&self) -> Option<f64> {
        match self.metrics? {
            Metrics::Generate { r2, .. } => Some(r2),
            Metrics::Forecast { teacher_forced_r2, .. } => Some(teacher_forced_r2),
            Metrics::Images { .. } | Metrics::Reach { .. } | Metrics::Cognitive { .. } => None,
        }
    }

    /// The share of a cognitive task's trials that are right.
    pub fn performance(&self) -> Option<f64> {
        match self.metrics? {
            Metrics::Cognitive { performance } => Some(performance),
            _ => None,
        }
    }

    /// How long a forecaster's free runs are valid; none of other tasks, and of a run that failed.
    pub fn valid_samples(&self) -> Option<f64> {
        match self.metrics? {
            Metrics::Forecast { free_run_valid_samples, .. } => Some(free_run_valid_samples),
            _ => None,
        }
    }

    /// Time that its frozen half cost; none of a fully trained network, which has no use for it.
    pub(crate) fn cache_seconds(&self, method: Method) -> f64 {
        self.cache.filter(|_| !method.is_full()).map_or(0.0, |cache| cache.seconds)
    }

    /// What a line of progress says of it.
    pub(crate) fn headline(&self) -> String {
        match (&self.failed, self.accuracy(), self.r2()) {
            (Some(why), ..) => why.clone(),
            (None, Some(accuracy), _) => format!("{:.2} %", 100.0 * accuracy),
            (None, _, Some(r2)) => format!("R² {r2:.4}"),
            (None, ..) => format!("loss {:.5}", self.train_loss),
        }
    }
}
