//! How long a series resembles itself.

use super::Series;

/// Where an autocorrelation falls to half its maximum, 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HalfWidth {
    /// The first lag, in samples, at which it is 1/2 or less.
    pub lag: usize,
    /// Where the straight line from the lag before crosses 1/2, in samples.
    pub crossing: f64,
}

impl Series {
    /// The autocorrelation at lags 0, 1, … `lags`, each over n (the biased estimate, which is that of
    /// NumPy's `correlate` and the default of statsmodels):
    ///
    /// ```text
    /// c(k) = Σₜ (xₜ − x̄) (xₜ₊ₖ − x̄) / Σₜ (xₜ − x̄)²
    /// ```
    pub fn autocorrelation(&self, lags: usize) -> Vec<f64> {
        let centred = self.centred();
        (0..=lags.min(self.len() - 1)).map(|lag| at_lag(&centred, lag)).collect()
    }

    /// The half width at half maximum of the autocorrelation, from which the paper has its horizon
    /// τ = 27 for x of Lorenz' system by Euler's method with steps of 0.01.
    ///
    /// It depends on how much of the trajectory is looked at: 13 to 61 samples for windows of 500 to
    /// 1500, 27 to 31 for 5000 to 20,000, and 26.3 (so 27 is the first lag at or below half) for a
    /// million. `None` if it never falls so far.
    pub fn half_width(&self) -> Option<HalfWidth> {
        let centred = self.centred();
        let mut before = 1.0;
        for lag in 1..self.len() {
            let now = at_lag(&centred, lag);
            if now <= 0.5 {
                let crossing = (lag - 1) as f64 + (before - 0.5) / (before - now);
                return Some(HalfWidth { lag, crossing });
            }
            before = now;
        }
        None
    }

    fn centred(&self) -> Vec<f64> {
        let mean = self.values().iter().sum::<f64>() / self.len() as f64;
        self.values().iter().map(|x| x - mean).collect()
    }
}

fn at_lag(centred: &[f64], lag: usize) -> f64 {
    let product = |lag: usize| centred.iter().zip(&centred[lag..]).map(|(a, b)| a * b).sum::<f64>();
    product(lag) / product(0)
}
