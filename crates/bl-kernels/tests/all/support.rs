#![allow(missing_docs, unreachable_pub, reason = "for the tests alone")]
//! Random numbers for the tests, and the adapter half in f64.

use bl_kernels::{AdapterHalf, Preactivations, Readout, padded_units};
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

/// Every case uses it, so that no path forgets it.
pub const SCALE: f32 = 0.75;

pub struct Draw(ChaCha8Rng);

impl Draw {
    pub fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// Uniform in [-1, 1).
    pub fn unit(&mut self) -> f32 {
        (self.0.next_u32() >> 8) as f32 / (1 << 23) as f32 - 1.0
    }

    pub fn units(&mut self, len: usize) -> Vec<f32> {
        (0..len).map(|_| self.unit()).collect()
    }

    pub fn below(&mut self, end: usize) -> usize {
        self.0.next_u32() as usize % end
    }
}

/// A layer of biases over given pre-activations.
pub struct Case {
    pub units: usize,
    pub classes: usize,
    pub p: Preactivations,
    pub bias: Vec<f32>,  // padded
    pub gains: Vec<f32>, // m, padded
    pub dense: Vec<f32>, // A, [classes, units], with zeros where a one-hot readout has none
    pub readout: Readout,
    pub labels: Vec<u8>,
    pub is_rounded: bool, // whether h has 17 bits where it meets integers
}

impl Case {
    pub fn new(rows: usize, units: usize, classes: usize, one_hot: bool) -> Self {
        let mut draw = Draw::new((rows * 7 + units * 3 + classes) as u64);
        let p = Preactivations::from_f32(&draw.units(rows * units), rows, units).expect("lengths agree");
        let mut bias: Vec<f32> = draw.units(units).iter().map(|x| x * 0.3).collect();
        bias.resize(padded_units(units), 0.0);
        let q: Vec<i8> = if one_hot {
            let feeds = |at: usize| at % units % classes == at / units;
            (0..classes * units).map(|at| if feeds(at) { 2 * draw.below(2) as i8 - 1 } else { 0 }).collect()
        } else {
            (0..classes * units).map(|_| draw.below(255) as i8).collect()
        };
        let scale = if one_hot { 0.6 } else { 1.0 / 127.0 };
        let dense = q.iter().map(|&q| f32::from(q) * scale).collect();
        let readout = if one_hot {
            let own: Vec<i8> = (0..units).map(|unit| q[unit % classes * units + unit]).collect();
            Readout::one_hot(&own, classes, scale)
        } else {
            Readout::dense(&q, classes, units, scale)
        };
        let readout = readout.expect("lengths agree");
        // Some units are OFF, as under a mask, and some turned round.
        let mut gains: Vec<f32> =
            draw.units(units).iter().map(|x| if *x < -0.5 { 0.0 } else { x + 0.3 }).collect();
        gains.resize(padded_units(units), 0.0);
        let labels = (0..rows).map(|_| draw.below(classes) as u8).collect();
        Self { units, classes, p, bias, gains, dense, readout, labels, is_rounded: !one_hot }
    }

    pub fn rows(&self) -> usize {
        self.p.rows()
    }

    pub fn half(&self) -> AdapterHalf<'_> {
        AdapterHalf { bias: &self.bias, gains: &self.gains, readout: &self.readout, scale: SCALE }
    }

    /// Logits of one row in f64.
    pub fn logits(&self, row: usize) -> Vec<f64> {
        let p = self.p.row_f32(row);
        (0..self.classes)
            .map(|class| {
                (0..self.units)
                    .map(|i| {
                        let h = (p[i] + self.bias[i]).max(0.0); // the sum decides ON or OFF: in f32, as the kernels
                        let h = if self.is_rounded {
                            to_17_bits(h * self.gains[i]).into()
                        } else {
                            f64::from(h) * f64::from(self.gains[i])
                        };
                        h * f64::from(self.dense[class * self.units + i])
                    })
                    .sum::<f64>()
                    * f64::from(SCALE)
            })
            .collect()
    }

    /// Mean loss over `rows` and its gradients with respect to the biases and to the gains, in f64.
    pub fn loss_and_gradients(&self, rows: &[u32]) -> (f64, Vec<f64>, Vec<f64>) {
        let (mut loss, mut of_bias, mut of_gain) = (0.0, vec![0.0; self.units], vec![0.0; self.units]);
        for &row in rows {
            let logits = self.logits(row as usize);
            let label = usize::from(self.labels[row as usize]);
            let sum: f64 = logits.iter().map(|y| y.exp()).sum();
            loss += (sum.ln() - logits[label]) / rows.len() as f64;
            let p = self.p.row_f32(row as usize);
            for i in 0..self.units {
                let x = p[i] + self.bias[i];
                if x > 0.0 {
                    for (class, y) in logits.iter().enumerate() {
                        let truth = f64::from(u8::from(class == label));
                        let delta = (y.exp() / sum - truth) / rows.len() as f64 * f64::from(SCALE);
                        let back = delta * f64::from(self.dense[class * self.units + i]);
                        of_bias[i] += back * f64::from(self.gains[i]);
                        of_gain[i] += back * f64::from(x);
                    }
                }
            }
        }
        (loss, of_bias, of_gain)
    }
}

fn to_17_bits(x: f32) -> f32 {
    f32::from_bits((x.to_bits() + 0x40) & 0xffff_ff80)
}

#[track_caller]
pub fn check_close(what: &str, got: &[f32], expected: &[f64], tolerance: f64) {
    assert_eq!(got.len(), expected.len(), "{what}");
    let scale = expected.iter().fold(1e-2_f64, |max, x| max.max(x.abs()));
    for (i, (got, expected)) in got.iter().zip(expected).enumerate() {
        assert!(
            (f64::from(*got) - expected).abs() <= tolerance * scale,
            "{what}[{i}]: {got}, expected {expected}"
        );
    }
}

/// A digest (FNV-1a) of the bits that `f` gives, the same on 1, 2, 3 and 8 threads.
#[track_caller]
pub fn digest_on_any_threads(f: impl Fn() -> Vec<u32> + Sync) -> u64 {
    let digests = [1, 2, 3, 8].map(|threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        pool.install(&f)
            .into_iter()
            .flat_map(u32::to_le_bytes)
            .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            })
    });
    assert!(digests.iter().all(|digest| *digest == digests[0]), "{digests:x?}");
    digests[0]
}

pub fn bits<'a>(values: impl IntoIterator<Item = &'a f32>) -> Vec<u32> {
    values.into_iter().map(|x| x.to_bits()).collect()
}
