//! `bl-run --adapter FILE --free-run N` without input: a network by itself, beside the truth as far as that is known.

use bl_cli::{ExitStatus, Printer};
use bl_tasks::forecast::ValidTime;
use serde::Serialize;

use crate::cli::RunArgs;
use crate::drawing::{Drawing, Drawn};
use crate::models::Loaded;

/// Field names are part of the command line's contract.
#[derive(Serialize)]
pub(in crate::kinds) struct FreeRunReport<'a> {
    pub(in crate::kinds) adapter: String,
    pub(in crate::kinds) task: &'a str,
    pub(in crate::kinds) variable: String,
    pub(in crate::kinds) sample_spacing: Option<f64>,
    /// Of a forecaster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::kinds) free_run_valid_time: Option<Valid>,
    pub(in crate::kinds) samples: Vec<Sample>,
}

/// How long it stayed near the truth.
#[derive(Serialize)]
pub(in crate::kinds) struct Valid {
    pub(in crate::kinds) samples: usize,
    time: Option<f64>,
    pub(in crate::kinds) lyapunov_times: Option<f64>,
    pub(in crate::kinds) threshold: f64,
    /// Whether the truth ended before it was lost.
    pub(in crate::kinds) at_least: bool,
}

impl From<&ValidTime> for Valid {
    fn from(valid: &ValidTime) -> Self {
        Self {
            samples: valid.samples,
            time: valid.time(),
            lyapunov_times: valid.lyapunov_times(),
            threshold: valid.criterion.threshold,
            at_least: valid.whole_run,
        }
    }
}

/// Null where the truth is not known.
#[derive(Serialize)]
pub(in crate::kinds) struct Sample {
    index: usize,
    truth: Option<f64>,
    value: f64,
}

impl Sample {
    /// Of a run that begins at the index `first`.
    pub(in crate::kinds) fn all(truth: &[f64], values: &[f64], first: usize) -> Vec<Self> {
        let sample = |(i, &value)| Self { index: first + i, truth: truth.get(i).copied(), value };
        values.iter().enumerate().map(sample).collect()
    }
}

/// Draws a free run and prints what came of it.
pub(in crate::kinds) fn print_free_run(
    args: &RunArgs,
    model: &Loaded,
    panel: Drawn,
    report: &FreeRunReport<'_>,
    words: String,
    out: Printer,
) -> anyhow::Result<ExitStatus> {
    let drawing = Drawing { title: super::title(model), panels: vec![panel] };
    drawing.draw(args.sequence.plot.as_deref(), out)?;
    if out.is_json() {
        out.json(report)?;
    } else {
        out.result(words)?;
    }
    Ok(ExitStatus::Success)
}
