//! Whether a series is of the kind that a forecaster has learned: another column, another unit or another spacing is
//! forecast without a complaint, and wrongly.

use bl_core::io::{Forecast, Learned};
use bl_core::text::{decimal, grouped, number};

use crate::series::{Series, Unread, ends, mean_and_variance, span};

/// A share of values outside the range of training above this is said loudly.
const OUTSIDE: f64 = 0.05;
/// Beyond the lowest and highest value of training, this share of the range is still inside.
const ROOM: f64 = 0.05;
/// Where the range is not known: standard deviations from the mean.
const DEVIATIONS: f64 = 5.0;
/// Values that vary so many times more or less are in another unit.
const SPREAD: f64 = 3.0;
/// Spacings that differ by less than this share are the same.
const SAME: f64 = 0.01;
/// Fewer values do not tell how much a series varies.
const FEW: usize = 20;

/// A series that a forecaster is given, as far as it is known.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Observed<'a> {
    pub values: &'a [f64],
    pub column: Option<&'a str>,
    pub spacing: Option<f64>,
    /// Whether the spacing is in seconds.
    pub dated: bool,
    /// A column that should say when the samples were taken, and does not.
    pub unread: Option<&'a Unread>,
}

impl<'a> From<&'a Series> for Observed<'a> {
    fn from(series: &'a Series) -> Self {
        let record = series.record();
        Self {
            values: series.values(),
            column: record.and_then(|record| record.column.as_deref()),
            spacing: series.spacing(),
            dated: record.is_some_and(|record| record.dated),
            unread: record.and_then(|record| record.unread.as_ref()),
        }
    }
}

/// How like a series, or images, are to what was learned from.
#[derive(Clone, Debug, PartialEq)]
pub struct Likeness {
    /// Share of the values outside the range of training; none if that range is not known.
    pub outside: Option<f64>,
    /// What should make one stop.
    pub differences: Vec<Difference>,
    /// What cannot be compared.
    pub unknown: Vec<Unknown>,
}

/// What nobody can say of a series.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[expect(missing_docs, reason = "the message of each variant says what it is")]
pub enum Unknown {
    #[error("{0}")]
    Times(Unread),
    #[error("the spacing cannot be compared: samples {expected} apart were learned from, {found}")]
    Spacing { expected: String, found: String },
}

/// What data are not like.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[expect(missing_docs, reason = "the message of each variant says what it is")]
pub enum Difference {
    #[error("expected the column `{expected}`, which was learned from, found `{found}`")]
    Column { expected: String, found: String },
    #[error("expected samples {expected} apart, as those that were learned from, found {found}")]
    Spacing { expected: String, found: String },
    #[error(
        "expected values from {} to {}, the range of training, found {} to {}: {:.1} % of {} are outside",
        number(expected.0), number(expected.1), number(found.0), number(found.1), 100.0 * share, grouped(*of)
    )]
    Range { expected: (f64, f64), found: (f64, f64), share: f64, of: usize },
    #[error("expected values with an SD near {}, that of training, found {}, {} times it", decimal(*expected), decimal(*found), decimal(found / expected))]
    Spread { expected: f64, found: f64 },
    #[error("{0}")]
    Brightness(String),
}

impl Likeness {
    /// How like `found` is to what `signal` says was learned from; `column` is its column, where the signal has none.
    pub fn of(signal: &Forecast, column: Option<&str>, found: Observed<'_>) -> Self {
        let learned = signal.learned.as_ref();
        let names = (learned.and_then(|learned| learned.column.as_deref()).or(column), found.column);
        let mut differences = Vec::new();
        if let (Some(expected), Some(found)) = names
            && !expected.trim().eq_ignore_ascii_case(found.trim())
        {
            differences.push(Difference::Column { expected: expected.into(), found: found.into() });
        }
        let mut unknown: Vec<Unknown> = found.unread.cloned().map(Unknown::Times).into_iter().collect();
        match spacing(signal, learned, found) {
            Spacing::Same => {}
            Spacing::Other(difference) => differences.push(difference),
            Spacing::Unknown(spacing) => unknown.push(spacing),
        }
        let deviations = DEVIATIONS * signal.scale.unit;
        let around = (signal.scale.offset - deviations, signal.scale.offset + deviations);
        let expected = learned.map_or(around, |&Learned { low, high, .. }| (low, high));
        let room = learned.map_or(0.0, |&Learned { low, high, .. }| ROOM * (high - low));
        let share = outside(found.values, expected, 0.0);
        if outside(found.values, expected, room) > OUTSIDE {
            let (of, found) = (found.values.len(), ends(found.values));
            differences.push(Difference::Range { expected, found, share, of });
        }
        differences.extend(spread(signal, found.values));
        Self { outside: learned.map(|_| share), differences, unknown }
    }

    /// Of images that are darker or brighter.
    pub(crate) fn of_brightness(words: String) -> Self {
        Self { outside: None, differences: vec![Difference::Brightness(words)], unknown: Vec::new() }
    }

    /// Of the very values that were held out at training: what they are like is known, another column or spacing is not.
    #[must_use]
    pub fn of_own_values(mut self) -> Self {
        let of_values =
            |of: &Difference| !matches!(of, Difference::Column { .. } | Difference::Spacing { .. });
        self.differences.retain(|of| !of_values(of));
        self
    }

    /// All differences in words.
    pub fn words(&self) -> Option<String> {
        joined(self.differences.iter())
    }

    /// What cannot be compared, in words.
    pub fn unknown_words(&self) -> Option<String> {
        joined(self.unknown.iter())
    }

    /// What who wants a series like the one that was learned from refuses: every difference, and what cannot be compared.
    pub fn strict(&self) -> Result<(), String> {
        let all = [self.words(), self.unknown_words()];
        joined(all.iter().flatten()).map_or(Ok(()), Err)
    }
}

fn joined<T: ToString>(all: impl Iterator<Item = T>) -> Option<String> {
    let all: Vec<String> = all.map(|one| one.to_string()).collect();
    (!all.is_empty()).then(|| all.join("; "))
}

enum Spacing {
    Same,
    Other(Difference),
    Unknown(Unknown),
}

fn spacing(signal: &Forecast, learned: Option<&Learned>, found: Observed<'_>) -> Spacing {
    let Some(learned_from) = signal.spacing else { return Spacing::Same };
    let dated = learned.is_some_and(|learned| learned.spacing_unit.is_some());
    let words = |spacing, dated| {
        span(spacing, dated) + if dated || learned.is_none() { "" } else { ", in a unit that is not known," }
    };
    let expected = words(learned_from, dated);
    match found.spacing {
        None => Spacing::Unknown(Unknown::Spacing {
            expected,
            found: "and this series does not say its own".into(),
        }),
        // One of the two is in a unit that nobody knows.
        Some(is) if learned.is_some() && dated != found.dated => {
            let found = format!("these are {}", words(is, found.dated).trim_end_matches(','));
            Spacing::Unknown(Unknown::Spacing { expected, found })
        }
        Some(is) if dated == found.dated && (is / learned_from - 1.0).abs() <= SAME => Spacing::Same,
        Some(is) => Spacing::Other(Difference::Spacing {
            expected: span(learned_from, dated),
            found: span(is, found.dated),
        }),
    }
}

fn spread(signal: &Forecast, values: &[f64]) -> Option<Difference> {
    let (_, variance) = mean_and_variance(values).ok().filter(|_| values.len() >= FEW)?;
    let (expected, found) = (signal.scale.unit, variance.sqrt());
    let times = found / expected;
    (!(1.0 / SPREAD..=SPREAD).contains(&times)).then_some(Difference::Spread { expected, found })
}

fn outside(values: &[f64], (low, high): (f64, f64), room: f64) -> f64 {
    let out = |value: &&f64| **value < low - room || **value > high + room;
    values.iter().filter(out).count() as f64 / values.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use bl_core::io::SeriesScale;

    use super::*;
    use crate::series::Meant;

    fn signal() -> Forecast {
        Forecast {
            variable: "kwh".into(),
            horizon: 1,
            washout: 5,
            spacing: Some(3600.0),
            scale: SeriesScale { offset: 11.5, unit: 6.9 },
            lyapunov: None,
            learned: Some(Learned {
                column: Some("kwh".into()),
                low: 0.0,
                high: 23.0,
                spacing_unit: Some("s".into()),
            }),
        }
    }

    fn bare(values: &[f64]) -> Observed<'_> {
        Observed { values, column: None, spacing: None, dated: false, unread: None }
    }

    #[track_caller]
    fn said(column: &str, factor: f64, spacing: f64) -> Vec<String> {
        let values: Vec<f64> = (0..96).map(|t| factor * f64::from(t % 24)).collect();
        let found = Observed { column: Some(column), spacing: Some(spacing), dated: true, ..bare(&values) };
        Likeness::of(&signal(), None, found).differences.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_is_like_is_not_complained_about_and_what_is_not_is() {
        let none: [&str; 0] = [];
        assert_eq!(said("kwh", 1.0, 3600.0), none);
        assert_eq!(said("KWh", 1.01, 3601.0), none);
        assert_eq!(
            said("temp", 1.0, 3600.0),
            ["expected the column `kwh`, which was learned from, found `temp`"]
        );
        assert_eq!(
            said("kwh", 1.0, 900.0),
            ["expected samples 1 h apart, as those that were learned from, found 15 min"]
        );
        let [range, spread] = &*said("kwh", 1000.0, 3600.0) else { panic!("two differences") };
        assert_eq!(
            range,
            "expected values from 0 to 23, the range of training, found 0 to 23000: 95.8 % of 96 are outside"
        );
        assert!(spread.starts_with("expected values with an SD near 6.9000"), "{spread}");
        assert_eq!(said("kwh", 0.001, 3600.0).len(), 1, "inside the range, and a thousandth of it");
    }

    #[test]
    fn what_cannot_be_compared_is_refused_by_the_strict_alone() {
        let values: Vec<f64> = (0..96).map(|t| f64::from(t % 24)).collect();
        let (columns, first) = (vec!["`time`".into()], vec!["2018-W01".into()]);
        let unread = Unread { columns, first, meant: Meant::Times };
        for (found, expected) in [
            (bare(&values), "samples 1 h apart were learned from, and this series does not say its own"),
            (
                Observed { spacing: Some(3600.0), ..bare(&values) },
                "1 h apart were learned from, these are 3600, in a unit that is not known",
            ),
            (
                Observed { unread: Some(&unread), ..bare(&values) },
                "column `time` is not understood as times, the first is `2018-W01`; the spacing",
            ),
        ] {
            let likeness = Likeness::of(&signal(), None, found);
            assert_eq!(likeness.words(), None);
            let refused = likeness.strict().unwrap_err();
            assert!(refused.contains(expected), "{refused}");
        }
        let bare_signal = Forecast { spacing: None, ..signal() };
        assert_eq!(
            Likeness::of(&bare_signal, None, bare(&values)).strict(),
            Ok(()),
            "nothing to compare with"
        );
    }
}
