//! What holds of encoded and pruned adapters: as files and as functions.

use crate::support::{
    ADAPTER, ANYWHERE, Draw, LOCAL_NORMAL, ONE_HOT, Parts, adapter, answers, bytes, check_changed,
    check_error, encoded, every_adapter, every_kind, generate, inputs, mlp, prepare, read, readouts,
    recurrent, rnn, shallow, spec,
};
use bl_core::container::Tensor;
use bl_core::{Adapter, Backbone, Encoding, Error, Isa, UnitGains};
use safetensors::tensor::Dtype;
use serde_json::json;

fn one_layer() -> impl Iterator<Item = Backbone> {
    let feed_forward = [1, 2, 8, 9, 63, 64, 65, 300]
        .into_iter()
        .map(|units| generate(&spec(4, &[(units, LOCAL_NORMAL)], ONE_HOT)));
    feed_forward.chain([recurrent(1), recurrent(70), generate(&rnn(65, 2, 2))])
}

#[test]
fn every_form_is_read_back_whole_and_written_the_same() {
    let deep = generate(&spec(1, &[(70, LOCAL_NORMAL), (90, ANYWHERE[0])], ONE_HOT));
    for backbone in one_layer().chain([deep]) {
        for adapter in every_adapter(&backbone) {
            let bytes = bytes(&adapter);
            let again = read(&bytes);
            assert_eq!(again, adapter);
            assert_eq!(again.to_bytes().expect("a good adapter"), bytes);
            assert!(again.unknown_fields().is_empty());
            assert_eq!(answers(&backbone, &again), answers(&backbone, &adapter));
        }
    }
}

#[test]
fn rounding_what_is_rounded_changes_nothing_and_its_values_are_f32() {
    for backbone in one_layer() {
        let [bias, ..] = every_kind(&backbone);
        for encoding in [Encoding::F16, Encoding::I8] {
            let encoded = bias.encoded(encoding).expect("within range");
            assert_eq!(bytes(&encoded.encoded(encoding).expect("the same")), bytes(&encoded));
            let plain = encoded.encoded(Encoding::F32).expect("f32 holds everything");
            assert_eq!((&plain.parameters, plain.encoding()), (&encoded.parameters, Encoding::F32));
            assert_eq!(answers(&backbone, &plain), answers(&backbone, &encoded));
            if encoding == Encoding::F16 {
                assert_eq!(bytes(&plain.encoded(encoding).expect("the same values")), bytes(&encoded));
            }
        }
    }
}

#[test]
fn rounded_values_are_the_nearest() {
    let backbone = shallow(300);
    let mut adapter = adapter(&backbone, 1);
    adapter.parameters.biases[0][..7].copy_from_slice(&[0.0, -0.0, 1e-45, -3e-8, 65504.0, -65504.0, 40.0]);
    let [half, byte] = encoded(&adapter);
    let blocks = adapter.parameters.biases[0]
        .chunks(64)
        .zip(half.parameters.biases[0].chunks(64))
        .zip(byte.parameters.biases[0].chunks(64));
    for ((own, half), byte) in blocks {
        let largest = own.iter().fold(0.0_f32, |max, b| max.max(b.abs()));
        for ((own, half), byte) in own.iter().zip(half).zip(byte) {
            assert!((own - half).abs() <= (own.abs() / 2048.0).max(3e-8), "{own} as f16 {half}");
            assert!((own - byte).abs() <= 0.5001 * largest / 127.0, "{own} as i8 {byte}");
        }
    }
    assert_eq!(half.parameters.biases[0][..2].iter().map(|b| b.to_bits()).collect::<Vec<_>>(), [0, 1 << 31]);
    // What is too small for a scale is 0.
    adapter.parameters.biases[0].fill(1e-38);
    assert_eq!(adapter.encoded(Encoding::I8).expect("within range").parameters.biases[0], [0.0; 300]);
}

#[test]
fn metrics_of_other_values_are_not_kept() {
    let [bias, ..] = every_kind(&shallow(9));
    let mut parts = Parts::of(ADAPTER, &bytes(&bias));
    parts.header["metrics"][0]["samples"] = json!(1000);
    parts.header["author"] = json!("A");
    let bias = read(&parts.sealed());
    let keep = [true, false, true, true, true, true, true, true, true];
    for mut other in [bias.encoded(Encoding::F16).expect("fits"), bias.pruned(&keep).expect("one layer")] {
        assert!(other.header.metrics.is_empty());
        assert_eq!(other.unknown_fields(), ["author"]);
        other.header.metrics.clone_from(&bias.header.metrics);
        let again = read(&bytes(&other));
        assert_eq!(again.unknown_fields(), ["author"], "no field of the metric that was there");
    }
    assert_eq!(bias.encoded(Encoding::F32).expect("as it is"), bias);
}

#[test]
fn values_that_an_encoding_does_not_hold_are_refused() {
    let backbone = shallow(9);
    let [bias, mask, _, both] = every_kind(&backbone);
    let check = |result: Result<Adapter, Error>, expected: &str, hint: &str| {
        let error = result.expect_err(expected);
        check_error(&error, expected);
        assert!(error.hint().is_some_and(|found| found.contains(hint)), "{error}");
    };
    let off = mask.to_bias(&backbone).expect("a mask");
    let mut large = both.clone();
    large.parameters.gains = UnitGains::Learned(vec![65520.0; 9]); // rounds up
    for encoding in [Encoding::F16, Encoding::I8] {
        check(off.encoded(encoding), &format!("but {encoding} is for values from -65504 to 65504"), "prune");
        check(large.encoded(encoding), "`hidden.0.gain` is 65520 at value 0", "prune");
        check(mask.encoded(encoding), "kind `mask` has no values", "one bit per unit");
        let mut changed = bias.encoded(encoding).expect("within range");
        changed.parameters.biases[0][3] += 0.01;
        let error = changed.to_bytes().expect_err("changed");
        assert!(error.to_string().contains(&format!("which {encoding} does not hold")), "{error}");
    }
    let on = |unit: usize| matches!(&mask.parameters.gains, UnitGains::Mask(on) if on[unit]);
    let keep: Vec<bool> = (0..9).map(on).collect();
    let pruned = off.pruned(&keep).expect("one layer").encoded(Encoding::F16).expect("what is left is small");
    assert_eq!(pruned.parameter_count(), keep.iter().filter(|keep| **keep).count());
}

#[test]
fn a_form_that_its_header_does_not_state_is_refused() {
    let backbone = shallow(9);
    let [bias, mask, ..] = every_kind(&backbone);
    let keep: Vec<bool> = (0..9).map(|unit| unit != 4).collect();
    let [half, byte] = encoded(&bias);
    let pruned = bias.pruned(&keep).expect("one layer");
    let check = check_changed;
    let tensor = |dtype, bytes: Vec<u8>| Tensor { dtype, shape: vec![bytes.len()], bytes };
    check(&half, "requires the features [], but its content has [f16]", &|p| {
        p.header["requires"] = json!([]);
    });
    check(&half, "`encoding` is \"f32\", expected", &|p| p.header["encoding"] = json!("f32"));
    check(&half, "`hidden.0.bias` has type F16, expected I8", &|p| p.header["encoding"] = json!("i8"));
    check(&half, "`hidden.0.bias` is inf at unit 1", &|p| {
        p.tensor("hidden.0.bias").bytes[2..4].copy_from_slice(&[0, 0x7c]);
    });
    check(&bias, "requires the features [f16]", &|p| p.header["requires"] = json!(["f16"]));
    check(&byte, "`hidden.0.bias` has -128 at value 2", &|p| p.tensor("hidden.0.bias").bytes[2] = 0x80);
    for scale in [-1.0_f32, -0.0, 1e-31, 1e31] {
        check(&byte, "at block 0, expected 0 or a value from 1e-30 to 1e30", &|p| {
            *p.tensor("hidden.0.bias.scale") = Tensor::vector(&[scale]);
        });
    }
    check(&byte, "whose scale is 0", &|p| *p.tensor("hidden.0.bias.scale") = Tensor::vector(&[0.0]));
    check(&byte, "`hidden.0.bias.scale` is NaN", &|p| {
        *p.tensor("hidden.0.bias.scale") = Tensor::vector(&[f32::NAN]);
    });
    check(&byte, "`hidden.0.bias.scale` has shape [2], expected [1]", &|p| {
        *p.tensor("hidden.0.bias.scale") = Tensor::vector(&[1.0, 1.0]);
    });
    check(&pruned, "`hidden.0.bias` has shape [8], expected [9]", &|p| p.header["requires"] = json!([]));
    check(&bias, "tensor `hidden.0.kept` is missing", &|p| p.header["requires"] = json!(["pruned"]));
    check(&pruned, "`hidden.0.kept` has bits beyond its 9 units", &|p| {
        p.tensor("hidden.0.kept").bytes[1] |= 2;
    });
    check(&pruned, "no unit would be kept", &|p| {
        *p.tensor("hidden.0.kept") = tensor(Dtype::U8, vec![0, 0]);
        *p.tensor("hidden.0.bias") = Tensor::vector(&[]);
    });
    check(&mask, "kind `mask` cannot be pruned", &|p| p.header["requires"] = json!(["pruned"]));
    check(&mask, "kind `mask` has no values to write as f16", &|p| {
        (p.header["requires"], p.header["encoding"]) = (json!(["f16"]), json!("f16"));
    });
    let deep = adapter(&generate(&spec(1, &[(9, LOCAL_NORMAL), (9, ANYWHERE[0])], ONE_HOT)), 1);
    check(&deep, "pruning is defined for one hidden layer", &|p| p.header["requires"] = json!(["pruned"]));

    let [bias, mask, ..] = every_kind(&recurrent(9));
    for adapter in [&bias, &mask] {
        check(adapter, "cannot prune the adapter: in a recurrent network", &|p| {
            p.header["requires"] = json!(["recurrent", "pruned"]);
        });
    }
    let [half, _] = encoded(&bias);
    check(&half, "requires the features [f16], but its content has [recurrent, f16]", &|p| {
        p.header["requires"] = json!(["f16"]);
    });
}

#[test]
fn without_units_that_no_image_turns_on_every_answer_is_the_same_to_the_bit() {
    for isa in Isa::all() {
        for readout in readouts() {
            let backbone = generate(&spec(4, &[(300, LOCAL_NORMAL)], readout)).with_isa(isa);
            for mut adapter in every_kind(&backbone) {
                if let UnitGains::Mask(_) = adapter.parameters.gains {
                    assert!(adapter.pruned(&[true; 300]).is_err());
                    continue;
                }
                if adapter.header.base_bias.is_none() {
                    adapter.parameters.biases[0].iter_mut().step_by(3).for_each(|bias| *bias = -1e4);
                }
                let pixels = Draw::new(9).bytes(20 * inputs(&backbone));
                let p = mlp(&backbone).preactivations(&pixels).expect("whole images");
                let prepared = prepare(&backbone, &adapter);
                let c = prepared.kernel_args(mlp(&backbone)).bias;
                let rows: Vec<Vec<f32>> = (0..20).map(|row| p.row_f32(row)).collect();
                let keep: Vec<bool> =
                    (0..300).map(|unit| rows.iter().any(|row| row[unit] + c[unit] > 0.0)).collect();
                let pruned = adapter.pruned(&keep).expect("one layer");
                assert_eq!(pruned.kept(), Some(&*keep));
                assert_eq!(answers(&backbone, &pruned), answers(&backbone, &adapter), "{isa} {readout}");
                // Dropping more in two steps is dropping all at once.
                let few: Vec<bool> = (0..300).map(|unit| unit % 2 == 0).collect();
                let both: Vec<bool> = keep.iter().zip(&few).map(|(a, b)| *a && *b).collect();
                let twice = pruned.pruned(&few).expect("one layer");
                assert_eq!(twice, adapter.pruned(&both).expect("one layer"));
            }
        }
    }
}

#[test]
fn what_cannot_be_pruned_is_refused() {
    let backbone = shallow(9);
    let [bias, ..] = every_kind(&backbone);
    let check = |result: Result<Adapter, Error>, expected: &str| {
        check_error(&result.expect_err(expected), expected);
    };
    for adapter in every_kind(&recurrent(9)) {
        check(adapter.pruned(&[true; 9]), "cannot prune the adapter: in a recurrent network");
    }
    check(bias.pruned(&[false; 9]), "no unit would be kept");
    check(bias.pruned(&[true; 8]), "a choice of 8 units was given, the backbone has 9");
    check(bias.encoded(Encoding::I8).expect("fits").pruned(&[true; 9]), "whose units share scales");
    let mut changed = bias.pruned(&[true, true, true, true, false, true, true, true, true]).expect("fits");
    changed.parameters.biases[0][4] = 0.5;
    let error = changed.to_bytes().expect_err("a unit that is not there").to_string();
    assert!(error.contains("unit 4 is pruned, but has a bias"), "{error}");
}
