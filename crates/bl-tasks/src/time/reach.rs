//! Movements of a network to targets.

use bl_core::recurrent::RecurrentNet;

use super::fault::{Fault, finite};
use super::task::ReachTask;
use crate::reaching::{BellShape, Movement};

/// Movements to the targets that were learned and to others.
#[derive(Clone, Debug)]
pub struct ReachJudgement {
    /// To the targets that were learned from.
    pub train: Vec<Reached>,
    /// To targets between them.
    pub test: Vec<Reached>,
}

/// One movement.
#[derive(Clone, Debug)]
pub struct Reached {
    /// Where to, in m.
    pub target: [f64; 2],
    /// How.
    pub movement: Movement,
    /// This target's part of the loss of equation 31.
    pub loss: f64,
    /// How far from the target it ends, in m.
    pub end_error: f64,
    /// Its speed over time; none if nothing moved.
    pub bell: Option<BellShape>,
}

impl ReachJudgement {
    /// The loss of equation 31: the sum over the targets that were learned from.
    pub fn train_loss(&self) -> f64 {
        self.train.iter().map(|reached| reached.loss).sum()
    }

    /// The mean distance from the target at the end, in m.
    pub fn mean_end_error(movements: &[Reached]) -> f64 {
        movements.iter().map(|reached| reached.end_error).sum::<f64>() / movements.len() as f64
    }
}

impl ReachTask {
    /// Moves to all targets.
    pub fn judge(&self, net: &dyn RecurrentNet) -> Result<ReachJudgement, Fault> {
        Ok(ReachJudgement { train: self.reach(net, &self.train)?, test: self.reach(net, &self.test)? })
    }

    /// Moves to some targets.
    pub fn reach(&self, net: &dyn RecurrentNet, targets: &[[f64; 2]]) -> Result<Vec<Reached>, Fault> {
        let (steps, count) = (self.plant.steps, targets.len());
        let mut state = net.initial().repeat(count);
        let y = finite(net.run(&self.inputs(targets), steps, &mut state)?, 2 * count, 0)?;
        targets.iter().enumerate().map(|(nth, &target)| self.reached(target, &y, nth, count)).collect()
    }

    /// What a network sees: the place of its target, at every step.
    ///
    /// # Shapes
    /// - returns: `[steps, targets, 2]`
    pub fn inputs(&self, targets: &[[f64; 2]]) -> Vec<f32> {
        let seen = |x: &f64| (x / self.unit) as f32;
        let of_step: Vec<f32> = targets.iter().flatten().map(seen).collect();
        of_step.repeat(self.plant.steps)
    }

    /// The movement that column `nth` of the controls y `[steps, targets, 2]` makes.
    pub fn movement(&self, y: &[f32], nth: usize, count: usize) -> Result<Movement, Fault> {
        let control = |at: usize| [f64::from(y[at]), f64::from(y[at + 1])];
        let controls: Vec<[f64; 2]> =
            (0..self.plant.steps).map(|step| control((step * count + nth) * 2)).collect();
        Ok(self.plant.run(&controls)?)
    }

    fn reached(&self, target: [f64; 2], y: &[f32], nth: usize, count: usize) -> Result<Reached, Fault> {
        let movement = self.movement(y, nth, count)?;
        let [x, y] = movement.end().position;
        Ok(Reached {
            target,
            loss: self.loss.value(movement.end(), target),
            end_error: libm::hypot(x - target[0], y - target[1]),
            bell: BellShape::of(&movement.speeds()),
            movement,
        })
    }
}
