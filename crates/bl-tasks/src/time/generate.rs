//! How near a network that runs by itself stays to the trajectory it learned.

use bl_core::recurrent::RecurrentNet;

use super::fault::{Fault, finite};
use super::task::GenerateTask;
use crate::forecast::r_squared;
use crate::series::Scale;

/// What a generator is worth. There is no input, so every run of it is a free run.
#[derive(Clone, Debug)]
pub struct GenerateJudgement {
    /// Over the steps that were learned.
    pub learned_r2: f64,
    /// Over as many steps as follow them in the true trajectory.
    pub continued_r2: f64,
    /// The true trajectory, in its own unit: `[steps + continuation]`.
    pub target: Vec<f64>,
    /// What was generated.
    pub generated: Vec<f64>,
    /// Steps that were learned.
    pub steps: usize,
}

impl GenerateTask {
    /// Runs a network over the steps that were learned and on.
    pub fn judge(&self, net: &dyn RecurrentNet) -> Result<GenerateJudgement, Fault> {
        let target = self.series.values().to_vec();
        let generated = generate(net, &self.scale, target.len())?;
        Ok(GenerateJudgement {
            learned_r2: r_squared(&target[..self.steps], &generated[..self.steps])?,
            continued_r2: r_squared(&target[self.steps..], &generated[self.steps..])?,
            target,
            generated,
            steps: self.steps,
        })
    }
}

/// What a network without input does by itself, from its first state on.
///
/// # Shapes
/// - returns: `[steps]`, in the unit of the variable
pub fn generate(net: &dyn RecurrentNet, scale: &Scale, steps: usize) -> Result<Vec<f64>, Fault> {
    let mut state = net.initial().to_vec();
    let y = finite(net.run(&[], steps, &mut state)?, 1, 0)?;
    Ok(y.into_iter().map(|y| scale.invert(f64::from(y))).collect())
}
