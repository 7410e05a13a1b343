//! Lorenz' model of convection.

use super::{Lyapunov, System};

/// Lorenz' system, chaotic with the usual parameters:
///
/// ```text
/// dx/dt = σ (y − x)
/// dy/dt = x (ρ − z) − y
/// dz/dt = x y − β z
/// ```
///
/// E. N. Lorenz, *Deterministic nonperiodic flow*, Journal of the Atmospheric Sciences 20 (1963).
/// The start (0, 1, 0) is that of section C.4.2 of Williams et al. (ICLR 2025).
#[derive(Clone, Debug, PartialEq)]
pub struct Lorenz {
    /// σ, the Prandtl number; usually 10.
    pub sigma: f64,
    /// ρ, the Rayleigh number over its critical value; usually 28.
    pub rho: f64,
    /// β, of the geometry of the cell; usually 8/3.
    pub beta: f64,
}

impl Default for Lorenz {
    fn default() -> Self {
        Self { sigma: 10.0, rho: 28.0, beta: 8.0 / 3.0 }
    }
}

impl System for Lorenz {
    fn name(&self) -> &'static str {
        "lorenz"
    }

    fn components(&self) -> &'static [&'static str] {
        &["x", "y", "z"]
    }

    fn start(&self) -> Vec<f64> {
        vec![0.0, 1.0, 0.0]
    }

    fn derivative(&self, state: &[f64], out: &mut [f64]) {
        let (x, y, z) = (state[0], state[1], state[2]);
        out[0] = self.sigma * (y - x);
        out[1] = x * (self.rho - z) - y;
        out[2] = x * y - self.beta * z;
    }

    /// Of the differential equation. Euler's method with steps of 0.01 makes another, more chaotic
    /// system: its exponent is 1.043 (measured for this project: growth of small differences, mean of
    /// 256 starts over 450 units of time, standard error 0.001).
    fn lyapunov(&self) -> Option<Lyapunov> {
        (*self == Self::default())
            .then(|| Lyapunov::known(0.9056, "J. C. Sprott, Chaos and Time-Series Analysis (2003)"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_fixed_points_stay() {
        let lorenz = Lorenz { beta: 3.0, ..Lorenz::default() }; // so that the square root is exact
        let r = (lorenz.beta * (lorenz.rho - 1.0)).sqrt();
        for point in [[0.0; 3], [r, r, lorenz.rho - 1.0], [-r, -r, lorenz.rho - 1.0]] {
            let mut out = [f64::NAN; 3];
            lorenz.derivative(&point, &mut out);
            assert_eq!(out, [0.0; 3]);
        }
    }

    #[test]
    fn the_exponent_belongs_to_the_usual_parameters() {
        assert_eq!(Lorenz::default().lyapunov().unwrap().exponent, 0.9056);
        assert_eq!(Lorenz { rho: 14.0, ..Lorenz::default() }.lyapunov(), None);
    }
}
