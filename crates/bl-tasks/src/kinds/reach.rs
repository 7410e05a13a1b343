//! Movements of a network to targets.

mod report;

use bl_core::io::{Reach, Signal};
use bl_core::{Io, Net};

use super::fault::Fault;
use super::run::{BUDGET_BYTES, BUDGET_PRODUCTS, Cost, run};
use crate::Error;
use crate::digest::sha256;
use crate::judgement::Judgement;
use crate::kind::{Inputs, Kind, Lesson, LessonSettings, Loss, Misfit, OutputGradient, Parts};
use crate::reaching::{self, BellShape, DISTANCE, Movement, Plant, State, targets, targets_between};

/// Movements to targets.
#[derive(Clone, Debug)]
pub struct ReachTask {
    /// What is moved.
    pub plant: Plant,
    /// What is wanted of a movement.
    pub loss: reaching::Loss,
    /// To learn from, in m.
    pub train: Vec<[f64; 2]>,
    /// To be tested on, in m.
    pub test: Vec<[f64; 2]>,
    /// What the network sees is the place of a target divided by this, in m.
    pub unit: f64,
}

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
    pub fn evaluate(&self, net: &dyn Net) -> Result<ReachJudgement, Fault> {
        Ok(ReachJudgement { train: self.reach(net, &self.train)?, test: self.reach(net, &self.test)? })
    }

    /// Moves to some targets.
    pub fn reach(&self, net: &dyn Net, targets: &[[f64; 2]]) -> Result<Vec<Reached>, Fault> {
        let (steps, count) = (self.plant.steps, targets.len());
        // The plant's state and control at each step, beside what the network sees and says.
        let cost = Cost::of(net, steps, count, size_of::<State>() + size_of::<[f64; 2]>());
        cost.within_bytes(BUDGET_BYTES)?.within_products(BUDGET_PRODUCTS)?;
        let mut state = net.initial().repeat(count);
        let y = run(net, &self.inputs(targets), steps, &mut state, 0)?;
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

impl From<&Reach> for ReachTask {
    /// The task with the arm that a network has learned to move.
    fn from(signal: &Reach) -> Self {
        let &Reach { steps, dt, mass, lag, unit, .. } = signal;
        Self { plant: Plant { mass, lag, dt, steps }, unit, ..Self::default() }
    }
}

impl Default for ReachTask {
    /// As in section C.5 of the paper: six targets to learn from; twelve between them to test on.
    fn default() -> Self {
        Self {
            plant: Plant::default(),
            loss: reaching::Loss::default(),
            train: targets(6, DISTANCE),
            test: targets_between(6, 2, DISTANCE),
            unit: 1.0,
        }
    }
}

impl Kind for ReachTask {
    fn io(&self) -> Io {
        let Plant { mass, lag, dt, steps } = self.plant;
        let signal = Signal::Reach(Reach { steps, dt, mass, lag, distance: DISTANCE, unit: self.unit });
        Io::Signal { signal, learned_state: false }
    }

    fn summary(&self) -> String {
        format!(
            "{} targets to train on, {} between them to test on, {} steps of {} s",
            self.train.len(),
            self.test.len(),
            self.plant.steps,
            self.plant.dt
        )
    }

    fn parts(&self) -> Parts {
        Parts {
            unit: "targets",
            train: self.train.len(),
            test: self.test.len(),
            train_sha256: sha256(&self.train.concat()),
            test_sha256: sha256(&self.test.concat()),
        }
    }

    fn lesson(&self, _: LessonSettings) -> Result<Lesson<'_>, Error> {
        Ok(Lesson::Steps(Box::new(Targets(self))))
    }

    fn judge(&self, net: &dyn Net) -> Result<Judgement, Error> {
        Ok(Self::judged(self.evaluate(net)?))
    }

    fn adopt(&mut self, io: &Io, _: &[String]) -> Result<(), Misfit> {
        match io.signal() {
            Ok(Signal::Reach(arm)) => {
                *self = arm.into();
                Ok(())
            }
            _ => Err(Misfit {
                expected: crate::about::does(io).into(),
                found: "moves an arm to targets".into(),
                hint: None,
            }),
        }
    }
}

/// Targets to move to. The loss is equation 31, a sum over targets: the mean over rows that a loop reports is that sum if
/// every row counts as many times as there are targets.
struct Targets<'a>(&'a ReachTask);

impl Loss for Targets<'_> {
    fn rows(&self) -> usize {
        self.0.train.len()
    }

    fn inputs(&self, rows: &[u32]) -> Inputs {
        let targets: Vec<_> = rows.iter().map(|&row| self.0.train[row as usize]).collect();
        Inputs { x: self.0.inputs(&targets), steps: self.0.plant.steps, lengths: Vec::new() }
    }

    fn gradient(&self, rows: &[u32], y: &[f32]) -> Result<OutputGradient, Error> {
        let task = self.0;
        let (count, targets) = (rows.len(), task.train.len() as f64);
        let mut delta = vec![0.0; y.len()];
        let mut sum = 0.0;
        for (nth, &row) in rows.iter().enumerate() {
            let target = task.train[row as usize];
            let movement = task.movement(y, nth, count)?;
            sum += targets * task.loss.value(movement.end(), target);
            let State { position, velocity, force } = task.loss.gradient(movement.end(), target);
            let of_mean = |x: [f64; 2]| x.map(|x| x * targets / count as f64);
            let end =
                State { position: of_mean(position), velocity: of_mean(velocity), force: of_mean(force) };
            for (step, control) in task.plant.gradient(&end).into_iter().enumerate() {
                for (axis, control) in control.into_iter().enumerate() {
                    delta[(step * count + nth) * 2 + axis] = control as f32;
                }
            }
        }
        Ok(OutputGradient { sum, delta, correct: 0 })
    }
}
