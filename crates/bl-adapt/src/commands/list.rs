//! `bl-adapt list DIR`: the adapters of a folder, from their headers.

use std::path::Path;

use bl_cli::words::{grouped, printable};
use bl_cli::{ExitStatus, Printer, format_bytes};
use bl_core::header::{AdapterKind, Metric};
use bl_core::{Adapter, files};
use bl_tasks::about::about;
use serde::Serialize;

use crate::error::Error;

/// Field names are part of the command line's contract.
#[derive(Serialize)]
struct Row {
    name: String,
    task: String,
    title: String,
    kind: String,
    encoding: &'static str,
    units: usize,
    bytes: u64,
    backbone: String,
    metrics: Vec<Metric>,
    license: Option<String>,
    /// What it was trained on.
    data: Option<String>,
    /// What it is worth, in words.
    #[serde(skip)]
    worth: String,
}

pub(crate) fn folder(folder: &Path, markdown: bool, out: Printer) -> anyhow::Result<ExitStatus> {
    let listing = files::list_folder(folder)?;
    let (mut rows, mut damaged) = (Vec::new(), Vec::new());
    for path in &listing.files {
        match Adapter::load(path) {
            Ok(adapter) => rows.push(row(path, &adapter)?),
            Err(error) if error.is_another_kind() => out.say(format!("skipped: {error}")),
            Err(error) => damaged.push(error),
        }
    }
    for (path, why) in &listing.others {
        out.warn(format!("skipped `{}`: {why}", path.display()));
    }
    // One that is damaged hides no other; if there is no other, it is the error.
    if rows.is_empty() && !damaged.is_empty() {
        return Err(damaged.swap_remove(0).into());
    }
    for error in damaged {
        let hint = error.hint().map_or(String::new(), |hint| format!("; {hint}"));
        out.warn(format!("skipped: {error}{hint}"));
    }
    if rows.is_empty() {
        return Err(Error::NoAdapters { folder: folder.to_owned() }.into());
    }
    if out.is_json() {
        out.json(&rows)?;
    } else if markdown {
        table(&rows).into_iter().try_for_each(|line| out.result(line))?;
    } else {
        for row in &rows {
            let Row { name, kind, units, bytes, backbone, worth, .. } = row;
            let (units, bytes) = (grouped(*units), format_bytes(*bytes));
            let backbone = &backbone[7..19];
            out.result(format!("{name:<20} {kind:<9} {units:>7} units {bytes:>9}  {backbone}  {worth}"))?;
        }
    }
    Ok(ExitStatus::Success)
}

fn row(path: &Path, adapter: &Adapter) -> anyhow::Result<Row> {
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    let bytes =
        path.metadata().map_err(|source| bl_core::Error::Read { path: path.to_owned(), source })?.len();
    let header = &adapter.header;
    let about = about(&header.io, &header.task.labels);
    Ok(Row {
        name: printable(&name),
        task: printable(&header.task.name),
        title: printable(&header.task.title),
        kind: header.kind.to_string(),
        encoding: if header.kind == AdapterKind::Mask { "bits" } else { adapter.encoding().name() },
        units: adapter.parameters.biases.iter().map(Vec::len).sum(),
        bytes,
        backbone: header.backbone.fingerprint.to_string(),
        metrics: header.metrics.clone(),
        license: header.license.as_deref().map(printable),
        data: header.training.as_ref().map(|record| printable(&record.dataset.source)),
        worth: header.metric(about.metric, "test").map_or(String::new(), about.worth),
    })
}

fn table(rows: &[Row]) -> Vec<String> {
    let head = [
        "| adapter | task | trained | file | held-out data | data | licence | backbone |".to_owned(),
        "|---|---|---|---|---|---|---|---|".to_owned(),
    ];
    let line = |row: &Row| {
        let Row { name, title, kind, encoding, units, bytes, backbone, worth, .. } = row;
        let [data, license] = [&row.data, &row.license].map(|text| text.as_deref().unwrap_or("not stated"));
        format!(
            "| [`{name}`]({name}.safetensors) | {title} | {kind}, {} units | {} kB, {encoding} | {worth} | {data} | {license} | `{}` |",
            grouped(*units),
            bytes.div_ceil(1000),
            &backbone[7..19],
        )
    };
    head.into_iter().chain(rows.iter().map(line)).collect()
}
