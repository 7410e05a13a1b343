//! An adapter alone on the units that it needs says what it says on its backbone.

use crate::support::{
    Draw, LOCAL_NORMAL, ONE_HOT, adapter, every_adapter, every_kind, generate, inputs, mlp, prepare,
    readouts, recurrent, scores, small_backbone, spec,
};
use bl_core::{Adapter, Backbone, Compact, Error, Isa, Net};

/// Scores of some images on the backbone and alone, which differ by the rounding of sums.
fn check(backbone: &Backbone, adapter: &Adapter, pixels: &[u8]) {
    let compact = Compact::new(backbone, adapter).expect("one layer");
    let mlp = mlp(backbone);
    let p = mlp.preactivations(pixels).expect("whole images");
    let prepared = prepare(backbone, adapter);
    let half = prepared.kernel_args(mlp);
    let full = scores(backbone, adapter, pixels);
    let alone = compact.scores(pixels).expect("whole images");
    assert_eq!((compact.inputs(), compact.outputs()), (mlp.inputs(), mlp.outputs()));
    assert_eq!(full.len(), alone.len());
    let weights = mlp.readout_lattice().weights();
    for (n, (full, alone)) in full.iter().zip(&alone).enumerate() {
        let (row, output) = (p.row_f32(n / mlp.outputs()), n % mlp.outputs());
        let gain = |unit: usize| adapter.parameters.gains.factors().get(unit).map_or(1.0, |gain| gain.abs());
        let weight = |unit: usize| weights[output * mlp.units() + unit].abs() * gain(unit);
        let h = |unit: usize| (row[unit] + half.bias[unit]).max(0.0) * half.scale;
        let size: f32 = (0..mlp.units()).map(|unit| weight(unit) * h(unit)).sum();
        assert!((full - alone).abs() <= 2e-5 * size, "{full} {alone} of terms {size}");
    }
}

#[test]
fn every_kind_and_form_alone_agrees_with_the_whole_on_every_instruction_set() {
    for isa in Isa::all() {
        for readout in readouts() {
            for units in [1, 9, 300] {
                let backbone = generate(&spec(4, &[(units, LOCAL_NORMAL)], readout)).with_isa(isa);
                let pixels = Draw::new(9).bytes(7 * inputs(&backbone));
                for adapter in &every_adapter(&backbone) {
                    check(&backbone, adapter, &pixels);
                }
            }
        }
    }
}

#[test]
fn it_has_the_units_that_are_left_and_room_by_class_alone() {
    let backbone = generate(&spec(4, &[(300, LOCAL_NORMAL)], ONE_HOT));
    let [bias, mask, ..] = every_kind(&backbone);
    let compact = |adapter: &Adapter| Compact::new(&backbone, adapter).expect("one layer");
    assert_eq!((compact(&bias).kept(), compact(&bias).slots()), (300, 300));
    let on = mask.parameters.gains.factors().iter().filter(|on| **on > 0.0).count();
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
    let half_an_image = compact(&pruned).scores(&[0; 25]);
    assert!(matches!(half_an_image, Err(Error::Kernel(_))), "an image and a pixel");
}

#[test]
fn an_adapter_that_is_off_altogether_says_nothing() {
    let backbone = generate(&spec(4, &[(9, LOCAL_NORMAL)], ONE_HOT));
    let [mut bias, ..] = every_kind(&backbone);
    bias.parameters.biases[0].fill(-1e9);
    let compact = Compact::new(&backbone, &bias).expect("one layer");
    assert_eq!((compact.kept(), compact.slots()), (0, 0));
    assert_eq!(compact.scores(&[255; 48]).expect("two images"), [0.0; 6]);
    for (other, expected) in
        [(small_backbone(), "the backbone has 2"), (recurrent(9), "network is recurrent")]
    {
        let error = Compact::new(&other, &adapter(&other, 1)).err().expect(expected).to_string();
        assert!(error.contains(expected), "{error}");
    }
}
