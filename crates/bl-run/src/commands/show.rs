//! `bl-run --adapter FILE`: an adapter at work on the held-out part of its own task.

use std::time::Instant;

use bl_cli::words::decimal;
use bl_cli::{ExitStatus, Printer};
use bl_tasks::about::does;
use bl_tasks::kinds::Likeness;
use bl_tasks::{Compared, Headline, OwnTask, Source, Trained, compared_words};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::cli::RunArgs;
use crate::kinds::{self, Shown};
use crate::models::{BackboneReport, Loaded};
use crate::own_task;

/// One adapter, or several one after another.
pub(crate) fn all(args: &RunArgs, models: &[Loaded], out: Printer) -> anyhow::Result<ExitStatus> {
    let (mut adapters, mut status) = (Vec::new(), ExitStatus::Success);
    for model in models {
        if models.len() > 1 && !out.is_json() {
            out.result(format!("== {}", model.name))?;
        }
        let (report, own) = show(args, model, out)?;
        adapters.push(report);
        if own == ExitStatus::Negative {
            status = own;
        }
    }
    match &*adapters {
        _ if !out.is_json() => {}
        [report] => out.json(report)?,
        _ => out.json(&All { adapters })?,
    }
    Ok(status)
}

/// Several adapters for scripts.
#[derive(Serialize)]
struct All<'a> {
    adapters: Vec<Report<'a>>,
}

/// What is shown, for scripts; field names are part of the command line's contract.
#[derive(Serialize)]
struct Report<'a> {
    adapter: String,
    task: &'a str,
    title: &'a str,
    does: &'static str,
    backbone: BackboneReport,
    data: DataReport,
    /// What the kind of adapter shows.
    #[serde(flatten)]
    fields: Map<String, Value>,
    /// Every metric that the header has too; empty for other data than the recorded ones.
    compared: Vec<Compared>,
    /// What must be said of a classifier that is no better than a guess, or far worse than in training.
    doubt: Option<String>,
    speed: Value,
    seconds: f64,
}

#[derive(Serialize)]
struct DataReport {
    task: String,
    source: Source,
    notice: Option<String>,
    test: usize,
    test_sha256: String,
    /// Whether this is the held-out part of the training record; null without one.
    as_recorded: Option<bool>,
    /// How the series differs from the one that was learned from, in words; null if it does not.
    unlike: Option<String>,
    /// What of the series cannot be compared with it, in words; null if all can.
    not_compared: Option<String>,
}

fn show<'a>(args: &RunArgs, model: &'a Loaded, out: Printer) -> anyhow::Result<(Report<'a>, ExitStatus)> {
    let start = Instant::now();
    let header = &model.model.header;
    let own = own_task::open(args, model, out)?;
    let shown = kinds::of(model).show(args, model, &own, out)?;
    let Shown { judgement, fields, lines, speed } = shown;
    let compared = Trained::from(header).compare(own.as_recorded, &judgement);
    let doubt = judgement.doubt(own.task.kind(), header.metric("accuracy", "train"));
    say_compared(&own, &compared, out);
    if !out.is_json() {
        lines.iter().try_for_each(|line| out.result(line))?;
    }
    if let Some(doubt) = &doubt {
        out.warn(doubt);
    }
    let status = match (args.least.value(), judgement.headline) {
        (Some(least), Some(headline)) if headline.value < least => {
            let Headline { name, value } = headline;
            out.say(format!("below        {name} {} is below the required {least}", decimal(value)));
            ExitStatus::Negative
        }
        _ => ExitStatus::Success,
    };
    let OwnTask { task, parts, test_sha256, as_recorded, likeness, .. } = own;
    let report = Report {
        adapter: model.file(),
        task: &header.task.name,
        title: &header.task.title,
        does: does(&header.io),
        backbone: model.backbone_report(),
        data: DataReport {
            task: task.name,
            source: task.source,
            notice: task.notice,
            test: parts.test,
            test_sha256,
            as_recorded,
            unlike: likeness.as_ref().and_then(Likeness::words),
            not_compared: likeness.as_ref().and_then(Likeness::unknown_words),
        },
        fields,
        compared,
        doubt,
        speed,
        seconds: start.elapsed().as_secs_f64(),
    };
    Ok((report, status))
}

/// Other data than the recorded ones were announced already.
fn say_compared(own: &OwnTask, compared: &[Compared], out: Printer) {
    if own.as_recorded != Some(true) {
        return;
    }
    let words = compared_words(own.as_recorded, compared);
    if compared.iter().all(|metric| metric.agrees) {
        out.say(format!("recorded     {words}"));
    } else {
        out.warn(words);
    }
}
