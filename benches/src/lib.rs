//! Inputs that the benchmarks share: fixed pseudo-random images and a backbone of any width.

use bl_core::{Backbone, Error, Spec};

/// Pixels of `count` images of 28 × 28.
pub fn images(count: usize) -> Vec<u8> {
    let mut state = 1_u64;
    (0..count * 784)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        })
        .collect()
}

/// The backbone of `configs/backbones/images-pixels.toml` at another width, or with a dense readout.
pub fn backbone(units: u32, dense: bool) -> Result<Backbone, Error> {
    let mut spec =
        Spec::from_toml(include_str!("../../configs/backbones/images-pixels.toml"))?.mlp()?.clone();
    spec.layers[0].units = units;
    if dense {
        spec.readout.weights = bl_core::Distribution::Normal { std: 0.03 };
    }
    Backbone::generate(&spec.into())
}
