//! What can be wrong with trials.

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
    /// Nothing goes in.
    #[error("the trials have no channels, expected one at least")]
    NoChannels,
    /// Nothing to learn from.
    #[error("there are no training trials")]
    None,
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
            Self::NoChannels => {
                "a network without input is made by the kinds that generate, such as `--task cosine`"
            }
            Self::None => "give at least one trial to learn from",
        }
    }
}
