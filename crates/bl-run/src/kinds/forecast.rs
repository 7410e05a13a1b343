//! Forecasters: the held-out part of their own series, a user's series, and free runs.

mod series;

use bl_cli::words::{counted, printable};
use bl_cli::{ExitStatus, Printer};
use bl_core::Net;
use bl_core::io::Forecast;
use bl_tasks::forecast::{Criterion, THRESHOLD, valid_time};
use bl_tasks::kinds::{ForecastTask, FreeRun, free_run};
use bl_tasks::{Error, OwnTask};

use super::sequence::{self, Ran};
use super::{Kind, Shown};
use crate::cli::{Given, RunArgs};
use crate::drawing::{self, Drawing, SAMPLES};
use crate::models::Loaded;
use crate::own_task;

/// Adapters that forecast a series.
pub(super) struct Forecasts<'a>(pub(super) &'a Forecast);

impl Kind for Forecasts<'_> {
    fn name(&self) -> &'static str {
        "series forecasting"
    }

    fn misfits(&self, given: &Given) -> Vec<(&'static str, &'static str)> {
        let mut own = vec![sequence::NO_TARGET];
        if !given.has("--input") && !given.has("--task") {
            let hint = "it is for `--input FILE` or `--task FILE`: simulated series have no columns";
            own.extend(sequence::OF_FILES.map(|option| (option, hint)));
        }
        if given.has("--free-run") {
            own.push(("--verbose", "drop `--free-run` to see every free run"));
            if !given.has("--input") {
                let hint = "drop `--free-run` to measure the forecasts of the held-out part";
                own.extend(["--min-metric", "--min-r2"].map(|option| (option, hint)));
            }
        }
        sequence::misfits(own)
    }

    fn show(&self, args: &RunArgs, model: &Loaded, own: &OwnTask, out: Printer) -> anyhow::Result<Shown> {
        let task = own.task.what.forecast()?;
        let judged = task.evaluate(&model.model).map_err(Error::from)?;
        let samples = args.held_out.samples.unwrap_or(SAMPLES);
        let (variable, forced) = (printable(&self.0.variable), &judged.teacher_forced);
        let shown = 0..samples.clamp(1, forced.target.len());
        let mut panels = vec![drawing::forecasts(forced, &variable, self.0.washout + self.0.horizon, shown)];
        panels.extend(judged.free.first().map(|run| drawing::free_run(run, &variable, samples)));
        let drawing = Drawing { title: sequence::title(model), panels };
        drawing.draw(args.sequence.plot.as_deref(), out)?;
        let parts = judged.free.iter().filter(|_| args.held_out.verbose).map(free_line).collect();
        sequence::shown(model, task.judged(judged), parts)
    }

    fn predict(&self, args: &RunArgs, models: &[Loaded], out: Printer) -> anyhow::Result<ExitStatus> {
        let model = &models[0]; // one at a time
        match args.sequence.free_run {
            Some(steps) if args.predict.input.is_empty() => self.run_free(args, model, steps as usize, out),
            _ => series::predict(args, model, self.0, out),
        }
    }
}

impl Forecasts<'_> {
    fn run_free(
        &self,
        args: &RunArgs,
        model: &Loaded,
        steps: usize,
        out: Printer,
    ) -> anyhow::Result<ExitStatus> {
        let own = own_task::open(args, model, out)?;
        let task = own.task.what.forecast()?;
        let run = from_first_window(task, &model.model, steps)?;
        let variable = printable(&self.0.variable);
        let shown = args.held_out.samples.unwrap_or(steps).clamp(1, steps);
        let ran = Ran {
            spacing: task.series.spacing(),
            first: run.start,
            values: &run.forecast,
            truth: &run.target,
            valid: Some(&run.valid),
            panel: drawing::free_run(&run, &variable, shown),
            words: free_words(&run),
            variable,
        };
        ran.print(args, model, out)
    }
}

/// A free run from the end of the first window of the held-out part.
fn from_first_window(task: &ForecastTask, net: &dyn Net, steps: usize) -> anyhow::Result<FreeRun> {
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

/// `at least 27 samples = 0.24 Lyapunov times`
fn valid_words(run: &FreeRun) -> String {
    let least = if run.valid.whole_run { "at least " } else { "" };
    let times =
        run.valid.lyapunov_times().map_or(String::new(), |times| format!(" = {times:.2} Lyapunov times"));
    format!("{least}{} samples{times}", run.valid.samples)
}

fn free_words(run: &FreeRun) -> String {
    format!(
        "free run        {} from sample {} of the held-out part on: valid for {}, an error above {} SD ends it; the truth is \
         known for {}",
        counted(run.forecast.len(), "sample", "samples"),
        run.start,
        valid_words(run),
        run.valid.criterion.threshold,
        run.target.len(),
    )
}

fn free_line(run: &FreeRun) -> String {
    format!("free run from sample {}: valid for {}", run.start, valid_words(run))
}
