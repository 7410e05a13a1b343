//! `bl-run --adapter FILE`: an adapter at work on the held-out part of its own task in time.

use std::time::Instant;

use bl_cli::time::{Compared, Figures, OwnTask, compared_words, figure_lines};
use bl_cli::{ExitStatus, Printer};
use bl_tasks::time::{ForecastJudgement, FreeRun, Judgement, ReachJudgement, Reached, What, judge};
use serde::Serialize;

use super::model::{BackboneReport, Model};
use super::speed::{self, Speed};
use super::{draw, reach, variable};
use crate::cli::RunArgs;
use crate::drawing::{self, Picture, SAMPLES};
use bl_cli::words::printable;

/// What is shown, for scripts; field names are part of the command line's contract.
#[derive(Serialize)]
pub(super) struct Report<'a> {
    adapter: String,
    task: &'a str,
    title: &'a str,
    does: &'static str,
    backbone: BackboneReport,
    data: DataReport,
    #[serde(flatten)]
    figures: Figures,
    /// Beside those of the header.
    compared: Vec<Compared>,
    speed: Speed,
    seconds: f64,
}

#[derive(Serialize)]
struct DataReport {
    task: String,
    source: &'static str,
    test_sha256: String,
    /// Whether this is the held-out part of the training record; null without one.
    as_recorded: Option<bool>,
}

pub(super) fn run<'a>(
    args: &RunArgs,
    model: &Model<'a>,
    out: Printer,
) -> anyhow::Result<(Report<'a>, ExitStatus)> {
    let start = Instant::now();
    let about = model.about();
    let OwnTask { task, test_sha256, as_recorded } =
        about.open(args.held_out.task.as_deref(), args.time.column.as_deref())?;
    let judgement = judge(&task, &model.net()?)?;
    let compared = about.compare(as_recorded, &judgement);
    out.say(format!("data         {} ({})", printable(&task.title), task.source));
    let words = compared_words(as_recorded, &compared);
    if as_recorded == Some(false) || compared.iter().any(|figure| !figure.agrees) {
        out.warn(words);
    } else {
        out.say(format!("recorded     {words}"));
    }
    draw(args, &picture(args, model, &judgement, &task.what), out)?;
    let speed = speed::of(model)?;
    if !out.is_json() {
        for line in figure_lines(&task, &judgement) {
            out.result(line)?;
        }
        if args.held_out.verbose {
            for line in details(&judgement) {
                out.result(format!("  {line}"))?;
            }
        }
        out.result(speed.words())?;
    }
    let status = match (args.time.min_r2, judgement.r2()) {
        (Some(least), Some(r2)) if r2 < least => ExitStatus::Negative,
        _ => ExitStatus::Success,
    };
    let header = model.header();
    let report = Report {
        adapter: model.path(),
        task: &header.task.name,
        title: &header.task.title,
        does: model.kind(),
        backbone: model.backbone_report(),
        data: DataReport { task: task.name.clone(), source: task.source, test_sha256, as_recorded },
        figures: Figures::of(&task, &judgement),
        compared,
        speed,
        seconds: start.elapsed().as_secs_f64(),
    };
    Ok((report, status))
}

fn picture(args: &RunArgs, model: &Model<'_>, judgement: &Judgement, what: &What) -> Picture {
    let samples = args.held_out.samples.unwrap_or(SAMPLES);
    let (title, variable) = (printable(&model.header().task.title), variable(&model.header().signal));
    let panels = match judgement {
        Judgement::Forecast(judged) => {
            let first = match what {
                What::Forecast(task) => task.plan.washout + task.plan.horizon,
                _ => 0,
            };
            let shown = 0..samples.clamp(1, judged.teacher_forced.target.len());
            let forced = drawing::forecasts(&judged.teacher_forced, &variable, first, shown);
            let free = judged.free.first().map(|run| drawing::free_run(run, &variable, samples));
            std::iter::once(forced).chain(free).collect()
        }
        Judgement::Generate(judged) => {
            let shown = args.held_out.samples.unwrap_or(usize::MAX).clamp(1, judged.generated.len());
            vec![drawing::generated(&judged.target, &judged.generated[..shown], judged.steps, &variable)]
        }
        Judgement::Reach(judged) => {
            let names = ["learned", "between them"];
            return drawing::movements(&title, &judged.train, &judged.test, names);
        }
    };
    Picture { title, panels }
}

/// Every free run, or every movement.
fn details(judgement: &Judgement) -> Vec<String> {
    match judgement {
        Judgement::Forecast(ForecastJudgement { free, .. }) => free.iter().map(free_line).collect(),
        Judgement::Reach(ReachJudgement { train, test }) => {
            let line =
                |name: &'static str| move |reached: &Reached| format!("{name} {}", reach::words(reached));
            train.iter().map(line("learned ")).chain(test.iter().map(line("between "))).collect()
        }
        Judgement::Generate(_) => vec![],
    }
}

fn free_line(run: &FreeRun) -> String {
    let least = if run.valid.whole_run { "at least " } else { "" };
    let lyapunov =
        run.valid.lyapunov_times().map_or(String::new(), |times| format!(" = {times:.2} Lyapunov times"));
    format!("free run from sample {}: valid for {least}{} samples{lyapunov}", run.start, run.valid.samples)
}
