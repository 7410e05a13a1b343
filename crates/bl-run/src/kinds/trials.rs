//! Trials: what an adapter says of each.

mod predict;

use bl_cli::{ExitStatus, Printer};
use bl_core::io::Trials as Form;
use bl_tasks::OwnTask;

use super::sequence;
use super::{Kind, Shown};
use crate::cli::{Given, RunArgs};
use crate::models::Loaded;

/// Adapters that take trials of this form.
pub(super) struct Trials<'a>(pub(super) &'a Form);

impl Kind for Trials<'_> {
    fn name(&self) -> &'static str {
        if self.0.read().is_some() { "classification of trials" } else { "answers to trials" }
    }

    fn misfits(&self, _: &Given) -> Vec<(&'static str, &'static str)> {
        let mut all = vec![
            ("--free-run", "it is for adapters that forecast or generate a series"),
            sequence::NO_TARGET,
            ("--plot", "it is for forecasters and generators"),
            ("--column", "a trial has all channels of training"),
            ("--show", "it is for images"),
            ("--seed", "all trials of the held-out part are used"),
        ];
        if self.0.read().is_some() {
            all.push(("--min-r2", "the metric of classes is accuracy: `--min-accuracy`"));
        } else {
            all.push(("--min-accuracy", "the metric is R²: `--min-metric`"));
            all.push(("--top", "it is for classes"));
        }
        all
    }

    fn single(&self) -> &'static [&'static str] {
        &["--task"]
    }

    fn show(&self, args: &RunArgs, model: &Loaded, own: &OwnTask, _: Printer) -> anyhow::Result<Shown> {
        let judgement = own.task.kind().judge(&model.model)?;
        let more = if args.held_out.verbose { judgement.more.clone() } else { Vec::new() };
        sequence::shown(model, judgement, more)
    }

    fn predict(&self, args: &RunArgs, models: &[Loaded], out: Printer) -> anyhow::Result<ExitStatus> {
        predict::predict(args, models, out)
    }
}
