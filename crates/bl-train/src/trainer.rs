//! Learning to tell pictures apart: a loop over cached pre-activations.

use bl_core::{Backbone, Evaluation, Prepared, Preprocessing, argmax};
use bl_tasks::Split;

use crate::checkpoint::{EpochFigures, RunIdentity};
use crate::config::TrainConfig;
use crate::draws::validation_split;
use crate::error::Error;
use crate::learn::{Checkpoints, EpochReport, Learning, Plan, Progress};
use crate::objective::{Classifier, Learned, objective};
use crate::report::median;
use crate::training_set::TrainingSet;

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
    /// Accuracy over the last epoch, as the parameters moved.
    pub fn train_accuracy(&self) -> f64 {
        self.last.train_accuracy.unwrap_or_default()
    }

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
        let (train, validation) = validation_split(set.data.len(), self.config.val_fraction);
        if train.is_empty() {
            let fraction = self.config.val_fraction;
            return Err(Error::NothingToLearn { fraction, samples: set.data.len() });
        }
        let TrainConfig { epochs, batch_size, lr, schedule, weight_decay, seed, .. } = *self.config;
        let plan =
            Plan { epochs, batch_size, lr, schedule, weight_decay, seed, clip: None, stop_at_loss: None };
        let learning = Learning { plan, checkpoints: &self.checkpoints, run: self.identity(set)? };
        let (samples, labels) = (train.len(), &set.data.labels);
        let mut objective = objective(self.backbone, self.config, self.preprocessing, set)?;
        let (state, last) = learning.run(&mut *objective, train, progress, |objective, parameters| {
            self.validate(parameters, &validation, labels, objective)
        })?;
        Ok(Fitted {
            learned: objective.learned(state.parameters),
            last,
            epochs: state.epochs,
            train_samples: samples,
            validation_samples: validation.len(),
        })
    }

    /// Accuracy on held-out rows of the training set.
    fn validate(
        &self,
        parameters: &[Vec<f32>],
        rows: &[u32],
        labels: &[u8],
        objective: &mut dyn Classifier,
    ) -> Result<Option<f64>, Error> {
        if rows.is_empty() {
            return Ok(None);
        }
        let scores = objective.scores(parameters, rows)?;
        let pairs = scores.chunks_exact(self.backbone.outputs()).zip(rows);
        let right = pairs.filter(|(scores, row)| argmax(scores) == usize::from(labels[**row as usize]));
        Ok(Some(right.count() as f64 / rows.len() as f64))
    }

    fn identity(&self, set: &TrainingSet<'_>) -> Result<RunIdentity, Error> {
        RunIdentity::new(self.config, self.backbone.fingerprint(), set.sha256.clone(), self.backbone.isa())
    }
}
