//! From numbers to pixels, on a linear or a logarithmic axis.

/// How numbers are spaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Equal differences are equal distances.
    Linear,
    /// Equal ratios are equal distances; only numbers above zero.
    Log10,
}

/// An axis: what it shows, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// The quantity with its unit.
    pub label: String,
    /// How numbers are spaced.
    pub scale: Scale,
    /// What the axis shows at least; it grows to hold the data. Bars start at its lower end.
    pub range: Option<(f64, f64)>,
}

impl Axis {
    /// A linear axis as long as the data.
    pub fn linear(label: impl Into<String>) -> Self {
        Self { label: label.into(), scale: Scale::Linear, range: None }
    }

    /// A logarithmic axis as long as the data.
    pub fn log10(label: impl Into<String>) -> Self {
        Self { label: label.into(), scale: Scale::Log10, range: None }
    }

    /// Shows at least this range.
    #[must_use]
    pub fn over(self, low: f64, high: f64) -> Self {
        Self { range: Some((low, high)), ..self }
    }

    /// The numbers at both ends: the range if there is one, widened to hold the data; else the data
    /// and a little more.
    pub(crate) fn domain(&self, values: impl Iterator<Item = f64>) -> Domain {
        let drawable = values.filter(|&value| self.scale == Scale::Linear || value > 0.0);
        let (low, high) =
            drawable.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
        let (low, high) = if low <= high { (low, high) } else { (1.0, 1.0) };
        let (padded_low, padded_high) = padded(self.scale, low, high);
        let (low, high) = match self.range {
            None => (padded_low, padded_high),
            Some((least, most)) => {
                (if low < least { padded_low } else { least }, if high > most { padded_high } else { most })
            }
        };
        Domain { scale: self.scale, low, high }
    }
}

/// Shortest linear axis.
const SMALLEST: f64 = 1e-90;

/// A little more than the data, though not below zero if the data is not.
fn padded(scale: Scale, low: f64, high: f64) -> (f64, f64) {
    match scale {
        Scale::Linear => {
            let size = low.abs().max(high.abs());
            // Closer numbers than this would all have the same label.
            let differ = high - low > (1e-9 * size).max(SMALLEST);
            let span = if differ { high - low } else { size.max(SMALLEST) };
            let padded = low - 0.05 * span;
            (if low >= 0.0 { padded.max(0.0) } else { padded }, high + 0.05 * span)
        }
        Scale::Log10 => {
            let ratio = if high / low > 1.0 + 1e-9 { (high / low).powf(0.05) } else { 2.0 };
            (low / ratio, high * ratio)
        }
    }
}

/// The numbers that an axis shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Domain {
    pub(crate) scale: Scale,
    pub(crate) low: f64,
    pub(crate) high: f64,
}

impl Domain {
    /// Widened on both sides to this length, if it is shorter.
    pub(crate) fn at_least(self, length: f64) -> Self {
        let more = (length - (self.high - self.low)).max(0.0) / 2.0;
        Self { low: self.low - more, high: self.high + more, ..self }
    }
}

/// Where each number of a domain lies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ruler {
    pub(crate) domain: Domain,
    /// Pixel of the lowest number.
    pub(crate) from: f64,
    /// Pixel of the highest number.
    pub(crate) to: f64,
}

impl Ruler {
    /// The pixel of a number; the nearer end for one outside, as a band that reaches below zero on a
    /// logarithmic axis.
    pub(crate) fn at(&self, value: f64) -> f64 {
        let Domain { scale, low, high } = self.domain;
        let value = value.clamp(low, high);
        let share = match scale {
            Scale::Linear => (value - low) / (high - low),
            Scale::Log10 => (value / low).log10() / (high / low).log10(),
        };
        self.from + share * (self.to - self.from)
    }
}
