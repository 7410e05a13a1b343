//! Which options were given, and which of them fit.

use super::RunArgs;
use crate::error::Error;

/// The options of a run that were given and that not every adapter supports.
pub(crate) struct Given(Vec<&'static str>);

impl Given {
    pub(crate) fn has(&self, option: &str) -> bool {
        self.0.contains(&option)
    }

    /// Whether they can be about so many adapters.
    pub(crate) fn check_count(&self, adapters: usize, single: &[&'static str]) -> Result<(), Error> {
        match single.iter().find(|option| self.has(option)) {
            Some(option) if adapters > 1 => Err(Error::OneAtATime { option, found: adapters }),
            _ => Ok(()),
        }
    }
}

impl RunArgs {
    pub(crate) fn given(&self) -> Given {
        let Self { least, held_out, predict, sequence, .. } = self;
        let all = [
            ("--min-metric", least.metric.is_some()),
            ("--min-accuracy", least.accuracy.is_some()),
            ("--min-r2", least.r2.is_some()),
            ("--task", held_out.task.is_some()),
            ("--samples", held_out.samples.is_some()),
            ("--seed", held_out.seed.is_some()),
            ("--verbose", held_out.verbose),
            ("--input", !predict.input.is_empty()),
            ("--top", predict.top.is_some()),
            ("--show", predict.show.is_some()),
            ("--column", sequence.column.is_some()),
            ("--sort", sequence.sort),
            ("--fill", sequence.fill.is_some()),
            ("--strict", sequence.strict),
            ("--free-run", sequence.free_run.is_some()),
            ("--target", !sequence.target.is_empty()),
            ("--plot", sequence.plot.is_some()),
        ];
        Given(all.into_iter().filter(|(_, given)| *given).map(|(option, _)| option).collect())
    }

    /// Whether something is put in or asked for, and not the held-out part shown.
    pub(crate) fn asks(&self) -> bool {
        ["--input", "--free-run", "--target"].iter().any(|option| self.given().has(option))
    }
}
