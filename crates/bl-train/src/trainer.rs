//! The training loop: two loops over cached pre-activations.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Instant;

use bl_core::{Backbone, Prepared, Preprocessing, argmax};
use bl_tasks::Split;

use crate::adam::Adam;
use crate::cache::{Cache, CacheMode, default_budget};
use crate::checkpoint::{RunIdentity, State};
use crate::config::TrainConfig;
use crate::draws::{initial_biases, shuffle, validation_split};
use crate::error::Error;
use crate::gradient::Differentiator;

/// Seconds between two checkpoints.
const CHECKPOINT_SECONDS: f64 = 10.0;

/// What a run may use and where it keeps its state; nothing here changes the result.
#[derive(Clone, Debug, Default)]
pub struct Resources {
    /// Bytes of pre-activations that may be kept; what is free, with a margin, by default.
    pub cache_memory: Option<u64>,
    /// Where to keep a checkpoint.
    pub checkpoint: Option<PathBuf>,
    /// Whether to go on from that checkpoint.
    pub resume: bool,
}

/// Hears of a run's progress, and may stop it.
pub trait Progress {
    /// The share of the cache that is filled.
    fn cache(&mut self, share: f64) -> ControlFlow<()>;
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

/// What a run learned.
#[derive(Clone, Debug)]
pub struct Fitted {
    /// One vector for each hidden layer.
    pub biases: Vec<Vec<f32>>,
    /// The last epoch's figures.
    pub last: EpochReport,
    /// Duration of each epoch of this run.
    pub epoch_seconds: Vec<f64>,
    /// Duration of filling the cache.
    pub cache_seconds: f64,
    /// How the pre-activations were had.
    pub cache_mode: CacheMode,
    /// Bytes of them held.
    pub cache_bytes: u64,
    /// Samples learned on.
    pub train_samples: usize,
    /// Samples held out.
    pub validation_samples: usize,
}

/// Learns one task's biases for a backbone.
pub struct Trainer<'a> {
    backbone: &'a Backbone,
    config: &'a TrainConfig,
    preprocessing: Preprocessing,
    resources: Resources,
}

impl<'a> Trainer<'a> {
    /// A trainer; `preprocessing` is the task's standardisation.
    pub fn new(
        backbone: &'a Backbone,
        config: &'a TrainConfig,
        preprocessing: Preprocessing,
        resources: Resources,
    ) -> Self {
        Self { backbone, config, preprocessing, resources }
    }

    /// Learns on `data`. The same configuration gives the same biases to the bit, however many threads there
    /// are, whether or not the cache fits, and however often the run is stopped and resumed.
    pub fn fit(&self, data: &Split, progress: &mut dyn Progress) -> Result<Fitted, Error> {
        let (mut train, validation) = validation_split(data.len(), self.config.val_fraction);
        if train.is_empty() {
            let fraction = self.config.val_fraction;
            return Err(Error::NothingToLearn { fraction, samples: data.len() });
        }
        let run = self.identity(data);
        let mut state = self.start(&run)?;
        let mut differentiator = Differentiator::new(self.backbone, self.preprocessing, &state.biases)?;

        let begin = Instant::now();
        let mut cache = self.fill(data, progress)?;
        let cache_seconds = begin.elapsed().as_secs_f64();

        let mut epoch_seconds = Vec::new();
        let mut last = self.report(&state, None, 0.0);
        let mut saved = Instant::now();
        while state.epochs_done < self.config.epochs {
            let begin = Instant::now();
            let before = state.clone();
            shuffle(&mut train, self.config.seed, state.epochs_done);
            if self.epoch(&mut state, &train, data, &mut cache, &mut differentiator, progress)?.is_break() {
                return Err(self.interrupted(&before, &run)?);
            }
            let accuracy = self.validate(&state, &validation, data, &mut cache)?;
            epoch_seconds.push(begin.elapsed().as_secs_f64());
            last = self.report(&state, accuracy, begin.elapsed().as_secs_f64());
            progress.epoch(&last);
            if saved.elapsed().as_secs_f64() > CHECKPOINT_SECONDS {
                self.save(&state, &run)?;
                saved = Instant::now();
            }
            train.sort_unstable(); // the next epoch's order must not depend on this one's
        }
        Ok(Fitted {
            biases: state.biases,
            last,
            epoch_seconds,
            cache_seconds,
            cache_mode: cache.mode(),
            cache_bytes: cache.bytes(),
            train_samples: train.len(),
            validation_samples: validation.len(),
        })
    }

    /// One pass over the training rows, in their order.
    fn epoch(
        &self,
        state: &mut State,
        rows: &[u32],
        data: &Split,
        cache: &mut Cache<'_>,
        differentiator: &mut Differentiator<'_>,
        progress: &mut dyn Progress,
    ) -> Result<ControlFlow<()>, Error> {
        let TrainConfig { lr, schedule, weight_decay, batch_size, epochs, .. } = *self.config;
        let batch_size = batch_size as usize;
        let steps = u64::from(epochs) * rows.len().div_ceil(batch_size) as u64;
        let epoch = state.epochs_done + 1;
        let mut gradient: Vec<Vec<f32>> = state.biases.iter().map(|b| vec![0.0; b.len()]).collect();
        let (mut loss, mut correct, mut seen) = (0.0, 0, 0);
        for rows_of_batch in rows.chunks(batch_size) {
            let batch = cache.batch(self.backbone, rows_of_batch, &data.labels)?;
            let of_batch = differentiator.loss_and_gradient(&state.biases, &batch, &mut gradient)?;
            let rate = schedule.rate(lr, state.steps_done, steps);
            state.steps_done += 1;
            if !of_batch.sum.is_finite() {
                return Err(Error::NonFiniteLoss { epoch, step: state.steps_done });
            }
            for ((bias, gradient), adam) in state.biases.iter_mut().zip(&gradient).zip(&mut state.adam) {
                adam.update(bias, gradient, state.steps_done, rate, weight_decay);
            }
            loss += of_batch.sum;
            correct += of_batch.correct;
            seen += rows_of_batch.len();
            if progress.step(epoch, epochs, seen as f64 / rows.len() as f64).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        state.epochs_done = epoch;
        state.train_loss = loss / rows.len() as f64;
        state.train_accuracy = correct as f64 / rows.len() as f64;
        Ok(ControlFlow::Continue(()))
    }

    /// Accuracy on held-out rows of the training set.
    fn validate(
        &self,
        state: &State,
        rows: &[u32],
        data: &Split,
        cache: &mut Cache<'_>,
    ) -> Result<Option<f64>, Error> {
        if rows.is_empty() {
            return Ok(None);
        }
        let adapter = Prepared::new(self.backbone, self.preprocessing, &state.biases)?;
        let mut correct = 0;
        for rows in rows.chunks(self.config.batch_size as usize) {
            let batch = cache.batch(self.backbone, rows, &data.labels)?;
            let scores = self.backbone.logits_of_rows(batch.p, &batch.rows, &adapter)?;
            for (scores, &row) in scores.chunks_exact(self.backbone.outputs()).zip(&batch.rows) {
                correct += usize::from(argmax(scores) == usize::from(batch.labels[row as usize]));
            }
        }
        Ok(Some(correct as f64 / rows.len() as f64))
    }

    fn start(&self, run: &RunIdentity) -> Result<State, Error> {
        let layers = &self.backbone.spec().layers;
        let widths: Vec<usize> = layers.iter().map(|layer| layer.units as usize).collect();
        if let (true, Some(path)) = (self.resources.resume, &self.resources.checkpoint) {
            return State::load(path, run, &widths);
        }
        let TrainConfig { seed, bias_init, .. } = *self.config;
        let biases = widths.iter().enumerate().map(|(layer, &n)| initial_biases(seed, layer, n, bias_init));
        Ok(State {
            epochs_done: 0,
            steps_done: 0,
            biases: biases.collect(),
            adam: widths.iter().map(|&n| Adam::new(n)).collect(),
            train_loss: 0.0,
            train_accuracy: 0.0,
        })
    }

    fn fill<'d>(&self, data: &'d Split, progress: &mut dyn Progress) -> Result<Cache<'d>, Error> {
        let budget = self.resources.cache_memory.unwrap_or_else(default_budget);
        let batch = self.config.batch_size as usize;
        let mut share = |share| progress.cache(share);
        match Cache::new(self.backbone, &data.images, batch, budget, &mut share)? {
            ControlFlow::Continue(cache) => Ok(cache),
            ControlFlow::Break(()) => Err(Error::Interrupted { epoch: 0, checkpoint: None }),
        }
    }

    fn identity(&self, data: &Split) -> RunIdentity {
        RunIdentity {
            config: self.config.clone(),
            backbone: self.backbone.fingerprint(),
            train_sha256: data.sha256(),
            isa: self.backbone.isa().to_string(),
        }
    }

    fn save(&self, state: &State, run: &RunIdentity) -> Result<(), Error> {
        self.resources.checkpoint.as_ref().map_or(Ok(()), |path| state.save(path, run))
    }

    /// Keeps the state of the last whole epoch.
    fn interrupted(&self, before: &State, run: &RunIdentity) -> Result<Error, Error> {
        let checkpoint = self.resources.checkpoint.clone().filter(|_| before.epochs_done > 0);
        if checkpoint.is_some() {
            self.save(before, run)?;
        }
        Ok(Error::Interrupted { epoch: before.epochs_done + 1, checkpoint })
    }

    fn report(&self, state: &State, validation_accuracy: Option<f64>, seconds: f64) -> EpochReport {
        EpochReport {
            epoch: state.epochs_done,
            epochs: self.config.epochs,
            train_loss: state.train_loss,
            train_accuracy: state.train_accuracy,
            validation_accuracy,
            seconds,
        }
    }
}
