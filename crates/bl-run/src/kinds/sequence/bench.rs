//! `bl-run bench` of adapters of tasks in time: a step, a step of many trajectories, and what swapping costs.

use std::time::Duration;

use bl_cli::words::{counted, duration, grouped};
use bl_cli::{ExitStatus, Printer, format_bytes};
use bl_core::recurrent::RecurrentNet;
use serde::Serialize;

use super::model::Model;
use super::speed::{rate, single_steps};
use crate::adapters::InTime;
use crate::cli::BenchArgs;
use crate::latency::{Effort, Quantiles};
use crate::table;

/// Trajectories computed together.
const BATCHES: [usize; 2] = [1, 16];

pub(crate) fn run(args: &BenchArgs, adapters: &[InTime], out: Printer) -> anyhow::Result<ExitStatus> {
    let effort = Effort { runs: 3, time: Duration::from_secs_f64(args.seconds), most: usize::MAX };
    let mut groups: Vec<Vec<&InTime>> = Vec::new();
    for adapter in adapters {
        let fingerprint = |of: &InTime| of.adapter.header.backbone.fingerprint;
        match groups.iter_mut().find(|group| fingerprint(group[0]) == fingerprint(adapter)) {
            Some(group) => group.push(adapter),
            None => groups.push(vec![adapter]),
        }
    }
    let mut backbones = Vec::new();
    for group in &groups {
        let model = Model::load(group[0], args.model.backbone.as_deref(), out)?;
        backbones.push(measure(&model, group, effort)?);
    }
    let report = Report { threads: rayon::current_num_threads(), backbones };
    if out.is_json() {
        out.json(&report)?;
    } else {
        report.backbones.iter().try_for_each(|backbone| print(backbone, report.threads, out))?;
    }
    Ok(ExitStatus::Success)
}

/// The one JSON object; field names are part of the command line's contract.
#[derive(Serialize)]
struct Report {
    threads: usize,
    backbones: Vec<GroupReport>,
}

#[derive(Serialize)]
struct GroupReport {
    backbone: String,
    units: usize,
    isa: String,
    adapters: Vec<String>,
    step: Quantiles,
    batches: Vec<Batch>,
    /// A step with one adapter all the time and with all of them in turn; null for a single adapter.
    swap: Option<Swap>,
    /// What the largest adapter takes, beside the backbone that all share.
    bytes_per_adapter: usize,
}

#[derive(Serialize)]
struct Batch {
    trajectories: usize,
    /// Of all trajectories together.
    step_us: f64,
    /// A step of 16 trajectories counts as 16.
    steps_per_second: f64,
}

#[derive(Serialize)]
struct Swap {
    adapters: usize,
    same: Quantiles,
    in_turn: Quantiles,
}

fn measure(model: &Model<'_>, group: &[&InTime], effort: Effort) -> anyhow::Result<GroupReport> {
    let backbone = &model.backbone;
    let nets = group.iter().map(|in_time| in_time.adapter.on(backbone)).collect::<Result<Vec<_>, _>>()?;
    let all: Vec<&dyn RecurrentNet> = nets.iter().map(|net| net as &dyn RecurrentNet).collect();
    let same = Quantiles::of(&single_steps(&all[..1], effort)?);
    let mut batches = Vec::new();
    for trajectories in BATCHES {
        let steps_per_second = rate(all[0], trajectories, effort)?;
        let step_us = 1e6 * trajectories as f64 / steps_per_second;
        batches.push(Batch { trajectories, step_us, steps_per_second });
    }
    let swap = match all.len() {
        1 => None,
        adapters => Some(Swap { adapters, same, in_turn: Quantiles::of(&single_steps(&all, effort)?) }),
    };
    let bytes = |in_time: &&InTime| 4 * in_time.adapter.parameters();
    Ok(GroupReport {
        backbone: backbone.fingerprint().to_string(),
        units: backbone.units(),
        isa: backbone.isa().to_string(),
        adapters: group.iter().map(|in_time| in_time.path.display().to_string()).collect(),
        step: same,
        batches,
        swap,
        bytes_per_adapter: group.iter().map(bytes).max().unwrap_or(0),
    })
}

fn print(report: &GroupReport, threads: usize, out: Printer) -> anyhow::Result<()> {
    out.result(format!(
        "{} on {} recurrent units, {}, {}",
        counted(report.adapters.len(), "adapter", "adapters"),
        grouped(report.units),
        counted(threads, "thread", "threads"),
        report.isa,
    ))?;
    let quantiles =
        |what: &str, q: Quantiles| vec![what.to_owned(), duration(q.p50_us / 1e6), duration(q.p99_us / 1e6)];
    let heads = |names: [&str; 3]| names.map(String::from).to_vec();
    let mut rows =
        vec![heads(["one step at a time", "p50", "p99"]), quantiles("  one trajectory", report.step)];
    if let Some(swap) = &report.swap {
        rows.push(heads(["one step, swapping", "p50", "p99"]));
        rows.push(quantiles("  always the same", swap.same));
        let what = format!("  {} in turn", counted(swap.adapters, "adapter", "adapters"));
        rows.push(quantiles(&what, swap.in_turn));
    }
    rows.push(heads(["whole trajectories, batch of", "a step", "steps/s"]));
    rows.extend(report.batches.iter().map(|batch| {
        let per_second = grouped(batch.steps_per_second.round() as usize);
        vec![format!("  {}", batch.trajectories), duration(batch.step_us / 1e6), per_second]
    }));
    rows.push(vec!["memory of an adapter".to_owned(), format_bytes(report.bytes_per_adapter as u64)]);
    table::lines("<>>", &rows).into_iter().try_for_each(|line| out.result(line))
}
