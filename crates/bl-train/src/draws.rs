//! The trainer's seeded streams: initial values, data order, and which samples validate.

use bl_core::adapter::uniform;
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use sha2::{Digest, Sha256};

fn stream(purpose: &str, seed: u64, number: u64) -> ChaCha8Rng {
    let key = Sha256::digest(format!("bl-adapt/train/1/{purpose}/{seed}"));
    let mut stream = ChaCha8Rng::from_seed(key.into());
    stream.set_stream(number);
    stream
}

/// Initial g of a soft mask, uniform in [−`half_width`, `half_width`).
pub(crate) fn initial_mask(seed: u64, units: usize, half_width: f64) -> Vec<f32> {
    uniform(&mut stream("mask", seed, 0), units, half_width)
}

/// Initial weights of layer `layer` of a fully trained network: Xavier, uniform, gain 1 (Glorot & Bengio 2010).
pub(crate) fn xavier(seed: u64, layer: usize, fan_in: usize, fan_out: usize) -> Vec<f32> {
    let half_width = (6.0 / (fan_in + fan_out) as f64).sqrt();
    uniform(&mut stream("weights", seed, layer as u64), fan_in * fan_out, half_width)
}

/// Four numbers in [−1, 1) for one image of one epoch.
pub(crate) fn displacement(seed: u64, epoch: u32, row: u32) -> [f64; 4] {
    let mut draw = stream("augment", seed, u64::from(epoch) << 32 | u64::from(row));
    [0; 4].map(|_: i32| f64::from(draw.next_u32()) / f64::from(1_u32 << 31) - 1.0)
}

/// Shuffles `rows` into the order of one epoch: a function of seed and epoch, so that a resumed run
/// needs no more than the number of the epoch.
pub(crate) fn shuffle(rows: &mut [u32], seed: u64, epoch: u32) {
    shuffle_with(rows, stream("order", seed, epoch.into()));
}

/// Splits `0..samples` into rows to learn on and rows to validate on. The same for every seed, so that
/// settings are compared on the same samples.
pub(crate) fn validation_split(samples: usize, fraction: f64) -> (Vec<u32>, Vec<u32>) {
    let mut rows: Vec<u32> = (0..samples as u32).collect();
    if fraction == 0.0 || samples == 0 {
        return (rows, Vec::new());
    }
    shuffle_with(&mut rows, stream("validation", 0, 0));
    let held_out = ((samples as f64 * fraction).round() as usize).clamp(1, samples.saturating_sub(1).max(1));
    let mut validation = rows.split_off(samples - held_out);
    rows.sort_unstable();
    validation.sort_unstable();
    (rows, validation)
}

/// Fisher–Yates.
fn shuffle_with(rows: &mut [u32], mut draw: ChaCha8Rng) {
    for last in (1..rows.len()).rev() {
        let at = (u64::from(draw.next_u32()) * (last as u64 + 1)) >> 32;
        rows.swap(last, at as usize);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_epoch_is_another_permutation_and_the_same_again() {
        let order = |epoch| {
            let mut rows: Vec<u32> = (0..1000).collect();
            shuffle(&mut rows, 3, epoch);
            rows
        };
        assert_eq!(order(1), order(1));
        assert_ne!(order(1), order(2));
        let mut sorted = order(1);
        sorted.sort_unstable();
        assert_eq!(sorted, (0..1000).collect::<Vec<_>>());
    }

    #[test]
    fn validation_rows_and_training_rows_are_all_rows_once() {
        for (samples, fraction, held_out) in
            [(10, 0.1, 1), (60_000, 1.0 / 6.0, 10_000), (2, 0.01, 1), (5, 0.0, 0), (1, 0.5, 1), (0, 0.5, 0)]
        {
            let (train, validation) = validation_split(samples, fraction);
            assert_eq!(validation.len(), held_out);
            let mut all = [train, validation].concat();
            all.sort_unstable();
            assert_eq!(all, (0..samples as u32).collect::<Vec<_>>());
        }
    }

    #[test]
    fn xavier_fills_its_interval() {
        let weights = xavier(1, 0, 200, 100);
        assert_eq!(weights.len(), 20_000);
        let widest = weights.iter().fold(0.0_f32, |max, w| max.max(w.abs()));
        assert!((0.140..=0.141_43).contains(&widest), "{widest}"); // √(6 / 300) = 0.14142
        let variance = weights.iter().map(|w| w * w).sum::<f32>() / 20_000.0;
        assert!((variance - 2.0 / 300.0).abs() < 1e-4, "{variance}");
        assert_ne!(weights, xavier(1, 1, 200, 100));
    }
}
