//! What a change costs an adapter: its figures on its own task before and after.

use bl_cli::time::{About, OwnTask};
use bl_cli::words::{grouped, printable};
use bl_cli::{Printer, format_bytes};
use bl_core::header::{Metric, TrainingRecord};
use bl_core::recurrent::{RecurrentAdapter, RecurrentBackbone};
use bl_core::{Backbone, BiasAdapter, Evaluation};
use bl_tasks::time::{Judgement, judge};
use bl_tasks::{DataDir, ImageTask};
use serde::Serialize;

use crate::cli::OwnTaskArgs;
use crate::error::Error;

/// Figures before and after. Field names are part of the command line's contract.
#[derive(Serialize)]
pub(super) struct Loss {
    task: String,
    source: String,
    /// Whether the test set is that of the training record; null without a record.
    as_recorded: Option<bool>,
    before: Vec<Metric>,
    after: Vec<Metric>,
    /// Points of accuracy, or of R²; null of what has neither.
    points: Option<f64>,
}

/// Bytes of a file before and after.
#[derive(Clone, Copy, Serialize)]
pub(super) struct Bytes {
    pub(super) before: usize,
    pub(super) after: usize,
}

impl Bytes {
    pub(super) fn words(self) -> String {
        let Self { before, after } = self;
        format!("bytes        {} before, {} after", grouped(before), grouped(after))
            + &format!(" ({}, {})", format_bytes(before as u64), format_bytes(after as u64))
    }
}

impl Loss {
    /// Of two adapters of pictures on one backbone.
    pub(super) fn of_pictures(
        task: &ImageTask,
        backbone: &Backbone,
        [before, after]: [&BiasAdapter; 2],
    ) -> anyhow::Result<Self> {
        let evaluate = |adapter: &BiasAdapter| {
            backbone.evaluate(&backbone.prepare(adapter)?, &task.test.images, &task.test.labels)
        };
        let [one, two] = [evaluate(before)?, evaluate(after)?];
        let recorded = |training: &TrainingRecord| training.dataset.test_sha256 == task.test.sha256();
        Ok(Self {
            task: task.name.clone(),
            source: task.source.to_string(),
            as_recorded: before.header.training.as_ref().map(recorded),
            points: Some(100.0 * (one.accuracy() - two.accuracy())),
            before: metrics(&one),
            after: metrics(&two),
        })
    }

    /// Of two recurrent adapters on one backbone.
    pub(super) fn in_time(
        own: &OwnTask,
        backbone: &RecurrentBackbone,
        [before, after]: [&RecurrentAdapter; 2],
    ) -> anyhow::Result<Self> {
        let [one, two] = [judge(&own.task, &before.on(backbone)?)?, judge(&own.task, &after.on(backbone)?)?];
        let points = |(one, two): (f64, f64)| 100.0 * (one - two);
        Ok(Self {
            task: own.task.name.clone(),
            source: own.task.source.to_owned(),
            as_recorded: own.as_recorded,
            points: one.r2().zip(two.r2()).map(points),
            before: Judgement::metrics(&one),
            after: two.metrics(),
        })
    }

    /// The figures for the header of the changed adapter: none, unless they are of the recorded test set.
    pub(super) fn figures(&self) -> Vec<Metric> {
        if self.as_recorded == Some(true) { self.after.clone() } else { Vec::new() }
    }

    /// Points lost, which may be negative.
    pub(super) fn points(&self) -> Option<f64> {
        self.points
    }

    /// Says what was found; loudly, where it is not about the data of the training record.
    pub(super) fn say(&self, out: Printer) {
        out.say(format!("data         test set of {} ({})", printable(&self.task), self.source));
        for (before, after) in self.before.iter().zip(&self.after) {
            let name = if before.name == "loss" { "cross-entropy" } else { &before.name };
            out.say(format!("{name:<12} {:.4} before, {:.4} after", before.value, after.value));
        }
        if let Some(points) = self.points {
            out.say(format!("lost         {points:+.2} points"));
        }
        match self.as_recorded {
            Some(true) => {}
            Some(false) => out.warn(
                "this is NOT the test set of the training record: the written adapter has no figures",
            ),
            None => out.warn("there is no training record to compare the test set with: the written adapter has no figures"),
        }
    }
}

fn metrics(evaluation: &Evaluation) -> Vec<Metric> {
    let metric = |name: &str, value| Metric { name: name.into(), split: "test".into(), value };
    vec![metric("accuracy", evaluation.accuracy()), metric("loss", evaluation.loss)]
}

/// The task of an adapter of pictures.
pub(super) fn open_pictures(adapter: &BiasAdapter, args: &OwnTaskArgs) -> anyhow::Result<ImageTask> {
    let name = args.task.as_deref().unwrap_or(&adapter.header.task.name);
    let task = ImageTask::open(name, &DataDir::resolve(args.data.data_dir.clone()))?;
    let (input, labels) = (&adapter.header.input, adapter.header.task.labels.len());
    let fits = (input.height, input.width, input.channels)
        == (task.input.height, task.input.width, task.input.channels);
    if fits && labels == task.labels.len() {
        return Ok(task);
    }
    Err(Error::OtherTask { adapter: adapter.header.task.name.clone(), task: task.name }.into())
}

/// The task of a recurrent adapter.
pub(super) fn open_in_time(adapter: &RecurrentAdapter, args: &OwnTaskArgs) -> anyhow::Result<OwnTask> {
    About::from(&adapter.header).open(args.task.as_deref(), None)
}

/// What could not be opened, said loudly.
pub(super) fn unmeasured(error: &anyhow::Error, out: Printer) {
    out.warn(format!("the loss was NOT measured, and the written adapter has no figures: {error:#}"));
}
