//! Trials: sequences with several values at each step, each of its own length.

use serde::{Deserialize, Serialize};

use super::SeriesScale;
use crate::error::Error;
use crate::spec::range;

/// What goes in and what comes out at each step of a trial.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trials {
    /// What goes in, in this order.
    pub inputs: Vec<Channel>,
    /// What comes out.
    pub output: Output,
    /// What comes out at a step is of so many steps later.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub horizon: usize,
    /// Steps at the beginning of a trial of which nothing is judged.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub washout: usize,
    /// The time between two steps, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spacing: Option<f64>,
    /// Steps of the longest trial that was learned from.
    pub longest: usize,
}

/// A variable over time, or several of one kind that stand side by side: `(value − offset) / unit` is what the network sees or says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Channel {
    /// Its name: that of a column, or its number from 0.
    pub name: String,
    /// How many values of a step are of it.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub values: usize,
    /// Between the variable and the network.
    pub scale: SeriesScale,
    /// The lowest value of the training part.
    pub low: f64,
    /// The highest.
    pub high: f64,
}

/// What comes out of a trial.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case", deny_unknown_fields)]
pub enum Output {
    /// A score for each class.
    Classes {
        /// Which steps say what class a trial is of.
        read: Read,
    },
    /// Variables.
    Values {
        /// Which, in this order.
        variables: Vec<Channel>,
    },
}

/// Which steps' scores say what class a trial is of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Read {
    /// Their mean over all steps.
    #[default]
    Mean,
    /// Those of the last step.
    End,
    /// Each step has a class of its own.
    Each,
}

fn one() -> usize {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_one(count: &usize) -> bool {
    *count == 1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

impl Trials {
    /// Values of `x_t` and of `y_t`.
    pub fn widths(&self, classes: usize) -> (usize, usize) {
        (width(&self.inputs), if self.read().is_some() { classes } else { width(self.variables()) })
    }

    /// The variables that come out; none where scores of classes do.
    pub fn variables(&self) -> &[Channel] {
        match &self.output {
            Output::Classes { .. } => &[],
            Output::Values { variables } => variables,
        }
    }

    /// Which steps say what class a trial is of; none where variables come out.
    pub fn read(&self) -> Option<Read> {
        match self.output {
            Output::Classes { read } => Some(read),
            Output::Values { .. } => None,
        }
    }

    pub(super) fn validate(&self) -> Result<(), Error> {
        let count = |what, n: usize, least: f64| range(what, n as f64, least, 1e9);
        count("horizon", self.horizon, 0.0)?;
        count("washout", self.washout, 0.0)?;
        count("longest", self.longest, 1.0)?;
        range("values that go in", width(&self.inputs) as f64, 1.0, 65_536.0)?;
        self.spacing.map_or(Ok(()), |spacing| range("spacing", spacing, 1e-30, 1e30))?;
        self.inputs.iter().chain(self.variables()).try_for_each(Channel::validate)
    }
}

/// Values of a step.
fn width(channels: &[Channel]) -> usize {
    channels.iter().fold(0, |sum, channel| sum.saturating_add(channel.values))
}

impl Channel {
    /// The channel of each value of a step, in their order.
    pub fn each(channels: &[Self]) -> impl Iterator<Item = &Self> + Clone {
        channels.iter().flat_map(|channel| std::iter::repeat_n(channel, channel.values))
    }

    fn validate(&self) -> Result<(), Error> {
        range("values", self.values as f64, 1.0, 65_536.0)?;
        range("scale.offset", self.scale.offset, -1e30, 1e30)?;
        range("scale.unit", self.scale.unit, 1e-30, 1e30)?;
        range("low", self.low, -1e30, 1e30)?;
        range("high", self.high, self.low, 1e30)
    }
}
