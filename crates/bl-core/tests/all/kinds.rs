//! What holds of masks and gains: as files, as functions, and as biases.

use crate::support::{ANYWHERE, Draw, LOCAL_NORMAL, ONE_HOT, Parts, every_kind, generate, readouts, spec};
use bl_core::container::Tensor;
use bl_core::header::Kind;
use bl_core::{Backbone, BaseBias, BiasAdapter, Header, Isa, Preprocessing, UnitGains};
use safetensors::tensor::Dtype;
use serde_json::json;

const KEY: &str = "bl_adapter";

fn backbones() -> impl Iterator<Item = Backbone> {
    let widths = [1, 7, 8, 9, 64, 65, 300];
    let each = |units| readouts().map(move |readout| generate(&spec(4, &[(units, LOCAL_NORMAL)], readout)));
    widths.into_iter().flat_map(each)
}

/// Every pixel of every value has a part: what the brightest picture does too.
fn pictures(backbone: &Backbone) -> Vec<u8> {
    let inputs = backbone.spec().input.values();
    let mut pixels = Draw::new(9).bytes(20 * inputs);
    pixels[..inputs].fill(255);
    pixels[inputs..2 * inputs].fill(0);
    pixels
}

fn logits(backbone: &Backbone, adapter: &BiasAdapter, pixels: &[u8]) -> Vec<u32> {
    let p = backbone.preactivations(pixels).expect("whole pictures");
    let prepared = backbone.prepare(adapter).expect("its own backbone");
    let rows = 0..p.rows();
    backbone.logits(&p, rows, &prepared).expect("rows exist").into_iter().map(f32::to_bits).collect()
}

#[test]
fn every_kind_is_read_back_whole_and_written_the_same() {
    for backbone in backbones() {
        for adapter in every_kind(&backbone) {
            let bytes = adapter.to_bytes().expect("a good adapter");
            let read = BiasAdapter::from_bytes(&bytes).expect("its own file");
            assert_eq!(read, adapter);
            assert_eq!(read.to_bytes().expect("a good adapter"), bytes);
            let factor = if adapter.header.kind == Kind::BiasGain { 2 } else { 1 };
            assert_eq!(adapter.parameters(), factor * backbone.units());
        }
    }
}

#[test]
fn a_mask_as_biases_gives_the_same_bits_on_every_instruction_set() {
    for isa in Isa::all() {
        for backbone in backbones().map(|backbone| backbone.with_isa(isa)) {
            let [_, mask, ..] = every_kind(&backbone);
            // The smallest and the largest standardisation shift a bias the most.
            for (mean, std) in [(0.4, 0.3), (0.0, 1.0), (-1e6, 1e-6), (1e6, 1e-6), (1e6, 1e6), (0.5, 1e6)] {
                let header = Header { preprocessing: Preprocessing { mean, std }, ..mask.header.clone() };
                let mask =
                    BiasAdapter::with_gains(header, mask.biases.clone(), mask.gains.clone()).expect("fits");
                let bias = mask.to_bias(&backbone).expect("a mask");
                assert_eq!((bias.header.kind, bias.header.base_bias), (Kind::Bias, None));
                let bias = BiasAdapter::from_bytes(&bias.to_bytes().expect("finite")).expect("its own file");
                let pixels = pictures(&backbone);
                assert_eq!(
                    logits(&backbone, &mask, &pixels),
                    logits(&backbone, &bias, &pixels),
                    "{mean} {std}"
                );
            }
        }
    }
}

#[test]
fn a_mask_of_gains_0_and_1_is_the_same_function() {
    for backbone in backbones() {
        let [_, mask, ..] = every_kind(&backbone);
        let UnitGains::Mask(on) = &mask.gains else { panic!("a mask") };
        let gains = on.iter().map(|&on| f32::from(u8::from(on))).collect();
        let header = Header { kind: Kind::Gain, ..mask.header.clone() };
        let gain =
            BiasAdapter::with_gains(header, mask.biases.clone(), UnitGains::Learned(gains)).expect("fits");
        let pixels = pictures(&backbone);
        let values = |bits: Vec<u32>| bits.into_iter().map(f32::from_bits).collect::<Vec<_>>();
        // Equal as numbers: a sum of nothing may be -0 in one and 0 in the other.
        assert_eq!(values(logits(&backbone, &mask, &pixels)), values(logits(&backbone, &gain, &pixels)));
    }
}

#[test]
fn only_a_mask_has_a_form_as_biases_and_only_on_its_own_backbone() {
    let backbone = generate(&spec(1, &[(9, LOCAL_NORMAL)], ONE_HOT));
    let [bias, mask, gain, both] = every_kind(&backbone);
    for adapter in [bias, gain, both] {
        let error = adapter.to_bias(&backbone).expect_err("no mask");
        assert!(error.to_string().ends_with("cannot be written as biases, expected `mask`"), "{error}");
        assert!(error.hint().is_some());
    }
    let other = generate(&spec(2, &[(9, LOCAL_NORMAL)], ONE_HOT));
    assert!(
        mask.to_bias(&other).expect_err("another backbone").to_string().contains("was trained on backbone")
    );
}

#[test]
fn kinds_that_contradict_their_content_are_refused() {
    let backbone = generate(&spec(1, &[(9, LOCAL_NORMAL)], ONE_HOT));
    let [bias, mask, gain, _] = every_kind(&backbone);
    let check = |adapter: &BiasAdapter, expected: &str, change: &dyn Fn(&mut BiasAdapter)| {
        let mut changed = adapter.clone();
        change(&mut changed);
        let error = changed.to_bytes().expect_err(expected).to_string();
        assert!(error.contains(expected), "expected `{expected}`, found `{error}`");
    };
    let base = Some(BaseBias { half_width: 0.1, mean: 0.0, seed: 1 });
    check(&bias, "has a `base_bias` beside its own biases", &|a| a.header.base_bias = base);
    check(&mask, "adapter of kind `mask` has no `base_bias`", &|a| a.header.base_bias = None);
    check(&mask, "not those that `base_bias` draws", &|a| a.header.base_bias = base);
    check(&mask, "not those that `base_bias` draws", &|a| a.biases[0][3] += 1.0);
    check(&mask, "adapter of kind `gain` has other unit gains", &|a| a.header.kind = Kind::Gain);
    check(&gain, "`hidden.0.gain` is inf at unit 0", &|a| {
        a.gains = UnitGains::Learned([f32::INFINITY; 9].to_vec());
    });
    check(&mask, "gains of 8 units, its backbone has 9", &|a| a.gains = UnitGains::Mask(vec![true; 8]));

    let refused = |adapter: &BiasAdapter, expected: &str, change: &dyn Fn(&mut Parts)| {
        let mut parts = Parts::of(KEY, &adapter.to_bytes().expect("good"));
        change(&mut parts);
        let error = BiasAdapter::from_bytes(&parts.sealed()).expect_err(expected).to_string();
        assert!(error.contains(expected), "expected `{expected}`, found `{error}`");
    };
    refused(&mask, "bits beyond its 9 units", &|p| p.tensor("hidden.0.mask").bytes[1] |= 2);
    refused(&mask, "`hidden.0.mask` has shape [3], expected [2]", &|p| {
        *p.tensor("hidden.0.mask") = Tensor { dtype: Dtype::U8, shape: vec![3], bytes: vec![0; 3] };
    });
    refused(&mask, "`half_width` is -1", &|p| p.header["base_bias"]["half_width"] = json!(-1));
    refused(&mask, "tensor `hidden.0.bias` does not belong", &|p| {
        p.tensors.push(("hidden.0.bias".into(), Tensor::vector(&[0.0; 9])));
    });
    refused(&gain, "tensor `hidden.0.gain` is missing", &|p| p.tensors.clear());
    let deep = generate(&spec(1, &[(9, LOCAL_NORMAL), (9, ANYWHERE[0])], ONE_HOT));
    let header = Header { kind: Kind::Mask, base_bias: base, ..crate::support::header(&deep) };
    let error = BiasAdapter::with_gains(header, vec![vec![0.0; 9]; 2], UnitGains::Mask(vec![true; 9]));
    assert!(error.expect_err("two layers").to_string().contains("defined for one hidden layer"));
}
