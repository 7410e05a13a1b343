//! `bl-run --adapter FILE --input SERIES`: forecasts of a user's own series.

use std::path::Path;

use bl_cli::time::Figures;
use bl_cli::{ExitStatus, Printer};
use bl_core::recurrent::{Forecast, RecurrentNet, Signal};
use bl_tasks::series::{Column, Fault, Plan, Series, read_csv};
use bl_tasks::time::{
    ForecastTask, Judgement, TeacherForced, TimeTask, What, free_run, is_time_task, teacher_forced,
};
use serde::Serialize;

use super::draw_file;
use super::model::Model;
use crate::cli::RunArgs;
use crate::drawing::{self, Picture, SAMPLES};
use crate::error::Error;
use bl_cli::words::{counted, grouped, printable};

/// Field names are part of the command line's contract.
#[derive(Serialize)]
struct Report<'a> {
    adapter: String,
    task: &'a str,
    inputs: Vec<Answer>,
}

/// What is said of one file.
#[derive(Serialize)]
struct Answer {
    file: String,
    column: String,
    /// Teacher-forced R² and the time that free runs stay valid, where the truth is known; absent if it does not vary.
    #[serde(flatten)]
    figures: Option<Figures>,
    /// Each is of the value `horizon` samples later.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    forecasts: Vec<Row>,
    /// After the end of the input.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    free_run: Vec<Ahead>,
}

#[derive(Serialize)]
struct Row {
    index: usize,
    value: f64,
    forecast: f64,
}

#[derive(Serialize)]
struct Ahead {
    index: usize,
    forecast: f64,
}

pub(super) fn run(args: &RunArgs, model: &Model<'_>, out: Printer) -> anyhow::Result<ExitStatus> {
    let Signal::Forecast(signal) = &model.header().signal else { unreachable!("the options were checked") };
    let paths = &args.predict.input;
    if args.time.plot.is_some() && paths.len() > 1 {
        return Err(Error::OneInput { found: paths.len() }.into());
    }
    let net = model.net()?;
    let mut all = Vec::new();
    for path in paths {
        all.push((path, read(path, args, model, signal)?));
    }
    let (mut answers, mut status) = (Vec::new(), ExitStatus::Success);
    for (nth, (path, series)) in all.iter().enumerate() {
        let judged = judge(series, signal, &net)?;
        say(path, series, judged.as_ref(), out);
        let answer = answer(args, path, series, judged.as_ref(), signal, &net)?;
        let below = |least: f64| judged.as_ref().is_none_or(|(_, forced)| forced.r2 < least);
        if args.time.min_r2.is_some_and(below) {
            status = ExitStatus::Negative;
        }
        draw_file(args, &picture(model, series, judged.as_ref(), &answer, signal), out)?;
        if !out.is_json() {
            print(&answer, nth == 0, all.len() > 1, signal.horizon, out)?;
        }
        answers.push(answer);
    }
    if out.is_json() {
        out.json(&Report { adapter: model.path(), task: &model.header().task.name, inputs: answers })?;
    }
    Ok(status)
}

/// The column that is named, else that which was learned from, else the only one.
fn read(path: &Path, args: &RunArgs, model: &Model<'_>, signal: &Forecast) -> anyhow::Result<Series> {
    if !path.exists() {
        return Err(Error::NoSuchInput { path: path.to_owned() }.into());
    }
    let is_text = path.to_str().is_some_and(is_time_task);
    if path.is_dir() || !is_text {
        return Err(Error::NotASeries { adapter: model.in_time.name.clone(), path: path.to_owned() }.into());
    }
    let series = match (&args.time.column, model.about().column()) {
        (Some(column), _) => read_csv(path, Column::Named(column)),
        (None, Some(learned)) => match read_csv(path, Column::Named(&learned)) {
            Err(bl_tasks::Error::SeriesFile {
                fault: Fault::NoColumn { .. } | Fault::NoHeader { .. },
                ..
            }) => read_csv(path, Column::Only),
            other => other,
        },
        (None, None) => read_csv(path, Column::Only),
    }?;
    let (washout, horizon) = (signal.washout, signal.horizon);
    if series.len() < washout + horizon + 2 {
        return Err(
            Error::TooFewSamples { path: path.to_owned(), washout, horizon, found: series.len() }.into()
        );
    }
    Ok(match signal.spacing {
        Some(spacing) => series.with_spacing(spacing)?, // a network knows no other
        None => series,
    })
}

/// The figures of a whole series that is all held out; none if the part to be judged by does not vary.
fn judge(
    series: &Series,
    signal: &Forecast,
    net: &dyn RecurrentNet,
) -> anyhow::Result<Option<(Figures, TeacherForced)>> {
    let (washout, horizon) = (signal.washout, signal.horizon);
    let plan = Plan { washout, horizon, learn: 1, test: series.len() - washout - horizon };
    let what = ForecastTask { series: series.clone(), plan, scale: signal.scale.into() };
    if Series::new("", what.held_out()[washout + horizon..].to_vec()).is_err() {
        return Ok(None);
    }
    let judged = Judgement::Forecast(what.judge(net)?);
    let task =
        TimeTask { name: String::new(), title: String::new(), source: "file", what: What::Forecast(what) };
    let figures = Figures::of(&task, &judged);
    let Judgement::Forecast(judged) = judged else { unreachable!("it is a forecast") };
    Ok(Some((figures, judged.teacher_forced)))
}

fn answer(
    args: &RunArgs,
    path: &Path,
    series: &Series,
    judged: Option<&(Figures, TeacherForced)>,
    signal: &Forecast,
    net: &dyn RecurrentNet,
) -> anyhow::Result<Answer> {
    let (values, scale) = (series.values(), signal.scale.into());
    let (mut forecasts, mut ahead) = (Vec::new(), Vec::new());
    if let Some(samples) = args.time.free_run {
        let values_ahead = free_run(net, values, &scale, signal.horizon, samples as usize)?;
        ahead =
            (values.len()..).zip(values_ahead).map(|(index, forecast)| Ahead { index, forecast }).collect();
    } else {
        let all = teacher_forced(net, values, &scale)?;
        let rows = values.iter().zip(all).enumerate();
        forecasts = rows.map(|(index, (&value, forecast))| Row { index, value, forecast }).collect();
    }
    Ok(Answer {
        file: path.display().to_string(),
        column: series.name().to_owned(),
        figures: judged.map(|(figures, _)| figures.clone()),
        forecasts,
        free_run: ahead,
    })
}

fn say(path: &Path, series: &Series, judged: Option<&(Figures, TeacherForced)>, out: Printer) {
    let file = printable(&path.to_string_lossy());
    let samples = counted(series.len(), "sample", "samples");
    out.say(format!("input        {file}: {samples} of `{}`", printable(series.name())));
    let Some((figures, forced)) = judged else {
        out.say("figures      none: where the truth is known after the washout, it does not vary");
        return;
    };
    let Figures::Forecast { washout, free_run_valid_time, .. } = figures else { return };
    out.say(format!(
        "forecasts    R² {:.4}, NRMSE {:.4}: {} ahead, over the {} samples whose truth is known after a washout of {washout}",
        forced.r2,
        forced.nrmse,
        forced.horizon,
        grouped(forced.target.len()),
    ));
    out.say(format!(
        "free runs    valid for {} samples within the input (median of {}), an error above {} SD ends one",
        free_run_valid_time.samples, free_run_valid_time.starts, free_run_valid_time.threshold
    ));
}

fn picture(
    model: &Model<'_>,
    series: &Series,
    judged: Option<&(Figures, TeacherForced)>,
    answer: &Answer,
    signal: &Forecast,
) -> Picture {
    let variable = printable(series.name());
    let mut panels = Vec::new();
    if let Some((_, forced)) = judged {
        let known = forced.target.len();
        let shown = known.saturating_sub(SAMPLES)..known;
        panels.push(drawing::forecasts(forced, &variable, signal.washout + signal.horizon, shown));
    }
    if !answer.free_run.is_empty() {
        let ahead: Vec<f64> = answer.free_run.iter().map(|ahead| ahead.forecast).collect();
        panels.push(drawing::continued(series.values(), &ahead, &variable, SAMPLES.max(ahead.len())));
    }
    Picture { title: printable(&model.header().task.title), panels }
}

/// Lines for scripts. Forecasts are printed as the network's 32-bit numbers.
fn print(answer: &Answer, first: bool, several: bool, horizon: usize, out: Printer) -> anyhow::Result<()> {
    let file = if several { format!("{},", cell(&answer.file)) } else { String::new() };
    let names = if several { "file," } else { "" };
    let mut lines = Vec::new();
    if answer.free_run.is_empty() {
        lines.extend(first.then(|| format!("{names}index,value,forecast_of_index_plus_{horizon}")));
        let line = |row: &Row| format!("{file}{},{},{}", row.index, row.value, row.forecast as f32);
        lines.extend(answer.forecasts.iter().map(line));
    } else {
        lines.extend(first.then(|| format!("{names}index,forecast_of_index")));
        let line = |ahead: &Ahead| format!("{file}{},{}", ahead.index, ahead.forecast as f32);
        lines.extend(answer.free_run.iter().map(line));
    }
    out.result(lines.join("\n"))
}

/// A name as a cell of a text file.
fn cell(name: &str) -> String {
    let name = printable(name);
    if name.contains([',', '"']) { format!("\"{}\"", name.replace('"', "\"\"")) } else { name }
}
