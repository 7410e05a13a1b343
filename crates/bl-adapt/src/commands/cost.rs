//! What a change costs an adapter: its metrics on its own task before and after.

use bl_cli::words::{decimal, grouped, printable};
use bl_cli::{Printer, format_bytes};
use bl_core::header::Metric;
use bl_core::{Adapter, Backbone};
use bl_tasks::{Asked, DataDir, OwnTask, Trained};
use serde::Serialize;

use crate::cli::OwnTaskArgs;

/// Metrics before and after. Field names are part of the command line's contract.
#[derive(Serialize)]
pub(super) struct Cost {
    task: String,
    source: String,
    /// Whether the test set is that of the training record; null without a record.
    as_recorded: Option<bool>,
    before: Vec<Metric>,
    after: Vec<Metric>,
    /// Points lost of accuracy, or of R²; null of what has neither.
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

impl Cost {
    /// Measures two adapters on one backbone.
    pub(super) fn measure(own: &OwnTask, backbone: &Backbone, both: [&Adapter; 2]) -> anyhow::Result<Self> {
        let kind = own.task.kind();
        let judge = |adapter| {
            let half = backbone.prepare(adapter)?;
            anyhow::Ok(kind.judge(&backbone.with(&half))?)
        };
        let [before, after] = [judge(both[0])?, judge(both[1])?];
        let lost = before.headline.zip(after.headline).map(|(one, two)| 100.0 * (one.value - two.value));
        Ok(Self {
            task: own.task.name.clone(),
            source: own.task.source.to_string(),
            as_recorded: own.as_recorded,
            points: lost,
            before: before.metrics,
            after: after.metrics,
        })
    }

    /// The metrics for the header of the changed adapter: none, unless they are of the recorded test set. What is no number,
    /// such as R² of values that do not vary, is not in a header.
    pub(super) fn metrics(&self) -> Vec<Metric> {
        let known =
            self.after.iter().filter(|metric| metric.value.is_finite() && self.as_recorded == Some(true));
        known.cloned().collect()
    }

    /// Points lost, which may be negative.
    pub(super) fn points(&self) -> Option<f64> {
        self.points
    }

    /// Says what was found; loudly, where it is not about the data of the training record.
    pub(super) fn say(&self, out: Printer) {
        out.say(format!("data         test set of {} ({})", printable(&self.task), self.source));
        for (before, after) in self.before.iter().zip(&self.after) {
            let (name, part) = (&before.name, &before.split);
            let name = if part == "test" { name.clone() } else { format!("{name} ({part})") };
            out.say(format!("{name:<12} {} before, {} after", decimal(before.value), decimal(after.value)));
        }
        if let Some(points) = self.points {
            // As it is printed: a drop of -0.00 is none.
            let (heading, points) =
                if points < -0.005 { ("gain", -points) } else { ("drop", points.max(0.0)) };
            out.say(format!("{heading:<12} {points:.2} points"));
        }
        match self.as_recorded {
            Some(true) => {}
            Some(false) => out.warn(
                "this test set is not the one recorded at training, so the written adapter carries no metrics",
            ),
            None => out.warn(
                "there is no training record to compare the test set with, so the written adapter carries no metrics",
            ),
        }
    }
}

/// The task that an adapter was trained for.
pub(super) fn own_task(adapter: &Adapter, args: &OwnTaskArgs) -> Result<OwnTask, bl_tasks::Error> {
    let data = DataDir::resolve(args.data.data_dir.clone());
    Trained::from(&adapter.header).open(Asked { task: args.task.as_deref(), ..Asked::default() }, data)
}

/// The task could not be opened: said loudly.
pub(super) fn unmeasured(error: &anyhow::Error, out: Printer) {
    out.warn(format!("could not measure what is lost, so the written adapter carries no metrics: {error:#}"));
}
