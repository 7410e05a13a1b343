//! What is drawn at random, the same everywhere.

use std::f64::consts::TAU;

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use sha2::{Digest, Sha256};

use super::Cognitive;

/// Part of the key: another rule to make trials gets another version.
const VERSION: &[u8] = b"bl-tasks/cognitive/v1";

/// Draws of one trial.
pub(super) struct Draw(ChaCha8Rng);

impl Draw {
    /// Those that make the trial.
    pub(super) fn of_trial(task: Cognitive, seed: u64, index: u64) -> Self {
        Self::new([task.name(), ""], seed, index)
    }

    /// Those of the noise in its rule input.
    pub(super) fn of_rule(task: Cognitive, seed: u64, index: u64) -> Self {
        Self::new([task.name(), "/rule"], seed, index)
    }

    fn new(purpose: [&str; 2], seed: u64, index: u64) -> Self {
        let key = Sha256::new().chain_update(VERSION).chain_update(seed.to_le_bytes());
        let key = key.chain_update(purpose[0]).chain_update(purpose[1]);
        let mut rng = ChaCha8Rng::from_seed(key.finalize().into());
        rng.set_stream(index);
        Self(rng)
    }

    /// Uniform in [from, to).
    pub(super) fn between(&mut self, from: f64, to: f64) -> f64 {
        from + (to - from) * (f64::from(self.0.next_u32()) / (1_u64 << 32) as f64)
    }

    /// A direction, in [0, 2π).
    pub(super) fn direction(&mut self) -> f64 {
        self.between(0.0, TAU)
    }

    /// One of those; uneven by at most their number / 2^32.
    pub(super) fn one_of<T: Copy>(&mut self, values: &[T]) -> T {
        values[((u64::from(self.0.next_u32()) * values.len() as u64) >> 32) as usize]
    }

    pub(super) fn coin(&mut self) -> bool {
        self.one_of(&[false, true])
    }

    pub(super) fn sign(&mut self) -> f64 {
        self.one_of(&[-1.0, 1.0])
    }

    /// Adds normal noise, by the polar method: of a point (x, y) in the unit disc, s = x² + y² away from its middle,
    /// `x √(−2 ln s / s)` and `y √(−2 ln s / s)` are independent and N(0, 1). (Marsaglia and Bray, SIAM Review 6, 1964.)
    pub(super) fn add_noise(&mut self, values: &mut [f32], deviation: f64) {
        for pair in values.chunks_mut(2) {
            let (point, s) = loop {
                let point = [self.odd(), self.odd()];
                let s = point[0] * point[0] + point[1] * point[1];
                if s < 1.0 {
                    break (point, s);
                }
            };
            let factor = deviation * libm::sqrt(-2.0 * libm::log(s) / s);
            pair.iter_mut().zip(point).for_each(|(value, x)| *value += (factor * x) as f32);
        }
    }

    /// One of 2^32 evenly spaced numbers in (−1, 1), symmetric about 0, and never 0.
    fn odd(&mut self) -> f64 {
        (2 * i64::from(self.0.next_u32()) + 1 - (1 << 32)) as f64 / (1_u64 << 32) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_is_normal() {
        let mut values = vec![0.0; 200_001];
        Draw::of_trial(Cognitive::Go, 1, 0).add_noise(&mut values, 2.0);
        let mean_of = |f: &dyn Fn(f64) -> f64| {
            values.iter().map(|&x| f(f64::from(x) / 2.0)).sum::<f64>() / values.len() as f64
        };
        assert!(mean_of(&|x| x).abs() < 0.01);
        assert!((mean_of(&|x| x * x) - 1.0).abs() < 0.015);
        assert!(mean_of(&|x| x * x * x).abs() < 0.04);
        assert!((mean_of(&|x| x * x * x * x) - 3.0).abs() < 0.1);
        let beyond = |sd: f64| mean_of(&|x| f64::from(u8::from(x.abs() > sd)));
        assert!((beyond(1.0) - 0.3173).abs() < 0.005 && (beyond(3.0) - 0.0027).abs() < 0.0006);
    }

    #[test]
    fn choices_are_even() {
        let mut draw = Draw::of_rule(Cognitive::Dms, 5, 3);
        let mut counts = [0; 5];
        for _ in 0..50_000 {
            counts[draw.one_of(&[0, 1, 2, 3, 4])] += 1;
        }
        assert!(counts.iter().all(|count| (9600..10_400).contains(count)), "{counts:?}");
    }
}
