//! `bl-run bench`: how fast the two halves are, what swapping and mixing tasks costs, what an adapter weighs, and what a
//! server adds.

mod crowd;
mod mixed;
mod print;
mod server;
mod swap;

use std::time::Duration;

use bl_cli::{ExitStatus, Printer};
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use serde::Serialize;

use crate::adapters::Loaded;
use crate::backbones::{self, Group};
use crate::cli::BenchArgs;
use crate::latency::{self, Effort, Quantiles};
use crowd::{Crowd, Resident};
use mixed::{Mixed, TASKS};
use server::ServerReport;
use swap::Swap;

/// Pictures computed together.
const BATCHES: [usize; 4] = [1, 8, 64, 512];
/// Adapters loaded at a time.
const LOADED: [usize; 4] = [1, 10, 100, 1000];

pub(crate) fn run(args: &BenchArgs, adapters: &[Loaded], out: Printer) -> anyhow::Result<ExitStatus> {
    let effort = Effort { runs: 3, time: Duration::from_secs_f64(args.seconds), most: usize::MAX };
    let mut reports = Vec::new();
    for group in &backbones::group(adapters, args.model.backbone.as_deref())? {
        out.say(format!("backbone     {}", group.words()));
        reports.push(measure(group, adapters, args, effort)?);
    }
    let threads = rayon::current_num_threads();
    if out.is_json() {
        out.json(&Report { threads, backbones: reports })?;
    } else {
        for report in &reports {
            print::print(report, threads, out)?;
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
    /// One picture, then batches: with one task and with several.
    mixed: Vec<Mixed>,
    swap: Vec<Swap>,
    /// What the largest adapter takes, beside the backbone that all share.
    bytes_per_adapter: usize,
    /// Of a thousand copies; null where the system does not tell.
    resident: Option<Resident>,
    /// Null unless it was asked for.
    server: Option<ServerReport>,
}

#[derive(Serialize)]
struct OnePicture {
    runs: usize,
    frozen: Quantiles,
    adapter: Quantiles,
    both: Quantiles,
}

#[derive(Serialize)]
struct Throughput {
    batch: usize,
    latency: Quantiles,
    pictures_per_second: f64,
}

fn measure(
    group: &Group,
    adapters: &[Loaded],
    args: &BenchArgs,
    effort: Effort,
) -> anyhow::Result<GroupReport> {
    let backbone = &group.backbone;
    let inputs = backbone.spec().input.values();
    let (first, loaded) = (&group.members[0], &adapters[group.members[0].adapter]);

    // First of all: what others free would hide what adapters take.
    let resident = Crowd::new(group).grow_measured(&loaded.bias, LOADED[LOADED.len() - 1])?;
    let images = random_pictures(inputs * BATCHES[BATCHES.len() - 1]);
    let times = latency::one_picture(backbone, &first.model.prepared, &images, effort)?;
    let one_picture = OnePicture {
        runs: times.both.len(),
        frozen: Quantiles::of(&times.frozen),
        adapter: Quantiles::of(&times.adapter),
        both: Quantiles::of(&times.both),
    };
    let throughput = BATCHES.iter().map(|&batch| {
        let times = latency::batches(backbone, &first.model.prepared, &images[..batch * inputs], effort)?;
        let pictures_per_second = (times.len() * batch) as f64 / times.iter().sum::<f64>();
        Ok(Throughput { batch, latency: Quantiles::of(&times), pictures_per_second })
    });
    let throughput = throughput.collect::<anyhow::Result<_>>()?;

    let mut crowd = Crowd::new(group);
    let p = backbone.preactivations(&images[..inputs])?;
    let (mut swap, mut mixed) = (Vec::new(), Vec::new());
    for count in LOADED {
        crowd.grow(&loaded.bias, count)?;
        if count >= TASKS && mixed.is_empty() {
            let each =
                BATCHES.iter().map(|batch| mixed::measure(&crowd, &images[..batch * inputs], inputs, effort));
            mixed = each.collect::<anyhow::Result<_>>()?;
        }
        swap.push(swap::measure(&crowd, &p, effort)?);
    }
    let server =
        args.server.then(|| server::measure(group, &loaded.bias, &images[..inputs], effort)).transpose()?;
    let names = group.members.iter().map(|member| adapters[member.adapter].path.display().to_string());
    Ok(GroupReport {
        backbone: backbone.fingerprint().to_string(),
        units: backbone.spec().hidden_units(),
        isa: backbone.isa().name(),
        adapters: names.collect(),
        one_picture,
        throughput,
        mixed,
        swap,
        bytes_per_adapter: group
            .members
            .iter()
            .map(|member| member.model.prepared.bytes())
            .max()
            .unwrap_or(0),
        resident,
        server,
    })
}

/// Pixels from a fixed seed.
fn random_pictures(len: usize) -> Vec<u8> {
    let mut pixels = vec![0; len];
    ChaCha8Rng::seed_from_u64(1).fill_bytes(&mut pixels);
    pixels
}
