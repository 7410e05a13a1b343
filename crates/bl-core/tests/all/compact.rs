//! An adapter alone on the units that it needs says what it says on its backbone.

use crate::support::{Draw, LOCAL_NORMAL, every_form, every_kind, generate, readouts, spec};
use bl_core::{Backbone, BiasAdapter, Compact, Isa};

/// Scores of some pictures on the backbone and alone, which differ by the rounding of sums.
fn check(backbone: &Backbone, adapter: &BiasAdapter, pixels: &[u8]) {
    let compact = Compact::new(backbone, adapter).expect("one layer");
    let p = backbone.preactivations(pixels).expect("whole pictures");
    let prepared = backbone.prepare(adapter).expect("its own backbone");
    let half = prepared.half(backbone);
    let full = backbone.logits(&p, 0..p.rows(), &prepared).expect("rows exist");
    let alone = compact.logits(pixels).expect("whole pictures");
    assert_eq!(full.len(), alone.len());
    let weights = backbone.readout_lattice().weights();
    for (n, (full, alone)) in full.iter().zip(&alone).enumerate() {
        let (row, output) = (p.row_f32(n / backbone.outputs()), n % backbone.outputs());
        let gain = |unit: usize| adapter.gains.factors().get(unit).map_or(1.0, |gain| gain.abs());
        let weight = |unit: usize| weights[output * backbone.units() + unit].abs() * gain(unit);
        let h = |unit: usize| (row[unit] + half.bias[unit]).max(0.0) * half.scale;
        let size: f32 = (0..backbone.units()).map(|unit| weight(unit) * h(unit)).sum();
        assert!((full - alone).abs() <= 2e-5 * size, "{full} {alone} of terms {size}");
    }
}

#[test]
fn every_kind_and_form_alone_agrees_with_the_whole_on_every_instruction_set() {
    for isa in Isa::all() {
        for readout in readouts() {
            for units in [1, 9, 300] {
                let backbone = generate(&spec(4, &[(units, LOCAL_NORMAL)], readout)).with_isa(isa);
                let pixels = Draw::new(9).bytes(7 * backbone.spec().input.values());
                for adapter in every_kind(&backbone).iter().chain(&every_form(&backbone)) {
                    check(&backbone, adapter, &pixels);
                }
            }
        }
    }
}

#[test]
fn it_has_the_units_that_are_left_and_room_by_class_alone() {
    let backbone = generate(&spec(4, &[(300, LOCAL_NORMAL)], crate::support::ONE_HOT));
    let [bias, mask, ..] = every_kind(&backbone);
    let compact = |adapter: &BiasAdapter| Compact::new(&backbone, adapter).expect("one layer");
    assert_eq!((compact(&bias).kept(), compact(&bias).slots()), (300, 300));
    let on = mask.gains.factors().iter().filter(|on| **on > 0.0).count();
    let (alone, as_bias) = (compact(&mask), compact(&mask.to_bias(&backbone).expect("a mask")));
    assert_eq!((alone.kept(), as_bias.kept()), (on, on));
    assert!(alone.bytes() < compact(&bias).bytes());
    // All units but those of one class of three: a third of the slots are empty.
    let keep: Vec<bool> = (0..300).map(|unit| unit % 3 != 1).collect();
    let pruned = compact(&bias.pruned(&keep).expect("one layer"));
    assert_eq!((pruned.kept(), pruned.slots()), (200, 300));
    let keep: Vec<bool> = (0..300).map(|unit| unit < 30).collect();
    let pruned = bias.pruned(&keep).expect("one layer");
    assert_eq!((compact(&pruned).kept(), compact(&pruned).slots()), (30, 30));

    let mut draw = Draw::new(1);
    let pixels = draw.bytes(2000 * backbone.spec().input.values());
    let labels: Vec<u8> = draw.bytes(2000).iter().map(|label| label % 3).collect();
    let prepared = backbone.prepare(&pruned).expect("its own backbone");
    let whole = backbone.evaluate(&prepared, &pixels, &labels).expect("pictures");
    let alone = compact(&pruned).evaluate(&pixels, &labels).expect("pictures");
    assert!(whole.correct().abs_diff(alone.correct()) <= 2 && (whole.loss - alone.loss).abs() < 1e-4);
    assert!(compact(&pruned).evaluate(&pixels[1..], &labels).is_err());
}

#[test]
fn an_adapter_that_is_off_altogether_says_nothing() {
    let backbone = generate(&spec(4, &[(9, LOCAL_NORMAL)], crate::support::ONE_HOT));
    let [mut bias, ..] = every_kind(&backbone);
    bias.biases[0].fill(-1e9);
    let compact = Compact::new(&backbone, &bias).expect("one layer");
    assert_eq!((compact.kept(), compact.slots()), (0, 0));
    assert_eq!(compact.logits(&[255; 48]).expect("two pictures"), [0.0; 6]);
    let deep =
        generate(&spec(1, &[(9, LOCAL_NORMAL), (9, crate::support::ANYWHERE[0])], crate::support::ONE_HOT));
    assert!(Compact::new(&deep, &crate::support::adapter(&deep, 1)).is_err());
}
