//! How long a cycle of an oscillation takes.

use crate::peaks::peaks;

/// Peaks that stand out by less than this share of the whole range are rounding, or a ripple.
const STANDS_OUT: f64 = 0.01;

/// The length of the cycles that were seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Period {
    /// The mean, in samples.
    pub samples: f64,
    /// The standard deviation from cycle to cycle (divided by their number), in samples.
    pub deviation: f64,
    /// Cycles.
    pub cycles: usize,
}

impl Period {
    /// From the places of something that happens once a cycle.
    fn between(places: &[f64]) -> Option<Self> {
        let cycles = places.len().checked_sub(1).filter(|&cycles| cycles > 0)?;
        let samples = (places[cycles] - places[0]) / cycles as f64;
        let square = |pair: &[f64]| (pair[1] - pair[0] - samples) * (pair[1] - pair[0] - samples);
        let deviation = (places.windows(2).map(square).sum::<f64>() / cycles as f64).sqrt();
        Some(Self { samples, deviation, cycles })
    }
}

/// The period from peak to peak, each placed between samples by a parabola.
///
/// This is the measure for a decaying oscillation, as in figure 3B of the paper (period 23.75 before
/// the network rests): `exp(−γ t) cos(ω t)` has its peaks 2π/ω apart, wherever it comes to rest.
/// Peaks that stand out by less than 1 % of the range do not count. `None` with fewer than two.
pub fn period_of_peaks(values: &[f64]) -> Option<Period> {
    let places: Vec<f64> = peaks(values, STANDS_OUT).iter().map(|peak| peak.at).collect();
    Period::between(&places)
}

/// The period from one crossing of `level` upwards to the next, each placed between samples by a
/// straight line. `None` with fewer than two.
pub fn period_of_crossings(values: &[f64], level: f64) -> Option<Period> {
    let crossing = |(i, pair): (usize, &[f64])| {
        let (below, above) = (pair[0] - level, pair[1] - level);
        (below < 0.0 && above >= 0.0).then(|| i as f64 + below / (below - above))
    };
    let places: Vec<f64> = values.windows(2).enumerate().filter_map(crossing).collect();
    Period::between(&places)
}
