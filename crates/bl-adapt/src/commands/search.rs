//! `bl-adapt search`: adapters on the Hub, by their tags.

use bl_cli::words::{counted, printable};
use bl_cli::{ExitStatus, Printer};
use bl_hub::Query;
use serde::Serialize;

use super::hub;
use crate::cli::SearchArgs;

#[derive(Serialize)]
struct Row {
    repo: String,
    tasks: Vec<String>,
    backbone: Option<String>,
    downloads: u64,
    changed: String,
}

pub(crate) fn run(args: SearchArgs, out: Printer) -> anyhow::Result<ExitStatus> {
    let query = Query { backbone: args.backbone, task: args.task };
    let rows: Vec<Row> = hub::hub()?
        .search(&query)?
        .into_iter()
        .map(|found| Row {
            repo: found.repo.to_string(),
            tasks: found.tasks,
            backbone: found.backbone,
            downloads: found.downloads,
            changed: found.changed,
        })
        .collect();
    if out.is_json() {
        out.json(&rows)?;
        return Ok(ExitStatus::Success);
    }
    out.say(format!(
        "{}, by their tags: what they hold is checked when they are pulled",
        counted(rows.len(), "repository", "repositories")
    ));
    for row in rows {
        let date: String = row.changed.chars().take(10).collect();
        out.result(format!(
            "{:<40} {:<12} {:<12} {:>8} downloads  {date}",
            row.repo,
            printable(&row.tasks.join(",")),
            row.backbone.unwrap_or_default(),
            row.downloads
        ))?;
    }
    Ok(ExitStatus::Success)
}
