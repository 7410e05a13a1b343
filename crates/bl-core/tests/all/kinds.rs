//! What holds of masks and gains: as files, as functions, and as biases.

use crate::support::{
    ADAPTER, ANYWHERE, Draw, LOCAL_NORMAL, ONE_HOT, Parts, bits, bytes, check_changed, check_error,
    check_unwritable, every_kind, generate, header, inputs, plain, read, readouts, recurrent, rnn, scores,
    set_preprocessing, shallow, spec, units,
};
use bl_core::container::Tensor;
use bl_core::header::AdapterKind;
use bl_core::{Adapter, Backbone, BaseBias, Header, Isa, Parameters, UnitGains};
use safetensors::tensor::Dtype;
use serde_json::json;

fn feed_forward() -> impl Iterator<Item = Backbone> {
    let widths = [1, 7, 8, 9, 64, 65, 300];
    let each = |units| readouts().map(move |readout| generate(&spec(4, &[(units, LOCAL_NORMAL)], readout)));
    widths.into_iter().flat_map(each)
}

fn in_steps() -> impl Iterator<Item = Backbone> {
    [rnn(9, 1, 1), rnn(64, 2, 2), plain(1), plain(65)].into_iter().map(|spec| generate(&spec))
}

/// Every pixel of every value has a part: what the brightest image does too.
fn pixels(backbone: &Backbone) -> Vec<u8> {
    let inputs = inputs(backbone);
    let mut pixels = Draw::new(9).bytes(20 * inputs);
    pixels[..inputs].fill(255);
    pixels[inputs..2 * inputs].fill(0);
    pixels
}

#[test]
fn every_kind_is_read_back_whole_and_written_the_same() {
    for (backbone, states) in feed_forward().map(|b| (b, 0)).chain(in_steps().map(|b| (b, 1))) {
        let vectors = [1, 1 + states, 1, 2 + states];
        for (adapter, vectors) in every_kind(&backbone).into_iter().zip(vectors) {
            let again = read(&bytes(&adapter));
            assert_eq!(again, adapter);
            assert_eq!(bits(&again.parameters.biases[0]), bits(&adapter.parameters.biases[0]));
            assert_eq!(bytes(&again), bytes(&adapter));
            assert!(again.unknown_fields().is_empty());
            assert_eq!(adapter.parameter_count(), vectors * units(&backbone));
        }
    }
}

#[test]
fn a_mask_as_biases_gives_the_same_bits_on_every_instruction_set() {
    for isa in Isa::all() {
        for backbone in feed_forward().map(|backbone| backbone.with_isa(isa)) {
            let [_, mask, ..] = every_kind(&backbone);
            // The smallest and the largest standardisation shift a bias the most.
            for (mean, std) in [(0.4, 0.3), (0.0, 1.0), (-1e6, 1e-6), (1e6, 1e-6), (1e6, 1e6), (0.5, 1e6)] {
                let mut header = mask.header.clone();
                set_preprocessing(&mut header, mean, std);
                let mask = Adapter::new(header, mask.parameters.clone()).expect("fits");
                let bias = mask.to_bias(&backbone).expect("a mask");
                assert_eq!((bias.header.kind, bias.header.base_bias), (AdapterKind::Bias, None));
                let (bias, pixels) = (read(&bytes(&bias)), pixels(&backbone));
                let [mask, bias] = [&mask, &bias].map(|adapter| bits(&scores(&backbone, adapter, &pixels)));
                assert_eq!(mask, bias, "{mean} {std}");
            }
        }
    }
}

#[test]
fn a_mask_of_gains_0_and_1_is_the_same_function() {
    for backbone in feed_forward() {
        let [_, mask, ..] = every_kind(&backbone);
        let header = Header { kind: AdapterKind::Gain, ..mask.header.clone() };
        let gains = UnitGains::Learned(mask.parameters.gains.factors());
        let gain = Adapter::new(header, Parameters { gains, ..mask.parameters.clone() }).expect("fits");
        let pixels = pixels(&backbone);
        // Equal as numbers: a sum of nothing may be -0 in one and 0 in the other.
        assert_eq!(scores(&backbone, &mask, &pixels), scores(&backbone, &gain, &pixels));
    }
}

#[test]
fn only_a_feed_forward_mask_has_a_form_as_biases_and_only_on_its_own_backbone() {
    for backbone in [shallow(9), recurrent(9)] {
        let [bias, _, gain, both] = every_kind(&backbone);
        for adapter in [bias, gain, both] {
            let error = adapter.to_bias(&backbone).expect_err("no mask");
            assert!(error.to_string().ends_with("cannot be written as biases, expected `mask`"), "{error}");
            assert!(error.hint().is_some());
        }
    }
    let [_, mask, ..] = every_kind(&shallow(9));
    let other = generate(&spec(2, &[(9, LOCAL_NORMAL)], ONE_HOT));
    check_error(&mask.to_bias(&other).expect_err("another backbone"), "was trained on backbone");
    let [_, mask, ..] = every_kind(&recurrent(9));
    let error = mask.to_bias(&recurrent(9)).expect_err("a recurrent mask");
    check_error(&error, "cannot write the mask as biases: in a recurrent network");
}

#[test]
fn kinds_that_contradict_their_content_are_refused() {
    let base = Some(BaseBias { half_width: 0.1, mean: 0.0, seed: 1 });
    for backbone in [shallow(9), recurrent(9)] {
        let [bias, mask, gain, _] = &every_kind(&backbone);
        check_unwritable(bias, "has a `base_bias` beside its own biases", &|a| a.header.base_bias = base);
        check_unwritable(bias, "adapter of kind `bias` has other unit gains", &|a| {
            a.parameters.gains = UnitGains::Learned(vec![1.0; 9]);
        });
        check_unwritable(mask, "adapter of kind `mask` has no `base_bias`", &|a| a.header.base_bias = None);
        check_unwritable(mask, "not those that `base_bias` draws", &|a| a.header.base_bias = base);
        check_unwritable(mask, "not those that `base_bias` draws", &|a| a.parameters.biases[0][3] += 1.0);
        check_unwritable(mask, "adapter of kind `gain` has other unit gains", &|a| {
            a.header.kind = AdapterKind::Gain;
        });
        check_unwritable(gain, "adapter of kind `mask` has other unit gains", &|a| {
            a.header.kind = AdapterKind::Mask;
        });
        check_unwritable(gain, "`hidden.0.gain` is inf at unit 0", &|a| {
            a.parameters.gains = UnitGains::Learned(vec![f32::INFINITY; 9]);
        });
        check_unwritable(mask, "gains of 8 units, its backbone has 9", &|a| {
            a.parameters.gains = UnitGains::Mask(vec![true; 8]);
        });

        check_changed(mask, "bits beyond its 9 units", &|p| p.tensor("hidden.0.mask").bytes[1] |= 2);
        check_changed(mask, "`hidden.0.mask` has shape [3], expected [2]", &|p| {
            *p.tensor("hidden.0.mask") = Tensor { dtype: Dtype::U8, shape: vec![3], bytes: vec![0; 3] };
        });
        check_changed(mask, "`half_width` is -1", &|p| p.header["base_bias"]["half_width"] = json!(-1));
        check_changed(mask, "`mean` is 1e31", &|p| p.header["base_bias"]["mean"] = json!(1e31));
        check_changed(mask, "tensor `hidden.0.bias` does not belong", &|p| {
            p.tensors.push(("hidden.0.bias".into(), Tensor::vector(&[0.0; 9])));
        });
        check_changed(bias, "tensor `hidden.0.gain` does not belong", &|p| {
            p.tensors.insert(1, ("hidden.0.gain".into(), Tensor::vector(&[0.0; 9])));
        });
        check_changed(gain, "tensor `hidden.0.gain` is missing", &|p| p.tensors.clear());
    }
    let deep = generate(&spec(1, &[(9, LOCAL_NORMAL), (9, ANYWHERE[0])], ONE_HOT));
    let header = Header { kind: AdapterKind::Mask, base_bias: base, ..header(&deep) };
    let gains = UnitGains::Mask(vec![true; 9]);
    let two = Adapter::new(header, Parameters { gains, ..Parameters::of_biases(vec![vec![0.0; 9]; 2]) });
    check_error(&two.expect_err("two layers"), "defined for one hidden layer");
}

#[test]
fn states_that_contradict_the_header_are_refused() {
    let [bias, mask, _, both] = &every_kind(&recurrent(9));
    check_changed(bias, "tensor `state.0` does not belong to the format", &|p| {
        p.tensors.push(("state.0".into(), Tensor::vector(&[0.0; 9])));
    });
    check_changed(both, "tensor `state.0` is missing", &|p| drop(p.tensors.pop()));
    check_changed(both, "tensor `state.0` does not belong", &|p| p.header["learned_state"] = json!(false));
    check_changed(both, "`state.0` has shape [8], expected [9]", &|p| {
        *p.tensor("state.0") = Tensor::vector(&[0.0; 8]);
    });
    for value in [f32::NAN, f32::INFINITY] {
        check_changed(both, &format!("tensor `state.0` is {value} at unit 2"), &|p| {
            p.tensor("state.0").bytes[8..12].copy_from_slice(&value.to_le_bytes());
        });
    }
    let none = "header says that the initial state is learned, but the adapter has none";
    check_unwritable(both, none, &|a| a.parameters.initial = None);
    let own = "header says that the initial state is the backbone's, but the adapter has its own";
    check_unwritable(both, own, &|a| crate::support::set_learned_state(&mut a.header, false));
    check_unwritable(both, "initial state of 8 units, its backbone has 9", &|a| {
        a.parameters.initial = Some(vec![0.0; 8]);
    });
    check_unwritable(both, "`state.0` is NaN at unit 0", &|a| a.parameters.initial = Some(vec![f32::NAN; 9]));
    check_unwritable(mask, none, &|a| a.parameters.initial = None);
    // A feed-forward network has no state at all.
    let [bias, ..] = &every_kind(&shallow(9));
    check_unwritable(bias, own, &|a| a.parameters.initial = Some(vec![0.0; 9]));
}

#[test]
fn a_mean_of_zero_is_left_out_and_another_kept() {
    let [_, mask, ..] = every_kind(&recurrent(9));
    let base = |adapter: &Adapter| Parts::of(ADAPTER, &bytes(adapter)).header["base_bias"].clone();
    assert_eq!(base(&mask), json!({ "half_width": 0.25, "mean": 0.5, "seed": 7 }));
    let mut around_zero = mask.clone();
    let drawn = around_zero.header.base_bias.insert(BaseBias { mean: 0.0, half_width: 0.25, seed: 7 });
    around_zero.parameters.biases = vec![drawn.draw(0, 9)];
    assert_eq!(base(&around_zero), json!({ "half_width": 0.25, "seed": 7 }));
    assert_eq!(read(&bytes(&around_zero)), around_zero);
    for (around, zero) in mask.parameters.biases[0].iter().zip(&around_zero.parameters.biases[0]) {
        assert!((around - zero - 0.5).abs() < 1e-6, "{around} {zero}");
    }
}
