//! `bl-run --adapter FILE --free-run N` without input: a network by itself, beside the truth as far as that is known.

use bl_cli::{ExitStatus, Printer};
use bl_tasks::forecast::ValidTime;
use serde::Serialize;

use crate::cli::RunArgs;
use crate::drawing::{Drawing, Drawn};
use crate::models::Loaded;

/// What a network did by itself.
pub(in crate::kinds) struct Ran<'a> {
    pub(in crate::kinds) variable: String,
    pub(in crate::kinds) spacing: Option<f64>,
    /// The index of its first value.
    pub(in crate::kinds) first: usize,
    pub(in crate::kinds) values: &'a [f64],
    /// As far as it is known.
    pub(in crate::kinds) truth: &'a [f64],
    /// For a forecaster, how long it stayed near the truth.
    pub(in crate::kinds) valid: Option<&'a ValidTime>,
    pub(in crate::kinds) panel: Drawn,
    pub(in crate::kinds) words: String,
}

/// Field names are part of the command line's contract.
#[derive(Serialize)]
struct Report<'a> {
    adapter: String,
    task: &'a str,
    variable: String,
    sample_spacing: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    free_run_valid_time: Option<Valid>,
    samples: Vec<Sample>,
}

#[derive(Serialize)]
struct Valid {
    samples: usize,
    time: Option<f64>,
    lyapunov_times: Option<f64>,
    threshold: f64,
    /// Whether the truth ended before it was lost.
    at_least: bool,
}

/// Null where the truth is not known.
#[derive(Serialize)]
struct Sample {
    index: usize,
    truth: Option<f64>,
    value: f64,
}

impl Ran<'_> {
    /// Draws it, and prints what came of it.
    pub(in crate::kinds) fn print(
        self,
        args: &RunArgs,
        model: &Loaded,
        out: Printer,
    ) -> anyhow::Result<ExitStatus> {
        let Ran { variable, spacing, first, values, truth, valid, panel, words } = self;
        let drawing = Drawing { title: super::title(model), panels: vec![panel] };
        drawing.draw(args.sequence.plot.as_deref(), out)?;
        if !out.is_json() {
            out.result(words)?;
            return Ok(ExitStatus::Success);
        }
        let sample = |(i, &value)| Sample { index: first + i, truth: truth.get(i).copied(), value };
        out.json(&Report {
            adapter: model.file(),
            task: &model.model.header.task.name,
            variable,
            sample_spacing: spacing,
            free_run_valid_time: valid.map(|valid| Valid {
                samples: valid.samples,
                time: valid.time(),
                lyapunov_times: valid.lyapunov_times(),
                threshold: valid.criterion.threshold,
                at_least: valid.whole_run,
            }),
            samples: values.iter().enumerate().map(sample).collect(),
        })?;
        Ok(ExitStatus::Success)
    }
}
