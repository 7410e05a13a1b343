//! `bl-run bench` of sequence adapters: a step, a step of many trajectories, and what swapping costs.

use bl_cli::words::{counted, duration, grouped};
use bl_core::Net;
use serde::Serialize;

use super::speed::{rate, single_steps};
use crate::cli::BenchArgs;
use crate::error::Error;
use crate::kinds::{Measured, fields};
use crate::latency::{Effort, Quantiles};
use crate::models::Loaded;

/// Trajectories computed together.
const BATCHES: [usize; 2] = [1, 16];

#[derive(Serialize)]
struct Report {
    step: Quantiles,
    batches: Vec<Batch>,
    /// A step with one adapter all the time and with all of them in turn; null for a single adapter.
    swap: Option<Swap>,
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

pub(in crate::kinds) fn bench(
    task: &'static str,
    args: &BenchArgs,
    group: &[&Loaded],
    effort: Effort,
) -> anyhow::Result<Measured> {
    if args.server {
        let adapter = group[0].name.clone();
        let hint = "a server is measured with image adapters";
        return Err(Error::Unsupported { option: "--server", adapter, task, hint }.into());
    }
    let all: Vec<&dyn Net> = group.iter().map(|loaded| &loaded.model as &dyn Net).collect();
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
    let report = Report { step: same, batches, swap };
    Ok(Measured { fields: fields(&report)?, sides: "<>>", rows: rows(&report) })
}

fn rows(report: &Report) -> Vec<Vec<String>> {
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
    rows.push(heads(["whole trajectories, batch of", "per step", "steps/s"]));
    rows.extend(report.batches.iter().map(|batch| {
        let per_second = grouped(batch.steps_per_second.round() as usize);
        vec![format!("  {}", batch.trajectories), duration(batch.step_us / 1e6), per_second]
    }));
    rows
}
