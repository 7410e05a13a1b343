//! `bl-run --adapter A B`: the accuracy of several adapters, each on the test pictures of its own task.

use bl_cli::{ExitStatus, Printer};
use serde::Serialize;

use crate::adapters::Loaded;
use crate::backbones::{self, Group};
use crate::cli::RunArgs;
use crate::error::Error;
use crate::held_out;
use crate::table;
use bl_cli::words::{counted, grouped, percent};

pub(crate) fn run(args: &RunArgs, adapters: &[Loaded], out: Printer) -> anyhow::Result<ExitStatus> {
    let groups = backbones::group(adapters, args.model.backbone.as_deref())?;
    for group in &groups {
        let what = counted(group.members.len(), "adapter", "adapters");
        out.say(format!("backbone     of {what}: {}", group.words()));
    }
    let mut rows = Vec::new();
    let mut missing = None;
    for (index, adapter) in adapters.iter().enumerate() {
        match measure(args, adapters, index, &groups, out) {
            Ok(row) => rows.push(row),
            // A folder of adapters is worth a look even where one task's data are absent.
            Err(error) if is_absence(&error) && args.min_accuracy.is_none() => {
                out.warn(format!("`{}` is not measured: {error}", adapter.name));
                rows.push(Row::of(adapter));
                missing.get_or_insert(error);
            }
            Err(error) => return Err(error),
        }
    }
    let measured: Vec<f64> = rows.iter().filter_map(|row| row.figures.as_ref()).map(|f| f.accuracy).collect();
    if let (Some(error), []) = (missing, &*measured) {
        return Err(error);
    }
    if out.is_json() {
        out.json(&Report { adapters: rows })?;
    } else {
        for line in table::lines("<<<>>>", &cells(adapters, &rows)) {
            out.result(line)?;
        }
    }
    let reached = |accuracy: &f64| args.min_accuracy.is_none_or(|least| *accuracy >= least);
    Ok(if measured.iter().all(reached) { ExitStatus::Success } else { ExitStatus::Negative })
}

/// Whether an adapter's test pictures are just not here.
fn is_absence(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(bl_tasks::Error::NoData { .. }))
        || matches!(error.downcast_ref(), Some(Error::FolderTask { .. }))
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
    /// Absent where the test pictures are not here.
    #[serde(flatten)]
    figures: Option<Figures>,
}

#[derive(Serialize)]
struct Figures {
    source: bl_tasks::Source,
    as_recorded: Option<bool>,
    total: usize,
    correct: usize,
    accuracy: f64,
    differing_from_recorded: Option<usize>,
}

impl<'a> Row<'a> {
    fn of(adapter: &'a Loaded) -> Self {
        let header = &adapter.bias.header;
        Self {
            adapter: adapter.path.display().to_string(),
            task: &header.task.name,
            backbone: header.backbone.fingerprint.to_string(),
            recorded_accuracy: header.metric("accuracy", "test"),
            figures: None,
        }
    }
}

fn measure<'a>(
    args: &RunArgs,
    adapters: &'a [Loaded],
    index: usize,
    groups: &[Group],
    out: Printer,
) -> anyhow::Result<Row<'a>> {
    let adapter = &adapters[index];
    let found = held_out::open(adapter, &args.held_out, out)?;
    let mut members = groups.iter().flat_map(|group| group.members.iter().map(move |member| (group, member)));
    let (group, member) = members.find(|(_, member)| member.adapter == index).expect("each has a group");
    let (evaluation, _) = held_out::evaluate(&group.backbone, &member.model.prepared, &found.test, out)?;
    let recorded = held_out::recorded(&adapter.bias.header, &found, &evaluation);
    let figures = Figures {
        source: found.source,
        as_recorded: found.as_recorded,
        total: evaluation.total(),
        correct: evaluation.correct(),
        accuracy: evaluation.accuracy(),
        differing_from_recorded: recorded.and_then(|recorded| recorded.differing),
    };
    Ok(Row { figures: Some(figures), ..Row::of(adapter) })
}

fn cells(adapters: &[Loaded], rows: &[Row<'_>]) -> Vec<Vec<String>> {
    let titles = ["adapter", "task", "data", "pictures", "accuracy", "recorded"];
    let mut cells = vec![titles.map(String::from).to_vec()];
    for (adapter, row) in adapters.iter().zip(rows) {
        let nothing = || "–".to_owned();
        let (data, total, accuracy) = match &row.figures {
            None => ("none here".to_owned(), nothing(), nothing()),
            Some(figures) => {
                let other = if figures.as_recorded == Some(false) { ", not as recorded" } else { "" };
                (format!("{}{other}", figures.source), grouped(figures.total), percent(figures.accuracy))
            }
        };
        let recorded = row.recorded_accuracy.map_or_else(nothing, percent);
        cells.push(vec![adapter.name.clone(), adapter.task.clone(), data, total, accuracy, recorded]);
    }
    cells
}
