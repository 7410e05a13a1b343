//! `bl-run bench`: how fast the two halves are, what swapping adapters costs, and what an adapter weighs.

use std::time::Duration;

use bl_cli::{ExitStatus, Printer, format_bytes};
use bl_core::Prepared;
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use serde::Serialize;

use crate::adapters::Loaded;
use crate::backbones::{self, Group};
use crate::cli::BenchArgs;
use crate::latency::{self, Effort, quantile};
use crate::table;
use bl_cli::words::{counted, duration, grouped};

/// Pictures computed together.
const BATCHES: [usize; 4] = [1, 8, 64, 512];

pub(crate) fn run(args: &BenchArgs, adapters: &[Loaded], out: Printer) -> anyhow::Result<ExitStatus> {
    let effort = Effort { runs: 3, time: Duration::from_secs_f64(args.seconds), most: usize::MAX };
    let mut reports = Vec::new();
    for group in &backbones::group(adapters, args.model.backbone.as_deref())? {
        out.say(format!("backbone     {}", group.words()));
        reports.push(measure(group, adapters, effort)?);
    }
    let threads = rayon::current_num_threads();
    if out.is_json() {
        out.json(&Report { threads, backbones: reports })?;
    } else {
        for report in &reports {
            print(report, threads, out)?;
        }
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
    isa: &'static str,
    adapters: Vec<String>,
    one_picture: OnePicture,
    throughput: Vec<Throughput>,
    /// Null for a single adapter.
    swap: Option<Swap>,
    /// What the largest adapter takes, beside the backbone that all share.
    bytes_per_adapter: usize,
}

#[derive(Serialize)]
struct OnePicture {
    runs: usize,
    frozen: Quantiles,
    adapter: Quantiles,
    both: Quantiles,
}

#[derive(Clone, Copy, Serialize)]
struct Quantiles {
    p50_us: f64,
    p99_us: f64,
}

impl Quantiles {
    fn of(seconds: &[f64]) -> Self {
        Self { p50_us: 1e6 * quantile(seconds, 0.5), p99_us: 1e6 * quantile(seconds, 0.99) }
    }
}

#[derive(Serialize)]
struct Throughput {
    batch: usize,
    pictures_per_second: f64,
}

/// The adapter half of one picture, with one adapter all the time and with all of them in turn.
#[derive(Serialize)]
struct Swap {
    adapters: usize,
    same: Quantiles,
    in_turn: Quantiles,
}

fn measure(group: &Group, adapters: &[Loaded], effort: Effort) -> anyhow::Result<GroupReport> {
    let backbone = &group.backbone;
    let inputs = backbone.spec().input.values();
    let images = random_pictures(inputs * BATCHES[BATCHES.len() - 1]);
    let prepared: Vec<&Prepared> = group.members.iter().map(|member| &member.prepared).collect();
    let first = prepared[0];

    let times = latency::one_picture(backbone, first, &images, effort)?;
    let one_picture = OnePicture {
        runs: times.both.len(),
        frozen: Quantiles::of(&times.frozen),
        adapter: Quantiles::of(&times.adapter),
        both: Quantiles::of(&times.both),
    };
    let mut throughput = Vec::new();
    for batch in BATCHES {
        let pictures_per_second = latency::throughput(backbone, first, &images[..batch * inputs], effort)?;
        throughput.push(Throughput { batch, pictures_per_second });
    }
    let swap = if prepared.len() > 1 {
        let p = backbone.preactivations(&images[..inputs])?;
        let same = Quantiles::of(&latency::adapter_half(backbone, &p, &[first, first], effort)?);
        let in_turn = Quantiles::of(&latency::adapter_half(backbone, &p, &prepared, effort)?);
        Some(Swap { adapters: prepared.len(), same, in_turn })
    } else {
        None
    };
    let names = group.members.iter().map(|member| adapters[member.adapter].path.display().to_string());
    Ok(GroupReport {
        backbone: backbone.fingerprint().to_string(),
        units: backbone.spec().hidden_units(),
        isa: backbone.isa().name(),
        adapters: names.collect(),
        one_picture,
        throughput,
        swap,
        bytes_per_adapter: group.members.iter().map(|member| member.prepared.bytes()).max().unwrap_or(0),
    })
}

/// Pixels from a fixed seed.
fn random_pictures(len: usize) -> Vec<u8> {
    let mut pixels = vec![0; len];
    ChaCha8Rng::seed_from_u64(1).fill_bytes(&mut pixels);
    pixels
}

fn print(report: &GroupReport, threads: usize, out: Printer) -> anyhow::Result<()> {
    out.result(format!(
        "{} on {} hidden units, {}, {}",
        counted(report.adapters.len(), "adapter", "adapters"),
        grouped(report.units),
        counted(threads, "thread", "threads"),
        report.isa,
    ))?;
    let us = |us: f64| duration(us / 1e6);
    let quantiles = |what: &str, q: Quantiles| vec![what.to_owned(), us(q.p50_us), us(q.p99_us)];
    let one = &report.one_picture;
    let mut rows = vec![
        vec!["one picture".to_owned(), "p50".to_owned(), "p99".to_owned()],
        quantiles("  frozen half", one.frozen),
        quantiles("  adapter half", one.adapter),
        quantiles("  both", one.both),
    ];
    if let Some(swap) = &report.swap {
        rows.push(vec!["adapter half, swapping".to_owned(), "p50".to_owned(), "p99".to_owned()]);
        rows.push(quantiles("  always the same", swap.same));
        rows.push(quantiles(
            &format!("  {} in turn", counted(swap.adapters, "adapter", "adapters")),
            swap.in_turn,
        ));
    }
    rows.push(vec!["batch of".to_owned(), "pictures/s".to_owned()]);
    rows.extend(
        report
            .throughput
            .iter()
            .map(|t| vec![format!("  {}", t.batch), grouped(t.pictures_per_second.round() as usize)]),
    );
    rows.push(vec!["memory of an adapter".to_owned(), format_bytes(report.bytes_per_adapter as u64)]);
    for line in table::lines("<>>", &rows) {
        out.result(line)?;
    }
    Ok(())
}
