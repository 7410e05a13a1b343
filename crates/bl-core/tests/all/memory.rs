//! How much memory a network takes is known from its spec, and limited before any is taken.

use std::time::Instant;

use bl_core::{Backbone, Error, Spec, memory};

use crate::support::{generate, rnn, spec};

const NORMAL: &str = r#"{ distribution = "normal", std = 0.0001 }"#;

fn toml(units: u64, side: u64, outputs: u64) -> Spec {
    Spec::from_toml(&format!(
        "
        seed = 1
        input = {{ height = {side}, width = {side} }}
        layers = [{{ units = {units}, weights = {NORMAL} }}]
        readout = {{ outputs = {outputs}, weights = {NORMAL} }}
        "
    ))
    .expect("a valid spec")
}

#[test]
fn gigabytes_are_refused_before_they_are_taken() {
    let begin = Instant::now();
    // 2^32 weights in; a readout of 2^29, nine bytes each while it is made.
    for spec in [toml(65_532, 256, 2), toml(8192, 2, 65_536)] {
        let error = Backbone::generate(&spec).map(drop).expect_err("too large");
        let Error::TooMuchMemory { needed, limit, .. } = error else { panic!("{error:?}") };
        assert!(needed > limit && limit == memory::DEFAULT_LIMIT);
        assert!(error.hint().expect("what to do").contains("BL_MAX_MEMORY="));
    }
    assert!(begin.elapsed().as_secs_f64() < 1.0, "nothing was generated");
}

#[test]
fn the_cost_counts_every_weight_as_often_as_it_is_kept() {
    let of = |spec: &Spec| spec.cost();
    let wide = of(&toml(32_000, 28, 10));
    let weights = 32_000 * 784;
    assert!((weights..weights * 12 / 10 + 3_000_000).contains(&wide.kept), "{wide:?}");
    assert!(wide.peak >= 2 * weights && wide.peak < 3 * weights, "{wide:?}");
    let dense = of(&toml(4096, 2, 1024));
    assert!(dense.peak >= 9 * 4096 * 1024, "{dense:?}");
    assert!(dense.row >= 2 * 4096 + 4 * 1024);
    // Never less than the matrices of the networks that the other tests generate.
    for backbone in [generate(&spec(1, &[(5, NORMAL), (4, NORMAL)], NORMAL)), generate(&rnn(9, 2, 2))] {
        let cost = backbone.spec().cost();
        assert!(cost.kept >= backbone.spec().frozen_weights() as u64 && cost.peak >= cost.kept);
    }
}
