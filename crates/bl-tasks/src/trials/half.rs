//! One half of a set of trials as a file has it, and how two become a task.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

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
        let (train, mut test) = match test {
            Some(test) => (train, test),
            None => train.held_out(&mut notices).map_err(at)?,
        };
        test.rename(&train.labels).map_err(at)?;
        if let Goals::Classes(_) | Goals::ClassesOfSteps { .. } = train.goals
            && !(2..=MOST_CLASSES).contains(&train.labels.len())
        {
            return Err(at(Fault::Classes { found: train.labels.len() }));
        }
        notices.extend(train.without("training", "it cannot be learned"));
        notices.extend(test.without("test", "the accuracy says nothing of it"));
        let labels = train.labels.clone();
        let [train, test] = [train, test].map(|half| half.trials().map_err(at));
        let task = TrialsTask::new(labels, &names, read.unwrap_or_default(), train?, test?);
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
    fn trials(self) -> Result<Trials, Fault> {
        Trials::new(self.channels, &self.lengths, self.inputs, self.goals)
    }

    /// Classes as places among other labels.
    fn rename(&mut self, labels: &[String]) -> Result<(), Fault> {
        let place = |label: &String| labels.iter().position(|known| known == label).map(|place| place as u8);
        let places: Vec<Option<u8>> = self.labels.iter().map(place).collect();
        let renamed = |class: &u8| {
            let class = usize::from(*class);
            places[class].ok_or_else(|| Fault::Untrained { label: self.labels[class].clone() })
        };
        match &mut self.goals {
            Goals::Classes(classes) => *classes = classes.iter().map(renamed).collect::<Result<_, _>>()?,
            Goals::ClassesOfSteps { classes, weights } => {
                for (class, weight) in classes.iter_mut().zip(weights) {
                    *class = if *weight > 0.0 { renamed(class)? } else { 0 };
                }
            }
            Goals::Values { .. } => {}
        }
        self.labels = labels.to_vec();
        Ok(())
    }

    /// What is to be said if some classes are in no trial of this half.
    fn without(&self, half: &str, then: &str) -> Option<String> {
        let there: BTreeSet<u8> = match &self.goals {
            _ if self.lengths.is_empty() => return None,
            Goals::Classes(classes) => classes.iter().copied().collect(),
            Goals::ClassesOfSteps { classes, weights } => classes
                .iter()
                .zip(weights)
                .filter(|(_, weight)| **weight > 0.0)
                .map(|(class, _)| *class)
                .collect(),
            Goals::Values { .. } => return None,
        };
        let is_missing = |(place, _): &(usize, &String)| !there.contains(&(*place as u8));
        let missing: Vec<&str> =
            self.labels.iter().enumerate().filter(is_missing).map(|(_, name)| name.as_str()).collect();
        let noun = if missing.len() == 1 { "class" } else { "classes" };
        (!missing.is_empty())
            .then(|| format!("no {half} trial is of the {noun} {}: {then}", listed(&missing)))
    }

    /// The last fifth of the trials of each class to test on, or of all where a trial has no class; at least one of two.
    fn held_out(self, notices: &mut Vec<String>) -> Result<(Self, Self), Fault> {
        let mut of_class: BTreeMap<u8, Vec<usize>> = BTreeMap::new();
        for trial in 0..self.lengths.len() {
            let class = if let Goals::Classes(classes) = &self.goals { classes[trial] } else { 0 };
            of_class.entry(class).or_default().push(trial);
        }
        let (mut train, mut test) = (Vec::new(), Vec::new());
        for trials in of_class.into_values() {
            let held = (trials.len() / PARTS).max(1).min(trials.len() - 1);
            let (first, last) = trials.split_at(trials.len() - held);
            train.extend_from_slice(first);
            test.extend_from_slice(last);
        }
        if test.is_empty() {
            return Err(Fault::NoTest { found: self.lengths.len() });
        }
        train.sort_unstable(); // in the order of the file
        test.sort_unstable();
        let of_each = if matches!(self.goals, Goals::Classes(_)) { " of each class" } else { "" };
        notices.push(format!(
            "there is no test half: the last fifth of the trials{of_each} is held out, {} of {}",
            grouped(test.len()),
            grouped(self.lengths.len())
        ));
        Ok((self.subset(&train), self.subset(&test)))
    }

    fn subset(&self, trials: &[usize]) -> Self {
        let starts: Vec<usize> = self
            .lengths
            .iter()
            .scan(0, |next, steps| {
                *next += steps;
                Some(*next - steps)
            })
            .collect();
        let steps = |trial: &usize| starts[*trial]..starts[*trial] + self.lengths[*trial];
        let goals = match &self.goals {
            Goals::Classes(classes) => Goals::Classes(trials.iter().map(|trial| classes[*trial]).collect()),
            Goals::ClassesOfSteps { classes, weights } => Goals::ClassesOfSteps {
                classes: trials.iter().flat_map(|trial| &classes[steps(trial)]).copied().collect(),
                weights: trials.iter().flat_map(|trial| &weights[steps(trial)]).copied().collect(),
            },
            Goals::Values { variables, values, weights } => {
                let all = |trial: &usize| steps(trial).start * variables..steps(trial).end * variables;
                Goals::Values {
                    variables: *variables,
                    values: trials.iter().flat_map(|trial| &values[all(trial)]).copied().collect(),
                    weights: trials.iter().flat_map(|trial| &weights[all(trial)]).copied().collect(),
                }
            }
        };
        let of = |trial: &usize| steps(trial).start * self.channels..steps(trial).end * self.channels;
        Self {
            channels: self.channels,
            lengths: trials.iter().map(|trial| self.lengths[*trial]).collect(),
            inputs: trials.iter().flat_map(|trial| &self.inputs[of(trial)]).copied().collect(),
            labels: self.labels.clone(),
            goals,
        }
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
