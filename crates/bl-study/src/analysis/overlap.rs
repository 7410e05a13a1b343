//! Do two ways of learning use the same units? Shares of units ON and OFF in both, against chance.

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use serde::{Deserialize, Serialize};

use super::check_length;
use crate::error::Error;

/// How two sets of ON units overlap (paper, Fig. 2B and E.4B).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Overlap {
    /// Share of the units that are ON in a.
    pub on_a: f64,
    /// Share of the units that are ON in b.
    pub on_b: f64,
    /// P(ON in a and in b), as a share of all units.
    pub on_both: f64,
    /// P(ON in a | ON in b); none if b has no unit ON.
    pub on_a_given_on_b: Option<f64>,
    /// P(OFF in a | OFF in b); none if b has no unit OFF.
    pub off_a_given_off_b: Option<f64>,
    /// P(both ON or both OFF).
    pub matching: f64,
}

/// Overlap of two masks over the same units, `true` for ON.
///
/// # Shapes
/// - `a`, `b`: `[units]`
pub fn overlap(a: &[bool], b: &[bool]) -> Result<Overlap, Error> {
    if a.is_empty() {
        return Err(Error::Empty { what: "mask" });
    }
    check_length("second mask", a.len(), b.len())?;
    let share = |on_in: fn(bool, bool) -> bool| {
        let units = a.iter().zip(b).filter(|&(&a, &b)| on_in(a, b)).count();
        units as f64 / a.len() as f64
    };
    let (on_b, off_b) = (share(|_, b| b), share(|_, b| !b));
    let (on_both, off_both) = (share(|a, b| a && b), share(|a, b| !a && !b));
    Ok(Overlap {
        on_a: share(|a, _| a),
        on_b,
        on_both,
        on_a_given_on_b: (on_b > 0.0).then(|| on_both / on_b),
        off_a_given_off_b: (off_b > 0.0).then(|| off_both / off_b),
        matching: share(|a, b| a == b),
    })
}

/// The expected overlap if being ON in a says nothing about b: `P(both) = p_a p_b`.
pub fn independent(on_a: f64, on_b: f64) -> Result<Overlap, Error> {
    check_probability("share ON in a", on_a)?;
    check_probability("share ON in b", on_b)?;
    Ok(Overlap {
        on_a,
        on_b,
        on_both: on_a * on_b,
        on_a_given_on_b: (on_b > 0.0).then_some(on_a),
        off_a_given_off_b: (on_b < 1.0).then_some(1.0 - on_a),
        matching: on_a * on_b + (1.0 - on_a) * (1.0 - on_b),
    })
}

/// The paper's null model (Appendix C.2): `draws` pairs of independent Bernoulli variables with the
/// mean shares of ON units. It estimates what [`independent`] gives exactly.
pub fn null_model(on_a: f64, on_b: f64, draws: usize, seed: u64) -> Result<Overlap, Error> {
    check_probability("share ON in a", on_a)?;
    check_probability("share ON in b", on_b)?;
    let mut draw = ChaCha8Rng::seed_from_u64(seed);
    let mut bernoulli = |p: f64| ((draw.next_u64() >> 11) as f64) * (0.5_f64).powi(53) < p;
    let (a, b): (Vec<bool>, Vec<bool>) = (0..draws).map(|_| (bernoulli(on_a), bernoulli(on_b))).unzip();
    overlap(&a, &b)
}

fn check_probability(what: &'static str, found: f64) -> Result<(), Error> {
    if (0.0..=1.0).contains(&found) { Ok(()) } else { Err(Error::Probability { what, found }) }
}
