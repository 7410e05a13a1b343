//! `bl-run --adapter FILE --free-run N` without input: a network by itself, beside the truth as far as that is known.

use bl_cli::{ExitStatus, Printer};
use bl_core::recurrent::RecurrentNet;
use bl_tasks::forecast::{Criterion, THRESHOLD, valid_time};
use bl_tasks::time::{ForecastTask, FreeRun, What, free_run, generate};
use serde::Serialize;

use super::model::Model;
use super::{draw, variable};
use crate::cli::RunArgs;
use crate::drawing::{self, Panel, Picture};
use bl_cli::words::{counted, printable};

/// Field names are part of the command line's contract.
#[derive(Serialize)]
struct Report<'a> {
    adapter: String,
    task: &'a str,
    variable: String,
    sample_spacing: Option<f64>,
    /// Of a forecaster.
    #[serde(skip_serializing_if = "Option::is_none")]
    free_run_valid_time: Option<Valid>,
    samples: Vec<Sample>,
}

/// How long it stayed near the truth.
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

pub(super) fn run(
    args: &RunArgs,
    model: &Model<'_>,
    steps: usize,
    out: Printer,
) -> anyhow::Result<ExitStatus> {
    let header = model.header();
    let own = model.about().open(args.held_out.task.as_deref(), args.time.column.as_deref())?;
    let net = model.net()?;
    let variable = variable(&header.signal);
    let shown = args.held_out.samples.unwrap_or(steps).clamp(1, steps);
    let (panel, report, words): (Panel, _, _) = match &own.task.what {
        What::Forecast(task) => {
            let run = forecaster(task, &net, steps)?;
            let words = forecaster_words(&run);
            let valid = Some(valid(&run));
            let samples = samples(&run.target, &run.forecast, run.start);
            (drawing::free_run(&run, &variable, shown), (valid, samples, task.series.spacing()), words)
        }
        What::Generate(task) => {
            let (truth, values) = (task.series.values(), generate(&net, &task.scale, steps)?);
            let words = format!("generated       {}", counted(steps, "step", "steps"));
            let panel = drawing::generated(truth, &values[..shown], task.steps, &variable);
            (panel, (None, samples(truth, &values, 0), task.series.spacing()), words)
        }
        What::Reach(_) => unreachable!("the options were checked"),
    };
    let title = printable(&header.task.title);
    draw(args, &Picture { title, panels: vec![panel] }, out)?;
    if out.is_json() {
        let (free_run_valid_time, samples, sample_spacing) = report;
        let (adapter, task) = (model.path(), header.task.name.as_str());
        out.json(&Report { adapter, task, variable, sample_spacing, free_run_valid_time, samples })?;
    } else {
        out.result(words)?;
    }
    Ok(ExitStatus::Success)
}

/// From the end of the first window of the held-out part.
fn forecaster(task: &ForecastTask, net: &dyn RecurrentNet, steps: usize) -> anyhow::Result<FreeRun> {
    let (held_out, horizon) = (task.held_out(), task.plan.horizon);
    let start = task.plan.first_free();
    let forecast = free_run(net, &held_out[..start], &task.scale, horizon, steps)?;
    let known = steps.min(held_out.len() - start);
    let target = held_out[start..start + known].to_vec();
    let criterion = Criterion {
        threshold: THRESHOLD,
        deviation: task.scale.unit,
        spacing: task.series.spacing(),
        lyapunov: task.series.lyapunov().cloned(),
    };
    let valid = valid_time(&target, &forecast[..known], &criterion)?;
    Ok(FreeRun { start, valid, target, forecast })
}

fn forecaster_words(run: &FreeRun) -> String {
    let valid = valid(run);
    let least = if valid.at_least { "at least " } else { "" };
    let times = valid.lyapunov_times.map_or(String::new(), |times| format!(" = {times:.2} Lyapunov times"));
    format!(
        "free run        {} from sample {} of the held-out part on: valid for {least}{} samples{times}, an error above {} SD \
         ends it; the truth is known of {}",
        counted(run.forecast.len(), "sample", "samples"),
        run.start,
        valid.samples,
        valid.threshold,
        run.target.len(),
    )
}

fn valid(run: &FreeRun) -> Valid {
    Valid {
        samples: run.valid.samples,
        time: run.valid.time(),
        lyapunov_times: run.valid.lyapunov_times(),
        threshold: run.valid.criterion.threshold,
        at_least: run.valid.whole_run,
    }
}

fn samples(truth: &[f64], values: &[f64], first: usize) -> Vec<Sample> {
    let sample = |(i, &value)| Sample { index: first + i, truth: truth.get(i).copied(), value };
    values.iter().enumerate().map(sample).collect()
}
