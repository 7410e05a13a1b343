//! One half of a set of trials as a file has it, and how two become a task.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use bl_core::io::{Channel, Read};
use bl_core::text::grouped;

use super::{Fault, Goals, Trials};
use crate::folder::listed;
use crate::kinds::{Names, TrialsTask};
use crate::series::Far;
use crate::task::{Task, What};
use crate::{Error, Source};

/// Without a test half, the last of so many parts of the trials (of each class) is held out.
const PARTS: usize = 5;
/// A label is a byte.
const MOST_CLASSES: usize = 256;

/// Trials of a file; their classes are places among its own labels.
pub(super) struct Half {
    pub(super) path: PathBuf,
    pub(super) channels: usize,
    pub(super) lengths: Vec<usize>,
    /// `[Σ lengths, channels]`
    pub(super) inputs: Vec<f64>,
    pub(super) labels: Vec<String>,
    pub(super) goals: Goals,
}

/// Two halves and what they are called.
pub(super) struct Halves {
    pub(super) train: Half,
    /// If there is one; else a part of the other is held out.
    pub(super) test: Option<Half>,
    pub(super) names: Names,
    pub(super) notices: Vec<String>,
}

impl Halves {
    /// The task of the files at `path`.
    pub(super) fn task(self, path: &Path, read: Option<Read>) -> Result<Task, Error> {
        let at = |fault| Error::TrialsFile { path: path.to_owned(), fault };
        let Self { train, test, names, mut notices } = self;
        if let Some(read) = read.filter(|read| !train.goals.takes(*read)) {
            return Err(at(Fault::Read { found: read, expected: train.goals.words() }));
        }
        let train = train.checked()?;
        let (train, test) = match test {
            Some(test) => {
                let of = test.path.clone();
                let renamed = test.checked()?.renamed(&train.labels);
                (train, renamed.map_err(|fault| Error::TrialsFile { path: of, fault })?)
            }
            None => train.held_out(&mut notices).map_err(at)?,
        };
        if train.trials.goals().has_classes() && !(2..=MOST_CLASSES).contains(&train.labels.len()) {
            return Err(at(Fault::Classes { found: train.labels.len() }));
        }
        notices.extend(train.without("training", "it cannot be learned"));
        notices.extend(test.without("test", "the accuracy says nothing of it"));
        let Known { labels, trials } = train;
        let task = TrialsTask::new(labels, &names, read.unwrap_or_default(), trials, test.trials);
        let task = task.map_err(|error| match error {
            Error::Trials(fault) => at(fault),
            other => other,
        })?;
        notices.extend(of_channels(&task));
        Ok(self::task(path, format!("the trials `{}`", path.display()), task, &notices))
    }
}

/// What is opened from a file or a folder.
pub(super) fn task(path: &Path, title: String, what: TrialsTask, notices: &[String]) -> Task {
    let whole = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let name = whole.file_name().unwrap_or_default().to_string_lossy();
    let source = if path.is_dir() { Source::Folder } else { Source::File };
    let stem = if path.is_dir() { &*name } else { name.split('.').next().unwrap_or_default() };
    Task {
        name: if stem.is_empty() { "trials".into() } else { stem.to_owned() },
        title,
        source,
        notice: (!notices.is_empty()).then(|| notices.join("; ")),
        prepared: None,
        licence: Some("not stated".into()),
        what: What::Trials(what),
    }
}

/// Channels and targets that are the same throughout the training half, and values far from all others.
pub(super) fn of_channels(task: &TrialsTask) -> Vec<String> {
    let (inputs, outputs) = (&task.form.inputs, task.form.variables());
    let constant = |(of, channels): (&str, &[Channel])| {
        let same: Vec<&str> =
            channels.iter().filter(|of| of.low >= of.high).map(|of| of.name.as_str()).collect();
        let (noun, verb) = if same.len() == 1 { (of.to_owned(), "has") } else { (format!("{of}s"), "have") };
        (!same.is_empty())
            .then(|| format!("the {noun} {} {verb} the same value throughout training", listed(&same)))
    };
    let mut notices: Vec<String> =
        [("input", &**inputs), ("target", outputs)].into_iter().filter_map(constant).collect();
    let far = |(nth, channel): (usize, &Channel)| {
        let far = Far::of(&task.train().trials.channel(nth))?;
        Some(format!("input `{}`: {far}", channel.name))
    };
    notices.extend(inputs.iter().enumerate().filter_map(far).take(5));
    notices
}

impl Half {
    fn checked(self) -> Result<Known, Error> {
        let Self { path, channels, lengths, inputs, labels, goals } = self;
        let trials = Trials::new(channels, &lengths, inputs, goals);
        Ok(Known { labels, trials: trials.map_err(|fault| Error::TrialsFile { path, fault })? })
    }
}

/// Trials that are whole.
struct Known {
    labels: Vec<String>,
    trials: Trials,
}

impl Known {
    /// Classes as places among other labels.
    fn renamed(mut self, labels: &[String]) -> Result<Self, Fault> {
        let place = |label: &String| labels.iter().position(|known| known == label).map(|place| place as u8);
        let places: Vec<Option<u8>> = self.labels.iter().map(place).collect();
        let renamed = |class: u8| {
            let class = usize::from(class);
            places[class].ok_or_else(|| Fault::Untrained { label: self.labels[class].clone() })
        };
        match self.trials.goals_mut() {
            Goals::Classes(classes) => {
                for class in classes {
                    *class = renamed(*class)?;
                }
            }
            Goals::ClassesOfSteps { classes, weights } => {
                for (class, weight) in classes.iter_mut().zip(weights) {
                    *class = if *weight > 0.0 { renamed(*class)? } else { 0 };
                }
            }
            Goals::Values { .. } => {}
        }
        Ok(Self { labels: labels.to_vec(), ..self })
    }

    /// What is to be said if some classes are in no trial of this half.
    fn without(&self, half: &str, then: &str) -> Option<String> {
        if self.trials.is_empty() || !self.trials.goals().has_classes() {
            return None;
        }
        let there: BTreeSet<u8> = self.trials.goals().asked_classes().collect();
        let is_missing = |(place, _): &(usize, &String)| !there.contains(&(*place as u8));
        let missing: Vec<&str> =
            self.labels.iter().enumerate().filter(is_missing).map(|(_, name)| name.as_str()).collect();
        let noun = if missing.len() == 1 { "class" } else { "classes" };
        (!missing.is_empty())
            .then(|| format!("no {half} trial is of the {noun} {}: {then}", listed(&missing)))
    }

    /// The last fifth of the trials of each class to test on, or of all where a trial has no class; at least one of two.
    fn held_out(self, notices: &mut Vec<String>) -> Result<(Self, Self), Fault> {
        let (all, goals) = (self.trials.len(), self.trials.goals());
        let mut of_class: BTreeMap<u8, Vec<usize>> = BTreeMap::new();
        for trial in 0..all {
            let class = if let Goals::Classes(classes) = goals { classes[trial] } else { 0 };
            of_class.entry(class).or_default().push(trial);
        }
        let (mut train, mut test) = (Vec::new(), Vec::new());
        for trials in of_class.into_values() {
            let held = ((trials.len() + PARTS / 2) / PARTS).max(1).min(trials.len() - 1);
            let (first, last) = trials.split_at(trials.len() - held);
            train.extend_from_slice(first);
            test.extend_from_slice(last);
        }
        if test.is_empty() {
            return Err(Fault::NoTest { found: all });
        }
        train.sort_unstable(); // in the order of the file
        test.sort_unstable();
        let of_each = if matches!(goals, Goals::Classes(_)) { " of each class" } else { "" };
        notices.push(format!(
            "there is no test half: the last fifth of the trials{of_each} is held out, {} of {}",
            grouped(test.len()),
            grouped(all)
        ));
        let part =
            |trials: &[usize]| Self { labels: self.labels.clone(), trials: self.trials.subset(trials) };
        Ok((part(&train), part(&test)))
    }
}

/// Labels in their order: by number if all are numbers, else by name.
pub(super) fn in_order(labels: BTreeSet<String>) -> Vec<String> {
    let mut labels: Vec<String> = labels.into_iter().collect();
    if labels.iter().all(|label| label.parse::<i64>().is_ok()) {
        labels.sort_by_key(|label| label.parse::<i64>().ok());
    }
    labels
}
