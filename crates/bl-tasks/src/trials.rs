//! Trials: sequences with several values at each step, each of its own length, and what is to be said of them.

mod archive;
mod array;
mod arrays;
mod classes;
mod fault;
mod files;
mod given;
mod half;
mod padded;
mod source;
mod table;
mod ts;
mod ts_header;

pub use archive::ArchiveFault;
pub use arrays::ArraysFault;
pub use fault::Fault;
pub(crate) use files::{is_of_trials, open, open_named};
pub use given::{Given, given};
pub use source::{Goal, Source};
pub(crate) use table::open_table;
pub use ts::TsFault;

use std::ops::Range;

use sha2::{Digest, Sha256};

use bl_core::io::Read;
use bl_core::text::hex;

/// Trials one after the other, in their own units.
#[derive(Clone, Debug, PartialEq)]
pub struct Trials {
    channels: usize,
    /// Where each begins, and where the last ends, in steps.
    starts: Vec<usize>,
    /// `[Σ steps, channels]`
    inputs: Vec<f64>,
    goals: Goals,
}

/// What is to be said of trials.
#[derive(Clone, Debug, PartialEq)]
pub enum Goals {
    /// The class of each trial: `[trials]`.
    Classes(Vec<u8>),
    /// The class of each step, and what it counts: `[Σ steps]` each.
    ClassesOfSteps {
        /// Places among the labels.
        classes: Vec<u8>,
        /// 0 where nothing is asked.
        weights: Vec<f32>,
    },
    /// Values of each step, and what each counts: `[Σ steps, variables]` both.
    Values {
        /// How many at each step.
        variables: usize,
        /// NaN where one is missing.
        values: Vec<f64>,
        /// 0 where nothing is asked.
        weights: Vec<f32>,
    },
}

impl Trials {
    /// Trials of these lengths. A missing value that is to be said is not asked for; one that goes in is an error.
    ///
    /// # Shapes
    /// - `inputs`: `[Σ lengths, channels]`
    pub fn new(
        channels: usize,
        lengths: &[usize],
        inputs: Vec<f64>,
        mut goals: Goals,
    ) -> Result<Self, Fault> {
        if channels == 0 {
            return Err(Fault::NoChannels);
        }
        if let Some(trial) = lengths.iter().position(|steps| *steps == 0) {
            return Err(Fault::Empty { trial });
        }
        let mut starts = vec![0];
        for steps in lengths {
            starts.push(starts[starts.len() - 1] + steps);
        }
        let steps = starts[lengths.len()];
        check_len("inputs", steps * channels, inputs.len())?;
        let place = |at: usize, width: usize| {
            let step = at / width;
            let trial = starts.partition_point(|start| *start <= step) - 1;
            (trial, step - starts[trial], at % width)
        };
        if let Some(at) = inputs.iter().position(|x| !x.is_finite()) {
            let (trial, step, channel) = place(at, channels);
            return Err(Fault::Input { trial, step, channel, found: inputs[at] });
        }
        goals.mask_missing();
        let (width, weights) = match &goals {
            Goals::Classes(classes) => {
                check_len("classes", lengths.len(), classes.len())?;
                return Ok(Self { channels, starts, inputs, goals });
            }
            Goals::ClassesOfSteps { classes, weights } => {
                check_len("classes", steps, classes.len())?;
                (1, weights)
            }
            Goals::Values { variables, values, weights } => {
                check_len("targets", steps * variables, values.len())?;
                (*variables, weights)
            }
        };
        check_len("weights", steps * width, weights.len())?;
        if let Some(at) = weights.iter().position(|w| !(w.is_finite() && *w >= 0.0)) {
            let (trial, step, _) = place(at, width);
            return Err(Fault::Weight { trial, step, found: weights[at] });
        }
        let counts =
            |trial: usize| weights[starts[trial] * width..starts[trial + 1] * width].iter().any(|w| *w > 0.0);
        if let Some(trial) = (0..lengths.len()).find(|trial| !counts(*trial)) {
            return Err(Fault::NothingAsked { trial });
        }
        Ok(Self { channels, starts, inputs, goals })
    }

    /// None of the same kind.
    #[must_use]
    pub fn none(&self) -> Self {
        self.subset(&[])
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Values that go in at each step.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// Steps of a trial.
    pub fn steps(&self, trial: usize) -> usize {
        self.starts[trial + 1] - self.starts[trial]
    }

    /// Steps of the shortest and of the longest; 0 without trials.
    pub fn lengths(&self) -> (usize, usize) {
        let lengths = || (0..self.len()).map(|trial| self.steps(trial));
        (lengths().min().unwrap_or(0), lengths().max().unwrap_or(0))
    }

    /// What goes in: `[steps, channels]`.
    pub fn inputs(&self, trial: usize) -> &[f64] {
        &self.inputs[self.starts[trial] * self.channels..self.starts[trial + 1] * self.channels]
    }

    /// One channel of all trials.
    pub(crate) fn channel(&self, channel: usize) -> Vec<f64> {
        self.inputs.iter().skip(channel).step_by(self.channels).copied().collect()
    }

    /// What is to be said.
    pub fn goals(&self) -> &Goals {
        &self.goals
    }

    pub(crate) fn goals_mut(&mut self) -> &mut Goals {
        &mut self.goals
    }

    /// What is to be said of one, in its own unit.
    pub(crate) fn goal(&self, trial: usize) -> Goal<f64> {
        self.goal_of(trial, 0..self.steps(trial))
    }

    /// The same of some of its steps; a class is that of the whole trial.
    pub(crate) fn goal_of(&self, trial: usize, steps: Range<usize>) -> Goal<f64> {
        let begin = self.starts[trial];
        let of = |width: usize| (begin + steps.start) * width..(begin + steps.end) * width;
        match &self.goals {
            Goals::Classes(classes) => Goal::Class(classes[trial]),
            Goals::ClassesOfSteps { classes, weights } => {
                Goal::Classes { classes: classes[of(1)].to_vec(), weights: weights[of(1)].to_vec() }
            }
            Goals::Values { variables, values, weights } => Goal::Values {
                values: values[of(*variables)].to_vec(),
                weights: weights[of(*variables)].to_vec(),
            },
        }
    }

    /// Some of them, in that order.
    pub(crate) fn subset(&self, trials: &[usize]) -> Self {
        let steps = |trial: &usize| self.starts[*trial]..self.starts[*trial + 1];
        let of = |width: usize| move |trial: &usize| steps(trial).start * width..steps(trial).end * width;
        let goals = match &self.goals {
            Goals::Classes(classes) => Goals::Classes(trials.iter().map(|trial| classes[*trial]).collect()),
            Goals::ClassesOfSteps { classes, weights } => Goals::ClassesOfSteps {
                classes: trials.iter().flat_map(|trial| &classes[steps(trial)]).copied().collect(),
                weights: trials.iter().flat_map(|trial| &weights[steps(trial)]).copied().collect(),
            },
            Goals::Values { variables, values, weights } => Goals::Values {
                variables: *variables,
                values: trials.iter().map(of(*variables)).flat_map(|of| &values[of]).copied().collect(),
                weights: trials.iter().map(of(*variables)).flat_map(|of| &weights[of]).copied().collect(),
            },
        };
        let mut starts = vec![0];
        for trial in trials {
            starts.push(starts[starts.len() - 1] + self.steps(*trial));
        }
        let inputs = trials.iter().flat_map(|trial| self.inputs(*trial)).copied().collect();
        Self { channels: self.channels, starts, inputs, goals }
    }

    /// What identifies the content: SHA-256, in hex, over the number of channels, the lengths, what goes in, and what is to be said
    /// with its weights, little-endian.
    pub fn sha256(&self) -> String {
        let mut hash = Sha256::new();
        let counts = [self.channels].into_iter().chain((0..self.len()).map(|trial| self.steps(trial)));
        counts.for_each(|count| hash.update((count as u64).to_le_bytes()));
        self.inputs.iter().for_each(|x| hash.update(x.to_le_bytes()));
        let weights: &[f32] = match &self.goals {
            Goals::Classes(_) => &[],
            Goals::ClassesOfSteps { weights, .. } | Goals::Values { weights, .. } => weights,
        };
        for weight in weights {
            hash.update(weight.to_le_bytes());
        }
        match &self.goals {
            Goals::Classes(classes) | Goals::ClassesOfSteps { classes, .. } => hash.update(classes),
            Goals::Values { values, .. } => {
                for y in values {
                    hash.update(y.to_le_bytes());
                }
            }
        }
        hex(&hash.finalize())
    }
}

impl Goals {
    pub(crate) fn has_classes(&self) -> bool {
        !matches!(self, Self::Values { .. })
    }

    /// The classes that are asked for, of trials or of steps.
    pub(crate) fn asked_classes(&self) -> impl Iterator<Item = u8> {
        let weights = if let Self::ClassesOfSteps { weights, .. } = self { Some(weights) } else { None };
        let counts = move |at: usize| weights.is_none_or(|weights| weights[at] > 0.0);
        self.classes().iter().enumerate().filter(move |(at, _)| counts(*at)).map(|(_, class)| *class)
    }

    /// Those of steps that count nothing, too.
    pub(crate) fn classes(&self) -> &[u8] {
        match self {
            Self::Classes(classes) | Self::ClassesOfSteps { classes, .. } => classes,
            Self::Values { .. } => &[],
        }
    }

    /// Whether a class can be read so.
    fn takes(&self, read: Read) -> bool {
        match self {
            Self::Classes(_) => true,
            Self::ClassesOfSteps { .. } => read == Read::Each,
            Self::Values { .. } => false,
        }
    }

    fn words(&self) -> &'static str {
        match self {
            Self::Classes(_) => "`mean`, `end` or `each`",
            Self::ClassesOfSteps { .. } => "`each`, for every step has a class",
            Self::Values { .. } => "none, for values are to be said and no classes",
        }
    }

    /// A value that is missing is 0 and counts nothing.
    fn mask_missing(&mut self) {
        if let Self::Values { values, weights, .. } = self {
            for (value, weight) in values.iter_mut().zip(weights) {
                if !value.is_finite() {
                    (*value, *weight) = (0.0, 0.0);
                }
            }
        }
    }
}

fn check_len(what: &'static str, expected: usize, found: usize) -> Result<(), Fault> {
    if expected == found { Ok(()) } else { Err(Fault::Length { what, expected, found }) }
}
