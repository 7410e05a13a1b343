//! Rössler's system.

use super::{Lyapunov, System};

/// Rössler's system, chaotic with the usual parameters and one product only:
///
/// ```text
/// dx/dt = −y − z
/// dy/dt = x + a y
/// dz/dt = b + z (x − c)
/// ```
///
/// O. E. Rössler, *An equation for continuous chaos*, Physics Letters A 57 (1976).
#[derive(Clone, Debug, PartialEq)]
pub struct Rossler {
    /// Usually 0.2.
    pub a: f64,
    /// Usually 0.2.
    pub b: f64,
    /// Usually 5.7.
    pub c: f64,
}

impl Default for Rossler {
    fn default() -> Self {
        Self { a: 0.2, b: 0.2, c: 5.7 }
    }
}

impl System for Rossler {
    fn name(&self) -> &'static str {
        "rossler"
    }

    fn components(&self) -> &'static [&'static str] {
        &["x", "y", "z"]
    }

    fn start(&self) -> Vec<f64> {
        vec![1.0, 1.0, 1.0]
    }

    fn derivative(&self, state: &[f64], out: &mut [f64]) {
        let (x, y, z) = (state[0], state[1], state[2]);
        out[0] = -y - z;
        out[1] = x + self.a * y;
        out[2] = self.b + z * (x - self.c);
    }

    fn lyapunov(&self) -> Option<Lyapunov> {
        (*self == Self::default())
            .then(|| Lyapunov::known(0.0714, "J. C. Sprott, Chaos and Time-Series Analysis (2003)"))
    }
}
