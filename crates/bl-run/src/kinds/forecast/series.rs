//! `bl-run --adapter FILE --input SERIES`: forecasts of a user's own series.

mod print;
mod second_part;

use std::path::Path;

use bl_cli::words::{counted, decimal, grouped, printable};
use bl_cli::{ExitStatus, Printer};
use bl_core::Net;
use bl_core::io::Forecast;
use bl_tasks::forecast::THRESHOLD;
use bl_tasks::foreign::Start;
use bl_tasks::kinds::{ForecastJudgement, ForecastTask, Likeness, free_run, teacher_forced};
use bl_tasks::series::{Column, Plan, Recorded, Series, read_csv_mended};
use bl_tasks::{Trained, is_series_file};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::cli::RunArgs;
use crate::drawing::{self, Drawing, SAMPLES};
use crate::error::Error;
use crate::kinds::sequence;
use crate::models::Loaded;
use second_part::{SecondPart, second_part};

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
    /// What was mended, in words; null if nothing was.
    mended: Option<String>,
    /// Share of the values outside the range of training; null if that is not in the header.
    outside_training_range: Option<f64>,
    /// How it differs from what was learned from, in words.
    differences: Vec<String>,
    /// What of it cannot be compared with that, in words.
    not_compared: Vec<String>,
    /// What must be said of the file, what was mended included.
    notices: Vec<String>,
    /// Teacher-forced R² and the time that free runs stay valid, where the truth is known; absent if it does not vary.
    #[serde(flatten)]
    metrics: Option<Map<String, Value>>,
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

/// How well a series is forecast, where that can be said.
struct Judged {
    fields: Map<String, Value>,
    details: ForecastJudgement,
    /// Or why not.
    beside: Result<SecondPart, String>,
}

pub(super) fn predict(
    args: &RunArgs,
    model: &Loaded,
    signal: &Forecast,
    out: Printer,
) -> anyhow::Result<ExitStatus> {
    let paths = &args.predict.input;
    if args.sequence.plot.is_some() && paths.len() > 1 {
        return Err(Error::OneInput { found: paths.len() }.into());
    }
    let all = paths.iter().map(|path| Ok((path, read(path, args, model, signal)?)));
    let all = all.collect::<anyhow::Result<Vec<_>>>()?;
    let (mut answers, mut status) = (Vec::new(), ExitStatus::Success);
    for (nth, (path, series)) in all.iter().enumerate() {
        let likeness = likeness(args, path, series, model, signal, out)?;
        let judged = judge(series, signal, &model.model)?;
        say(path, series, judged.as_ref(), signal, likeness.outside, out);
        let answer = Answer {
            outside_training_range: likeness.outside,
            differences: likeness.differences.iter().map(ToString::to_string).collect(),
            not_compared: likeness.unknown.iter().map(ToString::to_string).collect(),
            ..answer(args, path, series, judged.as_ref(), signal, &model.model)?
        };
        let below =
            |least: f64| judged.as_ref().is_none_or(|judged| judged.details.teacher_forced.r2 < least);
        if args.least.value().is_some_and(below) {
            status = ExitStatus::Negative;
        }
        let drawing = drawing(model, series, judged.as_ref(), &answer, signal);
        drawing.save(args.sequence.plot.as_deref(), out)?;
        if !out.is_json() {
            print::print(&answer, nth == 0, all.len() > 1, signal.horizon, out)?;
        }
        answers.push(answer);
    }
    if out.is_json() {
        let task = &model.model.header.task.name;
        out.json(&Report { adapter: model.file(), task, inputs: answers })?;
    }
    Ok(status)
}

/// The column that is named, else that which was learned from, else the only one.
fn read(path: &Path, args: &RunArgs, model: &Loaded, signal: &Forecast) -> anyhow::Result<Series> {
    let is_text = path.to_str().is_some_and(is_series_file);
    if path.is_dir() || !is_text {
        let start = if path.is_dir() { None } else { Some(Start::of(path)?) };
        return Err(Error::NotASeries { adapter: model.name.clone(), path: path.to_owned(), start }.into());
    }
    let learned = Trained::from(&model.model.header).column();
    let column = Column::of(args.sequence.column.as_deref(), learned.as_deref());
    let series = read_csv_mended(path, column, args.sequence.mend())?;
    let (washout, horizon) = (signal.washout, signal.horizon);
    if series.len() < washout + horizon + 2 {
        return Err(
            Error::TooFewSamples { path: path.to_owned(), washout, horizon, found: series.len() }.into()
        );
    }
    Ok(series)
}

/// Says loudly what is not as it was learned; with `--strict`, that is an error.
fn likeness(
    args: &RunArgs,
    path: &Path,
    series: &Series,
    model: &Loaded,
    signal: &Forecast,
    out: Printer,
) -> anyhow::Result<Likeness> {
    let file = path.to_string_lossy();
    for notice in series.record().map_or_else(Vec::new, Recorded::notices) {
        out.warn(printable(&format!("{file}: {notice}")));
    }
    let column = Trained::from(&model.model.header).column();
    let likeness = Likeness::of(signal, column.as_deref(), series.into());
    if args.sequence.strict {
        likeness.strict().map_err(|found| Error::Unlike { path: path.to_owned(), found })?;
    }
    out.likeness(&file, &likeness);
    Ok(likeness)
}

/// The metrics of a whole series that is all held out; none if the part to be judged by does not vary. Where the file does
/// not say how far apart its samples are, Lyapunov times are those of the system that was learned.
fn judge(series: &Series, signal: &Forecast, net: &dyn Net) -> anyhow::Result<Option<Judged>> {
    let (washout, horizon) = (signal.washout, signal.horizon);
    let plan = Plan { washout, horizon, learn: 1, test: series.len() - washout - horizon };
    let spacing = signal
        .spacing
        .filter(|_| series.spacing().is_none() && series.record().is_none_or(|of| of.unread.is_none()));
    let series = spacing.map_or(Ok(series.clone()), |spacing| series.clone().with_spacing(spacing))?;
    let what = ForecastTask { series, plan, scale: signal.scale.into() };
    if Series::new("", what.held_out()[washout + horizon..].to_vec()).is_err() {
        return Ok(None);
    }
    let details = what.evaluate(net).map_err(bl_tasks::Error::from)?;
    let beside = second_part(&what, &details);
    let mut fields = what.judged(details.clone()).fields;
    if let Ok(beside) = &beside {
        fields.insert("linear_r2".into(), beside.linear_r2.into());
        fields.insert("linear_lags".into(), beside.linear_lags.into());
    }
    fields.insert("second_part".into(), serde_json::to_value(beside.as_ref().ok())?);
    Ok(Some(Judged { fields, details, beside }))
}

fn answer(
    args: &RunArgs,
    path: &Path,
    series: &Series,
    judged: Option<&Judged>,
    signal: &Forecast,
    net: &dyn Net,
) -> anyhow::Result<Answer> {
    let (values, scale) = (series.values(), signal.scale.into());
    let (mut forecasts, mut ahead) = (Vec::new(), Vec::new());
    if let Some(samples) = args.sequence.free_run {
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
        mended: series.record().and_then(|record| record.mended.words()),
        outside_training_range: None,
        differences: Vec::new(),
        not_compared: Vec::new(),
        notices: series.record().map_or_else(Vec::new, Recorded::notices),
        metrics: judged.map(|judged| judged.fields.clone()),
        forecasts,
        free_run: ahead,
    })
}

fn say(
    path: &Path,
    series: &Series,
    judged: Option<&Judged>,
    signal: &Forecast,
    outside: Option<f64>,
    out: Printer,
) {
    let file = printable(&path.to_string_lossy());
    let samples = counted(series.len(), "sample", "samples");
    let spacing = series.spacing_words();
    let spacing = spacing.map_or(", an unknown time apart".into(), |spacing| format!(", {spacing} apart"));
    let outside = outside
        .map_or(String::new(), |share| format!("; {:.1} % outside the range of training", 100.0 * share));
    out.say(format!("input        {file}: {samples} of `{}`{spacing}{outside}", printable(series.name())));
    let Some(Judged { details, beside, .. }) = judged else {
        out.say("metrics      none: where the truth is known after the washout, it does not vary");
        return;
    };
    let forced = &details.teacher_forced;
    out.say(format!(
        "forecasts    R² {}, NRMSE {}: {} ahead, over the {} samples whose truth is known after a washout of {}",
        decimal(forced.r2),
        decimal(forced.nrmse),
        forced.horizon,
        grouped(forced.target.len()),
        signal.washout,
    ));
    out.say(format!("beside it    R² {} by the last value", decimal(details.baselines.persistence_r2)));
    out.say(match beside {
        Ok(beside) => beside.words(),
        Err(why) => format!("second part  no linear autoregression to compare with: {why}"),
    });
    let threshold = details.free.first().map_or(THRESHOLD, |run| run.valid.criterion.threshold);
    out.say(format!(
        "free runs    valid for {} samples within the input (median of {}), an error above {threshold} SD ends one",
        details.median_valid(),
        details.free.len(),
    ));
}

fn drawing(
    model: &Loaded,
    series: &Series,
    judged: Option<&Judged>,
    answer: &Answer,
    signal: &Forecast,
) -> Drawing {
    let variable = printable(series.name());
    let mut panels = Vec::new();
    if let Some(Judged { details, .. }) = judged {
        let known = details.teacher_forced.target.len();
        let (first, shown) = (signal.washout + signal.horizon, known.saturating_sub(SAMPLES)..known);
        panels.push(drawing::forecasts(&details.teacher_forced, &variable, first, shown));
    }
    if !answer.free_run.is_empty() {
        let ahead: Vec<f64> = answer.free_run.iter().map(|ahead| ahead.forecast).collect();
        panels.push(drawing::continued(series.values(), &ahead, &variable, SAMPLES.max(ahead.len())));
    }
    Drawing { title: sequence::title(model), panels }
}
