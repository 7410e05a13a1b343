//! The task that an adapter or a fully trained network was trained for, opened again, and its metrics beside the recorded
//! ones.

mod compared;

use std::path::{Component, Path, PathBuf};

use bl_core::BertSpec;
use bl_core::header::{Header, Metric, TaskInfo, TrainingRecord};
use bl_core::io::{Channel, Forecast, Io, Known, Signal};
use serde::Deserialize;
use serde_json::Value;

use crate::form::Form;
use crate::kind::Parts;
use crate::kinds::{Images, Likeness};
use crate::series::{Fill, Mend};
use crate::task::{Request, Task, What, is_series_file, settings_of};
use crate::texts::{TextForm, Wanted};
use crate::{DataDir, Error, brightness, find_task};

pub use compared::{Compared, compared_words};

/// What the headers of adapters and of fully trained networks have in common.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "as in the headers")]
pub struct Trained<'a> {
    pub task: &'a TaskInfo,
    pub io: &'a Io,
    pub training: Option<&'a TrainingRecord>,
    pub metrics: &'a [Metric],
    /// The encoder that it runs on, if it does on one.
    pub encoder: Option<&'a BertSpec>,
}

impl<'a> From<&'a Header> for Trained<'a> {
    fn from(header: &'a Header) -> Self {
        let Header { task, io, training, metrics, backbone, .. } = header;
        Self { task, io, training: training.as_ref(), metrics, encoder: backbone.spec.bert().ok() }
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

/// The settings of a training run that say which part of which series is held out.
#[derive(Debug, Default, Deserialize)]
struct Cut {
    column: Option<String>,
    group: Option<String>,
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
    /// Of a table with several series, the column that tells them apart.
    pub group: Option<&'a str>,
    /// Of a file, how it is put in order beside how it was for training.
    pub mend: Mend,
}

impl Trained<'_> {
    /// Opens the task that was trained for, or another of the same kind by name. A user's own file has to be named; a
    /// user's own folder is looked for, and is the one if its test images are those of the record. The column of a file is
    /// the one that was trained on, unless there is another; it is mended as it was for training.
    pub fn open(&self, asked: Asked<'_>, data: DataDir) -> Result<OwnTask, Error> {
        if let Some(name) = asked.task {
            return self.open_named(name, asked, data);
        }
        if self.is_in_catalogue() {
            return self.open_named(&self.task.name, asked, data);
        }
        let looked = self.places(&data)?;
        let (mut other, mut failed) = (None, None);
        for place in looked.iter().filter(|place| place.is_dir()) {
            let Some(name) = place.to_str() else { continue };
            match self.open_named(name, asked, data.clone()) {
                Ok(own) if own.as_recorded == Some(true) => return Ok(own),
                Ok(_) | Err(Error::OtherTask { .. }) => other = other.or_else(|| Some(place.clone())),
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        if let (None, Some(error)) = (&other, failed) {
            return Err(error);
        }
        Err(Error::OwnFolder {
            task: self.task.name.clone(),
            typed: self.typed().map(str::to_owned),
            looked,
            other,
        })
    }

    fn open_named(&self, name: &str, asked: Asked<'_>, data: DataDir) -> Result<OwnTask, Error> {
        let mut task = Task::open(name, &self.request(name, data, asked)?)?;
        let likeness = self.likeness(&task);
        let are_named = task.kind().labels().iter().all(|label| self.task.labels.contains(label));
        let adopted = task.what.kind_mut().adopt(self.io, &self.task.labels);
        adopted.map_err(|misfit| {
            let (adapter, task) = (self.task.name.clone(), task.name.clone());
            Error::OtherTask { adapter, task, misfit: Box::new(misfit), asked: asked.task.is_some() }
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

    /// The task as it was typed for training.
    fn typed(&self) -> Option<&str> {
        self.training?.config.get("task")?.as_str()
    }

    /// Where the folder of a user's own may be: where it was for training, and by its name here and in the data folder. A
    /// header may be from anybody, so it leads to no place above or beside these.
    fn places(&self, data: &DataDir) -> Result<Vec<PathBuf>, Error> {
        let name = &self.task.name;
        match self.source() {
            "file" => return Err(Error::OwnFile { task: name.clone() }),
            "own" => return Err(Error::OwnTask { task: name.clone() }),
            "folder" | "official" | "sample" | "generated" | "simulated" => {}
            _ if self.training.is_none() => {}
            unknown => {
                let (task, source_name) = (name.clone(), unknown.to_owned());
                return Err(Error::UnknownSource { task, source_name });
            }
        }
        let is_below = |path: &Path| {
            path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
        };
        let here = |path: &str| Path::new(".").join(path.strip_prefix("./").unwrap_or(path));
        let mut places: Vec<PathBuf> =
            self.typed().filter(|typed| is_below(Path::new(typed))).map(here).into_iter().collect();
        if is_below(Path::new(name)) && Path::new(name).components().count() == 1 {
            places.push(here(name));
            // A folder may have the name of a task of the catalogue, whose data are in the data folder, and is another task
            // all the same.
            places.extend(find_task(name).is_none().then(|| data.folder(name)));
        }
        places.dedup();
        Ok(places)
    }

    fn cut(&self) -> Cut {
        let config = self.training.map_or(&Value::Null, |training| &training.config);
        Cut::deserialize(config).unwrap_or_default()
    }

    fn request(&self, name: &str, data: DataDir, asked: Asked<'_>) -> Result<Request, Error> {
        let (cut, is_file) = (self.cut(), is_series_file(name));
        let mend = Mend {
            sort: asked.mend.sort || (is_file && cut.sort == Some(true)),
            fill: asked.mend.fill.or(cut.fill.filter(|_| is_file)),
        };
        let (column, learned) = (asked.column.map(str::to_owned), self.column());
        let request = Request { column, learned, mend, ..Request::of(data) };
        Ok(match self.io {
            Io::Signal { signal: Signal::Forecast(Forecast { horizon, washout, .. }), .. } => {
                Request { horizon: Some(*horizon), washout: Some(*washout), window: cut.window, ..request }
            }
            Io::Signal { signal: Signal::Trials(form), .. } if is_file && form.read().is_none() => {
                let names = |channels: &[Channel]| channels.iter().map(|of| of.name.clone()).collect();
                Request {
                    inputs: names(&form.inputs),
                    targets: names(form.variables()),
                    group: asked.group.map(str::to_owned).or(cut.group),
                    horizon: Some(form.horizon),
                    washout: Some(form.washout),
                    window: cut.window,
                    ..request
                }
            }
            Io::Signal { signal: Signal::Trials(form), .. } => {
                let read = form.read().filter(|_| settings_of(name) == "trials");
                Request { read, group: asked.group.map(str::to_owned), ..request }
            }
            Io::Images { input, .. } => {
                Request { form: Form { learned: Some(*input), ..Form::default() }, ..request }
            }
            Io::Text { input, .. } => {
                let (learned, columns) = (Some(*input), self.text_columns());
                let known = self.encoder.map(Known::to).transpose()?;
                Request { text: TextForm { learned, known, columns, ..TextForm::default() }, ..request }
            }
            Io::Values { .. } | Io::Signal { .. } => request,
        })
    }

    /// The columns of a table of texts that were trained on.
    pub fn text_columns(&self) -> Wanted {
        let config = self.training.map_or(&Value::Null, |training| &training.config);
        let text = |key: &str| config.get(key).and_then(Value::as_str);
        Wanted::new(text("text"), text("label").map(str::to_owned))
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
        let trained =
            Trained { task: &task, io: &io, training: Some(&training), metrics: &[], encoder: None };
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
