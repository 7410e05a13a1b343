//! How wrong a network is on trials: cross-entropy or squared error, at the end, at every step, or under a mask.
//!
//! Every trial counts the same, however long it is: its loss is the weighted mean over its steps (and outputs).

use bl_core::io::Read;
use bl_core::{argmax, cross_entropy};
use rayon::prelude::*;

use crate::Error;
use crate::kind::{Inputs, Loss, OutputGradient};
use crate::trials::{Goal, Source};

/// Trials to learn from.
pub(crate) struct TrialLoss<'a> {
    pub(crate) source: Box<dyn Source + 'a>,
    /// Where the class of a whole trial is read.
    pub(crate) read: Read,
}

impl Loss for TrialLoss<'_> {
    fn rows(&self) -> usize {
        self.source.trials()
    }

    fn steps_of(&self, row: u32) -> Option<usize> {
        Some(self.source.steps(row as usize))
    }

    fn is_of_independent_rows(&self) -> bool {
        self.source.overlap().is_none()
    }

    fn overlap(&self) -> usize {
        self.source.overlap().unwrap_or(1)
    }

    fn samples_of_last(&self, rows: usize) -> usize {
        self.source.samples_of_last(rows)
    }

    fn has_classes(&self) -> bool {
        matches!(self.source.goal(0), Goal::Class(_))
    }

    fn inputs(&self, rows: &[u32]) -> Inputs {
        let trials: Vec<Vec<f32>> = rows.par_iter().map(|&row| self.source.inputs(row as usize)).collect();
        let lengths: Vec<usize> = rows.iter().map(|&row| self.source.steps(row as usize)).collect();
        Inputs { x: side_by_side(&trials, &lengths), steps: longest(&lengths), lengths }
    }

    fn gradient(&self, rows: &[u32], y: &[f32]) -> Result<OutputGradient, Error> {
        let lengths: Vec<usize> = rows.iter().map(|&row| self.source.steps(row as usize)).collect();
        let count = rows.len();
        let outputs = y.len() / (longest(&lengths) * count).max(1);
        let of_row = |(nth, &row): (usize, &u32)| {
            let mut own = of_trial(y, nth, count, outputs, lengths[nth]);
            let (loss, is_right) = self.of_one(&self.source.goal(row as usize), &mut own, outputs, count)?;
            Ok((own, loss, is_right))
        };
        let done: Vec<_> = rows.par_iter().enumerate().map(of_row).collect::<Result<_, Error>>()?;
        let (mut sum, mut correct, mut gradients) = (0.0, 0, Vec::with_capacity(count));
        for (gradient, loss, is_right) in done {
            sum += loss;
            correct += usize::from(is_right);
            gradients.push(gradient);
        }
        Ok(OutputGradient { sum, delta: side_by_side(&gradients, &lengths), correct })
    }
}

impl TrialLoss<'_> {
    /// The loss of one trial, and whether its class is right; its outputs `[steps, outputs]` become the gradient of the mean over
    /// `count` trials.
    fn of_one(
        &self,
        goal: &Goal<f32>,
        y: &mut [f32],
        outputs: usize,
        count: usize,
    ) -> Result<(f64, bool), Error> {
        let check = |label: u8| match usize::from(label) {
            label if label < outputs => Ok(label),
            label => Err(Error::LabelOutOfRange { label, classes: outputs }),
        };
        match goal {
            Goal::Class(label) => {
                let label = check(*label)?;
                let is_right = argmax(&read(y, outputs, self.read)) == label;
                let loss = match self.read {
                    Read::Mean => {
                        let mut scores = read(y, outputs, Read::Mean);
                        let steps = y.len() / outputs;
                        let loss = cross_entropy(&mut scores, label, 1.0 / (count * steps) as f32);
                        y.chunks_exact_mut(outputs).for_each(|y| y.copy_from_slice(&scores));
                        f64::from(loss)
                    }
                    Read::End => {
                        let (before, last) = y.split_at_mut(y.len() - outputs);
                        before.fill(0.0);
                        f64::from(cross_entropy(last, label, 1.0 / count as f32))
                    }
                    Read::Each => {
                        let steps = y.len() / outputs;
                        classes(y, outputs, count, (0..steps).map(|_| (label, 1.0)))
                    }
                };
                Ok((loss, is_right))
            }
            Goal::Classes { classes: of, weights } => {
                of.iter().try_for_each(|label| check(*label).map(drop))?;
                let goals = of.iter().map(|label| usize::from(*label)).zip(weights.iter().copied());
                Ok((classes(y, outputs, count, goals), false))
            }
            Goal::Values { values, weights } => {
                let all: f64 = weights.iter().map(|w| f64::from(*w)).sum();
                let mut sum = 0.0;
                for ((y, target), weight) in y.iter_mut().zip(values).zip(weights) {
                    let away = f64::from(*y) - f64::from(*target);
                    sum += f64::from(*weight) * away * away;
                    *y = (2.0 * f64::from(*weight) * away / (all * count as f64)) as f32;
                }
                Ok((sum / all, false))
            }
        }
    }
}

/// The weighted mean of the cross-entropy of each step.
fn classes(
    y: &mut [f32],
    outputs: usize,
    count: usize,
    goals: impl Iterator<Item = (usize, f32)> + Clone,
) -> f64 {
    let all: f64 = goals.clone().map(|(_, weight)| f64::from(weight)).sum();
    let mut sum = 0.0;
    for (y, (label, weight)) in y.chunks_exact_mut(outputs).zip(goals) {
        if weight > 0.0 {
            let scale = (f64::from(weight) / (all * count as f64)) as f32;
            sum += f64::from(weight) * f64::from(cross_entropy(y, label, scale));
        } else {
            y.fill(0.0);
        }
    }
    sum / all
}

/// The scores of a whole trial: `[outputs]` of `[steps, outputs]`.
pub(super) fn read(y: &[f32], outputs: usize, read: Read) -> Vec<f32> {
    if read == Read::End {
        return y[y.len() - outputs..].to_vec();
    }
    let mut sums = vec![0.0_f64; outputs];
    for y in y.chunks_exact(outputs) {
        sums.iter_mut().zip(y).for_each(|(sum, y)| *sum += f64::from(*y));
    }
    let steps = (y.len() / outputs) as f64;
    sums.into_iter().map(|sum| (sum / steps) as f32).collect()
}

pub(super) fn longest(lengths: &[usize]) -> usize {
    lengths.iter().copied().max().unwrap_or(0)
}

/// `[steps of the longest, trials, width]` of trials `[steps, width]` each, with 0 after their ends.
pub(super) fn side_by_side(trials: &[Vec<f32>], lengths: &[usize]) -> Vec<f32> {
    let (count, steps) = (trials.len(), longest(lengths));
    let width = trials.first().map_or(0, |trial| trial.len() / lengths[0]);
    let mut all = vec![0.0; steps * count * width];
    for (nth, trial) in trials.iter().enumerate() {
        for (step, values) in trial.chunks_exact(width.max(1)).enumerate() {
            all[(step * count + nth) * width..][..width].copy_from_slice(values);
        }
    }
    all
}

/// The part of trial `nth` of `[steps, count, outputs]`, up to its own end: `[own steps, outputs]`.
pub(super) fn of_trial(y: &[f32], nth: usize, count: usize, outputs: usize, steps: usize) -> Vec<f32> {
    (0..steps).flat_map(|step| &y[(step * count + nth) * outputs..][..outputs]).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Two(Vec<Goal<f32>>);

    impl Source for Two {
        fn trials(&self) -> usize {
            2
        }

        fn steps(&self, trial: usize) -> usize {
            [3, 5][trial]
        }

        fn inputs(&self, trial: usize) -> Vec<f32> {
            (0..2 * self.steps(trial)).map(|i| (10 * trial + i) as f32).collect()
        }

        fn goal(&self, trial: usize) -> Goal<f32> {
            self.0[trial].clone()
        }
    }

    fn goals() -> Vec<(Read, Vec<Goal<f32>>)> {
        let weights = |steps: usize| (0..steps).map(|step| [0.0, 1.0, 2.5][step % 3]).collect::<Vec<f32>>();
        let of_steps = |steps: usize| Goal::Classes {
            classes: (0..steps).map(|step| (step % 3) as u8).collect(),
            weights: weights(steps),
        };
        let values = |steps: usize| Goal::Values {
            values: (0..3 * steps).map(|i| (i as f32).sin()).collect(),
            weights: weights(3 * steps),
        };
        let mut all =
            vec![(Read::Mean, vec![of_steps(3), of_steps(5)]), (Read::Mean, vec![values(3), values(5)])];
        all.extend(
            [Read::Mean, Read::End, Read::Each].map(|read| (read, vec![Goal::Class(2), Goal::Class(0)])),
        );
        all
    }

    #[test]
    fn gradients_are_those_of_the_mean_loss_whatever_the_goal() {
        for (read, goals) in goals() {
            let loss = TrialLoss { source: Box::new(Two(goals)), read };
            let rows = [1, 0, 1];
            let y: Vec<f32> = (0..5 * 3 * 3).map(|i| (0.7 * i as f32).cos()).collect();
            let found = loss.gradient(&rows, &y).unwrap();
            for at in 0..y.len() {
                let moved = |by: f32| {
                    let mut y = y.clone();
                    y[at] += by;
                    loss.gradient(&rows, &y).unwrap().sum / 3.0
                };
                let slope = (moved(1e-2) - moved(-1e-2)) / 2e-2;
                assert!((slope - f64::from(found.delta[at])).abs() < 1e-4, "{read:?} {at}: {slope}");
            }
            let ended = |at: usize| (at / 3) % 3 == 1 && at / 9 >= 3; // the middle trial has three steps
            assert!((0..y.len()).filter(|at| ended(*at)).all(|at| found.delta[at] == 0.0));
        }
    }

    #[test]
    fn trials_stand_side_by_side_up_to_their_own_ends() {
        let loss = TrialLoss { source: Box::new(Two(vec![Goal::Class(0); 2])), read: Read::End };
        let Inputs { x, steps, lengths } = loss.inputs(&[0, 1]);
        assert_eq!((steps, lengths), (5, vec![3, 5]));
        assert_eq!(x[..4], [0.0, 1.0, 10.0, 11.0]);
        assert_eq!(x[16..], [0.0, 0.0, 18.0, 19.0]);
        assert_eq!(of_trial(&x, 1, 2, 2, 5), loss.source.inputs(1));
        assert!(loss.has_classes());
    }
}
