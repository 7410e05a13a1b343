//! Classifiers of texts: some test texts and the accuracy on all, and predictions for a user's texts.

mod bench;
mod predict;
mod show;

use bl_cli::{ExitStatus, Printer};
use bl_tasks::OwnTask;

use super::{Kind, Measured, Shown, images};
use crate::cli::{BenchArgs, Given, RunArgs};
use crate::latency::Effort;
use crate::models::Loaded;

/// Adapters that classify texts.
pub(super) struct Texts;

impl Kind for Texts {
    fn name(&self) -> &'static str {
        "text classification"
    }

    fn counted(&self) -> (&'static str, &'static str) {
        ("text adapter", "text adapters")
    }

    fn misfits(&self, _: &Given) -> Vec<(&'static str, &'static str)> {
        vec![
            ("--sort", "it is for series"),
            ("--fill", "it is for series"),
            ("--strict", "it is for series"),
            ("--column", "the columns of a table of texts are the adapter's own, or have the usual names"),
            ("--free-run", "it is for adapters that forecast or generate a series"),
            ("--target", "it is for adapters that move an arm, such as `reach`"),
            ("--plot", "it is for sequence adapters"),
            ("--show", "it is for images"),
            ("--min-r2", "the metric of texts is accuracy: `--min-metric`"),
        ]
    }

    fn single(&self) -> &'static [&'static str] {
        &[]
    }

    fn takes_words(&self) -> bool {
        true
    }

    fn show(&self, args: &RunArgs, model: &Loaded, own: &OwnTask, out: Printer) -> anyhow::Result<Shown> {
        show::show(args, model, own, out)
    }

    fn predict(&self, args: &RunArgs, models: &[Loaded], out: Printer) -> anyhow::Result<ExitStatus> {
        predict::predict(args, models, out)
    }

    fn bench(&self, args: &BenchArgs, group: &[&Loaded], effort: Effort) -> anyhow::Result<Measured> {
        if group[0].model.header.io.tokens().is_ok() {
            return bench::bench(group, effort);
        }
        images::bench(args, group, effort)
    }
}
