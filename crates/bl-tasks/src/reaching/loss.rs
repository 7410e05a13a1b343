//! Equation 31.

use super::State;

/// One target's part of the loss of equation 31, which is the sum over all targets:
///
/// ```text
/// ‖x_T − d‖² / δ_p² + γ_v ‖v_T‖² / δ_v² + γ_f ‖f_T‖² / δ_f²
/// ```
///
/// At the end the mass should be at its target d, at rest, and stay there.
#[derive(Clone, Debug, PartialEq)]
pub struct Loss {
    /// `δ_p`, in m; 0.01 in the paper.
    pub position_unit: f64,
    /// `δ_v`, in m/s; 0.02 in the paper.
    pub velocity_unit: f64,
    /// `δ_f`, in N; 0.08 in the paper.
    pub force_unit: f64,
    /// `γ_v`; 0.2 in the paper.
    pub velocity_weight: f64,
    /// `γ_f`; 0.04 in the paper.
    pub force_weight: f64,
}

impl Default for Loss {
    fn default() -> Self {
        Self {
            position_unit: 0.01,
            velocity_unit: 0.02,
            force_unit: 0.08,
            velocity_weight: 0.2,
            force_weight: 0.04,
        }
    }
}

impl Loss {
    /// The loss at the last state.
    pub fn value(&self, end: &State, target: [f64; 2]) -> f64 {
        let [p, v, f] = self.factors();
        p * square(away(end, target)) + v * square(end.velocity) + f * square(end.force)
    }

    /// Its gradient with respect to the last state.
    pub fn gradient(&self, end: &State, target: [f64; 2]) -> State {
        let [p, v, f] = self.factors();
        State {
            position: away(end, target).map(|x| 2.0 * p * x),
            velocity: end.velocity.map(|x| 2.0 * v * x),
            force: end.force.map(|x| 2.0 * f * x),
        }
    }

    /// What the squares of position, velocity and force are multiplied by.
    fn factors(&self) -> [f64; 3] {
        [
            1.0 / (self.position_unit * self.position_unit),
            self.velocity_weight / (self.velocity_unit * self.velocity_unit),
            self.force_weight / (self.force_unit * self.force_unit),
        ]
    }
}

fn away(end: &State, target: [f64; 2]) -> [f64; 2] {
    [end.position[0] - target[0], end.position[1] - target[1]]
}

fn square([x, y]: [f64; 2]) -> f64 {
    x * x + y * y
}
