//! Training: one task, one backbone, one configuration.

use bl_core::Backbone;
use bl_core::header::Metric;
use bl_core::text::decimal;
use bl_tasks::{Judgement, Lesson, Loss, Task, metric};

use crate::checkpoint::{EpochMetrics, RunIdentity};
use crate::config::TrainConfig;
use crate::draws::validation_split;
use crate::error::Error;
use crate::frozen_half::FrozenHalf;
use crate::learn::{Checkpoints, EpochReport, Learning, Plan, Progress};
use crate::objective::{Learned, objective};

/// A headline below this is said loudly; 0 is the mean of the true values.
const USELESS: f64 = -1.0;
/// The same of any other R², such as that of a trajectory that goes on: one out of phase has less than -1.
const LOST: f64 = -10.0;

/// Learns one task for a backbone.
pub struct Trainer<'a> {
    backbone: &'a Backbone,
    task: &'a Task,
    config: &'a TrainConfig,
    checkpoints: Checkpoints,
}

/// A finished run.
#[derive(Clone, Debug)]
pub struct Fitted {
    /// What it learned.
    pub learned: Learned,
    /// The last epoch's metrics.
    pub last: EpochReport,
    /// Every epoch's metrics, those before it was resumed too.
    pub epochs: Vec<EpochMetrics>,
    /// Rows that it learned from: images, windows of a series, targets, or one trajectory.
    pub train_rows: usize,
    /// Rows of the training set held out.
    pub validation_rows: usize,
    /// The same as the task counts its data: images, samples, targets.
    pub validation_samples: usize,
}

impl Fitted {
    /// The median epoch, in seconds.
    pub fn epoch_seconds(&self) -> f64 {
        median(&self.epochs.iter().map(|epoch| epoch.seconds).collect::<Vec<_>>())
    }

    /// What the network is worth on the task's held-out part, with the metrics of its training.
    pub fn judge(&self, backbone: &Backbone, task: &Task) -> Result<Judgement, Error> {
        let kind = task.kind();
        let judgement = self.learned.with_net(backbone, &kind.io(), |net| kind.judge(net))??;
        Ok(self.with_training_metrics(judgement))
    }
}

impl Fitted {
    /// As [`Self::judge`], as far as that is possible: what was learned is never lost because it cannot be measured. What is
    /// missing is told to `progress`, and why.
    pub fn judge_what_can_be(
        &self,
        backbone: &Backbone,
        task: &Task,
        progress: &mut dyn Progress,
    ) -> Judgement {
        let mut judgement = self.judge(backbone, task).unwrap_or_else(|error| {
            progress.warn(&format!("what was learned cannot be measured on the held-out part: {error}"));
            self.with_training_metrics(Judgement::none())
        });
        let missing = |metric: &Metric| (!metric.value.is_finite()).then(|| format!("`{}`", metric.name));
        let missing: Vec<String> = judgement.metrics.iter().filter_map(missing).collect();
        if !missing.is_empty() {
            progress.warn(&format!("left out, for it cannot be had of these data: {}", missing.join(", ")));
            judgement.metrics.retain(|metric| metric.value.is_finite());
        }
        if let Some(doubt) = judgement.doubt(task.kind(), self.last.train_accuracy) {
            progress.warn(&doubt);
            judgement.summary.insert("doubt".into(), doubt.into());
        }
        let of_headline = judgement.headline.map(|of| of.value).filter(|value| *value < USELESS);
        let is_lost = |metric: &&Metric| metric.name.ends_with("_r2") && metric.value < LOST;
        if let Some(r2) = of_headline.or(judgement.metrics.iter().find(is_lost).map(|metric| metric.value)) {
            progress.warn(&format!(
                "R² is {}, far worse than the mean of the true values, at a loss of {}: the network's state exploded or training \
                 did not settle; try a smaller `--lr`, more units (`--width`), more `--epochs`",
                decimal(r2),
                decimal(self.last.train_loss)
            ));
        }
        judgement
    }

    fn with_training_metrics(&self, mut judgement: Judgement) -> Judgement {
        if let Some(accuracy) = self.last.train_accuracy {
            judgement.metrics.push(metric("accuracy", "train", accuracy));
            judgement.metrics.push(metric("loss", "train", self.last.train_loss));
        }
        let validation = [("accuracy", self.last.validation_accuracy), ("loss", self.last.validation_loss)];
        let validation = validation.into_iter().filter_map(|(name, value)| Some((name, value?)));
        judgement.metrics.extend(validation.map(|(name, value)| metric(name, "validation", value)));
        judgement
    }
}

impl<'a> Trainer<'a> {
    /// A trainer. A fully trained recurrent network starts from the backbone's weights.
    pub fn new(
        backbone: &'a Backbone,
        task: &'a Task,
        config: &'a TrainConfig,
        checkpoints: Checkpoints,
    ) -> Self {
        Self { backbone, task, config, checkpoints }
    }

    /// Learns; `frozen` is the frozen half of the task's training set under this backbone. The same configuration gives the
    /// same parameters to the bit, however many threads there are, whether or not the cache fits, and however often the run
    /// is stopped and resumed.
    pub fn fit(&self, frozen: &mut FrozenHalf<'_>, progress: &mut dyn Progress) -> Result<Fitted, Error> {
        self.config.check_taken(self.task.kind(), &self.task.name, self.backbone.spec())?;
        frozen.check_owner(self.backbone, self.task, self.config)?;
        let lesson = self.task.kind().lesson(self.config.lesson())?;
        let (train, validation) = rows(&lesson, self.config.val_fraction.unwrap_or(0.0))?;
        let (train_rows, validation_rows) = (train.len(), validation.len());
        let validation_samples = lesson.samples_of_last(validation_rows);
        let TrainConfig { epochs, batch_size, lr, schedule, weight_decay, .. } = *self.config;
        let TrainConfig { seed, clip, stop_at_loss, patience, .. } = *self.config;
        let plan =
            Plan { epochs, batch_size, lr, schedule, weight_decay, seed, clip, stop_at_loss, patience };
        let (fingerprint, isa) = (self.backbone.fingerprint(), self.config.method.isa(self.backbone));
        let run = RunIdentity::new(self.config, fingerprint, frozen.sha256.clone(), isa)?;
        let learning = Learning { plan, checkpoints: &self.checkpoints, run };
        let io = self.task.kind().io();
        let mut objective = objective(self.backbone, self.config, &io, &lesson, frozen)?;
        let (state, last) = learning.run(&mut *objective, train, &validation, progress)?;
        let learned = objective.learned(state.parameters);
        Ok(Fitted { learned, last, epochs: state.epochs, train_rows, validation_rows, validation_samples })
    }
}

/// Rows to train on, and rows that are held out.
fn rows(lesson: &Lesson<'_>, fraction: f64) -> Result<(Vec<u32>, Vec<u32>), Error> {
    let samples = lesson.rows();
    let (train, validation) = match lesson {
        Lesson::Classes(_) | Lesson::Numbers { .. } | Lesson::Texts(_) => validation_split(samples, fraction),
        Lesson::Steps(loss) if loss.is_of_independent_rows() => validation_split(samples, fraction),
        Lesson::Steps(loss) => last_rows(&**loss, fraction),
    };
    if train.is_empty() || (fraction > 0.0 && validation.is_empty()) {
        return Err(Error::NothingToLearn { fraction, samples });
    }
    Ok((train, validation))
}

/// The last rows are held out, and what shares data with them is left out.
fn last_rows(loss: &dyn Loss, fraction: f64) -> (Vec<u32>, Vec<u32>) {
    let rows = loss.rows();
    if fraction == 0.0 {
        return ((0..rows as u32).collect(), Vec::new());
    }
    let held_out = (rows as f64 * fraction).round().max(1.0) as usize;
    let train = rows.saturating_sub(held_out + loss.overlap() - 1);
    ((0..train as u32).collect(), (rows.saturating_sub(held_out) as u32..rows as u32).collect())
}

/// Median, 0 of nothing.
fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => 0.0,
        n if n % 2 == 1 => sorted[middle],
        _ => f64::midpoint(sorted[middle - 1], sorted[middle]),
    }
}
