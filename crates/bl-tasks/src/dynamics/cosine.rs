//! A cosine, exactly.

use std::f64::consts::TAU;

use super::{Fault, Trajectory};

/// `cos(2π t / period)` at t = 0, 1, … `samples` − 1, without an integrator: each sample is as near
/// as `libm` is, and a whole `period` repeats bit for bit.
///
/// Section C.3.1 of Williams et al. (ICLR 2025) has period 25 and 125 samples.
pub fn cosine(period: f64, samples: usize) -> Result<Trajectory, Fault> {
    if !(period.is_finite() && period > 0.0) {
        return Err(Fault::Period { found: period });
    }
    if samples == 0 {
        return Err(Fault::Sampling { every: 1, samples });
    }
    let values = (0..samples).map(|t| libm::cos(TAU * (t as f64 % period) / period)).collect();
    Ok(Trajectory { system: "cosine", components: &["x"], spacing: 1.0, values, lyapunov: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_repeats_bit_for_bit() {
        let x = cosine(25.0, 125).unwrap().values;
        assert_eq!((x.len(), x[0]), (125, 1.0));
        assert_eq!(x[..25], x[100..]);
    }

    #[test]
    fn a_period_may_be_broken() {
        let x = cosine(2.5, 6).unwrap().values;
        assert_eq!(x[5], 1.0);
        assert!((x[1] - (0.8 * std::f64::consts::PI).cos()).abs() < 1e-15);
    }

    #[test]
    fn a_period_of_nothing_is_an_error() {
        let error = cosine(0.0, 5).unwrap_err();
        assert_eq!(error.to_string(), "expected a period above 0, found 0");
        assert!(cosine(f64::NAN, 5).is_err() && cosine(25.0, 0).is_err());
    }
}
