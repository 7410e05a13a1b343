//! The task that an adapter or a fully trained network was trained for, opened again, and its metrics beside the recorded
//! ones.

use std::path::{Component, Path};

use bl_core::header::{Header, Metric, TaskInfo, TrainingRecord};
use bl_core::io::{Forecast, Io, Signal};
use bl_core::text::decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::form::Form;
use crate::judgement::Judgement;
use crate::kind::{Misfit, Parts};
use crate::kinds::{Images, Likeness};
use crate::series::{Fill, Mend};
use crate::task::{Request, Task, What, is_series_file};
use crate::{DataDir, Error, brightness, find_task};

/// What the headers of adapters and of fully trained networks have in common.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "as in the headers")]
pub struct Trained<'a> {
    pub task: &'a TaskInfo,
    pub io: &'a Io,
    pub training: Option<&'a TrainingRecord>,
    pub metrics: &'a [Metric],
}

impl<'a> From<&'a Header> for Trained<'a> {
    fn from(header: &'a Header) -> Self {
        let Header { task, io, training, metrics, .. } = header;
        Self { task, io, training: training.as_ref(), metrics }
    }
}

/// A task to measure on.
pub struct OwnTask {
    /// In the units that the network has learned.
    pub task: Task,
    /// How much of it there is.
    pub parts: Parts,
    /// What identifies the held-out part.
    pub test_sha256: String,
    /// Whether that part is the one of the training record; `None` without a record.
    pub as_recorded: Option<bool>,
    /// How like the data are to those that were learned from.
    pub likeness: Option<Likeness>,
}

/// A metric beside the recorded one.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Compared {
    /// Name and part, as in the header.
    pub name: String,
    /// `train` or `test`.
    pub split: String,
    /// Measured now.
    pub measured: f64,
    /// As the header has it.
    pub recorded: f64,
    /// Equal up to rounding.
    pub agrees: bool,
}

/// The settings of a training run that say which part of which series is held out.
#[derive(Debug, Default, Deserialize)]
struct Cut {
    column: Option<String>,
    sort: Option<bool>,
    fill: Option<Fill>,
    window: Option<usize>,
}

/// Which data of one's own a network is measured on; the adapter's own, where nothing is stated.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked<'a> {
    /// Another task of the same kind, or the place of its data.
    pub task: Option<&'a str>,
    /// Of a file, another column.
    pub column: Option<&'a str>,
    /// Of a file, how it is put in order beside how it was for training.
    pub mend: Mend,
}

impl Trained<'_> {
    /// Opens the task that was trained for, or another of the same kind by name. A user's own file has to be named; a
    /// user's own folder is looked for by its name in the data folder and here. The column of a file is the one that was
    /// trained on, unless there is another; it is mended as it was for training.
    pub fn open(&self, asked: Asked<'_>, data: DataDir) -> Result<OwnTask, Error> {
        let name = match asked.task {
            Some(name) => name.to_owned(),
            None => self.own_name(&data)?,
        };
        let mut task = Task::open(&name, &self.request(&name, data, asked))?;
        let likeness = self.likeness(&task);
        let are_named = task.kind().labels().iter().all(|label| self.task.labels.contains(label));
        let adopted = task.what.kind_mut().adopt(self.io, &self.task.labels);
        adopted.map_err(|Misfit { expected, found, hint }| {
            let (adapter, task) = (self.task.name.clone(), task.name.clone());
            Error::OtherTask { adapter, expected, task, found, hint, asked: asked.task.is_some() }
        })?;
        if !are_named {
            let notice = format!(
                "`{}` has other class names than the adapter: its numbers are taken as places among those",
                task.name
            );
            task.notice = Some(task.notice.map_or(notice.clone(), |before| format!("{before}; {notice}")));
        }
        let parts = task.kind().parts();
        let test_sha256 = parts.test_sha256.clone();
        let as_recorded = self.training.map(|training| training.dataset.test_sha256 == test_sha256);
        let own = |of: Likeness| if as_recorded == Some(true) { of.of_own_values() } else { of };
        Ok(OwnTask { task, parts, test_sha256, as_recorded, likeness: likeness.map(own) })
    }

    /// How like the series of a user's file is to the one that was learned from, or images to those.
    fn likeness(&self, task: &Task) -> Option<Likeness> {
        if let (What::Images(Images { test, .. }), Ok((_, learned))) = (&task.what, self.io.images()) {
            let words = brightness::unlike((0..test.len()).map(|i| test.image(i)), learned)?;
            return Some(Likeness::of_brightness(format!("{words}; {}", brightness::HINT)));
        }
        let (What::Forecast(task), Ok(Signal::Forecast(signal))) = (&task.what, self.io.signal()) else {
            return None;
        };
        task.series.record()?;
        Some(Likeness::of(signal, self.cut().column.as_deref(), (&task.series).into()))
    }

    /// Whether the data came from a file, whose place the header does not know.
    pub fn is_own_file(&self) -> bool {
        self.source() == "file"
    }

    fn source(&self) -> &str {
        self.training.map_or("", |training| &training.dataset.source)
    }

    /// The column of a file that was trained on.
    pub fn column(&self) -> Option<String> {
        let learned = match self.io.signal() {
            Ok(Signal::Forecast(signal)) => {
                signal.learned.as_ref().and_then(|learned| learned.column.clone())
            }
            _ => None,
        };
        self.cut().column.or(learned)
    }

    /// Whether the task is one of the catalogue, as far as the header tells.
    pub fn is_in_catalogue(&self) -> bool {
        let known = ["official", "sample", "generated", "simulated"].contains(&self.source());
        (known || self.training.is_none()) && find_task(&self.task.name).is_some()
    }

    /// What [`Task::open`] takes for the task: its name, or where its folder must be.
    fn own_name(&self, data: &DataDir) -> Result<String, Error> {
        let name = &self.task.name;
        match self.source() {
            "file" => return Err(Error::OwnFile { task: name.clone() }),
            "own" => return Err(Error::OwnTask { task: name.clone() }),
            _ if self.is_in_catalogue() => return Ok(name.clone()),
            "folder" | "official" | "sample" | "generated" | "simulated" => {}
            _ if self.training.is_none() => {}
            unknown => {
                let (task, source_name) = (name.clone(), unknown.to_owned());
                return Err(Error::UnknownSource { task, source_name });
            }
        }
        let mut parts = Path::new(name).components();
        let is_name = matches!((parts.next(), parts.next()), (Some(Component::Normal(_)), None));
        // A folder may have the name of a task of the catalogue, whose data are in the data folder, and is another task all
        // the same.
        let candidates = [Path::new(".").join(name), data.folder(name)];
        let count = if find_task(name).is_some() { 1 } else { 2 };
        let found =
            candidates[..count].iter().find(|path| is_name && path.is_dir()).and_then(|path| path.to_str());
        let typed = || Some(self.training?.config.get("task")?.as_str()?.to_owned());
        found.map(String::from).ok_or_else(|| Error::OwnFolder { task: name.clone(), typed: typed() })
    }

    fn cut(&self) -> Cut {
        let config = self.training.map_or(&Value::Null, |training| &training.config);
        Cut::deserialize(config).unwrap_or_default()
    }

    fn request(&self, name: &str, data: DataDir, asked: Asked<'_>) -> Request {
        let (cut, is_file) = (self.cut(), is_series_file(name));
        let mend = Mend {
            sort: asked.mend.sort || (is_file && cut.sort == Some(true)),
            fill: asked.mend.fill.or(cut.fill.filter(|_| is_file)),
        };
        let (column, learned) = (asked.column.map(str::to_owned), self.column());
        let request = Request { column, learned, mend, ..Request::of(data) };
        match self.io {
            Io::Signal { signal: Signal::Forecast(Forecast { horizon, washout, .. }), .. } => {
                Request { horizon: Some(*horizon), washout: Some(*washout), window: cut.window, ..request }
            }
            Io::Images { input, .. } => {
                Request { form: Form { learned: Some(*input), ..Form::default() }, ..request }
            }
            Io::Signal { .. } => request,
        }
    }

    /// Every metric that both the header and a new judgement have, if both are of the same data.
    pub fn compare(&self, as_recorded: Option<bool>, judgement: &Judgement) -> Vec<Compared> {
        const ROUNDING: f64 = 1e-3; // relative
        let compare = |measured: &Metric| {
            let same = |m: &&Metric| m.name == measured.name && m.split == measured.split;
            let recorded = self.metrics.iter().find(same)?.value;
            let size = recorded.abs().max(measured.value.abs());
            let agrees = (recorded - measured.value).abs() <= ROUNDING * size.max(ROUNDING);
            let Metric { name, split, value } = measured.clone();
            Some(Compared { name, split, measured: value, recorded, agrees })
        };
        let same_data = as_recorded == Some(true);
        judgement.metrics.iter().filter(|_| same_data).filter_map(compare).collect()
    }
}

/// Whether data and metrics are as recorded, in words.
pub fn compared_words(as_recorded: Option<bool>, compared: &[Compared]) -> String {
    let differing: Vec<String> = compared
        .iter()
        .filter(|metric| !metric.agrees)
        .map(|m| {
            format!("{} ({}) {}, recorded {}", m.name, m.split, decimal(m.measured), decimal(m.recorded))
        })
        .collect();
    match (as_recorded, compared.is_empty(), differing.is_empty()) {
        (None, ..) => "there is no training record to compare with".into(),
        (Some(false), ..) => {
            "this test set is not the one recorded at training, so its metrics are not comparable".into()
        }
        (Some(true), true, _) => "the test set is the one recorded at training, which has no metrics".into(),
        (Some(true), _, true) => "the test set and all metrics are as recorded".into(),
        (Some(true), _, false) => {
            format!("the test set is as recorded, but these metrics differ: {}", differing.join("; "))
        }
    }
}

#[cfg(test)]
mod tests {
    use bl_core::header::DatasetRecord;

    use super::*;

    fn opened(source: &str) -> Result<(), Error> {
        let task = TaskInfo { name: "cosine".into(), title: String::new(), labels: Vec::new() };
        let known = Task::open("cosine", &Request::default())?;
        let sha256 = String::new();
        let dataset = DatasetRecord {
            name: "cosine".into(),
            source: source.into(),
            train: 1,
            validation: 0,
            test: 1,
            train_sha256: sha256.clone(),
            test_sha256: sha256,
        };
        let training = TrainingRecord {
            method: "bias".into(),
            config: Value::Null,
            seed: 1,
            dataset,
            isa: String::new(),
            code: String::new(),
        };
        let io = known.kind().io();
        let trained = Trained { task: &task, io: &io, training: Some(&training), metrics: &[] };
        trained.open(Asked::default(), DataDir::resolve(Some("/nowhere".into()))).map(drop)
    }

    #[test]
    fn a_name_of_the_catalogue_is_not_enough_to_be_of_the_catalogue() {
        assert!(opened("simulated").is_ok());
        for (source, expected) in [
            ("", "found ``"),
            ("Simulated", "found `Simulated`"),
            ("folder", "trained on a local folder"),
            ("file", "trained on a local file"),
            ("own", "a task of a program's own"),
        ] {
            let error = opened(source).unwrap_err().to_string();
            assert!(error.contains(expected), "{source}: {error}");
        }
    }
}
