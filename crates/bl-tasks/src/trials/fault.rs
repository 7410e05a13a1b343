//! What can be wrong with trials.

use bl_core::io::Read;

/// What is wrong, as facts; trials, steps and channels are counted from 0.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Fault {
    /// Values that do not make so many steps.
    #[error("{what} have {found} values, expected {expected}")]
    Length {
        /// Which.
        what: &'static str,
        /// Steps times values of each.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// A trial without a step.
    #[error("trial {trial} has no steps")]
    Empty {
        /// Which.
        trial: usize,
    },
    /// A value that goes in and is none.
    #[error("trial {trial}, step {step}, channel {channel}: found {found}, expected a number")]
    Input {
        /// Which trial.
        trial: usize,
        /// Which step of it.
        step: usize,
        /// Which value of that.
        channel: usize,
        /// NaN or infinite.
        found: f64,
    },
    /// A weight that is none.
    #[error("trial {trial}, step {step}: found a weight of {found}, expected 0 or more")]
    Weight {
        /// Which trial.
        trial: usize,
        /// Which step of it.
        step: usize,
        /// What stands there.
        found: f32,
    },
    /// A trial that teaches nothing.
    #[error("trial {trial} asks for nothing: its mask is 0, or its targets are missing, at every step")]
    NothingAsked {
        /// Which.
        trial: usize,
    },
    /// Halves that do not belong together.
    #[error("the training trials have {expected}, the test trials {found}")]
    Halves {
        /// Of the training half.
        expected: String,
        /// Of the test half.
        found: String,
    },
    /// Another number of values at each step.
    #[error("expected {expected} channels, as the adapter was trained on, found {found}")]
    Channels {
        /// Of the adapter.
        expected: usize,
        /// Of the file.
        found: usize,
    },
    /// Nothing goes in.
    #[error("the trials have no channels, expected one at least")]
    NoChannels,
    /// A class of the test half alone.
    #[error("no training trial is of the class `{label}`, test trials are")]
    Untrained {
        /// Its name.
        label: String,
    },
    /// Too few classes or too many.
    #[error("expected 2 to 256 classes, found {found}")]
    Classes {
        /// How many there are.
        found: usize,
    },
    /// Too few to hold some out.
    #[error("expected at least two trials{}, to learn from one and to test on another, found {found}", if *found > 1 { " of a class" } else { "" })]
    NoTest {
        /// How many there are.
        found: usize,
    },
    /// Classes cannot be read so.
    #[error("expected {expected} for `--read`, found `{}`", word(*found))]
    Read {
        /// What was asked.
        found: Read,
        /// What can be.
        expected: &'static str,
    },
    /// Nothing to learn from.
    #[error("there are no training trials")]
    None,
}

fn word(read: Read) -> &'static str {
    match read {
        Read::Mean => "mean",
        Read::End => "end",
        Read::Each => "each",
    }
}

impl Fault {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Length { .. } | Self::Empty { .. } => "give each trial as many steps as its length says",
            Self::Input { .. } => {
                "leave the trial out, or fill what is missing: what goes in must be known at every step (missing targets are masked)"
            }
            Self::Weight { .. } => "a mask has 1 where an answer counts and 0 where it does not",
            Self::NothingAsked { .. } => "leave such trials out",
            Self::Halves { .. } => "both halves need the same channels and targets",
            Self::Untrained { .. } => {
                "leave its trials out of the test half, or put some of them into the training half"
            }
            Self::Classes { .. } => {
                "numbers to learn are targets (`targets` of an archive, `@targetLabel` of a `.ts` file)"
            }
            Self::NoTest { .. } => "bring a test half of your own, or more trials",
            Self::Read { .. } => "drop `--read`",
            Self::Channels { .. } => {
                "`bl-adapt inspect` lists them; the last axis of `inputs` has the channels"
            }
            Self::NoChannels => {
                "a network without input is made by the kinds that generate, such as `--task cosine`"
            }
            Self::None => "give at least one trial to learn from",
        }
    }
}
