//! What a user waits for: `cargo bench -p bl-benches --bench network`.

#![allow(missing_docs, reason = "criterion's macros make undocumented functions")]

use std::hint::black_box;

use bl_benches::{backbone, images};
use bl_core::{Mlp, Prepared, Preprocessing};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

fn prepared(mlp: &Mlp) -> Prepared {
    let standardise = Preprocessing { mean: 0.1307, std: 0.3081 };
    Prepared::new(mlp, standardise, &[vec![0.01; mlp.units()]]).expect("widths agree")
}

fn generate(c: &mut Criterion) {
    let mut group = c.benchmark_group("generate a backbone");
    for units in [10_000, 32_000] {
        group.bench_function(BenchmarkId::from_parameter(units), |b| b.iter(|| backbone(units, false)));
    }
}

fn one_image(c: &mut Criterion) {
    let mut group = c.benchmark_group("one image");
    for units in [10_000, 32_000] {
        let backbone = backbone(units, false).expect("the preset is valid");
        let mlp = backbone.mlp().expect("feed-forward");
        let (adapter, image) = (prepared(mlp), images(1));
        group.bench_function(BenchmarkId::new("both halves", units), |b| {
            b.iter(|| {
                let p = mlp.preactivations(black_box(&image)).expect("memory");
                mlp.logits(&p, 0..1, &adapter).expect("lengths agree")
            });
        });
        let p = mlp.preactivations(&image).expect("memory");
        group.bench_function(BenchmarkId::new("adapter half", units), |b| {
            b.iter(|| mlp.logits(black_box(&p), 0..1, &adapter).expect("lengths agree"));
        });
    }
}

fn batches(c: &mut Criterion) {
    let mut group = c.benchmark_group("batches, 32,000 units");
    let backbone = backbone(32_000, false).expect("the preset is valid");
    let mlp = backbone.mlp().expect("feed-forward");
    let adapter = prepared(mlp);
    for batch in [8, 64, 512] {
        let images = images(batch);
        group.throughput(Throughput::Elements(batch as u64));
        group.bench_function(BenchmarkId::from_parameter(batch), |b| {
            b.iter(|| {
                let p = mlp.preactivations(black_box(&images)).expect("memory");
                mlp.logits(&p, 0..batch, &adapter).expect("lengths agree")
            });
        });
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = generate, one_image, batches
}
criterion_main!(benches);
