//! The trainer's seeded streams: initial biases, data order, and which samples validate.

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use sha2::{Digest, Sha256};

fn stream(purpose: &str, seed: u64, number: u64) -> ChaCha8Rng {
    let key = Sha256::digest(format!("bl-adapt/train/1/{purpose}/{seed}"));
    let mut stream = ChaCha8Rng::from_seed(key.into());
    stream.set_stream(number);
    stream
}

/// Initial biases of one layer, uniform in [−`half_width`, `half_width`).
pub(crate) fn initial_biases(seed: u64, layer: usize, units: usize, half_width: f64) -> Vec<f32> {
    let mut draw = stream("biases", seed, layer as u64);
    let unit = |bits: u32| f64::from(bits >> 8) / f64::from(1 << 23) - 1.0;
    (0..units).map(|_| (unit(draw.next_u32()) * half_width) as f32).collect()
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
    if fraction == 0.0 {
        return (rows, Vec::new());
    }
    shuffle_with(&mut rows, stream("validation", 0, 0));
    let held_out = ((samples as f64 * fraction).round() as usize).clamp(1, samples - 1);
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
            [(10, 0.1, 1), (60_000, 1.0 / 6.0, 10_000), (2, 0.01, 1), (5, 0.0, 0)]
        {
            let (train, validation) = validation_split(samples, fraction);
            assert_eq!(validation.len(), held_out);
            let mut all = [train, validation].concat();
            all.sort_unstable();
            assert_eq!(all, (0..samples as u32).collect::<Vec<_>>());
        }
    }

    #[test]
    fn initial_biases_fill_their_interval() {
        let biases = initial_biases(1, 0, 10_000, 0.01);
        assert!(biases.iter().all(|b| b.abs() <= 0.01));
        let mean: f32 = biases.iter().sum::<f32>() / 10_000.0;
        assert!(mean.abs() < 3e-4, "{mean}");
        assert_ne!(biases, initial_biases(2, 0, 10_000, 0.01));
    }
}
