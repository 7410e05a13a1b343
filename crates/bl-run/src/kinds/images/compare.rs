//! `bl-run --adapter A B`: the accuracy of several image classifiers, each on the test images of its own task.

use bl_cli::words::{grouped, percent, printable};
use bl_cli::{ExitStatus, Printer};
use serde::Serialize;

use super::evaluate;
use crate::cli::RunArgs;
use crate::models::Loaded;
use crate::own_task;
use crate::table;

pub(super) fn compare(args: &RunArgs, models: &[Loaded], out: Printer) -> anyhow::Result<ExitStatus> {
    let least = args.least.value();
    let mut rows = Vec::new();
    let mut missing = None;
    for model in models {
        match measure(args, model, out) {
            Ok(row) => rows.push(row),
            // A folder of adapters is worth a look even where one task's data are absent.
            Err(error) if is_absence(&error) && least.is_none() => {
                out.warn(format!("`{}` is not measured: {error}", model.name));
                rows.push(Row::of(model));
                missing.get_or_insert(error);
            }
            Err(error) => return Err(error),
        }
    }
    let measured: Vec<f64> = rows.iter().filter_map(|row| row.metrics.as_ref()).map(|m| m.accuracy).collect();
    if let (Some(error), []) = (missing, &*measured) {
        return Err(error);
    }
    if out.is_json() {
        out.json(&Report { adapters: rows })?;
    } else {
        for line in table::lines("<<<>>>", &cells(models, &rows)) {
            out.result(line)?;
        }
    }
    let reached = |accuracy: &f64| least.is_none_or(|least| *accuracy >= least);
    Ok(if measured.iter().all(reached) { ExitStatus::Success } else { ExitStatus::Negative })
}

/// Whether an adapter's test images are just not here.
fn is_absence(error: &anyhow::Error) -> bool {
    use bl_tasks::Error::{NoData, OwnFolder};
    matches!(error.downcast_ref(), Some(NoData { .. } | OwnFolder { .. }))
}

#[derive(Serialize)]
struct Report<'a> {
    adapters: Vec<Row<'a>>,
}

/// One adapter; field names are part of the command line's contract.
#[derive(Serialize)]
struct Row<'a> {
    adapter: String,
    task: &'a str,
    backbone: String,
    recorded_accuracy: Option<f64>,
    /// Absent where the test images are not here.
    #[serde(flatten)]
    metrics: Option<Metrics>,
}

#[derive(Serialize)]
struct Metrics {
    source: bl_tasks::Source,
    as_recorded: Option<bool>,
    total: usize,
    correct: usize,
    accuracy: f64,
    differing_from_recorded: Option<usize>,
}

impl<'a> Row<'a> {
    fn of(model: &'a Loaded) -> Self {
        let header = &model.model.header;
        Self {
            adapter: model.file(),
            task: &header.task.name,
            backbone: header.backbone.fingerprint.to_string(),
            recorded_accuracy: evaluate::recorded_accuracy(header),
            metrics: None,
        }
    }
}

fn measure<'a>(args: &RunArgs, model: &'a Loaded, out: Printer) -> anyhow::Result<Row<'a>> {
    let own = own_task::open(args, model, out)?;
    let (evaluation, _) = evaluate::on_images(&model.model, &own.task.what.images()?.test, out)?;
    let recorded = evaluate::recorded(&model.model.header, &own, &evaluation);
    let metrics = Metrics {
        source: own.task.source,
        as_recorded: own.as_recorded,
        total: evaluation.total(),
        correct: evaluation.correct(),
        accuracy: evaluation.accuracy(),
        differing_from_recorded: recorded.and_then(|recorded| recorded.differing),
    };
    Ok(Row { metrics: Some(metrics), ..Row::of(model) })
}

fn cells(models: &[Loaded], rows: &[Row<'_>]) -> Vec<Vec<String>> {
    let titles = ["adapter", "task", "data", "images", "accuracy", "recorded"];
    let mut cells = vec![titles.map(String::from).to_vec()];
    for (model, row) in models.iter().zip(rows) {
        let nothing = || "–".to_owned();
        let (data, total, accuracy) = match &row.metrics {
            None => ("none here".to_owned(), nothing(), nothing()),
            Some(metrics) => {
                let other = if metrics.as_recorded == Some(false) { ", not as recorded" } else { "" };
                (format!("{}{other}", metrics.source), grouped(metrics.total), percent(metrics.accuracy))
            }
        };
        let recorded = row.recorded_accuracy.map_or_else(nothing, percent);
        cells.push(vec![model.name.clone(), printable(row.task), data, total, accuracy, recorded]);
    }
    cells
}
