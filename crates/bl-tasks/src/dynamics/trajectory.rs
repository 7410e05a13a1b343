//! A system's states over time.

use super::integrator::Stepper;
use super::{Fault, Integrator, Lyapunov, System};

/// How a system is integrated, and which of its states are kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Sampling {
    /// The method.
    pub integrator: Integrator,
    /// The length of its step, in the system's unit of time.
    pub dt: f64,
    /// Every how many steps a state is kept: 1 keeps all.
    pub every: usize,
    /// How many states are kept, the start among them.
    pub samples: usize,
}

impl Sampling {
    /// The time between two samples: `dt · every`.
    pub fn spacing(&self) -> f64 {
        self.dt * self.every as f64
    }

    /// Steps from the start to the last sample.
    pub(super) fn steps(&self) -> usize {
        (self.samples - 1).saturating_mul(self.every)
    }

    pub(super) fn check(&self) -> Result<(), Fault> {
        if !(self.dt.is_finite() && self.dt > 0.0) {
            return Err(Fault::Step { found: self.dt });
        }
        if self.every == 0 || self.samples == 0 {
            return Err(Fault::Sampling { every: self.every, samples: self.samples });
        }
        Ok(())
    }
}

/// States of a system at equal distances in time.
///
/// # Shapes
/// - `values`: `[samples, dimensions]`, row-major; row i is the state at time `i · spacing`
#[derive(Clone, Debug, PartialEq)]
pub struct Trajectory {
    /// The system's name.
    pub system: &'static str,
    /// The names of the components.
    pub components: &'static [&'static str],
    /// The true time between two samples, in the system's unit.
    pub spacing: f64,
    /// The states.
    pub values: Vec<f64>,
    /// The system's largest Lyapunov exponent, where it is known.
    pub lyapunov: Option<Lyapunov>,
}

impl Trajectory {
    /// Number of samples.
    #[expect(clippy::len_without_is_empty, reason = "a simulation keeps at least its start")]
    pub fn len(&self) -> usize {
        self.values.len() / self.components.len()
    }

    /// Sample i: `[dimensions]`.
    pub fn state(&self, i: usize) -> &[f64] {
        &self.values[i * self.components.len()..][..self.components.len()]
    }

    /// One component over time: `[samples]`.
    pub fn component(&self, name: &str) -> Result<Vec<f64>, Fault> {
        let column = self.components.iter().position(|&component| component == name);
        let column = column.ok_or_else(|| Fault::Component {
            system: self.system,
            found: name.to_owned(),
            expected: self.components,
        })?;
        Ok(self.values.iter().skip(column).step_by(self.components.len()).copied().collect())
    }
}

/// Follows `system` from `start`, the first sample.
///
/// # Shapes
/// - `start`: `[dimensions]`
pub fn simulate(system: &impl System, sampling: &Sampling, start: &[f64]) -> Result<Trajectory, Fault> {
    sampling.check()?;
    let (name, components) = (system.name(), system.components());
    if start.len() != components.len() {
        return Err(Fault::Start { system: name, expected: components.len(), found: start.len() });
    }
    let check = |state: &[f64], step| match state.iter().position(|s| !s.is_finite()) {
        Some(i) => Err(Fault::Diverged { system: name, component: components[i], step }),
        None => Ok(()),
    };
    let mut state = start.to_vec();
    check(&state, 0)?;
    let mut stepper = Stepper::new(sampling.integrator, sampling.dt, state.len());
    let mut values = state.clone();
    for step in 1..=sampling.steps() {
        stepper.step(system, &mut state);
        check(&state, step)?;
        if step % sampling.every == 0 {
            values.extend_from_slice(&state);
        }
    }
    Ok(Trajectory {
        system: name,
        components,
        spacing: sampling.spacing(),
        values,
        lyapunov: system.lyapunov(),
    })
}
