//! The task that a recurrent adapter or network was trained for, opened again, and its figures beside the recorded ones.

use bl_core::header::{Metric, TrainingRecord};
use bl_core::recurrent::{Forecast, RecurrentHeader, Signal, SignalTask};
use bl_tasks::time::{Judgement, Request, TimeTask, What, is_time_task, time_catalogue};
use serde::Deserialize;
use serde_json::Value;

use super::error::Error;

/// What the headers of recurrent adapters and of recurrent networks have in common.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "as in the headers")]
pub struct About<'a> {
    pub task: &'a SignalTask,
    pub signal: &'a Signal,
    pub training: Option<&'a TrainingRecord>,
    pub metrics: &'a [Metric],
}

impl<'a> From<&'a RecurrentHeader> for About<'a> {
    fn from(header: &'a RecurrentHeader) -> Self {
        let RecurrentHeader { task, signal, training, metrics, .. } = header;
        Self { task, signal, training: training.as_ref(), metrics }
    }
}

/// A task to measure on.
#[derive(Clone, Debug)]
pub struct OwnTask {
    /// In the units that the network has learned.
    pub task: TimeTask,
    /// What identifies the held-out part.
    pub test_sha256: String,
    /// Whether that part is the one of the training record; `None` without a record.
    pub as_recorded: Option<bool>,
}

/// A figure beside the recorded one.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Compared {
    /// Name and part, as in the header.
    pub name: String,
    /// `train` or `test`.
    pub split: String,
    /// Measured now.
    pub measured: f64,
    /// As the header has it.
    pub recorded: f64,
    /// Equal up to rounding, as other instruction sets round otherwise.
    pub agrees: bool,
}

/// The settings of a training run that say which part of which series is held out.
#[derive(Debug, Default, Deserialize)]
struct Asked {
    column: Option<String>,
    window: Option<usize>,
}

impl About<'_> {
    /// Opens the task that was trained for, or another of the same kind; a user's own series has to be `named`. Its
    /// `column` is the one that was learned from, unless there is another.
    pub fn open(&self, named: Option<&str>, column: Option<&str>) -> anyhow::Result<OwnTask> {
        let own = &self.task.name;
        let name = match named {
            Some(name) if is_time_task(name) => name,
            Some(name) => return Err(Error::NoTimeTask { name: name.to_owned() }.into()),
            None if self.is_users_own() => return Err(Error::UsersOwn { task: own.clone() }.into()),
            None => own,
        };
        let mut task = TimeTask::open(name, &self.request(name, column))?;
        self.put_units(&mut task)?;
        let (_, test_sha256) = task.digests();
        let as_recorded = self.training.map(|training| training.dataset.test_sha256 == test_sha256);
        Ok(OwnTask { task, test_sha256, as_recorded })
    }

    /// Whether the data came from a file, whose place the header does not know.
    pub fn is_users_own(&self) -> bool {
        self.training.is_some_and(|training| training.dataset.source == "file")
    }

    /// The column of a file that was learned from.
    pub fn column(&self) -> Option<String> {
        self.asked().column
    }

    fn asked(&self) -> Asked {
        let config = self.training.map_or(&Value::Null, |training| &training.config);
        Asked::deserialize(config).unwrap_or_default()
    }

    fn request(&self, name: &str, column: Option<&str>) -> Request {
        let asked = self.asked();
        let has_columns = time_catalogue().iter().all(|info| info.name != name);
        let column = column.map(str::to_owned).or(asked.column.filter(|_| has_columns));
        let Signal::Forecast(Forecast { horizon, washout, .. }) = self.signal else {
            return Request { column, ..Request::default() };
        };
        Request { column, horizon: Some(*horizon), washout: Some(*washout), window: asked.window }
    }

    /// The scale, or the arm, of the header: another would be one that the network has not learned.
    fn put_units(&self, task: &mut TimeTask) -> Result<(), Error> {
        match (&mut task.what, self.signal) {
            (What::Forecast(what), Signal::Forecast(signal)) => what.scale = signal.scale.into(),
            (What::Generate(what), Signal::Generate { steps, scale, .. }) if what.steps == *steps => {
                what.scale = (*scale).into();
            }
            (What::Reach(what), Signal::Reach(signal)) => *what = signal.into(),
            _ => {
                let expected = kind(self.signal);
                return Err(Error::OtherKind {
                    expected,
                    task: task.name.clone(),
                    found: kind(&task.signal()),
                });
            }
        }
        Ok(())
    }

    /// Every figure that both the header and a new judgement have, if both are of the same data.
    pub fn compare(&self, as_recorded: Option<bool>, judgement: &Judgement) -> Vec<Compared> {
        const ROUNDING: f64 = 1e-3; // relative
        let compare = |measured: Metric| {
            let same = |m: &&Metric| m.name == measured.name && m.split == measured.split;
            let recorded = self.metrics.iter().find(same)?.value;
            let size = recorded.abs().max(measured.value.abs());
            let agrees = (recorded - measured.value).abs() <= ROUNDING * size.max(ROUNDING);
            let Metric { name, split, value } = measured;
            Some(Compared { name, split, measured: value, recorded, agrees })
        };
        let same_data = as_recorded == Some(true);
        judgement.metrics().into_iter().filter(|_| same_data).filter_map(compare).collect()
    }
}

/// What a network does, in words.
pub fn kind(signal: &Signal) -> &'static str {
    match signal {
        Signal::Generate { .. } => "generates a trajectory",
        Signal::Forecast(_) => "forecasts a series",
        Signal::Reach(_) => "moves an arm to targets",
    }
}

/// Whether data and figures are as recorded, in words.
pub fn compared_words(as_recorded: Option<bool>, compared: &[Compared]) -> String {
    let differing: Vec<String> = compared
        .iter()
        .filter(|figure| !figure.agrees)
        .map(|f| format!("{} ({}) {:.4}, recorded {:.4}", f.name, f.split, f.measured, f.recorded))
        .collect();
    match (as_recorded, compared.is_empty(), differing.is_empty()) {
        (None, ..) => "there is no training record to compare with".into(),
        (Some(false), ..) => {
            "the held-out part is NOT that of the training record: its figures are of other data".into()
        }
        (Some(true), true, _) => {
            "the held-out part is that of the training record, which has no figures".into()
        }
        (Some(true), _, true) => "the held-out part and all figures are as recorded".into(),
        (Some(true), _, false) => {
            format!("the held-out part is as recorded, but NOT these figures: {}", differing.join("; "))
        }
    }
}
