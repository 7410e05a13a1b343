//! The shape of a speed profile.

use crate::peaks::peaks;

/// Peaks that stand out by less than this share of the range are ripples on the bell.
const STANDS_OUT: f64 = 0.05;

/// How like a bell the speed of a movement is.
///
/// People reach with one smooth rise and fall of speed (Flash and Hogan, Journal of Neuroscience 5,
/// 1985; Harris and Wolpert, Nature 394, 1998). The movement of least jerk has the speed
/// `30 s² (1 − s)²` at share s of its duration: one peak, in the middle, and a skewness of 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BellShape {
    /// Peaks that stand out by 5 % of the range or more; a bell has one.
    pub peaks: usize,
    /// Where the highest peak is, as a share of the duration; a symmetric bell has it at 0.5. At 0
    /// or 1 the movement begins or ends at its fastest, and there may be no peak.
    pub peak_at: f64,
    /// The highest speed.
    pub peak_speed: f64,
    /// The skewness of the profile taken as a density over time, `Σ s (t − t̄)³ / Σ s / σ³`: 0 if it
    /// is symmetric, above 0 if it rises faster than it falls.
    pub skewness: f64,
}

impl BellShape {
    /// Of a profile, or `None` if nothing moved or the speeds are not numbers.
    ///
    /// # Shapes
    /// - `speeds`: `[steps + 1]`, none below 0
    pub fn of(speeds: &[f64]) -> Option<Self> {
        let total = speeds.iter().sum::<f64>();
        if speeds.len() < 2 || !(total.is_finite() && total > 0.0) {
            return None;
        }
        let mean_of = |weight: &dyn Fn(f64) -> f64| {
            speeds.iter().enumerate().map(|(t, s)| s * weight(t as f64)).sum::<f64>() / total
        };
        let mean = mean_of(&|t| t);
        let variance = mean_of(&|t| (t - mean) * (t - mean));
        let third = mean_of(&|t| (t - mean) * (t - mean) * (t - mean));
        let (peak_at, peak_speed) = highest(speeds);
        Some(Self {
            peaks: peaks(speeds, STANDS_OUT).len(),
            peak_at: peak_at / (speeds.len() - 1) as f64,
            peak_speed,
            skewness: if variance > 0.0 { third / (variance * variance.sqrt()) } else { 0.0 },
        })
    }

    /// Whether there is one peak.
    pub fn is_single(&self) -> bool {
        self.peaks == 1
    }
}

/// Place, in samples, and height of the highest peak, or of the highest sample if that is an end.
fn highest(speeds: &[f64]) -> (f64, f64) {
    let (i, &speed) = (0..).zip(speeds).max_by(|a, b| a.1.total_cmp(b.1)).unwrap_or((0, &0.0));
    let inside = peaks(speeds, STANDS_OUT).into_iter().max_by(|a, b| a.height.total_cmp(&b.height));
    match inside {
        Some(peak) if peak.height >= speed => (peak.at, peak.height),
        _ => (f64::from(i), speed),
    }
}
