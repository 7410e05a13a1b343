//! The two halves by themselves, on every instruction set: `cargo bench -p bl-benches --bench kernels`.

#![allow(missing_docs, reason = "criterion's macros make undocumented functions")]

use std::hint::black_box;

use bl_benches::{backbone, images};
use bl_kernels::{AdapterHalf, Gradient, Isa, Preactivations, Wrt, loss_and_gradient, padded_units};
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

fn training_step(c: &mut Criterion) {
    let mut group = c.benchmark_group("loss and gradient, batch 512");
    let images = images(ROWS);
    let labels: Vec<u8> = (0..ROWS).map(|i| (i % 10) as u8).collect();
    let rows: Vec<u32> = (0..BATCH as u32).map(|i| i * 1_013 % ROWS as u32).collect();
    for units in [10_000, 32_000] {
        for dense in [false, true] {
            let backbone = backbone(units, dense).expect("the preset is valid");
            let mlp = backbone.mlp().expect("feed-forward");
            let p = mlp.preactivations(&images).expect("memory");
            let bias = vec![0.01; padded_units(units as usize)];
            let half = AdapterHalf { bias: &bias, gains: &[], readout: mlp.readout(), scale: 1.0 };
            let mut gradient = Gradient::new(Wrt::Bias, units as usize);
            for isa in Isa::all() {
                let name = format!("{} {}", if dense { "dense" } else { "one-hot" }, isa.name());
                group.throughput(Throughput::Elements((BATCH * units as usize) as u64)); // pre-activations
                group.bench_function(BenchmarkId::new(name, units), |b| {
                    b.iter(|| loss_and_gradient(isa, &p, &rows, &labels, &half, &mut gradient));
                });
            }
        }
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10);
    targets = frozen_half, training_step
}
criterion_main!(benches);
