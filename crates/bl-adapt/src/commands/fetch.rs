//! `bl-adapt data fetch`: the official files of a task.

use bl_cli::words::counted;
use bl_cli::{ExitStatus, Printer};
use bl_hub::official_set;
use bl_tasks::{DataDir, catalogue, find_task};
use serde::Serialize;

use super::hub;

#[derive(Serialize)]
struct Row {
    task: &'static str,
    path: String,
    /// Null if it was there and as it should be.
    from: Option<String>,
}

pub(super) fn run(
    task: &str,
    data: &DataDir,
    mirror: Option<&str>,
    out: Printer,
) -> anyhow::Result<ExitStatus> {
    let names: Vec<&str> = match task {
        "all" => catalogue().filter(|info| info.images().is_some()).map(|info| info.name).collect(),
        one => vec![one],
    };
    let hub = hub::hub()?;
    let mut rows = Vec::new();
    for name in names {
        let set = official_set(name)?;
        if let Some(info) = find_task(name) {
            out.say(format!("{:<10} {}; licence: {}", name, info.title, info.licence));
        }
        let fetched = hub::with_bar("fetching", out, |progress| hub.fetch_data(set, data, mirror, progress))?;
        for file in fetched {
            let from = file.from.as_deref().unwrap_or("was there");
            out.say(format!("verified   {} ({from})", file.path.display()));
            rows.push(Row { task: set.task, path: file.path.display().to_string(), from: file.from });
        }
    }
    if out.is_json() {
        out.json(&rows)?;
    } else {
        let new = rows.iter().filter(|row| row.from.is_some()).count();
        out.result(format!(
            "{} in {}, {new} of them new",
            counted(rows.len(), "file", "files"),
            data.root.display()
        ))?;
    }
    Ok(ExitStatus::Success)
}
