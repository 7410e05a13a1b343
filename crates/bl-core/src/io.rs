//! What goes into an adapter and what comes out: enough for a program that never saw the task.

mod images;
mod signal;

pub use images::{Fit, InputSchema, Polarity, Preprocessing};
pub use signal::{Forecast, Learned, Lyapunov, Reach, SeriesScale, Signal};

use crate::error::Error;

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

    /// The images that go in; an error where none do.
    pub fn images(&self) -> Result<(&InputSchema, Preprocessing), Error> {
        match self {
            Self::Images { input, preprocessing } => Ok((input, *preprocessing)),
            Self::Signal { .. } => Err(Error::OtherInput { expected: Self::IMAGES, found: Self::SIGNAL }),
        }
    }

    /// The signal that goes in and comes out; an error where images go in.
    pub fn signal(&self) -> Result<&Signal, Error> {
        match self {
            Self::Signal { signal, .. } => Ok(signal),
            Self::Images { .. } => Err(Error::OtherInput { expected: Self::SIGNAL, found: Self::IMAGES }),
        }
    }

    /// Whether the state before the first step was learned.
    pub fn has_learned_state(&self) -> bool {
        matches!(self, Self::Signal { learned_state: true, .. })
    }

    /// The same, with the state before the first step learned or not; images have none.
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
            Self::Signal { signal, .. } => signal.validate(),
        }
    }

    /// Names and values of what must be equal in adapters that are blended.
    pub(crate) fn unblended(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Images { .. } => Vec::new(),
            Self::Signal { signal, learned_state } => vec![
                ("signals", format!("{signal:?}")),
                ("values of `learned_state`", learned_state.to_string()),
            ],
        }
    }

    /// This with the preprocessing set to the weighted mean of others' (weights sum to 1).
    pub(crate) fn blended(&self, parts: &[(f64, &Self)]) -> Self {
        let mean = |of: fn(&Preprocessing) -> f64| {
            let values = parts.iter().filter_map(|(weight, io)| Some((*weight, of(&io.images().ok()?.1))));
            crate::adapter::weighted(values)
        };
        match self {
            Self::Images { input, .. } => Self::Images {
                input: *input,
                preprocessing: Preprocessing { mean: mean(|p| p.mean), std: mean(|p| p.std) },
            },
            Self::Signal { .. } => self.clone(),
        }
    }
}
