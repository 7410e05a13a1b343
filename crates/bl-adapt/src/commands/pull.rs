//! `bl-adapt pull` and `list`: adapters of the Hub in the cache.

use bl_cli::words::printable;
use bl_cli::{ExitStatus, Printer, format_bytes};
use bl_core::Adapter;
use bl_hub::Target;
use serde::Serialize;

use super::hub;
use crate::cli::PullArgs;

#[derive(Serialize)]
struct Report {
    repo: String,
    commit: String,
    path: String,
    bytes: u64,
    from_cache: bool,
    backbone: String,
}

pub(crate) fn run(args: &PullArgs, out: Printer) -> anyhow::Result<ExitStatus> {
    let target: Target = args.target.parse()?;
    if let Some(path) = &args.out {
        bl_core::files::check_out(path)?;
    }
    let pulled = hub::pull(&target, out)?;
    let adapter = Adapter::load(&pulled.path)?;
    for field in adapter.unknown_fields() {
        out.warn(format!("header field `{}` is not known to this version", printable(&field)));
    }
    let path = match &args.out {
        Some(path) => {
            bl_core::files::write_atomically(path, &adapter.to_bytes()?)?;
            path.clone()
        }
        None => pulled.path,
    };
    let backbone = adapter.header.backbone.fingerprint;
    let report = Report {
        repo: pulled.repo.to_string(),
        commit: pulled.commit.to_string(),
        path: path.display().to_string(),
        bytes: pulled.bytes,
        from_cache: pulled.from_cache,
        backbone: backbone.to_string(),
    };
    if out.is_json() {
        out.json(&report)?;
    } else {
        out.say(format!("verified   digest, sha256, and config; backbone {}", backbone.short()));
        out.result(report.path)?;
    }
    Ok(ExitStatus::Success)
}

#[derive(Serialize)]
struct Row {
    repo: String,
    commit: String,
    revisions: Vec<String>,
    path: String,
    task: Option<String>,
    kind: Option<String>,
    backbone: Option<String>,
    bytes: Option<u64>,
    /// Why it does not verify.
    error: Option<String>,
}

/// A damaged adapter is a negative result: it would be fetched again.
pub(crate) fn list(out: Printer) -> anyhow::Result<ExitStatus> {
    let hub = hub::hub()?;
    let rows: Vec<Row> = hub.list()?.into_iter().map(row).collect();
    let status =
        if rows.iter().any(|row| row.error.is_some()) { ExitStatus::Negative } else { ExitStatus::Success };
    if out.is_json() {
        out.json(&rows)?;
        return Ok(status);
    }
    out.say(format!("cache      {}", hub.environment().cache.display()));
    if rows.is_empty() {
        out.say("no adapters yet: `bl-adapt search` finds some, `bl-adapt pull ORG/NAME` brings one");
    }
    for row in rows {
        let name = format!("{}@{}", row.repo, &row.commit[..7]);
        let revisions = row.revisions.join(",");
        match (row.error, row.task, row.backbone, row.bytes) {
            (None, Some(task), Some(backbone), Some(bytes)) => out.result(format!(
                "{name:<40} {revisions:<8} {:<12} {:<9} {} {:>10}",
                printable(&task),
                row.kind.unwrap_or_default(),
                &backbone[7..19],
                format_bytes(bytes)
            ))?,
            (error, ..) => {
                out.result(format!("{name:<40} {revisions:<8} damaged: {}", error.unwrap_or_default()))?;
            }
        }
    }
    Ok(status)
}

fn row(cached: bl_hub::Cached) -> Row {
    let (content, error) = match cached.content {
        Ok(content) => (Some(content), None),
        Err(error) => (None, Some(error.to_string())),
    };
    Row {
        repo: cached.repo.to_string(),
        commit: cached.commit.to_string(),
        revisions: cached.revisions,
        path: cached.path.display().to_string(),
        task: content.as_ref().map(|content| content.task.clone()),
        kind: content.as_ref().map(|content| content.kind.clone()),
        backbone: content.as_ref().map(|content| content.backbone.to_string()),
        bytes: content.as_ref().map(|content| content.bytes),
        error,
    }
}
