//! The biases of an adapter that learns something else: drawn from a seed, so that a mask is a file of bits.

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Fixed biases, uniform in [`mean` − `half_width`, `mean` + `half_width`).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BaseBias {
    /// Half the width of the interval.
    pub half_width: f64,
    /// Its middle.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub mean: f64,
    /// Seed of the draws.
    pub seed: u64,
}

impl BaseBias {
    /// The biases of one layer, to the bit as FORMAT.md gives them.
    pub fn draw(self, layer: usize, units: usize) -> Vec<f32> {
        let key = Sha256::digest(format!("bl-adapt/train/1/biases/{}", self.seed));
        let mut stream = ChaCha8Rng::from_seed(key.into());
        stream.set_stream(layer as u64);
        uniform_around(&mut stream, units, self.mean, self.half_width)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_zero(x: &f64) -> bool {
    *x == 0.0
}

/// Draws uniform in [−`half_width`, `half_width`), exact in every step but the last rounding: the same bits
/// everywhere.
pub fn uniform(draw: &mut ChaCha8Rng, count: usize, half_width: f64) -> Vec<f32> {
    uniform_around(draw, count, 0.0, half_width)
}

fn uniform_around(draw: &mut ChaCha8Rng, count: usize, mean: f64, half_width: f64) -> Vec<f32> {
    let unit = |bits: u32| f64::from(bits >> 8) / f64::from(1 << 23) - 1.0;
    (0..count).map(|_| (mean + unit(draw.next_u32()) * half_width) as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_fill_their_interval() {
        let biases = BaseBias { half_width: 0.01, mean: 0.0, seed: 1 }.draw(0, 10_000);
        assert!(biases.iter().all(|b| b.abs() <= 0.01));
        let mean: f32 = biases.iter().sum::<f32>() / 10_000.0;
        assert!(mean.abs() < 3e-4, "{mean}");
        assert_ne!(biases, BaseBias { half_width: 0.01, mean: 0.0, seed: 2 }.draw(0, 10_000));
    }
}
