//! How often to measure, and what is typical of the times.

use std::time::{Duration, Instant};

/// How often to measure.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    /// At least so often …
    pub(crate) runs: usize,
    /// … and at least so long, …
    pub(crate) time: Duration,
    /// … but no more often than this.
    pub(crate) most: usize,
}

impl Effort {
    /// Runs before the first that counts: caches fill, threads wake up, the clock rises.
    pub(crate) const WARM_UP: usize = 5;

    /// Whether to go on after `runs` runs since `start`.
    pub(crate) fn go_on(&self, runs: usize, start: Instant) -> bool {
        runs < self.runs || (runs < self.most && start.elapsed() < self.time)
    }

    /// The seconds that `run` says of itself, for each run; it is told how often it ran before.
    pub(crate) fn times(
        &self,
        mut run: impl FnMut(usize) -> anyhow::Result<f64>,
    ) -> anyhow::Result<Vec<f64>> {
        for warm_up in 0..Self::WARM_UP {
            run(warm_up)?;
        }
        let (mut times, start) = (Vec::new(), Instant::now());
        while self.go_on(times.len(), start) {
            times.push(run(times.len())?);
        }
        Ok(times)
    }
}

/// What half and nearly all of some runs took.
#[derive(Clone, Copy, serde::Serialize)]
pub(crate) struct Quantiles {
    pub(crate) p50_us: f64,
    pub(crate) p99_us: f64,
}

impl Quantiles {
    pub(crate) fn of(seconds: &[f64]) -> Self {
        Self { p50_us: 1e6 * quantile(seconds, 0.5), p99_us: 1e6 * quantile(seconds, 0.99) }
    }
}

/// The time that a share of the runs did not exceed: 0.5 for the median; 0 of nothing.
pub(crate) fn quantile(times: &[f64], share: f64) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (share * sorted.len() as f64).ceil() as usize; // nearest rank
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_of_the_nearest_rank() {
        let times: Vec<f64> = (1..=100).rev().map(f64::from).collect();
        for (share, expected) in [(0.5, 50.0), (0.99, 99.0), (1.0, 100.0), (0.0, 1.0)] {
            assert!((quantile(&times, share) - expected).abs() < 1e-12, "{share}");
        }
        assert!(quantile(&[], 0.5).abs() < 1e-12);
    }
}
