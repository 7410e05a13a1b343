//! `bl-run` with adapters of tasks in time: shown at work, run on a user's series, run by themselves, moved to targets.

pub(crate) mod bench;
mod free;
mod model;
pub(crate) mod options;
mod reach;
mod series;
mod show;
mod speed;

use bl_cli::words::printable;
use bl_cli::{ExitStatus, Printer};
use bl_core::recurrent::Signal;
use serde::Serialize;

use crate::adapters::InTime;
use crate::cli::RunArgs;
use crate::drawing::{self, Picture};
use crate::terminal::Screen;
use model::Model;

pub(crate) fn run(args: &RunArgs, adapters: &[InTime], out: Printer) -> anyhow::Result<ExitStatus> {
    options::check_single(args, adapters.len())?;
    for adapter in adapters {
        options::check(args, adapter)?;
    }
    if let Some(path) = &args.time.plot {
        drawing::check_path(path)?;
    }
    let models = adapters.iter().map(|adapter| Model::load(adapter, args.model.backbone.as_deref(), out));
    let models = models.collect::<anyhow::Result<Vec<_>>>()?;
    let first = &models[0];
    if !args.predict.input.is_empty() {
        return series::run(args, first, out);
    }
    if !args.time.target.is_empty() {
        return reach::run(args, first, out);
    }
    if let Some(steps) = args.time.free_run {
        return free::run(args, first, steps as usize, out);
    }
    let (mut reports, mut status) = (Vec::new(), ExitStatus::Success);
    for model in &models {
        if models.len() > 1 && !out.is_json() {
            out.result(format!("== {}", model.in_time.name))?;
        }
        let (report, own) = show::run(args, model, out)?;
        reports.push(report);
        if own == ExitStatus::Negative {
            status = own;
        }
    }
    match &*reports {
        _ if !out.is_json() => {}
        [report] => out.json(report)?,
        _ => out.json(&All { adapters: reports })?,
    }
    Ok(status)
}

/// Several adapters for scripts.
#[derive(Serialize)]
struct All<'a> {
    adapters: Vec<show::Report<'a>>,
}

/// Draws in the terminal, unless the result is JSON, and into the file that is asked for.
fn draw(args: &RunArgs, picture: &Picture, out: Printer) -> anyhow::Result<()> {
    if !out.is_json() {
        out.result("")?;
        out.drawing(&drawing::lines(picture, Screen::of_stdout()))?;
    }
    draw_file(args, picture, out)
}

fn draw_file(args: &RunArgs, picture: &Picture, out: Printer) -> anyhow::Result<()> {
    if let Some(path) = &args.time.plot {
        drawing::save(picture, path)?;
        out.say(format!("drawn        {}", path.display()));
    }
    Ok(())
}

/// What is observed, safe to print.
fn variable(signal: &Signal) -> String {
    match signal {
        Signal::Generate { variable, .. } => printable(variable),
        Signal::Forecast(forecast) => printable(&forecast.variable),
        Signal::Reach(_) => "position".into(),
    }
}
