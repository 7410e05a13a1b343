//! `bl-adapt blend`: a weighted sum of adapters that share a backbone.

use std::path::{Path, PathBuf};

use bl_cli::words::printable;
use bl_cli::{ExitStatus, Printer};
use bl_core::adapter::blend::Part;
use bl_core::{Adapter, files};
use serde::Serialize;

use super::load::load;
use crate::cli::BlendArgs;

/// Field names are part of the command line's contract.
#[derive(Serialize)]
struct Report {
    out: String,
    title: String,
    /// The task whose labels it has: that of the largest weight.
    task: String,
    parts: Vec<PartReport>,
}

#[derive(Serialize)]
struct PartReport {
    adapter: String,
    weight: f64,
    task: String,
}

/// An adapter with the name of its file and its weight.
struct Named {
    name: String,
    adapter: Adapter,
    weight: f64,
}

pub(crate) fn run(args: &BlendArgs, out: Printer) -> anyhow::Result<ExitStatus> {
    files::check_out(&args.out)?;
    let read = |(path, weight): &(PathBuf, f64)| {
        anyhow::Ok(Named { name: file_name(path), adapter: load(path, out)?, weight: *weight })
    };
    let named: Vec<Named> = args.parts.iter().map(read).collect::<Result<_, _>>()?;
    out.warn("blending gives no accuracy guarantee: evaluate the result before use");
    let parts: Vec<Part<'_>> =
        named.iter().map(|Named { name, adapter, weight }| Part { name, adapter, weight: *weight }).collect();
    let blend = Adapter::blend(&parts)?;
    warn(&named, &blend, out);
    blend.save(&args.out)?;
    let report = report(args, &blend, &named);
    out.say(format!("blend        {}, for the task {}", printable(&report.title), printable(&report.task)));
    if out.is_json() {
        out.json(&report)?;
    } else {
        out.result(&report.out)?;
    }
    Ok(ExitStatus::Success)
}

fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

/// What the blend has from one part alone.
fn warn(parts: &[Named], blend: &Adapter, out: Printer) {
    let differs = |what: &str, same: &dyn Fn(&Adapter) -> bool| {
        if let Some(part) = parts.iter().find(|part| !same(&part.adapter)) {
            let name = printable(&part.name);
            out.warn(format!("`{name}` {what}: the blend uses those of the largest weight"));
        }
    };
    differs("has other labels", &|adapter| adapter.header.task.labels == blend.header.task.labels);
    differs("uses different input preprocessing", &|adapter| {
        adapter.header.io.images().ok().map(|(input, _)| *input)
            == blend.header.io.images().ok().map(|(input, _)| *input)
    });
    if parts.iter().any(|part| part.adapter.header.license != blend.header.license) {
        out.warn("the licences of the parts differ: the blend states none");
    }
}

fn report(args: &BlendArgs, blend: &Adapter, parts: &[Named]) -> Report {
    let parts = args.parts.iter().zip(parts).map(|((path, weight), part)| PartReport {
        adapter: path.display().to_string(),
        weight: *weight,
        task: part.adapter.header.task.name.clone(),
    });
    let task = &blend.header.task;
    let (title, task) = (task.title.clone(), task.name.clone());
    Report { out: args.out.display().to_string(), title, task, parts: parts.collect() }
}
