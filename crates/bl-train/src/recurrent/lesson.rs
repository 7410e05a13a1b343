//! What a network is shown over time, and how wrong its outputs are.

use bl_tasks::reaching::State;
use bl_tasks::series::Windows;
use bl_tasks::time::{ReachTask, TimeTask, What};

use super::config::RecurrentConfig;
use crate::error::Error;

/// Trajectories to learn from; a row is one of them.
pub(crate) enum Lesson<'a> {
    /// One trajectory, without input.
    Generate {
        /// `[steps]`, in the network's unit.
        target: Vec<f32>,
    },
    /// Windows of a series, with what comes a horizon later.
    Forecast {
        /// `[samples]`, in the network's unit.
        values: Vec<f64>,
        length: usize,
        horizon: usize,
        washout: usize,
        stride: usize,
    },
    /// Targets to move to.
    Reach(&'a ReachTask),
}

/// What some rows put into a network: `[steps, rows, inputs]`.
pub(crate) struct Shown {
    pub(crate) x: Vec<f32>,
    pub(crate) steps: usize,
}

/// The loss of some rows, summed, and the gradient of its mean at the outputs, `[steps, rows, outputs]`.
pub(crate) struct Wrong {
    pub(crate) sum: f64,
    pub(crate) delta: Vec<f32>,
}

impl<'a> Lesson<'a> {
    pub(crate) fn new(task: &'a TimeTask, config: &RecurrentConfig) -> Result<Self, Error> {
        let of_other = |key, of| Err(Error::SettingOfOtherTask { key, of, task: task.name.clone() });
        if !matches!(task.what, What::Forecast(_)) {
            let stated = [
                ("horizon", config.horizon.is_some()),
                ("washout", config.washout.is_some()),
                ("window", config.window.is_some()),
                ("stride", config.stride.is_some()),
            ];
            if let Some((key, _)) = stated.into_iter().find(|(_, stated)| *stated) {
                return of_other(key, "forecasts");
            }
        }
        Ok(match &task.what {
            What::Generate(task) => {
                let learned = task.scale.apply_all(&task.series.values()[..task.steps]);
                Self::Generate { target: learned.into_iter().map(|y| y as f32).collect() }
            }
            What::Forecast(task) => {
                let (length, washout) = (config.window() as usize, task.plan.washout);
                if length <= washout {
                    return Err(Error::WindowInWashout { window: length, washout });
                }
                let stride = config.stride() as usize;
                let values = task.scale.apply_all(task.train());
                let horizon = task.plan.horizon;
                if (Windows { values: &values, length, horizon }).count() == 0 {
                    return Err(Error::NoWindow { samples: values.len(), window: length, horizon });
                }
                Self::Forecast { values, length, horizon, washout, stride }
            }
            What::Reach(task) => Self::Reach(task),
        })
    }

    /// How many rows there are.
    pub(crate) fn rows(&self) -> usize {
        match self {
            Self::Generate { .. } => 1,
            Self::Forecast { stride, .. } => self.windows().map_or(0, |all| all.count().div_ceil(*stride)),
            Self::Reach(task) => task.train.len(),
        }
    }

    fn windows(&self) -> Option<Windows<'_>> {
        match self {
            &Self::Forecast { ref values, length, horizon, .. } => Some(Windows { values, length, horizon }),
            _ => None,
        }
    }

    pub(crate) fn show(&self, rows: &[u32]) -> Shown {
        match self {
            Self::Generate { target } => Shown { x: Vec::new(), steps: target.len() },
            Self::Forecast { values, length, stride, .. } => {
                let at = |step: usize, row: u32| values[row as usize * stride + step] as f32;
                let x = (0..*length).flat_map(|step| rows.iter().map(move |&row| at(step, row))).collect();
                Shown { x, steps: *length }
            }
            Self::Reach(task) => {
                let targets: Vec<_> = rows.iter().map(|&row| task.train[row as usize]).collect();
                Shown { x: task.inputs(&targets), steps: task.plant.steps }
            }
        }
    }

    /// Judges outputs y, `[steps, rows, outputs]`, all finite.
    pub(crate) fn judge(&self, rows: &[u32], y: &[f32]) -> Result<Wrong, Error> {
        match self {
            Self::Generate { target } => Ok(squares(y, 1, 0, |step, _| target[step])),
            Self::Forecast { values, horizon, washout, stride, .. } => {
                let target = |step: usize, row: usize| values[rows[row] as usize * stride + step + horizon];
                Ok(squares(y, rows.len(), *washout, |step, row| target(step, row) as f32))
            }
            Self::Reach(task) => reach(task, rows, y),
        }
    }
}

/// The mean squared error of each row over the steps after the washout.
fn squares(y: &[f32], rows: usize, washout: usize, target: impl Fn(usize, usize) -> f32) -> Wrong {
    let steps = y.len() / rows;
    let judged = (steps - washout) as f64;
    let factor = (2.0 / (judged * rows as f64)) as f32;
    let mut delta = vec![0.0; y.len()];
    let mut sum = 0.0;
    for step in washout..steps {
        for row in 0..rows {
            let away = y[step * rows + row] - target(step, row);
            sum += f64::from(away) * f64::from(away) / judged;
            delta[step * rows + row] = factor * away;
        }
    }
    Wrong { sum, delta }
}

/// Equation 31. It is a sum over targets, and the mean over rows that a loop reports is that sum if every row counts as
/// many times as there are targets.
fn reach(task: &ReachTask, rows: &[u32], y: &[f32]) -> Result<Wrong, Error> {
    let (count, targets) = (rows.len(), task.train.len() as f64);
    let mut delta = vec![0.0; y.len()];
    let mut sum = 0.0;
    for (nth, &row) in rows.iter().enumerate() {
        let target = task.train[row as usize];
        let movement = task.movement(y, nth, count).map_err(bl_tasks::Error::from)?;
        sum += targets * task.loss.value(movement.end(), target);
        let State { position, velocity, force } = task.loss.gradient(movement.end(), target);
        let of_mean = |x: [f64; 2]| x.map(|x| x * targets / count as f64);
        let end = State { position: of_mean(position), velocity: of_mean(velocity), force: of_mean(force) };
        for (step, control) in task.plant.gradient(&end).into_iter().enumerate() {
            for (axis, control) in control.into_iter().enumerate() {
                delta[(step * count + nth) * 2 + axis] = control as f32;
            }
        }
    }
    Ok(Wrong { sum, delta })
}
