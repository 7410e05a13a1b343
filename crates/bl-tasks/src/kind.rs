//! What a task is to everyone who does not know which kind it is of: the trainer, the commands, the cards.

use bl_core::{Io, Net};
use serde_json::{Map, Value};

use crate::Error;
use crate::judgement::Judgement;
use crate::split::Split;
use crate::texts::Corpus;

/// One kind of task: what there is to learn, how wrong an output is, and what a network is worth.
pub trait Kind: Send + Sync {
    /// What goes in and what comes out, as an adapter's header states it.
    fn io(&self) -> Io;

    /// The classes, in the order of the outputs; none where a signal comes out.
    fn labels(&self) -> &[String] {
        &[]
    }

    /// What there is to learn, in one line.
    fn summary(&self) -> String;

    /// The metric that matters most, from 1 at best, as [`crate::Headline`] names it; some tasks have none.
    fn headline(&self) -> Option<&'static str> {
        None
    }

    /// What to look at and to try where a network is no better than a guess.
    fn advice(&self) -> &'static str {
        "look at the data (`bl-adapt data info TASK`), or give more of them"
    }

    /// How much there is of it, and what identifies it.
    fn parts(&self) -> Parts;

    /// What its data are like.
    fn describe(&self) -> Description {
        Description::default()
    }

    /// Settings of a run that only this kind takes, of `horizon`, `washout`, `window` and `stride`.
    fn settings(&self) -> &'static [&'static str] {
        &[]
    }

    /// What a network learns from.
    fn lesson(&self, settings: LessonSettings) -> Result<Lesson<'_>, Error>;

    /// What a network is worth on the held-out part. A metric that cannot be had is left out, not an error.
    fn judge(&self, net: &dyn Net) -> Result<Judgement, Error>;

    /// Takes over the units of an adapter that is to be measured on this task, or says how the two differ.
    fn adopt(&mut self, io: &Io, labels: &[String]) -> Result<(), Misfit> {
        if self.io() == *io && self.labels().len() == labels.len() {
            return Ok(());
        }
        Err(Misfit { expected: "has other inputs and outputs".into(), found: self.summary(), hint: None })
    }
}

/// How much data a task has, and what identifies it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parts {
    /// What is counted, in the plural: `images`, `samples`, `targets`.
    pub unit: &'static str,
    /// To learn from.
    pub train: usize,
    /// Held out.
    pub test: usize,
    /// SHA-256 of the training part.
    pub train_sha256: String,
    /// SHA-256 of the held-out part.
    pub test_sha256: String,
}

/// What data are like, beyond their sizes.
#[derive(Clone, Debug, Default)]
pub struct Description {
    /// For scripts; field names are part of the command line's contract.
    pub fields: Map<String, Value>,
    /// For people, with a heading of 11 characters.
    pub lines: Vec<String>,
    /// A line for each class, if there are classes.
    pub table: Vec<String>,
}

/// How an adapter and a task differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// Of the adapter, as what follows its name.
    pub expected: String,
    /// Of the task, likewise.
    pub found: String,
    /// What to do about it, if that is not to take another task.
    pub hint: Option<&'static str>,
}

/// How a lesson is cut; counts are in samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LessonSettings {
    /// The length of a window, washout included.
    pub window: Option<usize>,
    /// From the beginning of a window to that of the next.
    pub stride: Option<usize>,
}

/// What a network learns from, in one of the ways that networks learn.
pub enum Lesson<'a> {
    /// Rows of 8-bit values, each of a class: cross-entropy.
    Classes(&'a Split),
    /// Rows of 8-bit values, each with numbers: squared error.
    Numbers {
        /// The rows; their labels say nothing.
        rows: &'a Split,
        /// `[rows, outputs]`
        targets: &'a [f32],
    },
    /// Texts, each of a class: cross-entropy.
    Texts(&'a Corpus),
    /// Trajectories, and a loss of their outputs.
    Steps(Box<dyn Loss + 'a>),
}

impl Lesson<'_> {
    /// How many rows there are.
    pub fn rows(&self) -> usize {
        match self {
            Self::Classes(rows) | Self::Numbers { rows, .. } => rows.len(),
            Self::Texts(data) => data.len(),
            Self::Steps(loss) => loss.rows(),
        }
    }

    /// How much data the last `rows` rows hold, counted as the task's [`Parts`] are.
    pub fn samples_of_last(&self, rows: usize) -> usize {
        match self {
            Self::Classes(_) | Self::Numbers { .. } | Self::Texts(_) => rows,
            Self::Steps(loss) => loss.samples_of_last(rows),
        }
    }
}

/// A loss over trajectories; a row is one of them.
pub trait Loss: Sync {
    /// How many rows there are.
    fn rows(&self) -> usize;

    /// How far apart two rows must be to share no data, 1 if none share any: one fewer are left out between what is trained
    /// on and what is held out for validation.
    fn overlap(&self) -> usize {
        1
    }

    /// Whether any row may be held out for validation, not only the last: rows are no parts of one series.
    fn is_of_independent_rows(&self) -> bool {
        false
    }

    /// Whether [`OutputGradient::correct`] says anything.
    fn has_classes(&self) -> bool {
        false
    }

    /// Steps of a row; none if all have the same number.
    fn steps_of(&self, _row: u32) -> Option<usize> {
        None
    }

    /// How much data the last `rows` rows hold, counted as the task's [`Parts`] are.
    fn samples_of_last(&self, rows: usize) -> usize {
        rows
    }

    /// What some rows put into a network.
    fn inputs(&self, rows: &[u32]) -> Inputs;

    /// The loss of some rows, and its gradient at the outputs.
    ///
    /// # Shapes
    /// - `y`: `[steps, rows, outputs]`, all finite
    fn gradient(&self, rows: &[u32], y: &[f32]) -> Result<OutputGradient, Error>;
}

/// What some rows put into a network.
pub struct Inputs {
    /// `[steps, rows, inputs]`
    pub x: Vec<f32>,
    /// Steps of the longest row.
    pub steps: usize,
    /// Steps of each row, `[rows]`; empty where all have the same number.
    pub lengths: Vec<usize>,
}

/// How wrong outputs are.
pub struct OutputGradient {
    /// The loss, summed over the rows.
    pub sum: f64,
    /// The gradient of the mean loss at the outputs, `[steps, rows, outputs]`.
    pub delta: Vec<f32>,
    /// Rows whose class is right, where there are classes.
    pub correct: usize,
}
