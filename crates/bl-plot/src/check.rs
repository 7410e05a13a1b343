//! Refuses what cannot be drawn, by the name of its series.

use crate::error::Error;
use crate::scale::{Axis, Scale};

/// Numbers further from zero than this count as infinite, and nearer than its inverse as zero: the
/// arithmetic of axes neither over- nor underflows.
const LARGEST: f64 = 1e100;

/// Numbers of a series along one axis.
pub(crate) struct Along<'a> {
    pub(crate) series: &'a str,
    /// What they are, as in `y`.
    pub(crate) what: &'static str,
    pub(crate) axis: &'a Axis,
}

impl Along<'_> {
    /// Finite, at least one, and above zero on a logarithmic axis.
    pub(crate) fn check(&self, values: impl Iterator<Item = f64>) -> Result<(), Error> {
        let positive = self.axis.scale == Scale::Log10;
        let mut values = values.enumerate().peekable();
        if values.peek().is_none() {
            return Err(Error::EmptySeries { series: self.series.to_owned() });
        }
        values.try_for_each(|(index, value)| {
            finite(self.series, self.what, index, value)?;
            if positive && value < 1.0 / LARGEST {
                let series = self.series.to_owned();
                return Err(Error::NotPositive { series, what: self.what, index, value });
            }
            Ok(())
        })
    }
}

/// A finite number; no axis can show one beyond [`LARGEST`].
pub(crate) fn finite(series: &str, what: &'static str, index: usize, value: f64) -> Result<(), Error> {
    if value.abs() <= LARGEST {
        return Ok(());
    }
    Err(Error::NotDrawable { series: series.to_owned(), what, index, value })
}

/// Deviations are finite and not negative.
pub(crate) fn deviations(series: &str, values: impl Iterator<Item = f64>) -> Result<(), Error> {
    values.enumerate().try_for_each(|(index, value)| {
        finite(series, "deviation", index, value)?;
        if value < 0.0 {
            let series = series.to_owned();
            return Err(Error::NegativeDeviation { series, index, value });
        }
        Ok(())
    })
}

/// As many entries as there are places for.
pub(crate) fn length(series: &str, what: &'static str, expected: usize, found: usize) -> Result<(), Error> {
    if expected == found {
        return Ok(());
    }
    Err(Error::SeriesLength { series: series.to_owned(), what, expected, found })
}

/// A range of an axis that goes upwards, above zero on a logarithmic one.
pub(crate) fn axis(axis: &Axis) -> Result<(), Error> {
    let Some((low, high)) = axis.range else { return Ok(()) };
    let drawable = low.abs() <= LARGEST && high.abs() <= LARGEST && low < high;
    if drawable && (axis.scale == Scale::Linear || low >= 1.0 / LARGEST) {
        return Ok(());
    }
    Err(Error::Range { axis: axis.label.clone(), low, high })
}

/// Linear axes: others cannot have equal scales.
pub(crate) fn linear(axes: [&Axis; 2]) -> Result<(), Error> {
    match axes.into_iter().find(|axis| axis.scale != Scale::Linear) {
        Some(axis) => Err(Error::NotLinear { axis: axis.label.clone() }),
        None => Ok(()),
    }
}

/// A number from `low` to `high`.
pub(crate) fn within(series: &str, (low, high): (f64, f64), index: usize, value: f64) -> Result<(), Error> {
    if (low..=high).contains(&value) {
        return Ok(());
    }
    Err(Error::Outside { series: series.to_owned(), low, high, index, value })
}
