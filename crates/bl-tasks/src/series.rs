//! One observed variable over time: from a [simulation](crate::dynamics) or from a file.
//!
//! ```
//! use bl_tasks::dynamics::{Integrator, Lorenz, Sampling, System, simulate};
//! use bl_tasks::series::{Plan, Scale, Series, Windows};
//!
//! let lorenz = Lorenz::default();
//! let sampling = Sampling { integrator: Integrator::Euler, dt: 0.01, every: 1, samples: 10_000 };
//! let x = Series::observe(&simulate(&lorenz, &sampling, &lorenz.start())?, "x")?;
//!
//! let plan = Plan { washout: 50, horizon: 27, learn: 120, test: 3000 };
//! let parts = x.split(&plan)?;
//! let scale = Scale::standard(parts.train)?; // mean and SD of what is learned from, only
//! let train = scale.apply_all(parts.train);
//! let windows = Windows { values: &train, length: 120, horizon: plan.horizon };
//! assert_eq!(windows.get(0).target[0], train[27]);
//! # Ok::<(), bl_tasks::Error>(())
//! ```

use std::ops::Range;

use crate::dynamics::{Lyapunov, Trajectory};

mod autocorrelation;
mod calendar;
mod cell;
mod clock;
mod csv;
mod far;
mod fault;
mod head;
mod irregular;
mod lines;
mod mend;
mod of_day;
mod period;
mod plan;
mod rows;
mod scale;
mod sentinel;
mod stamp;
mod table;
mod unread;
mod windows;

pub use autocorrelation::HalfWidth;
pub use cell::Cell;
pub use clock::span;
pub use csv::{Column, read_csv, read_csv_mended};
pub use far::Far;
pub use fault::Fault;
pub use irregular::{Irregular, Kind as IrregularKind};
pub use mend::{Fill, Mend, Mended};
pub use period::{Period, period_of_crossings, period_of_peaks};
pub use plan::{Parts, Plan};
pub use scale::Scale;
pub use table::names_of;
pub use unread::Unread;
pub use windows::{Window, Windows};

pub(crate) use lines::Lines;
pub(crate) use rows::Failure;
pub(crate) use scale::{ends, mean_and_variance};
pub(crate) use table::{Part, Wanted, read_table};
#[cfg(test)]
pub(crate) use unread::Meant;

/// A variable at equal distances in time: finite numbers that are not all the same.
///
/// # Shapes
/// - values: `[samples]`
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    name: String,
    values: Vec<f64>,
    spacing: Option<f64>,
    lyapunov: Option<Lyapunov>,
    recorded: Option<Recorded>,
}

/// What a file says of its series, beside the values.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// The column's name, if it has one.
    pub column: Option<String>,
    /// Whether the times are dates, and the spacing is in seconds.
    pub dated: bool,
    /// What was mended.
    pub mended: Mended,
    /// A column that is meant as times and is not understood.
    pub unread: Option<Unread>,
    /// Whether day and month of the dates could be the other way round; the month is taken for the first.
    pub either: bool,
    /// What is far from the other values, with the line of the first.
    pub far: Option<(usize, Far)>,
}

impl Recorded {
    /// What must be said of the file.
    pub fn notices(&self) -> Vec<String> {
        let far = self.far.as_ref().map(|(line, far)| format!("line {line}: {far}"));
        of_times(self.mended, self.unread.as_ref(), self.either).into_iter().chain(far).collect()
    }
}

/// What must be said of how a file was mended, and of its times.
fn of_times(mended: Mended, unread: Option<&Unread>, either: bool) -> Vec<String> {
    let unread = unread.map(|unread| {
        format!(
            "{unread}: holes, repeats and disorder are not seen, and the spacing is not known; {}",
            unread.hint()
        )
    });
    let either = either.then(|| {
        "the dates can be read day first or month first, with steps as equal: the month is taken for the first; \
         `2026-01-31` or `31.01.2026` cannot be mistaken"
            .to_owned()
    });
    [mended.words(), unread, either].into_iter().flatten().collect()
}

impl Series {
    /// A variable whose samples are an unknown time apart.
    pub fn new(name: impl Into<String>, values: Vec<f64>) -> Result<Self, Fault> {
        if values.is_empty() {
            return Err(Fault::Empty);
        }
        if let Some(index) = values.iter().position(|value| !value.is_finite()) {
            return Err(Fault::NotFinite { index, found: values[index] });
        }
        mean_and_variance(&values)?;
        Ok(Self { name: name.into(), values, spacing: None, lyapunov: None, recorded: None })
    }

    /// One component of a trajectory, with its spacing and Lyapunov exponent.
    pub fn observe(trajectory: &Trajectory, component: &str) -> Result<Self, crate::Error> {
        let values = trajectory.component(component)?;
        let series = Self::new(format!("{} {component}", trajectory.system), values)?;
        Ok(Self { spacing: Some(trajectory.spacing), lyapunov: trajectory.lyapunov.clone(), ..series })
    }

    /// The same with a known time between two samples.
    pub fn with_spacing(self, spacing: f64) -> Result<Self, Fault> {
        if !(spacing.is_finite() && spacing > 0.0) {
            return Err(Fault::Spacing { found: spacing });
        }
        Ok(Self { spacing: Some(spacing), ..self })
    }

    /// The same with an exponent of the user's own, or without one.
    #[must_use]
    pub fn with_lyapunov(self, lyapunov: Option<Lyapunov>) -> Self {
        Self { lyapunov, ..self }
    }

    /// Some of its samples, as when the way to an attractor is left out.
    pub fn slice(&self, samples: Range<usize>) -> Result<Self, Fault> {
        let values = self.values.get(samples.clone());
        let values = values.ok_or(Fault::Range { samples, found: self.values.len() })?.to_vec();
        let series = Self::new(self.name.clone(), values)?;
        let (lyapunov, recorded) = (self.lyapunov.clone(), self.recorded.clone());
        Ok(Self { spacing: self.spacing, lyapunov, recorded, ..series })
    }

    /// The same with what its file says.
    #[must_use]
    pub fn recorded(self, recorded: Recorded) -> Self {
        Self { recorded: Some(recorded), ..self }
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its values: `[samples]`.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// Number of samples.
    #[expect(clippy::len_without_is_empty, reason = "every series has samples")]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// The time between two samples, if it is known.
    pub fn spacing(&self) -> Option<f64> {
        self.spacing
    }

    /// What its file says, if it is from one.
    pub fn record(&self) -> Option<&Recorded> {
        self.recorded.as_ref()
    }

    /// The time between two samples in words, such as `1 h`, if it is known.
    pub fn spacing_words(&self) -> Option<String> {
        let dated = self.recorded.as_ref().is_some_and(|recorded| recorded.dated);
        self.spacing.map(|spacing| if dated { span(spacing, true) } else { spacing.to_string() })
    }

    /// The largest Lyapunov exponent of what was observed, if it is known.
    pub fn lyapunov(&self) -> Option<&Lyapunov> {
        self.lyapunov.as_ref()
    }
}
