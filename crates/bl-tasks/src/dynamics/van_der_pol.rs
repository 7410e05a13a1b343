//! Van der Pol's oscillator.

use super::{Lyapunov, System};

/// Van der Pol's oscillator `ẍ = μ (1 − x²) ẋ − x` as two equations of first order:
///
/// ```text
/// dx/dt = v
/// dv/dt = μ (1 − x²) v − x
/// ```
///
/// B. van der Pol, *On relaxation-oscillations*, Philosophical Magazine 2 (1926). With μ = 2, as in
/// section C.3.2 of Williams et al. (ICLR 2025), the limit cycle has amplitude 2.02 and period 7.63.
/// The paper states no start: (2, 0) is next to the cycle.
#[derive(Clone, Debug, PartialEq)]
pub struct VanDerPol {
    /// μ, how strongly it is damped far out and driven near rest.
    pub mu: f64,
}

impl Default for VanDerPol {
    fn default() -> Self {
        Self { mu: 2.0 }
    }
}

impl System for VanDerPol {
    fn name(&self) -> &'static str {
        "van-der-pol"
    }

    fn components(&self) -> &'static [&'static str] {
        &["x", "v"]
    }

    fn start(&self) -> Vec<f64> {
        vec![2.0, 0.0]
    }

    fn derivative(&self, state: &[f64], out: &mut [f64]) {
        let (x, v) = (state[0], state[1]);
        out[0] = v;
        out[1] = self.mu * (1.0 - x * x) * v - x;
    }

    /// A limit cycle is not chaotic: there is none to measure time by.
    fn lyapunov(&self) -> Option<Lyapunov> {
        None
    }
}
