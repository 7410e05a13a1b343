//! A training step of a recurrent network: forward and adjoint through all steps. The peer of
//! `peers/pytorch_rnn.py`: 1024 units, 120 steps, 16 trajectories, one input and one output.

#![allow(missing_docs, reason = "criterion's macros make undocumented functions")]

use bl_kernels::{Batch, Drive, Isa, Recurrence, Wrt};
use criterion::{Criterion, criterion_group, criterion_main};

fn step(criterion: &mut Criterion) {
    let (steps, trajectories) = (120, 16);
    for units in [256_usize, 1024] {
        let wave = |len: usize, scale: f32| {
            (0..len).map(move |i| (i as f32 * 0.7391).sin() * scale).collect::<Vec<_>>()
        };
        let q: Vec<i8> = wave(units * units, 127.0).into_iter().map(|x| x as i8).collect();
        let scales = vec![1.4 / (90.0 * (units as f32).sqrt()); units];
        let net = Recurrence::new(&q, &scales, &wave(units, 1.0), &wave(units, 0.03), (0.0, 1.0));
        let net = net.expect("lengths agree");
        let (bias, initial) = (wave(units, 0.1), vec![0.0; units]);
        let drive = Drive { bias: &bias, gains: &[], initial: &initial };
        let (x, delta) = (wave(steps * trajectories, 1.0), wave(steps * trajectories, 1e-3));
        let batch = Batch { inputs: &x, steps, trajectories, lengths: &[] };
        for isa in Isa::all() {
            criterion.bench_function(&format!("recurrent step/{units} units/{isa}"), |bencher| {
                bencher.iter(|| {
                    let unrolled = net.forward(isa, &drive, &batch).expect("lengths agree");
                    net.backward(isa, &drive, &unrolled, &delta, Wrt::Bias, None).expect("lengths agree")
                });
            });
        }
    }
}

criterion_group!(benches, step);
criterion_main!(benches);
