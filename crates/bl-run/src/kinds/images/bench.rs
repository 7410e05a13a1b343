//! `bl-run bench` of image classifiers: how fast the two halves are, what swapping and mixing tasks costs, what many
//! adapters weigh, and what a server adds.

mod copies;
mod mixed;
mod print;
mod server;
mod swap;

use bl_core::Adapter;
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use serde::Serialize;

use super::speed::{batches, one_image};
use crate::cli::BenchArgs;
use crate::kinds::{Measured, fields};
use crate::latency::{Effort, Quantiles};
use crate::models::Loaded;
pub(in crate::kinds) use copies::Copies;
use copies::Resident;
use mixed::Mixed;
pub(in crate::kinds) use mixed::TASKS;
use server::ServerReport;
use swap::Swap;

/// Images computed together.
const BATCHES: [usize; 4] = [1, 8, 64, 512];
/// Adapters loaded at a time.
const LOADED: [usize; 4] = [1, 10, 100, 1000];

/// Field names are part of the command line's contract.
#[derive(Serialize)]
struct Report {
    #[serde(rename = "one_picture")]
    one_image: OneImage,
    throughput: Vec<Throughput>,
    /// One image, then batches: with one task and with several.
    mixed: Vec<Mixed>,
    swap: Vec<Swap>,
    /// Of a thousand copies; null where the system does not tell.
    resident: Option<Resident>,
    /// Null unless it was asked for.
    server: Option<ServerReport>,
}

#[derive(Serialize)]
struct OneImage {
    runs: usize,
    frozen: Quantiles,
    adapter: Quantiles,
    both: Quantiles,
}

#[derive(Serialize)]
struct Throughput {
    batch: usize,
    latency: Quantiles,
    #[serde(rename = "pictures_per_second")]
    images_per_second: f64,
}

pub(in crate::kinds) fn bench(
    args: &BenchArgs,
    group: &[&Loaded],
    effort: Effort,
) -> anyhow::Result<Measured> {
    let model = &group[0].model;
    let (mlp, _) = model.mlp()?;
    let (inputs, adapter) = (mlp.inputs(), Adapter::load(&group[0].path)?);

    // First of all: what others free would hide what adapters take.
    let resident = Copies::new(model).grow_measured(&adapter, LOADED[LOADED.len() - 1])?;
    let images = random_images(inputs * BATCHES[BATCHES.len() - 1]);
    let times = one_image(model, &images, effort)?;
    let one_image = OneImage {
        runs: times.both.len(),
        frozen: Quantiles::of(&times.frozen),
        adapter: Quantiles::of(&times.adapter),
        both: Quantiles::of(&times.both),
    };
    let throughput = BATCHES.iter().map(|&batch| {
        let times = batches(model, &images[..batch * inputs], effort)?;
        let images_per_second = (times.len() * batch) as f64 / times.iter().sum::<f64>();
        Ok(Throughput { batch, latency: Quantiles::of(&times), images_per_second })
    });
    let throughput = throughput.collect::<anyhow::Result<_>>()?;

    let mut copies = Copies::new(model);
    let p = mlp.preactivations(&images[..inputs])?;
    let (mut swap, mut mixed) = (Vec::new(), Vec::new());
    for count in LOADED {
        copies.grow(&adapter, count)?;
        if count >= TASKS && mixed.is_empty() {
            let each = BATCHES
                .iter()
                .map(|batch| mixed::measure(&copies, &images[..batch * inputs], inputs, effort));
            mixed = each.collect::<anyhow::Result<_>>()?;
        }
        swap.push(swap::measure(&copies, &p, effort)?);
    }
    let server =
        args.server.then(|| server::measure(model, &adapter, &images[..inputs], effort)).transpose()?;
    let report = Report { one_image, throughput, mixed, swap, resident, server };
    Ok(Measured { fields: fields(&report)?, sides: "<>>>", rows: print::rows(&report) })
}

/// Pixels from a fixed seed.
fn random_images(len: usize) -> Vec<u8> {
    let mut pixels = vec![0; len];
    ChaCha8Rng::seed_from_u64(1).fill_bytes(&mut pixels);
    pixels
}
