//! The training loop: two loops over cached pre-activations.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Instant;

use bl_core::{Backbone, Evaluation, Prepared, Preprocessing, argmax};
use bl_tasks::Split;

use crate::checkpoint::{EpochFigures, RunIdentity, State};
use crate::config::TrainConfig;
use crate::draws::{shuffle, validation_split};
use crate::error::Error;
use crate::objective::{Initial, Learned, Objective, objective};
use crate::report::median;
use crate::training_set::TrainingSet;

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

/// Hears of a run's progress, and may stop it.
pub trait Progress {
    /// The share of an epoch (from 1, of `epochs`) that is done.
    fn step(&mut self, epoch: u32, epochs: u32, share: f64) -> ControlFlow<()>;
    /// An epoch is over.
    fn epoch(&mut self, report: &EpochReport);
}

/// One epoch's figures.
#[derive(Clone, Debug, PartialEq)]
pub struct EpochReport {
    /// From 1.
    pub epoch: u32,
    /// Of how many.
    pub epochs: u32,
    /// Mean loss over the epoch, as the biases moved.
    pub train_loss: f64,
    /// Accuracy over the epoch, as the biases moved.
    pub train_accuracy: f64,
    /// Accuracy on the held-out part of the training set, if there is one.
    pub validation_accuracy: Option<f64>,
    /// Duration.
    pub seconds: f64,
}

/// A finished run.
#[derive(Clone, Debug)]
pub struct Fitted {
    /// What it learned.
    pub learned: Learned,
    /// The last epoch's figures.
    pub last: EpochReport,
    /// Every epoch's figures, those before it was resumed too.
    pub epochs: Vec<EpochFigures>,
    /// Samples learned on.
    pub train_samples: usize,
    /// Samples held out.
    pub validation_samples: usize,
}

/// Learns one task for a backbone.
pub struct Trainer<'a> {
    backbone: &'a Backbone,
    config: &'a TrainConfig,
    preprocessing: Preprocessing,
    checkpoints: Checkpoints,
}

impl Fitted {
    /// The median epoch, in seconds.
    pub fn epoch_seconds(&self) -> f64 {
        median(&self.epochs.iter().map(|epoch| epoch.seconds).collect::<Vec<_>>())
    }

    /// How well it does on labelled pictures.
    pub fn evaluate(
        &self,
        backbone: &Backbone,
        preprocessing: Preprocessing,
        data: &Split,
    ) -> Result<Evaluation, Error> {
        match &self.learned {
            Learned::Units { biases, gains } => {
                let adapter = Prepared::with_gains(backbone, preprocessing, biases, gains)?;
                Ok(backbone.evaluate(&adapter, &data.images, &data.labels)?)
            }
            Learned::Network(network) => network.evaluate(&data.images, &data.labels),
        }
    }
}

impl<'a> Trainer<'a> {
    /// A trainer; `preprocessing` is the task's standardisation.
    pub fn new(
        backbone: &'a Backbone,
        config: &'a TrainConfig,
        preprocessing: Preprocessing,
        checkpoints: Checkpoints,
    ) -> Self {
        Self { backbone, config, preprocessing, checkpoints }
    }

    /// Learns on `set`. The same configuration gives the same parameters to the bit, however many threads there
    /// are, whether or not the cache fits, and however often the run is stopped and resumed.
    pub fn fit(&self, set: &mut TrainingSet<'_>, progress: &mut dyn Progress) -> Result<Fitted, Error> {
        let (mut train, validation) = validation_split(set.data.len(), self.config.val_fraction);
        if train.is_empty() {
            let fraction = self.config.val_fraction;
            return Err(Error::NothingToLearn { fraction, samples: set.data.len() });
        }
        let (run, labels) = (self.identity(set), &set.data.labels);
        let mut objective = objective(self.backbone, self.config, self.preprocessing, set)?;
        let initial = objective.initial();
        let mut state = self.start(&run, &initial)?;

        let mut last = self.report(&state, None);
        let mut saved = Instant::now();
        while state.epochs_done() < self.config.epochs {
            let begin = Instant::now();
            let before = state.clone();
            shuffle(&mut train, self.config.seed, state.epochs_done());
            objective.begin_epoch(state.epochs_done());
            let ControlFlow::Continue(mut figures) =
                self.epoch(&mut state, &train, &mut *objective, progress)?
            else {
                return Err(self.interrupted(&before, &run, &initial)?);
            };
            let accuracy = self.validate(&state, &validation, labels, &mut *objective)?;
            figures.seconds = begin.elapsed().as_secs_f64();
            state.epochs.push(figures);
            last = self.report(&state, accuracy);
            progress.epoch(&last);
            if saved.elapsed().as_secs_f64() > CHECKPOINT_SECONDS {
                self.save(&state, &run, &initial)?;
                saved = Instant::now();
            }
            train.sort_unstable(); // the next epoch's order must not depend on this one's
        }
        Ok(Fitted {
            learned: objective.learned(state.parameters),
            last,
            epochs: state.epochs,
            train_samples: train.len(),
            validation_samples: validation.len(),
        })
    }

    /// One pass over the training rows, in their order.
    fn epoch(
        &self,
        state: &mut State,
        rows: &[u32],
        objective: &mut dyn Objective,
        progress: &mut dyn Progress,
    ) -> Result<ControlFlow<(), EpochFigures>, Error> {
        let TrainConfig { lr, schedule, weight_decay, batch_size, epochs, .. } = *self.config;
        let batch_size = batch_size as usize;
        let steps = u64::from(epochs) * rows.len().div_ceil(batch_size) as u64;
        let epoch = state.epochs_done() + 1;
        let mut gradient: Vec<Vec<f32>> = state.parameters.iter().map(|x| vec![0.0; x.len()]).collect();
        let (mut loss, mut correct, mut seen) = (0.0, 0, 0);
        for rows_of_batch in rows.chunks(batch_size) {
            let of_batch = objective.loss_and_gradient(&state.parameters, rows_of_batch, &mut gradient)?;
            let rate = schedule.rate(lr, state.steps_done, steps);
            state.steps_done += 1;
            if !of_batch.sum.is_finite() {
                return Err(Error::NonFiniteLoss { epoch, step: state.steps_done });
            }
            for ((parameter, gradient), adam) in
                state.parameters.iter_mut().zip(&gradient).zip(&mut state.adam)
            {
                adam.update(parameter, gradient, state.steps_done, rate, weight_decay);
            }
            loss += of_batch.sum;
            correct += of_batch.correct;
            seen += rows_of_batch.len();
            if progress.step(epoch, epochs, seen as f64 / rows.len() as f64).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        let count = rows.len() as f64;
        let (loss, accuracy) = (loss / count, correct as f64 / count);
        Ok(ControlFlow::Continue(EpochFigures { loss, accuracy, seconds: 0.0 }))
    }

    /// Accuracy on held-out rows of the training set.
    fn validate(
        &self,
        state: &State,
        rows: &[u32],
        labels: &[u8],
        objective: &mut dyn Objective,
    ) -> Result<Option<f64>, Error> {
        if rows.is_empty() {
            return Ok(None);
        }
        let scores = objective.scores(&state.parameters, rows)?;
        let pairs = scores.chunks_exact(self.backbone.outputs()).zip(rows);
        let right = pairs.filter(|(scores, row)| argmax(scores) == usize::from(labels[**row as usize]));
        Ok(Some(right.count() as f64 / rows.len() as f64))
    }

    fn start(&self, run: &RunIdentity, initial: &[Initial]) -> Result<State, Error> {
        match (&self.checkpoints.path, self.checkpoints.resume) {
            (Some(path), true) => State::load(path, run, initial),
            _ => Ok(State::new(initial)),
        }
    }

    fn identity(&self, set: &TrainingSet<'_>) -> RunIdentity {
        RunIdentity {
            config: self.config.clone(),
            backbone: self.backbone.fingerprint(),
            train_sha256: set.sha256.clone(),
            isa: self.backbone.isa().to_string(),
        }
    }

    fn save(&self, state: &State, run: &RunIdentity, initial: &[Initial]) -> Result<(), Error> {
        self.checkpoints.path.as_ref().map_or(Ok(()), |path| state.save(path, run, initial))
    }

    /// Keeps the state of the last whole epoch.
    fn interrupted(&self, before: &State, run: &RunIdentity, initial: &[Initial]) -> Result<Error, Error> {
        let checkpoint = self.checkpoints.path.clone().filter(|_| before.epochs_done() > 0);
        if checkpoint.is_some() {
            self.save(before, run, initial)?;
        }
        Ok(Error::Interrupted { epoch: before.epochs_done() + 1, checkpoint })
    }

    fn report(&self, state: &State, validation_accuracy: Option<f64>) -> EpochReport {
        let last = state.epochs.last().copied().unwrap_or_default();
        EpochReport {
            epoch: state.epochs_done(),
            epochs: self.config.epochs,
            train_loss: last.loss,
            train_accuracy: last.accuracy,
            validation_accuracy,
            seconds: last.seconds,
        }
    }
}
