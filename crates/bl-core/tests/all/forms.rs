//! What holds of encoded and pruned adapters: as files and as functions.

use crate::recurrent::support as in_time;
use crate::support::{
    ANYWHERE, Draw, LOCAL_NORMAL, ONE_HOT, Parts, adapter, every_form, every_kind, generate, readouts, spec,
};
use bl_core::container::Tensor;
use bl_core::recurrent::RecurrentAdapter;
use bl_core::{Backbone, BiasAdapter, Encoding, Isa, UnitGains};
use safetensors::tensor::Dtype;
use serde_json::json;

const KEY: &str = "bl_adapter";

fn backbones() -> impl Iterator<Item = Backbone> {
    [1, 2, 8, 9, 63, 64, 65, 300]
        .into_iter()
        .map(|units| generate(&spec(4, &[(units, LOCAL_NORMAL)], ONE_HOT)))
}

fn bytes(adapter: &BiasAdapter) -> Vec<u8> {
    adapter.to_bytes().expect("a good adapter")
}

/// Scores of 20 pictures, as bits.
fn scores(backbone: &Backbone, adapter: &BiasAdapter) -> Vec<u32> {
    let pixels = Draw::new(9).bytes(20 * backbone.spec().input.values());
    let p = backbone.preactivations(&pixels).expect("whole pictures");
    let prepared = backbone.prepare(adapter).expect("its own backbone");
    let scores = backbone.logits(&p, 0..20, &prepared).expect("rows exist");
    scores.into_iter().map(f32::to_bits).collect()
}

#[test]
fn every_form_is_read_back_whole_and_written_the_same() {
    for backbone in backbones() {
        for adapter in every_form(&backbone) {
            let bytes = bytes(&adapter);
            let read = BiasAdapter::from_bytes(&bytes).expect("its own file");
            assert_eq!(read, adapter);
            assert_eq!(read.to_bytes().expect("a good adapter"), bytes);
            assert!(read.unknown_fields().is_empty());
            assert_eq!(scores(&backbone, &read), scores(&backbone, &adapter));
        }
    }
    let deep = generate(&spec(1, &[(70, LOCAL_NORMAL), (90, ANYWHERE[0])], ONE_HOT));
    for encoding in [Encoding::F16, Encoding::I8] {
        let adapter = adapter(&deep, 1).encoded(encoding).expect("within range");
        assert_eq!(BiasAdapter::from_bytes(&bytes(&adapter)).expect("its own file"), adapter);
    }
    for adapter in in_time::every_form(&in_time::generate(&in_time::spec(70, 1, 1))) {
        let bytes = adapter.to_bytes().expect("a good adapter");
        let read = RecurrentAdapter::from_bytes(&bytes).expect("its own file");
        assert_eq!((&read, read.to_bytes().expect("a good adapter")), (&adapter, bytes));
    }
}

#[test]
fn rounding_what_is_rounded_changes_nothing_and_its_values_are_f32() {
    for backbone in backbones() {
        let [bias, ..] = every_kind(&backbone);
        for encoding in [Encoding::F16, Encoding::I8] {
            let encoded = bias.encoded(encoding).expect("within range");
            assert_eq!(bytes(&encoded.encoded(encoding).expect("the same")), bytes(&encoded));
            let plain = encoded.encoded(Encoding::F32).expect("f32 holds everything");
            assert_eq!((&plain.biases, plain.encoding()), (&encoded.biases, Encoding::F32));
            assert_eq!(scores(&backbone, &plain), scores(&backbone, &encoded));
            if encoding == Encoding::F16 {
                assert_eq!(bytes(&plain.encoded(encoding).expect("the same values")), bytes(&encoded));
            }
        }
    }
}

#[test]
fn rounded_values_are_the_nearest() {
    let backbone = generate(&spec(1, &[(300, LOCAL_NORMAL)], ONE_HOT));
    let mut adapter = adapter(&backbone, 1);
    adapter.biases[0][..7].copy_from_slice(&[0.0, -0.0, 1e-45, -3e-8, 65504.0, -65504.0, 40.0]);
    let half = adapter.encoded(Encoding::F16).expect("within range");
    let byte = adapter.encoded(Encoding::I8).expect("within range");
    let blocks = adapter.biases[0].chunks(64).zip(half.biases[0].chunks(64)).zip(byte.biases[0].chunks(64));
    for ((own, half), byte) in blocks {
        let largest = own.iter().fold(0.0_f32, |max, b| max.max(b.abs()));
        for ((own, half), byte) in own.iter().zip(half).zip(byte) {
            assert!((own - half).abs() <= (own.abs() / 2048.0).max(3e-8), "{own} as f16 {half}");
            assert!((own - byte).abs() <= 0.5001 * largest / 127.0, "{own} as i8 {byte}");
        }
    }
    assert_eq!(half.biases[0][..2].iter().map(|b| b.to_bits()).collect::<Vec<_>>(), [0, 1 << 31]);
    // What is too small for a scale is 0.
    adapter.biases[0].fill(1e-38);
    assert_eq!(adapter.encoded(Encoding::I8).expect("within range").biases[0], [0.0; 300]);
}

#[test]
fn figures_of_other_values_are_not_kept() {
    let [bias, ..] = every_kind(&generate(&spec(1, &[(9, LOCAL_NORMAL)], ONE_HOT)));
    let mut parts = Parts::of(KEY, &bytes(&bias));
    parts.header["metrics"][0]["samples"] = json!(1000);
    parts.header["author"] = json!("A");
    let bias = BiasAdapter::from_bytes(&parts.sealed()).expect("optional fields");
    let keep = [true, false, true, true, true, true, true, true, true];
    for mut other in [bias.encoded(Encoding::F16).expect("fits"), bias.pruned(&keep).expect("one layer")] {
        assert!(other.header.metrics.is_empty());
        assert_eq!(other.unknown_fields(), ["author"]);
        other.header.metrics.clone_from(&bias.header.metrics);
        let again = BiasAdapter::from_bytes(&bytes(&other)).expect("its own file");
        assert_eq!(again.unknown_fields(), ["author"], "no field of the figure that was there");
    }
    assert_eq!(bias.encoded(Encoding::F32).expect("as it is"), bias);
}

#[test]
fn values_that_an_encoding_does_not_hold_are_refused() {
    let backbone = generate(&spec(1, &[(9, LOCAL_NORMAL)], ONE_HOT));
    let [bias, mask, _, both] = every_kind(&backbone);
    let check = |result: Result<BiasAdapter, bl_core::Error>, expected: &str, hint: &str| {
        let error = result.expect_err(expected);
        assert!(error.to_string().contains(expected), "expected `{expected}`, found `{error}`");
        assert!(error.hint().is_some_and(|found| found.contains(hint)), "{error}");
    };
    let off = mask.to_bias(&backbone).expect("a mask");
    let mut large = both.clone();
    large.gains = UnitGains::Learned(vec![65520.0; 9]); // rounds up
    for encoding in [Encoding::F16, Encoding::I8] {
        check(off.encoded(encoding), &format!("but {encoding} is for values from -65504 to 65504"), "prune");
        check(large.encoded(encoding), "`hidden.0.gain` is 65520 at value 0", "prune");
        check(mask.encoded(encoding), "kind `mask` has no values", "a bit a unit");
        let mut changed = bias.encoded(encoding).expect("within range");
        changed.biases[0][3] += 0.01;
        let error = changed.to_bytes().expect_err("changed");
        assert!(error.to_string().contains(&format!("which {encoding} does not hold")), "{error}");
    }
    let on = |unit: usize| matches!(&mask.gains, UnitGains::Mask(on) if on[unit]);
    let keep: Vec<bool> = (0..9).map(on).collect();
    let pruned = off.pruned(&keep).expect("one layer").encoded(Encoding::F16).expect("what is left is small");
    assert_eq!(pruned.parameters(), keep.iter().filter(|keep| **keep).count());
}

#[test]
fn a_form_that_its_header_does_not_state_is_refused() {
    let backbone = generate(&spec(1, &[(9, LOCAL_NORMAL)], ONE_HOT));
    let [bias, mask, ..] = every_kind(&backbone);
    let keep: Vec<bool> = (0..9).map(|unit| unit != 4).collect();
    let (half, byte) =
        (bias.encoded(Encoding::F16).expect("fits"), bias.encoded(Encoding::I8).expect("fits"));
    let pruned = bias.pruned(&keep).expect("one layer");
    let check = |adapter: &BiasAdapter, expected: &str, change: &dyn Fn(&mut Parts)| {
        let mut parts = Parts::of(KEY, &bytes(adapter));
        change(&mut parts);
        let error = BiasAdapter::from_bytes(&parts.sealed()).expect_err(expected).to_string();
        assert!(error.contains(expected), "expected `{expected}`, found `{error}`");
    };
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

    let recurrent = in_time::small().to_bytes().expect("a small adapter");
    let mut parts = Parts::of(KEY, &recurrent);
    parts.header["requires"] = json!(["recurrent", "pruned"]);
    let error = RecurrentAdapter::from_bytes(&parts.sealed()).expect_err("pruned in time").to_string();
    assert!(error.contains("the feature `pruned`, which this program does not know"), "{error}");
}

#[test]
fn without_units_that_no_picture_turns_on_every_answer_is_the_same_to_the_bit() {
    for isa in Isa::all() {
        for readout in readouts() {
            let backbone = generate(&spec(4, &[(300, LOCAL_NORMAL)], readout)).with_isa(isa);
            for mut adapter in every_kind(&backbone) {
                if let UnitGains::Mask(_) = adapter.gains {
                    assert!(adapter.pruned(&[true; 300]).is_err());
                    continue;
                }
                if adapter.header.base_bias.is_none() {
                    adapter.biases[0].iter_mut().step_by(3).for_each(|bias| *bias = -1e4);
                }
                let pixels = Draw::new(9).bytes(20 * backbone.spec().input.values());
                let p = backbone.preactivations(&pixels).expect("whole pictures");
                let prepared = backbone.prepare(&adapter).expect("its own backbone");
                let c = prepared.half(&backbone).bias;
                let rows: Vec<Vec<f32>> = (0..20).map(|row| p.row_f32(row)).collect();
                let keep: Vec<bool> =
                    (0..300).map(|unit| rows.iter().any(|row| row[unit] + c[unit] > 0.0)).collect();
                let pruned = adapter.pruned(&keep).expect("one layer");
                assert_eq!(pruned.kept(), Some(&*keep));
                assert_eq!(scores(&backbone, &pruned), scores(&backbone, &adapter), "{isa} {readout}");
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
    let backbone = generate(&spec(1, &[(9, LOCAL_NORMAL)], ONE_HOT));
    let [bias, ..] = every_kind(&backbone);
    let check = |result: Result<BiasAdapter, bl_core::Error>, expected: &str| {
        let error = result.expect_err(expected).to_string();
        assert!(error.contains(expected), "expected `{expected}`, found `{error}`");
    };
    check(bias.pruned(&[false; 9]), "no unit would be kept");
    check(bias.pruned(&[true; 8]), "a choice of 8 units was given, the backbone has 9");
    check(bias.encoded(Encoding::I8).expect("fits").pruned(&[true; 9]), "whose units share scales");
    let mut changed = bias.pruned(&[true, true, true, true, false, true, true, true, true]).expect("fits");
    changed.biases[0][4] = 0.5;
    let error = changed.to_bytes().expect_err("a unit that is not there").to_string();
    assert!(error.contains("unit 4 is pruned, but has a bias"), "{error}");
}
