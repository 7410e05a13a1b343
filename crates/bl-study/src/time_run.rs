//! One training run in time of a study, and what came of it.

use bl_core::recurrent::RecurrentSpec;
use bl_tasks::time::{Judgement, TimeTask};
use bl_train::presets::{self, RecurrentSource};
use bl_train::{RecurrentConfig, Settings};
use serde::{Deserialize, Serialize};

use crate::study_error::StudyError;

/// Everything that the outcome of a run is a function of: the data are simulated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimeRun {
    /// The frozen weights; of a fully trained network those that it starts from.
    pub backbone: RecurrentSpec,
    /// The task, and how it is learned.
    pub config: RecurrentConfig,
}

impl TimeRun {
    /// A run with the task's own settings but for `change`, on weights of the preset from `seed`; the biases start from
    /// the same seed.
    pub(crate) fn of(task: &str, seed: u32, change: Settings) -> Result<Self, StudyError> {
        let change = Settings { seed: Some(seed.into()), ..change };
        let config = change.resolve_in_time(task, presets::time_task_settings(task)?)?;
        let (inputs, outputs) = TimeTask::open(task, &config.request())?.signal().widths();
        let RecurrentSource::Spec(mut backbone) = presets::recurrent_backbone(&config.backbone)? else {
            return Err(bl_train::Error::UnknownBackbone { name: config.backbone }.into());
        };
        backbone.seed = seed.into();
        backbone.units = config.width_for(inputs, outputs).unwrap_or(backbone.units);
        backbone.recurrent.gain = config.gain.unwrap_or(backbone.recurrent.gain);
        (backbone.input.values, backbone.readout.outputs) = (inputs as u32, outputs as u32);
        Ok(Self { backbone, config })
    }
}

/// What came of a run in time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names say it; durations are seconds")]
pub struct TimeOutcome {
    /// Why it failed, if it did: then there are no figures.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub failed: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub figures: Option<TimeFigures>,
    /// Of the last epoch.
    pub train_loss: f64,
    /// Learned parameters.
    pub parameters: usize,
    pub epochs: usize,
    /// Loss of some 50 epochs from the first to the last, and which epochs (from 1) they are.
    pub curve: Vec<(usize, f64)>,
    pub epoch_seconds: f64,
    pub train_seconds: f64,
    pub isa: String,
    /// Threads of the program, which several runs share.
    pub threads: usize,
}

/// What a network is worth at its task.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "snake_case", deny_unknown_fields)]
#[allow(missing_docs, reason = "the names say it")]
pub enum TimeFigures {
    Generate {
        r2: f64,
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
}

impl TimeFigures {
    pub(crate) fn of(judgement: &Judgement) -> Self {
        match judgement {
            Judgement::Generate(judged) => {
                Self::Generate { r2: judged.learned_r2, continued_r2: judged.continued_r2 }
            }
            Judgement::Forecast(judged) => Self::Forecast {
                teacher_forced_r2: judged.teacher_forced.r2,
                free_run_valid_samples: judged.median_valid(),
                free_run_valid_lyapunov_times: judged.median_valid_lyapunov(),
            },
            Judgement::Reach(judged) => Self::Reach {
                loss: judged.train_loss(),
                train_end_error_m: bl_tasks::time::ReachJudgement::mean_end_error(&judged.train),
                test_end_error_m: bl_tasks::time::ReachJudgement::mean_end_error(&judged.test),
            },
        }
    }
}

impl TimeOutcome {
    /// R² of a generator or a forecaster; none of movements, and of a run that failed.
    pub fn r2(&self) -> Option<f64> {
        match self.figures? {
            TimeFigures::Generate { r2, .. } => Some(r2),
            TimeFigures::Forecast { teacher_forced_r2, .. } => Some(teacher_forced_r2),
            TimeFigures::Reach { .. } => None,
        }
    }
}
