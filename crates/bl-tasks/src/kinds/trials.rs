//! Trials to classify, or to answer step by step.

mod answer;
mod describe;
mod judge;
mod loss;
mod run;
mod windows;

pub use answer::{Answered, answer_trials, unlike_training};
pub(crate) use loss::TrialLoss;
pub use run::run_trials;
use windows::Windows;

use bl_core::header::check_labels;
use bl_core::io::{Channel, Output, Read, SeriesScale, Signal, Trials as Form};
use bl_core::text::grouped;
use bl_core::{Io, Net};

use super::classes::places;
use crate::Error;
use crate::judgement::Judgement;
use crate::kind::{Description, Kind, Lesson, LessonSettings, Misfit, Parts};
use crate::series::{ends, mean_and_variance};
use crate::trials::{Fault, Goal, Goals, Source, Trials};

/// Trials with what is to be said of each.
#[derive(Clone, Debug)]
pub struct TrialsTask {
    /// The classes, if there are classes.
    pub labels: Vec<String>,
    /// What goes in and out, with the units that the network sees; those of the training half.
    pub form: Form,
    /// Of long series, how they are cut; else each trial is learned from as a whole.
    cut: Option<Cut>,
    train: Trials,
    test: Trials,
}

/// How long series are cut into windows to learn from, and what the network is asked; counts are in steps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cut {
    /// How much later the targets are.
    pub horizon: usize,
    /// At the beginning of every window, and of the test half, nothing is judged.
    pub washout: usize,
    /// The time between two steps, if it is known.
    pub spacing: Option<f64>,
}

/// Names of what goes in and of what comes out; where there are fewer than values, numbers from 0 go on.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// Of what goes in.
    pub inputs: Vec<String>,
    /// Of the variables that come out.
    pub targets: Vec<String>,
}

impl TrialsTask {
    /// A task of two halves, the second of which may be empty: then nothing is measured.
    pub fn new(
        labels: Vec<String>,
        names: &Names,
        read: Read,
        train: Trials,
        test: Trials,
    ) -> Result<Self, Error> {
        if train.is_empty() {
            return Err(Fault::None.into());
        }
        let (expected, found) = (goes_in_and_out(&train), goes_in_and_out(&test));
        if !test.is_empty() && expected != found {
            return Err(Fault::Halves { expected, found }.into());
        }
        let name = |names: &[String], nth: usize| names.get(nth).cloned().unwrap_or_else(|| nth.to_string());
        let inputs =
            (0..train.channels()).map(|nth| channel(name(&names.inputs, nth), &train.channel(nth))).collect();
        let output = match train.goals() {
            Goals::Classes(_) => Output::Classes { read },
            Goals::ClassesOfSteps { .. } => Output::Classes { read: Read::Each },
            Goals::Values { variables, .. } => Output::Values {
                variables: (0..*variables)
                    .map(|nth| channel(name(&names.targets, nth), &asked(train.goals(), nth)))
                    .collect(),
            },
        };
        if let Output::Classes { .. } = output {
            check_labels(&labels)?;
            for half in [&train, &test] {
                let worst = half.goals().classes().iter().copied().max().map_or(0, usize::from);
                if worst >= labels.len() {
                    return Err(Error::LabelOutOfRange { label: worst, classes: labels.len() });
                }
            }
        }
        let (_, longest) = train.lengths();
        let form = Form { inputs, output, horizon: 0, washout: 0, spacing: None, longest };
        Ok(Self { labels, form, cut: None, train, test })
    }

    /// The same, of series that are learned from in windows.
    #[must_use]
    pub fn cut(mut self, cut: Cut) -> Self {
        let Cut { horizon, washout, spacing } = cut;
        self.form = Form { horizon, washout, spacing, ..self.form };
        Self { cut: Some(cut), ..self }
    }

    /// The training half, as a network sees it.
    pub fn train(&self) -> Scaled<'_> {
        Scaled { trials: &self.train, form: &self.form }
    }

    /// The test half, as a network sees it.
    pub fn test(&self) -> Scaled<'_> {
        Scaled { trials: &self.test, form: &self.form }
    }
}

/// Trials in the units of an adapter.
#[derive(Clone, Copy, Debug)]
pub struct Scaled<'a> {
    /// In their own units.
    pub trials: &'a Trials,
    /// With as many channels.
    pub form: &'a Form,
}

impl Source for Scaled<'_> {
    fn trials(&self) -> usize {
        self.trials.len()
    }

    fn steps(&self, trial: usize) -> usize {
        self.trials.steps(trial)
    }

    fn inputs(&self, trial: usize) -> Vec<f32> {
        scaled(self.trials.inputs(trial), &self.form.inputs)
    }

    fn goal(&self, trial: usize) -> Goal<f32> {
        self.of_network(self.trials.goal(trial))
    }
}

impl Scaled<'_> {
    /// What is to be said, in the network's units.
    fn of_network(&self, goal: Goal<f64>) -> Goal<f32> {
        match (goal, &self.form.output) {
            (Goal::Values { values, weights }, Output::Values { variables }) => {
                Goal::Values { values: scaled(&values, variables), weights }
            }
            (Goal::Values { .. }, Output::Classes { .. }) => {
                Goal::Values { values: Vec::new(), weights: Vec::new() } // no such task is made
            }
            (Goal::Class(class), _) => Goal::Class(class),
            (Goal::Classes { classes, weights }, _) => Goal::Classes { classes, weights },
        }
    }
}

fn names(channels: &[Channel]) -> Vec<&str> {
    channels.iter().map(|of| of.name.as_str()).collect()
}

/// `[steps, channels]` in the units of the channels.
fn scaled(values: &[f64], channels: &[Channel]) -> Vec<f32> {
    let pairs = values.iter().zip(Channel::each(channels).cycle());
    pairs.map(|(x, Channel { scale, .. })| ((x - scale.offset) / scale.unit) as f32).collect()
}

/// A channel in units of the standard deviation of its values, or in its own where they are all the same.
fn channel(name: String, values: &[f64]) -> Channel {
    let (low, high) = if values.is_empty() { (0.0, 0.0) } else { ends(values) };
    let scale = match mean_and_variance(values) {
        Ok((offset, variance)) => SeriesScale { offset, unit: variance.sqrt() },
        Err(_) => SeriesScale { offset: low, unit: 1.0 },
    };
    Channel { name, values: 1, scale, low, high }
}

/// The values of a variable that are asked for.
fn asked(goals: &Goals, variable: usize) -> Vec<f64> {
    let Goals::Values { variables, values, weights } = goals else { return Vec::new() };
    let of = values.iter().zip(weights).skip(variable).step_by(*variables);
    of.filter(|(_, weight)| **weight > 0.0).map(|(value, _)| *value).collect()
}

fn goes_in_and_out(trials: &Trials) -> String {
    let said = match trials.goals() {
        Goals::Classes(_) => "a class each".to_owned(),
        Goals::ClassesOfSteps { .. } => "a class at each step".to_owned(),
        Goals::Values { variables, .. } => format!("{variables} targets at each step"),
    };
    format!("{} channels and {said}", trials.channels())
}

impl Kind for TrialsTask {
    fn io(&self) -> Io {
        Io::Signal { signal: Signal::Trials(self.form.clone()), learned_state: false }
    }

    fn labels(&self) -> &[String] {
        &self.labels
    }

    fn summary(&self) -> String {
        let (train, test) = (grouped(self.train.len()), grouped(self.test.len()));
        let (shortest, longest) = self.train.lengths();
        let steps =
            if shortest == longest { longest.to_string() } else { format!("{shortest} to {longest}") };
        let of = format!(
            "{train} training and {test} test trials of {steps} steps, {} in",
            self.form.inputs.len()
        );
        match &self.form.output {
            Output::Classes { .. } => format!("{of}, {} classes", self.labels.len()),
            Output::Values { variables } => format!("{of}, {} out", variables.len()),
        }
    }

    fn headline(&self) -> Option<&'static str> {
        Some(if self.form.read().is_some() { "accuracy" } else { "R²" })
    }

    fn parts(&self) -> Parts {
        let (unit, count): (_, fn(&Trials) -> usize) = match self.cut {
            Some(_) => ("steps", |half| (0..half.len()).map(|trial| half.steps(trial)).sum()),
            None => ("trials", Trials::len),
        };
        Parts {
            unit,
            train: count(&self.train),
            test: count(&self.test),
            train_sha256: self.train.sha256(),
            test_sha256: self.test.sha256(),
        }
    }

    fn settings(&self) -> &'static [&'static str] {
        if self.cut.is_some() { &["horizon", "washout", "window", "stride"] } else { &[] }
    }

    fn describe(&self) -> Description {
        describe::describe(self)
    }

    fn lesson(&self, settings: LessonSettings) -> Result<Lesson<'_>, Error> {
        let read = self.form.read().unwrap_or_default();
        if let Some(cut) = self.cut {
            let source = Windows::new(self.train(), cut, settings)?;
            return Ok(Lesson::Steps(Box::new(TrialLoss { source: Box::new(source), read })));
        }
        Ok(Lesson::Steps(Box::new(TrialLoss { source: Box::new(self.train()), read })))
    }

    fn judge(&self, net: &dyn Net) -> Result<Judgement, Error> {
        if self.test.is_empty() {
            return Ok(Judgement::none());
        }
        self.judged(net)
    }

    fn adopt(&mut self, io: &Io, labels: &[String]) -> Result<(), Misfit> {
        let misfit = |expected: String, found: String| Misfit { expected, found, hint: None };
        let Ok(form) = io.trials() else {
            return Err(misfit(crate::about::does(io).into(), crate::about::does(&self.io()).into()));
        };
        let words = |form: &Form| {
            let said = if form.read().is_some() { vec!["a class"] } else { names(form.variables()) };
            format!("{} → {}", names(&form.inputs).join(", "), said.join(", "))
        };
        if words(form) != words(&self.form) {
            return Err(misfit(
                format!("was trained on {}", words(form)),
                format!("has {}", words(&self.form)),
            ));
        }
        if form.read().is_some() {
            let places = places(&self.labels, labels)?;
            for half in [&mut self.train, &mut self.test] {
                if let Goals::Classes(classes) | Goals::ClassesOfSteps { classes, .. } = half.goals_mut() {
                    for class in classes {
                        *class = places[usize::from(*class)];
                    }
                }
            }
            self.labels = labels.to_vec();
        }
        self.form = form.clone();
        Ok(())
    }
}
