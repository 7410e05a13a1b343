//! One step in time.

use super::System;

/// How a step `s(t) → s(t + dt)` is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Integrator {
    /// Euler's method, of order 1: `s + dt f(s)`. What the paper uses.
    Euler,
    /// The classic method of Runge and Kutta, of order 4:
    /// `s + dt/6 (k₁ + 2 k₂ + 2 k₃ + k₄)` with `k₁ = f(s)`, `k₂ = f(s + dt/2 k₁)`,
    /// `k₃ = f(s + dt/2 k₂)`, `k₄ = f(s + dt k₃)`.
    Rk4,
}

impl Integrator {
    /// Its name, as on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Euler => "euler",
            Self::Rk4 => "rk4",
        }
    }
}

/// An integrator with room for its intermediate states.
pub(super) struct Stepper {
    integrator: Integrator,
    dt: f64,
    slopes: [Vec<f64>; 4],
    between: Vec<f64>,
}

impl Stepper {
    pub(super) fn new(integrator: Integrator, dt: f64, dimensions: usize) -> Self {
        Self {
            integrator,
            dt,
            slopes: std::array::from_fn(|_| vec![0.0; dimensions]),
            between: vec![0.0; dimensions],
        }
    }

    /// Makes one step, in place.
    pub(super) fn step(&mut self, system: &impl System, state: &mut [f64]) {
        let (dt, [k1, k2, k3, k4]) = (self.dt, &mut self.slopes);
        system.derivative(state, k1);
        match self.integrator {
            Integrator::Euler => {
                for (s, k1) in state.iter_mut().zip(k1) {
                    *s += dt * *k1;
                }
            }
            Integrator::Rk4 => {
                let s = &mut self.between;
                along(s, state, dt / 2.0, k1);
                system.derivative(s, k2);
                along(s, state, dt / 2.0, k2);
                system.derivative(s, k3);
                along(s, state, dt, k3);
                system.derivative(s, k4);
                for (i, s) in state.iter_mut().enumerate() {
                    *s += dt / 6.0 * (k1[i] + 2.0 * k2[i] + 2.0 * k3[i] + k4[i]);
                }
            }
        }
    }
}

/// `out = state + step · slope`.
fn along(out: &mut [f64], state: &[f64], step: f64, slope: &[f64]) {
    for ((out, s), k) in out.iter_mut().zip(state).zip(slope) {
        *out = s + step * k;
    }
}
