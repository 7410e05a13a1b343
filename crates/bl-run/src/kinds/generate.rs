//! Generators: a trajectory without input, as it was learned and on.

use bl_cli::words::{counted, printable};
use bl_cli::{ExitStatus, Printer};
use bl_tasks::kinds::generate;
use bl_tasks::{Error, OwnTask};

use super::sequence::{self, Ran};
use super::{Kind, Shown};
use crate::cli::{Given, RunArgs};
use crate::drawing::{self, Drawing};
use crate::models::Loaded;
use crate::own_task;

/// Adapters that generate a variable.
pub(super) struct Generates<'a>(pub(super) &'a str);

impl Kind for Generates<'_> {
    fn name(&self) -> &'static str {
        "trajectory generation"
    }

    fn misfits(&self, given: &Given) -> Vec<(&'static str, &'static str)> {
        const NO_INPUT: &str = "there is no input: `--free-run N` generates N steps";
        let mut own = vec![
            ("--input", NO_INPUT),
            ("--column", NO_INPUT),
            sequence::NO_TARGET,
            ("--verbose", "there is nothing more to show"),
        ];
        if given.has("--free-run") {
            let hint = "drop `--free-run` to measure it on its task";
            own.extend(["--min-metric", "--min-r2"].map(|option| (option, hint)));
        }
        sequence::misfits(own)
    }

    fn show(&self, args: &RunArgs, model: &Loaded, own: &OwnTask, out: Printer) -> anyhow::Result<Shown> {
        let task = own.task.what.generate()?;
        let judged = task.evaluate(&model.model).map_err(Error::from)?;
        let shown = args.held_out.samples.unwrap_or(usize::MAX).max(1).min(judged.generated.len());
        let (generated, variable) = (&judged.generated[..shown], printable(self.0));
        let panels = vec![drawing::generated(&judged.target, generated, judged.steps, &variable)];
        Drawing { title: sequence::title(model), panels }.draw(args.sequence.plot.as_deref(), out)?;
        sequence::shown(model, task.judged(judged), Vec::new())
    }

    fn predict(&self, args: &RunArgs, models: &[Loaded], out: Printer) -> anyhow::Result<ExitStatus> {
        let (model, steps) = (&models[0], args.sequence.free_run.unwrap_or(1) as usize); // what it can be asked for
        let own = own_task::open(args, model, out)?;
        let task = own.task.what.generate()?;
        let (truth, values) = (task.series.values(), generate(&model.model, &task.scale, steps)?);
        let (variable, shown) = (printable(self.0), args.held_out.samples.unwrap_or(steps).clamp(1, steps));
        let panel = drawing::generated(truth, &values[..shown], task.steps, &variable);
        let words = format!("generated       {}", counted(steps, "step", "steps"));
        let (spacing, values) = (task.series.spacing(), &*values);
        Ran { variable, spacing, first: 0, values, truth, valid: None, panel, words }.print(args, model, out)
    }
}
