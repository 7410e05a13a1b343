//! What a recurrent network computes, against a plain double loop in f64.

use bl_core::recurrent::{Adaptation, RecurrentAdapter, RecurrentBackbone, RecurrentNet};
use bl_core::{Error, Isa, UnitGains};

use super::support::{every_kind, generate, plain, spec};
use crate::support::Draw;

/// A network's states may be rounded to 16 bits in the recurrent product.
const TOLERANCE: f64 = 2e-3;

/// y and the last state of one trajectory, in f64.
fn reference(
    backbone: &RecurrentBackbone,
    adapter: &RecurrentAdapter,
    x: &[f32],
    steps: usize,
) -> [Vec<f64>; 2] {
    let spec = backbone.spec();
    let [units, inputs, outputs] = [spec.units, spec.input.values, spec.readout.outputs].map(|n| n as usize);
    let [w, b, c] =
        [backbone.recurrent(), backbone.input(), backbone.readout()].map(bl_core::Lattice::weights);
    let gain = |unit: usize| match &adapter.gains {
        UnitGains::One => 1.0,
        UnitGains::Mask(on) => f64::from(u8::from(on[unit])),
        UnitGains::Learned(gains) => gains[unit].into(),
    };
    let dot = |row: &[f32], v: &[f64]| row.iter().zip(v).map(|(a, b)| f64::from(*a) * b).sum::<f64>();
    let initial = adapter.initial.as_deref().unwrap_or(backbone.initial());
    let mut r: Vec<f64> = initial.iter().map(|&x| x.into()).collect();
    let mut y = Vec::new();
    for step in 0..steps {
        let x: Vec<f64> = x[step * inputs..][..inputs].iter().map(|&x| x.into()).collect();
        r = (0..units)
            .map(|i| {
                let sum = dot(&w[i * units..][..units], &r) + dot(&b[i * inputs..][..inputs], &x);
                let h = (sum + f64::from(adapter.biases[i])).max(0.0);
                spec.alpha * r[i] + spec.beta * gain(i) * h
            })
            .collect();
        y.extend((0..outputs).map(|o| dot(&c[o * units..][..units], &r)));
    }
    [y, r]
}

fn run(backbone: &RecurrentBackbone, adapter: &RecurrentAdapter, x: &[f32], steps: usize) -> [Vec<f32>; 2] {
    let net = adapter.on(backbone).expect("its own backbone");
    let mut state = net.initial().to_vec();
    let y = net.run(x, steps, &mut state).expect("shapes agree");
    [y, state]
}

#[track_caller]
fn check_close(found: &[f32], expected: &[f64], what: &str) {
    assert_eq!(found.len(), expected.len());
    let largest = expected.iter().fold(0.0_f64, |max, x| max.max(x.abs()));
    for (found, expected) in found.iter().zip(expected) {
        let away = (f64::from(*found) - expected).abs();
        assert!(away <= TOLERANCE * largest.max(1e-3), "{what}: {found}, expected {expected}");
    }
}

#[test]
fn every_kind_computes_what_the_equation_says() {
    const STEPS: usize = 8;
    for spec in [spec(9, 1, 1), spec(33, 2, 2), plain(65), spec(1, 1, 1)] {
        let x = Draw::new(5).units(STEPS * spec.input.values as usize);
        for isa in Isa::all() {
            let backbone = generate(&spec).with_isa(isa);
            for adapter in every_kind(&backbone) {
                let what = format!("{isa}, {} of {} units", adapter.header.kind, spec.units);
                let [expected, last] = reference(&backbone, &adapter, &x, STEPS);
                let [y, state] = run(&backbone, &adapter, &x, STEPS);
                check_close(&y, &expected, &what);
                check_close(&state, &last, &what);
            }
        }
    }
}

#[test]
fn trajectories_do_not_meet_and_steps_can_be_taken_apart() {
    const STEPS: usize = 6;
    let backbone = generate(&spec(33, 2, 2));
    let [.., adapter] = every_kind(&backbone);
    let net = adapter.on(&backbone).expect("its own backbone");
    let all = 11;
    let x = Draw::new(5).units(STEPS * all * 2);
    let mut states = net.initial().repeat(all);
    let y = net.run(&x, STEPS, &mut states).expect("shapes agree");
    for one in 0..all {
        let own: Vec<f32> = (0..STEPS).flat_map(|step| x[(step * all + one) * 2..][..2].to_vec()).collect();
        let [expected, last] = reference(&backbone, &adapter, &own, STEPS);
        let found: Vec<f32> = (0..STEPS).flat_map(|step| y[(step * all + one) * 2..][..2].to_vec()).collect();
        check_close(&found, &expected, "of eleven");
        check_close(&states[one * 33..][..33], &last, "state of eleven");
        // Twice three steps from the state that was left are six steps, to the bit.
        let mut state = net.initial().to_vec();
        let [whole, _] = run(&backbone, &adapter, &own, STEPS);
        let mut apart = net.run(&own[..6], 3, &mut state).expect("shapes agree");
        apart.extend(net.run(&own[6..], 3, &mut state).expect("shapes agree"));
        assert_eq!(apart, whole);
    }
}

#[test]
fn inputs_of_zero_are_no_input() {
    let backbone = generate(&spec(33, 2, 2));
    let [adapter, ..] = every_kind(&backbone);
    let [expected, _] = reference(&backbone, &adapter, &[0.0; 10], 5);
    let [y, _] = run(&backbone, &adapter, &[0.0; 10], 5);
    check_close(&y, &expected, "x = 0");
    // Nothing at all: no bias, no state, no input.
    let still = vec![0.0; 33];
    let adaptation = Adaptation { biases: &still, gains: &[], initial: Some(&still) };
    let net = backbone.with(adaptation).expect("widths agree");
    let mut state = net.initial().to_vec();
    assert!(net.run(&[0.0; 10], 5, &mut state).expect("shapes agree").iter().all(|y| *y == 0.0));
    assert_eq!(state, still);
}

#[test]
fn a_then_b_then_a_gives_the_outputs_of_a_again() {
    let backbone = generate(&spec(33, 1, 1));
    let x = Draw::new(5).units(20);
    let bits = |adapter| {
        run(&backbone, adapter, &x, 20).map(|values| values.into_iter().map(f32::to_bits).collect())
    };
    let [a, b, c, d] = every_kind(&backbone);
    for other in [&b, &c, &d] {
        let first: [Vec<u32>; 2] = bits(&a);
        assert_ne!(bits(other), first);
        assert_eq!(bits(&a), first);
    }
}

#[test]
fn shapes_that_do_not_fit_are_errors() {
    let backbone = generate(&spec(9, 1, 1));
    let (nine, eight) = (vec![0.0; 9], vec![0.0; 8]);
    let with = |biases, gains, initial| backbone.with(Adaptation { biases, gains, initial }).map(drop);
    assert!(with(&nine, &[], None).is_ok());
    let wrong = Err(Error::BiasWidths { expected: vec![9], found: vec![8] }.to_string());
    assert_eq!(with(&eight, &[], None).map_err(|error| error.to_string()), wrong);
    assert_eq!(with(&nine, &[], Some(&eight)).map_err(|error| error.to_string()), wrong);
    assert!(matches!(with(&nine, &eight, None), Err(Error::GainWidth { expected: 9, found: 8 })));

    let adaptation = Adaptation { biases: &nine, gains: &[], initial: None };
    let net = backbone.with(adaptation).expect("widths agree");
    for (x, steps, state) in [(2, 3, 9), (4, 3, 9), (3, 3, 18), (3, 3, 10), (0, 0, 9), (3, 3, 0)] {
        let mut state = vec![0.0; state];
        assert!(net.run(&vec![0.0; x], steps, &mut state).is_err(), "{x} values, {steps} steps");
    }
}

#[test]
fn states_beyond_all_numbers_are_no_panic() {
    let mut wild = plain(33);
    wild.recurrent.gain = 1e6;
    let backbone = generate(&wild);
    let [adapter, ..] = every_kind(&backbone);
    let [y, _] = run(&backbone, &adapter, &[], 100);
    let first = y.iter().position(|y| !y.is_finite()).expect("it explodes");
    assert!((3..60).contains(&first), "{first}");
}
