//! What goes into an adapter and what comes out: enough for a program that never saw the task.

mod images;
mod signal;
mod text;
mod trials;
mod values;

pub use images::{Fit, InputSchema, Polarity, Preprocessing};
pub use signal::{Forecast, Learned, Lyapunov, Reach, SeriesScale, Signal};
pub use text::{Known, Ngrams, TextSchema, TokenSchema};
pub use trials::{Channel, Output, Read, Trials};
pub use values::ValueSchema;

use crate::error::Error;
use crate::spec::InputShape;

/// The feature of texts, in `requires` of a header: a reader that does not know how they become rows must refuse the file.
pub(crate) const TEXT: &str = "text";

/// The feature of real values, likewise: without their ranges, every answer would be another one.
pub(crate) const VALUES: &str = "values";

/// The feature of trials.
pub(crate) const TRIALS: &str = "trials";

/// What goes in and what comes out.
#[derive(Clone, Debug, PartialEq)]
pub enum Io {
    /// 8-bit images go in, a score for each class comes out.
    Images {
        /// The images.
        input: InputSchema,
        /// What happens to them before the first layer.
        preprocessing: Preprocessing,
    },
    /// Texts go in, a score for each class comes out.
    Text {
        /// How they become 8-bit rows.
        input: TextSchema,
        /// What happens to those before the first layer; [`Preprocessing::NONE`] of tokens.
        preprocessing: Preprocessing,
    },
    /// Rows of real values go in; a score for each class comes out, or numbers.
    Values {
        /// How they become 8-bit rows, and what comes out.
        input: ValueSchema,
        /// What happens to those before the first layer.
        preprocessing: Preprocessing,
    },
    /// Values go in and come out step by step.
    Signal {
        /// Which.
        signal: Signal,
        /// Whether the state before the first step was learned too; else it is the backbone's.
        learned_state: bool,
    },
}

impl Io {
    const IMAGES: &str = "images";
    const SIGNAL: &str = "a signal";
    const TEXT: &str = "texts";
    const TRIALS: &str = "trials";
    const VALUES: &str = "rows of values";
    const TOKENS: &str = "texts as tokens";

    /// What goes in, for messages.
    fn goes_in(&self) -> &'static str {
        match self {
            Self::Images { .. } => Self::IMAGES,
            Self::Text { input: TextSchema::Tokens(_), .. } => Self::TOKENS,
            Self::Text { .. } => Self::TEXT,
            Self::Values { .. } => Self::VALUES,
            Self::Signal { signal: Signal::Trials(_), .. } => Self::TRIALS,
            Self::Signal { .. } => Self::SIGNAL,
        }
    }

    /// The form of the 8-bit rows that a network takes, and their standardisation; an error where a signal goes in.
    pub fn rows(&self) -> Result<(InputShape, Preprocessing), Error> {
        match self {
            Self::Images { input: InputSchema { height, width, channels, .. }, preprocessing } => {
                Ok((InputShape { height: *height, width: *width, channels: *channels }, *preprocessing))
            }
            Self::Text { input: TextSchema::Ngrams(ngrams), preprocessing } => {
                Ok((ngrams.shape(), *preprocessing))
            }
            Self::Values { input, preprocessing } => Ok((input.shape(), *preprocessing)),
            other => Err(Error::OtherInput {
                expected: "images, texts as rows, or rows of values",
                found: other.goes_in(),
            }),
        }
    }

    /// How texts that go in become rows; an error where none do.
    pub fn text(&self) -> Result<&TextSchema, Error> {
        match self {
            Self::Text { input, .. } => Ok(input),
            other => Err(Error::OtherInput { expected: Self::TEXT, found: other.goes_in() }),
        }
    }

    /// How real values that go in become rows; an error where none do.
    pub fn values(&self) -> Result<&ValueSchema, Error> {
        match self {
            Self::Values { input, .. } => Ok(input),
            other => Err(Error::OtherInput { expected: Self::VALUES, found: other.goes_in() }),
        }
    }

    /// How texts that go in become tokens; an error where none do.
    pub fn tokens(&self) -> Result<TokenSchema, Error> {
        match self {
            Self::Text { input: TextSchema::Tokens(tokens), .. } => Ok(*tokens),
            other => Err(Error::OtherInput { expected: Self::TOKENS, found: other.goes_in() }),
        }
    }

    /// The images that go in; an error where none do.
    pub fn images(&self) -> Result<(&InputSchema, Preprocessing), Error> {
        match self {
            Self::Images { input, preprocessing } => Ok((input, *preprocessing)),
            other => Err(Error::OtherInput { expected: Self::IMAGES, found: other.goes_in() }),
        }
    }

    /// The signal that goes in and comes out; an error where none does.
    pub fn signal(&self) -> Result<&Signal, Error> {
        match self {
            Self::Signal { signal, .. } => Ok(signal),
            other => Err(Error::OtherInput { expected: Self::SIGNAL, found: other.goes_in() }),
        }
    }

    /// The trials that go in; an error where none do.
    pub fn trials(&self) -> Result<&Trials, Error> {
        match self {
            Self::Signal { signal: Signal::Trials(trials), .. } => Ok(trials),
            other => Err(Error::OtherInput { expected: Self::TRIALS, found: other.goes_in() }),
        }
    }

    /// The feature that a file requires of its readers for what goes in, if any.
    pub(crate) fn feature(&self) -> Option<&'static str> {
        match self {
            Self::Text { .. } => Some(TEXT),
            Self::Values { .. } => Some(VALUES),
            Self::Signal { signal: Signal::Trials(_), .. } => Some(TRIALS),
            Self::Images { .. } | Self::Signal { .. } => None,
        }
    }

    /// Whether the state before the first step was learned.
    pub fn has_learned_state(&self) -> bool {
        matches!(self, Self::Signal { learned_state: true, .. })
    }

    /// The same, with the state before the first step learned or not; only signals have one.
    #[must_use]
    pub fn with_learned_state(mut self, is_learned: bool) -> Self {
        if let Self::Signal { learned_state, .. } = &mut self {
            *learned_state = is_learned;
        }
        self
    }

    /// Whether the numbers make sense: a standard deviation of 0 cannot be divided by, and ink has a size.
    pub fn validate(&self) -> Result<(), Error> {
        match self {
            Self::Images { input, preprocessing } => {
                input.validate()?;
                preprocessing.validate()
            }
            Self::Text { input, preprocessing } => input.validate().and(preprocessing.validate()),
            Self::Values { input, preprocessing } => input.validate().and(preprocessing.validate()),
            Self::Signal { signal, .. } => signal.validate(),
        }
    }

    /// Names and values of what must be equal in adapters that are blended.
    pub(crate) fn unblended(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Images { .. } => Vec::new(),
            Self::Text { input, .. } => vec![("rows of texts", format!("{input:?}"))],
            Self::Values { input, .. } => vec![("ranges of values", format!("{input:?}"))],
            Self::Signal { signal, learned_state } => vec![
                ("signals", format!("{signal:?}")),
                ("values of `learned_state`", learned_state.to_string()),
            ],
        }
    }

    /// This with the preprocessing set to the weighted mean of others' (weights sum to 1).
    pub(crate) fn blended(&self, parts: &[(f64, &Self)]) -> Self {
        let mean = |of: fn(&Preprocessing) -> f64| {
            let values = parts.iter().filter_map(|(weight, io)| Some((*weight, of(&io.rows().ok()?.1))));
            crate::adapter::weighted(values)
        };
        let preprocessing = || Preprocessing { mean: mean(|p| p.mean), std: mean(|p| p.std) };
        match self {
            Self::Images { input, .. } => Self::Images { input: *input, preprocessing: preprocessing() },
            Self::Text { input, .. } => Self::Text { input: *input, preprocessing: preprocessing() },
            Self::Values { input, .. } => {
                Self::Values { input: input.clone(), preprocessing: preprocessing() }
            }
            Self::Signal { .. } => self.clone(),
        }
    }
}
