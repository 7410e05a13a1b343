//! The two halves by themselves, on every instruction set: `cargo bench -p bl-benches --bench kernels`.

#![allow(missing_docs, reason = "criterion's macros make undocumented functions")]

use std::hint::black_box;
use std::time::Duration;

use bl_benches::{backbone, images};
use bl_kernels::{
    AdapterHalf, Gradient, Isa, Preactivations, Targets, Wrt, logits, loss_and_gradient, padded_units,
};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

const ROWS: usize = 2048;
const BATCH: usize = 512;

fn frozen_half(c: &mut Criterion) {
    let mut group = c.benchmark_group("frozen half, 2048 images");
    let images = images(ROWS);
    for units in [10_000, 32_000] {
        for isa in Isa::all() {
            let backbone = backbone(units, false).expect("the preset is valid").with_isa(isa);
            let mlp = backbone.mlp().expect("feed-forward");
            let mut p = Preactivations::zeroed(ROWS, units as usize).expect("memory");
            group.throughput(Throughput::Elements((ROWS * 784 * units as usize) as u64)); // multiply-adds
            group.bench_function(BenchmarkId::new(isa.name(), units), |b| {
                b.iter(|| {
                    mlp.preactivations_into(black_box(&images), &mut p, 0).expect("lengths agree");
                });
            });
        }
    }
}

/// What an adapter learns, on a readout of one of the two kinds.
const CASES: [(&str, bool, Wrt); 4] = [
    ("one-hot, biases", false, Wrt::Bias),
    ("one-hot, biases and gains", false, Wrt::Both),
    ("dense, biases", true, Wrt::Bias),
    ("dense, biases and gains", true, Wrt::Both),
];

fn adapter_half(c: &mut Criterion) {
    let images = images(ROWS);
    let labels: Vec<u8> = (0..ROWS).map(|i| (i % 10) as u8).collect();
    let rows: Vec<u32> = (0..BATCH as u32).map(|i| i * 1_013 % ROWS as u32).collect();
    for units in [1_000, 10_000, 32_000] {
        for (case, dense, wrt) in CASES {
            let backbone = backbone(units, dense).expect("the preset is valid");
            let mlp = backbone.mlp().expect("feed-forward");
            let p = mlp.preactivations(&images).expect("memory");
            let bias = vec![0.01; padded_units(units as usize)];
            let gains = vec![0.9; if wrt == Wrt::Bias { 0 } else { bias.len() }];
            let half = AdapterHalf { bias: &bias, gains: &gains, readout: mlp.readout(), scale: 1.0 };
            let mut gradient = Gradient::new(wrt, units as usize);
            let mut scores = vec![0.0; BATCH * 10];
            for isa in Isa::all() {
                let id = || BenchmarkId::new(format!("{case}, {isa}"), units);
                let mut group = c.benchmark_group("loss and gradient, batch 512");
                group.throughput(Throughput::Elements((BATCH * units as usize) as u64)); // pre-activations
                group.bench_function(id(), |b| {
                    b.iter(|| {
                        loss_and_gradient(isa, &p, &rows, Targets::Labels(&labels), &half, &mut gradient)
                    });
                });
                group.finish();
                let mut group = c.benchmark_group("scores, 512 images");
                group.throughput(Throughput::Elements((BATCH * units as usize) as u64));
                group.bench_function(id(), |b| {
                    b.iter(|| logits(isa, &p, &rows, &half, &mut scores));
                });
            }
        }
    }
}

/// An epoch reads all pre-activations once. With those of a few images, which a core's own cache holds, there is the arithmetic
/// alone; the difference is what a smaller format of theirs could save.
fn from_memory(c: &mut Criterion) {
    const UNITS: usize = 32_000;
    const IMAGES: usize = 16_384; // 1 GB
    let mut group = c.benchmark_group("loss and gradient, batch 512, from memory or cache");
    let backbone = backbone(UNITS as u32, false).expect("the preset is valid");
    let mlp = backbone.mlp().expect("feed-forward");
    let p = mlp.preactivations(&images(IMAGES)).expect("memory");
    let labels: Vec<u8> = (0..IMAGES).map(|i| (i % 10) as u8).collect();
    let bias = vec![0.01; padded_units(UNITS)];
    let half = AdapterHalf { bias: &bias, gains: &[], readout: mlp.readout(), scale: 1.0 };
    let mut gradient = Gradient::new(Wrt::Bias, UNITS);
    for isa in Isa::all() {
        for (place, different) in [("memory", IMAGES), ("cache", 8)] {
            group.throughput(Throughput::Bytes((BATCH * UNITS * size_of::<u16>()) as u64));
            group.bench_function(BenchmarkId::new(isa.name(), place), |b| {
                let mut at = 0;
                b.iter(|| {
                    let rows: Vec<u32> = (0..BATCH).map(|i| ((at + i) * 4_099 % different) as u32).collect();
                    at += BATCH;
                    loss_and_gradient(isa, &p, &rows, Targets::Labels(&labels), &half, &mut gradient)
                });
            });
        }
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1));
    targets = frozen_half, adapter_half, from_memory
}
criterion_main!(benches);
