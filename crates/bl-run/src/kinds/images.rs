//! Image classifiers: some test images and the accuracy on all, predictions for a user's images, several side by side.

mod bench;
mod compare;
mod evaluate;
mod predict;
mod ranking;
mod show;
mod speed;

pub(super) use bench::{Copies, TASKS, bench};
pub(super) use evaluate::{measure, recorded};
pub(super) use ranking::{Guess, top};
pub(super) use show::{accuracy_line, pick, speed_of};

use bl_cli::{ExitStatus, Printer};
use bl_tasks::OwnTask;

use super::{Kind, Measured, Shown};
use crate::cli::{BenchArgs, Given, RunArgs};
use crate::latency::Effort;
use crate::models::Loaded;

/// Adapters that classify images.
pub(super) struct Images;

impl Kind for Images {
    fn name(&self) -> &'static str {
        "image classification"
    }

    fn counted(&self) -> (&'static str, &'static str) {
        ("image adapter", "image adapters")
    }

    fn misfits(&self, _: &Given) -> Vec<(&'static str, &'static str)> {
        vec![
            ("--sort", "it is for series"),
            ("--fill", "it is for series"),
            ("--strict", "it is for series"),
            ("--column", "only a series has columns: it is for forecasters"),
            ("--free-run", "it is for adapters that forecast or generate a series"),
            ("--target", "it is for adapters that move an arm, such as `reach`"),
            ("--plot", "it is for sequence adapters; `--show` shows images here"),
            ("--min-r2", "the metric of images is accuracy: `--min-metric`"),
        ]
    }

    fn single(&self) -> &'static [&'static str] {
        &[]
    }

    fn show(&self, args: &RunArgs, model: &Loaded, own: &OwnTask, out: Printer) -> anyhow::Result<Shown> {
        show::show(args, model, own, out)
    }

    fn compare(&self, args: &RunArgs, models: &[Loaded], out: Printer) -> anyhow::Result<Option<ExitStatus>> {
        compare::compare(args, models, out).map(Some)
    }

    fn predict(&self, args: &RunArgs, models: &[Loaded], out: Printer) -> anyhow::Result<ExitStatus> {
        predict::predict(args, models, out)
    }

    fn bench(&self, args: &BenchArgs, group: &[&Loaded], effort: Effort) -> anyhow::Result<Measured> {
        bench(args, group, effort)
    }
}
