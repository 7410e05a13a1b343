//! `bl-adapt blend`: adapters of one backbone, added up by weights.

use std::path::{Path, PathBuf};

use bl_cli::words::printable;
use bl_cli::{ExitStatus, Printer};
use bl_core::blend::Part;
use bl_core::recurrent::RecurrentAdapter;
use bl_core::{BiasAdapter, files};
use serde::Serialize;

use super::load::{Loaded, load};
use crate::cli::BlendArgs;
use crate::error::Error;

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
type Named<A> = (String, A, f64);

pub(crate) fn run(args: &BlendArgs, out: Printer) -> anyhow::Result<ExitStatus> {
    files::check_writable(&args.out)?;
    let (mut pictures, mut time) = (Vec::new(), Vec::new());
    for (path, weight) in &args.parts {
        let name = file_name(path);
        match load(path, out)? {
            Loaded::Pictures(adapter) => pictures.push((name, *adapter, *weight)),
            Loaded::Time(adapter) => time.push((name, *adapter, *weight)),
        }
    }
    out.warn("a blend is not promised to be meaningful: measure it before it is used");
    let report = match (&*pictures, &*time) {
        ([(first, ..), ..], [(other, ..), ..]) => {
            return Err(Error::BlendOfBoth { pictures: first.clone(), time: other.clone() }.into());
        }
        (pictures, []) => {
            let blend = BiasAdapter::blend(&parts(pictures))?;
            warn_of_pictures(pictures, &blend, out);
            blend.save(&args.out)?;
            report(args, blend.header.task.title, blend.header.task.name, pictures, |a| &a.header.task.name)
        }
        ([], time) => {
            let blend = RecurrentAdapter::blend(&parts(time))?;
            blend.save(&args.out)?;
            report(args, blend.header.task.title, blend.header.task.name, time, |a| &a.header.task.name)
        }
    };
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

fn parts<A>(named: &[Named<A>]) -> Vec<Part<'_, A>> {
    named.iter().map(|(name, adapter, weight)| Part { name, adapter, weight: *weight }).collect()
}

/// What the blend has of one part alone.
fn warn_of_pictures(parts: &[Named<BiasAdapter>], blend: &BiasAdapter, out: Printer) {
    let differs = |what: &str, same: &dyn Fn(&BiasAdapter) -> bool| {
        if let Some((name, ..)) = parts.iter().find(|(_, adapter, _)| !same(adapter)) {
            out.warn(format!("`{}` has {what}: the blend has those of the largest weight", printable(name)));
        }
    };
    let (task, input) = (&blend.header.task, blend.header.input);
    differs("other labels", &|adapter| adapter.header.task.labels == task.labels);
    differs("another way to take pictures in", &|adapter| adapter.header.input == input);
    if parts.iter().any(|(_, adapter, _)| adapter.header.license != blend.header.license) {
        out.warn("the licences of the parts differ: the blend states none");
    }
}

fn report<A>(
    args: &BlendArgs,
    title: String,
    task: String,
    parts: &[Named<A>],
    task_of: impl Fn(&A) -> &String,
) -> Report {
    let part = |((path, weight), (_, adapter, _)): (&(PathBuf, f64), &Named<A>)| PartReport {
        adapter: path.display().to_string(),
        weight: *weight,
        task: task_of(adapter).clone(),
    };
    let parts = args.parts.iter().zip(parts).map(part).collect();
    Report { out: args.out.display().to_string(), title, task, parts }
}
