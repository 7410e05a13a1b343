//! `bl-run --adapter A B`: the accuracy of several adapters, each on the test pictures of its own task.

use bl_cli::{ExitStatus, Printer};
use serde::Serialize;

use crate::adapters::Loaded;
use crate::backbones::{self, Group};
use crate::cli::RunArgs;
use crate::held_out;
use crate::table;
use crate::words::{counted, grouped, percent};

pub(crate) fn run(args: &RunArgs, adapters: &[Loaded], out: Printer) -> anyhow::Result<ExitStatus> {
    let groups = backbones::group(adapters, args.model.backbone.as_deref())?;
    for group in &groups {
        let what = counted(group.members.len(), "adapter", "adapters");
        out.say(format!("backbone     of {what}: {}", group.words()));
    }
    let mut rows = Vec::new();
    for index in 0..adapters.len() {
        rows.push(measure(args, adapters, index, &groups, out)?);
    }
    let reached = rows.iter().all(|row| args.min_accuracy.is_none_or(|least| row.accuracy >= least));
    if out.is_json() {
        out.json(&Report { adapters: rows })?;
    } else {
        for line in table::lines("<<<>>>", &cells(adapters, &rows)) {
            out.result(line)?;
        }
    }
    Ok(if reached { ExitStatus::Success } else { ExitStatus::Negative })
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
    source: bl_tasks::Source,
    test: usize,
    as_recorded: Option<bool>,
    accuracy: f64,
    correct: usize,
    recorded_accuracy: Option<f64>,
    differing_from_recorded: Option<usize>,
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
    let members = groups.iter().flat_map(|group| group.members.iter().map(move |member| (group, member)));
    let (group, member) =
        members.into_iter().find(|(_, member)| member.adapter == index).expect("each has a group");
    let (evaluation, _) = held_out::evaluate(&group.backbone, &member.prepared, &found.test, out)?;
    let recorded = held_out::recorded(&adapter.bias.header, &found, &evaluation);
    Ok(Row {
        adapter: adapter.path.display().to_string(),
        task: &adapter.bias.header.task.name,
        backbone: group.backbone.fingerprint().to_string(),
        source: found.source,
        test: found.test.len(),
        as_recorded: found.as_recorded,
        accuracy: evaluation.accuracy(),
        correct: evaluation.correct(),
        recorded_accuracy: recorded.map(|recorded| recorded.accuracy),
        differing_from_recorded: recorded.and_then(|recorded| recorded.differing),
    })
}

fn cells(adapters: &[Loaded], rows: &[Row<'_>]) -> Vec<Vec<String>> {
    let mut cells =
        vec![["adapter", "task", "data", "pictures", "accuracy", "recorded"].map(String::from).to_vec()];
    for (adapter, row) in adapters.iter().zip(rows) {
        let other = if row.as_recorded == Some(false) { ", other pictures" } else { "" };
        cells.push(vec![
            adapter.name.clone(),
            adapter.task.clone(),
            format!("{}{other}", row.source),
            grouped(row.test),
            percent(row.accuracy),
            row.recorded_accuracy.map_or("–".to_owned(), percent),
        ]);
    }
    cells
}
