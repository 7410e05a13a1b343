//! The loop that every method and every task shares: epochs of steps, a checkpoint, a resumed start.

mod keeper;

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Instant;

use rayon::prelude::*;

use crate::adam::CHUNK;
use crate::checkpoint::{EpochMetrics, RunIdentity, State, set_aside};
use crate::draws::shuffle;
use crate::error::Error;
use crate::objective::{Initial, Objective, Validation};
use crate::schedule::Schedule;
use keeper::{Keeper, warn_of};

/// Seconds between two checkpoints.
const CHECKPOINT_SECONDS: f64 = 10.0;

/// Where a run keeps its state; nothing here changes the result.
#[derive(Clone, Debug, Default)]
pub struct Checkpoints {
    /// Where to keep one.
    pub path: Option<PathBuf>,
    /// Whether to go on from that checkpoint.
    pub resume: bool,
}

/// Receives the progress of a run; may cancel it.
pub trait Progress {
    /// The share of an epoch (from 1, of `epochs`) that is done.
    fn step(&mut self, epoch: u32, epochs: u32, share: f64) -> ControlFlow<()>;
    /// An epoch is over.
    fn epoch(&mut self, report: &EpochReport);
    /// Something that the user should know; the run goes on.
    fn warn(&mut self, _words: &str) {}
}

/// One epoch's metrics.
#[derive(Clone, Debug, PartialEq)]
pub struct EpochReport {
    /// From 1.
    pub epoch: u32,
    /// Of how many.
    pub epochs: u32,
    /// Mean loss over the epoch, as the biases moved.
    pub train_loss: f64,
    /// Accuracy over the epoch, as the biases moved, if there are classes.
    pub train_accuracy: Option<f64>,
    /// Accuracy on the held-out part of the training set, if there is one and there are classes.
    pub validation_accuracy: Option<f64>,
    /// Mean loss on the held-out part of the training set, if there is one and there are no classes.
    pub validation_loss: Option<f64>,
    /// Duration.
    pub seconds: f64,
}

/// How the loop goes.
pub(crate) struct Plan {
    pub(crate) epochs: u32,
    pub(crate) batch_size: u32,
    pub(crate) lr: f64,
    pub(crate) schedule: Schedule,
    pub(crate) weight_decay: f64,
    pub(crate) seed: u64,
    /// The greatest Euclidean norm of a gradient; longer ones are shortened to it.
    pub(crate) clip: Option<f64>,
    /// The loss of an epoch that is good enough to stop.
    pub(crate) stop_at_loss: Option<f64>,
    /// So many epochs that are no better than the best on the held-out part are enough to stop. What is kept is the best.
    pub(crate) patience: Option<u32>,
}

/// A run under way.
pub(crate) struct Learning<'a> {
    pub(crate) plan: Plan,
    pub(crate) checkpoints: &'a Checkpoints,
    pub(crate) run: RunIdentity,
}

impl Learning<'_> {
    /// Learns on `rows` until the epochs are over or the loss is good enough. Rows of `validation` are judged after each
    /// epoch.
    pub(crate) fn run(
        &self,
        objective: &mut dyn Objective,
        mut rows: Vec<u32>,
        validation: &[u32],
        progress: &mut dyn Progress,
    ) -> Result<(State, EpochReport), Error> {
        let initial = objective.initial();
        let mut state = self.start(&initial, progress)?;
        let mut keeper = Keeper { learning: self, initial: &initial, has_failed: false };
        let judged = match validation {
            rows if !rows.is_empty() && self.is_over(&state) => {
                objective.validate(&state.parameters, rows)?
            }
            _ => Validation::default(), // the next epoch's end is to be judged
        };
        let mut last = self.report(&state, objective.has_classes(), judged);
        let mut saved = Instant::now();
        let (mut is_moving, mut at_first, mut best) = (true, None, None::<Best>);
        while !self.is_over(&state) && !best.as_ref().is_some_and(|best| self.is_too_late(best, &state)) {
            let begin = Instant::now();
            let before = state.clone();
            shuffle(&mut rows, self.plan.seed, state.epochs_done());
            objective.begin_epoch(state.epochs_done());
            let mut metrics = match self.epoch(&mut state, &rows, objective, progress) {
                Ok(ControlFlow::Continue(passed)) => {
                    is_moving = passed.is_moving;
                    at_first = at_first.or(Some(passed.first_loss));
                    passed.metrics
                }
                Ok(ControlFlow::Break(())) => return Err(keeper.stopped(&before, progress)),
                Err(error) => {
                    keeper.failed(&before, progress);
                    return Err(error);
                }
            };
            if self.is_good_enough(metrics.loss) && rows.len() <= self.plan.batch_size as usize {
                state.parameters = before.parameters; // one step: the loss is of those before it
            }
            let judged = match validation {
                [] => Validation::default(),
                rows => objective.validate(&state.parameters, rows)?,
            };
            metrics.seconds = begin.elapsed().as_secs_f64();
            state.epochs.push(metrics);
            last = self.report(&state, objective.has_classes(), judged);
            progress.epoch(&last);
            if self.plan.patience.is_some() && best.as_ref().is_none_or(|best| best.is_below(judged)) {
                best = Some(Best { judged, report: last.clone(), parameters: state.parameters.clone() });
            }
            // Once more at the end: to judge what was learned may take long, and may fail.
            if saved.elapsed().as_secs_f64() > CHECKPOINT_SECONDS || self.is_over(&state) {
                keeper.keep(&state, progress);
                saved = Instant::now();
            }
            rows.sort_unstable(); // the next epoch's order must not depend on this one's
        }
        warn_of(&state.epochs, at_first, self.plan.stop_at_loss, is_moving, progress);
        if let Some(best) = best.filter(|best| best.report.epoch < last.epoch) {
            progress.warn(&format!(
                "kept what was learned up to epoch {}: the {} after that are no better on the held-out part",
                best.report.epoch,
                last.epoch - best.report.epoch
            ));
            state.parameters = best.parameters;
            last = best.report;
        }
        Ok((state, last))
    }

    fn is_good_enough(&self, loss: f64) -> bool {
        self.plan.stop_at_loss.is_some_and(|wanted| loss <= wanted)
    }

    fn is_too_late(&self, best: &Best, state: &State) -> bool {
        self.plan.patience.is_some_and(|patience| state.epochs_done() >= best.report.epoch + patience)
    }

    /// Whether the epochs are over, or the loss is good enough.
    fn is_over(&self, state: &State) -> bool {
        let is_good_enough = state.epochs.last().is_some_and(|epoch| self.is_good_enough(epoch.loss));
        state.epochs_done() >= self.plan.epochs || is_good_enough
    }

    /// One pass over the training rows, in their order.
    fn epoch(
        &self,
        state: &mut State,
        rows: &[u32],
        objective: &mut dyn Objective,
        progress: &mut dyn Progress,
    ) -> Result<ControlFlow<(), Passed>, Error> {
        let Plan { lr, schedule, weight_decay, batch_size, epochs, clip, .. } = self.plan;
        let batch_size = batch_size as usize;
        let steps = u64::from(epochs) * rows.len().div_ceil(batch_size) as u64;
        let epoch = state.epochs_done() + 1;
        let mut gradient: Vec<Vec<f32>> = state.parameters.iter().map(|x| vec![0.0; x.len()]).collect();
        let (mut loss, mut correct, mut seen, mut is_moving, mut first_loss) = (0.0, 0, 0, false, None);
        for rows_of_batch in rows.chunks(batch_size) {
            let of_batch = objective.loss_and_gradient(&state.parameters, rows_of_batch, &mut gradient);
            let rate = schedule.rate(lr, state.steps_done, steps);
            state.steps_done += 1;
            let of_batch = of_batch.map_err(|error| error.at(epoch, state.steps_done))?;
            if !of_batch.sum.is_finite() {
                return Err(Error::NonFiniteLoss { epoch, step: state.steps_done });
            }
            if let Some(most) = clip {
                shorten(&mut gradient, most);
            }
            // Adam keeps squares; and φ(NaN) is 0, so no later loss would say that a parameter is none.
            if !gradient.iter().all(|gradient| has_squares(gradient)) {
                return Err(Error::NonFiniteGradient { epoch, step: state.steps_done });
            }
            is_moving |= gradient.iter().flatten().any(|&g| g != 0.0);
            for ((parameter, gradient), adam) in
                state.parameters.iter_mut().zip(&gradient).zip(&mut state.adam)
            {
                adam.update(parameter, gradient, state.steps_done, rate, weight_decay);
            }
            first_loss = first_loss.or(Some(of_batch.sum / rows_of_batch.len() as f64));
            loss += of_batch.sum;
            correct += of_batch.correct;
            seen += rows_of_batch.len();
            if progress.step(epoch, epochs, seen as f64 / rows.len() as f64).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        let count = rows.len() as f64;
        let (loss, accuracy) = (loss / count, correct as f64 / count);
        let metrics = EpochMetrics { loss, accuracy, seconds: 0.0 };
        Ok(ControlFlow::Continue(Passed { metrics, is_moving, first_loss: first_loss.unwrap_or(loss) }))
    }

    /// A run that begins anew sets the checkpoint of an unfinished one aside.
    fn start(&self, initial: &[Initial], progress: &mut dyn Progress) -> Result<State, Error> {
        let Some(path) = &self.checkpoints.path else { return Ok(State::new(initial)) };
        if self.checkpoints.resume {
            if self.plan.patience.is_some() {
                return Err(Error::Contradiction { one: "patience", other: "resume" }); // a checkpoint has no best one
            }
            let (state, other_bits) = State::load(path, &self.run, initial)?;
            if other_bits {
                progress.warn(&format!(
                    "`{}` is from an earlier version, whose sums were taken in another order: the run goes on, but to other bytes \
                     than one from the beginning (for those, begin again without `--resume`)",
                    path.display()
                ));
            }
            return Ok(state);
        }
        if let Some(aside) = set_aside(path)? {
            progress.warn(&format!(
                "`{}` is the checkpoint of a run that did not end: it is kept as `{}` (to continue that run, rename it \
                 back and give `--resume`)",
                path.display(),
                aside.display()
            ));
        }
        Ok(State::new(initial))
    }

    fn report(&self, state: &State, has_classes: bool, validation: Validation) -> EpochReport {
        let last = state.epochs.last().copied().unwrap_or_default();
        EpochReport {
            epoch: state.epochs_done(),
            epochs: self.plan.epochs,
            train_loss: last.loss,
            train_accuracy: has_classes.then_some(last.accuracy),
            validation_accuracy: validation.accuracy,
            validation_loss: validation.loss,
            seconds: last.seconds,
        }
    }
}

/// The epoch that was best on the held-out part.
struct Best {
    judged: Validation,
    report: EpochReport,
    parameters: Vec<Vec<f32>>,
}

impl Best {
    /// Whether another is better: in accuracy, where there are classes; of equal ones, in loss.
    fn is_below(&self, other: Validation) -> bool {
        let of = |judged: Validation| judged.accuracy.unwrap_or_default();
        let by_accuracy = of(other).total_cmp(&of(self.judged));
        by_accuracy.then(self.judged.tie.total_cmp(&other.tie)).is_gt()
    }
}

/// What came of an epoch.
struct Passed {
    metrics: EpochMetrics,
    /// Whether any gradient was other than 0.
    is_moving: bool,
    /// Of its first batch.
    first_loss: f64,
}

/// Scales a gradient that is longer than `most`.
fn shorten(gradient: &mut [Vec<f32>], most: f64) {
    let square: f64 = gradient.iter().flatten().map(|&g| f64::from(g) * f64::from(g)).sum();
    let factor = (most / square.sqrt()) as f32;
    if factor < 1.0 {
        gradient.iter_mut().flatten().for_each(|g| *g *= factor);
    }
}

/// Whether the square of every value is a number.
fn has_squares(gradient: &[f32]) -> bool {
    let of_chunk = |chunk: &[f32]| chunk.iter().fold(true, |all, g| all & (g * g).is_finite()); // without a branch for each
    gradient.par_chunks(CHUNK).all(of_chunk)
}
