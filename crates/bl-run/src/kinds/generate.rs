//! Generators: a trajectory without input, as it was learned and on.

use bl_cli::words::{counted, printable};
use bl_cli::{ExitStatus, Printer};
use bl_tasks::kinds::generate;
use bl_tasks::series::Scale;
use bl_tasks::{Error, OwnTask, Trained};

use super::sequence::{self, Ran};
use super::{Kind, Shown};
use crate::cli::{Given, RunArgs};
use crate::drawing::{self, Drawing};
use crate::models::Loaded;
use crate::own_task;

/// Adapters that generate a variable.
pub(super) struct Generates<'a> {
    pub(super) variable: &'a str,
    /// Steps that were learned.
    pub(super) learned: usize,
    pub(super) spacing: Option<f64>,
    pub(super) scale: Scale,
}

impl Kind for Generates<'_> {
    fn name(&self) -> &'static str {
        "trajectory generation"
    }

    fn misfits(&self, given: &Given) -> Vec<(&'static str, &'static str)> {
        const NO_INPUT: &str = "there is no input: `--free-run N` generates N steps";
        let mut own =
            vec![("--input", NO_INPUT), sequence::NO_TARGET, ("--verbose", "there is nothing more to show")];
        own.extend(sequence::OF_FILES.map(|option| (option, NO_INPUT)));
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
        let (generated, variable) = (&judged.generated[..shown], printable(self.variable));
        let panels = vec![drawing::generated(&judged.target, generated, judged.steps, &variable)];
        Drawing { title: sequence::title(model), panels }.draw(args.sequence.plot.as_deref(), out)?;
        sequence::shown(model, task.judged(judged), Vec::new())
    }

    fn predict(&self, args: &RunArgs, models: &[Loaded], out: Printer) -> anyhow::Result<ExitStatus> {
        let (model, steps) = (&models[0], args.sequence.free_run.unwrap_or(1) as usize); // what it can be asked for
        // Outside the catalogue nobody knows the truth, and a generator needs none to run.
        let is_known = args.held_out.task.is_some() || Trained::from(&model.model.header).is_in_catalogue();
        let own = match is_known.then(|| own_task::open(args, model, out)).transpose() {
            Err(error) if args.held_out.task.is_none() && is_other_task(&error) => None, // of the same name
            own => own?,
        };
        let truth = if let Some(own) = &own {
            own.task.what.generate()?.series.values()
        } else {
            out.say("data         the true trajectory is not in the catalogue: the adapter runs by itself");
            &[]
        };
        let values = generate(&model.model, &self.scale, steps)?;
        let (variable, shown) =
            (printable(self.variable), args.held_out.samples.unwrap_or(steps).clamp(1, steps));
        let panel = drawing::generated(truth, &values[..shown], self.learned, &variable);
        let words = format!("generated       {}", counted(steps, "step", "steps"));
        let (spacing, values) = (self.spacing, &*values);
        Ran { variable, spacing, first: 0, values, truth, valid: None, panel, words }.print(args, model, out)
    }
}

fn is_other_task(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(Error::OtherTask { .. }))
}
