//! What a recurrent network computes, against a plain double loop in f64.

use bl_core::{Adapter, Backbone, Error, Half, Isa, Net, Parameters, Rnn, UnitGains};

use crate::support::{Draw, answers, every_kind, generate, io, plain, rnn};

/// A network's states may be rounded to 16 bits in the recurrent product.
const TOLERANCE: f64 = 2e-3;

fn network(backbone: &Backbone) -> &Rnn {
    backbone.rnn().expect("recurrent")
}

/// y and the last state of one trajectory, in f64.
fn reference(backbone: &Backbone, adapter: &Adapter, x: &[f32], steps: usize) -> [Vec<f64>; 2] {
    let (net, Parameters { biases, gains, initial, .. }) = (network(backbone), &adapter.parameters);
    let (units, (inputs, outputs)) = (net.units(), net.spec().widths());
    let [w, b, c] = [net.recurrent(), net.input(), net.readout()].map(bl_core::Lattice::weights);
    let gain = |unit: usize| match gains {
        UnitGains::One => 1.0,
        UnitGains::Mask(on) => f64::from(u8::from(on[unit])),
        UnitGains::Learned(gains) => gains[unit].into(),
    };
    let dot = |row: &[f32], v: &[f64]| row.iter().zip(v).map(|(a, b)| f64::from(*a) * b).sum::<f64>();
    let initial = initial.as_deref().unwrap_or(net.initial());
    let mut r: Vec<f64> = initial.iter().map(|&x| x.into()).collect();
    let mut y = Vec::new();
    for step in 0..steps {
        let x: Vec<f64> = x[step * inputs..][..inputs].iter().map(|&x| x.into()).collect();
        r = (0..units)
            .map(|i| {
                let sum = dot(&w[i * units..][..units], &r) + dot(&b[i * inputs..][..inputs], &x);
                let h = (sum + f64::from(biases[0][i])).max(0.0);
                net.spec().alpha * r[i] + net.spec().beta * gain(i) * h
            })
            .collect();
        y.extend((0..outputs).map(|o| dot(&c[o * units..][..units], &r)));
    }
    [y, r]
}

fn run(backbone: &Backbone, adapter: &Adapter, x: &[f32], steps: usize) -> [Vec<f32>; 2] {
    let half = backbone.prepare(adapter).expect("its own backbone");
    let net = backbone.with(&half);
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
    for spec in [rnn(9, 1, 1), rnn(33, 2, 2), plain(65), rnn(1, 1, 1)] {
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
    let backbone = generate(&rnn(33, 2, 2));
    let [.., adapter] = every_kind(&backbone);
    let half = backbone.prepare(&adapter).expect("its own backbone");
    let net = backbone.with(&half);
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
    let backbone = generate(&rnn(33, 2, 2));
    let [adapter, ..] = every_kind(&backbone);
    let [expected, _] = reference(&backbone, &adapter, &[0.0; 10], 5);
    let [y, _] = run(&backbone, &adapter, &[0.0; 10], 5);
    check_close(&y, &expected, "x = 0");
    // Nothing at all: no bias, no state, no input.
    let still = vec![0.0; 33];
    let nothing = Parameters { initial: Some(still.clone()), ..Parameters::of_biases(vec![still.clone()]) };
    let half = Half::new(&backbone, &io(&backbone), &nothing).expect("widths agree");
    let net = backbone.with(&half);
    let mut state = net.initial().to_vec();
    assert!(net.run(&[0.0; 10], 5, &mut state).expect("shapes agree").iter().all(|y| *y == 0.0));
    assert_eq!(state, still);
}

#[test]
fn a_then_b_then_a_gives_the_outputs_of_a_again() {
    let backbone = generate(&rnn(33, 1, 1));
    let [a, b, c, d] = every_kind(&backbone);
    for other in [&b, &c, &d] {
        let first = answers(&backbone, &a);
        assert_ne!(answers(&backbone, other), first);
        assert_eq!(answers(&backbone, &a), first);
    }
}

#[test]
fn shapes_that_do_not_fit_are_errors() {
    let backbone = generate(&rnn(9, 1, 1));
    let (nine, eight) = (vec![0.0; 9], vec![0.0; 8]);
    let with = |biases: &[&Vec<f32>], gains, initial: Option<&Vec<f32>>| {
        let biases = biases.iter().map(|bias| (*bias).clone()).collect();
        Half::new(
            &backbone,
            &io(&backbone),
            &Parameters { biases, gains, initial: initial.cloned(), head: None },
        )
    };
    let half = with(&[&nine], UnitGains::One, None).expect("widths agree");
    for (biases, gains, initial, expected) in [
        (&[&eight][..], UnitGains::One, None, "bias vectors of [8] units, its backbone has layers of [9]"),
        (
            &[&nine, &nine],
            UnitGains::One,
            None,
            "bias vectors of [9, 9] units, its backbone has layers of [9]",
        ),
        (&[], UnitGains::One, None, "bias vectors of [] units, its backbone has layers of [9]"),
        (&[&nine], UnitGains::One, Some(&eight), "an initial state of 8 units, its backbone has 9"),
        (&[&nine], UnitGains::Learned(eight.clone()), None, "gains of 8 units, its backbone has 9"),
        (&[&nine], UnitGains::Mask(vec![true; 8]), None, "gains of 8 units, its backbone has 9"),
    ] {
        let error = with(biases, gains, initial).err().expect(expected).to_string();
        assert!(error.contains(expected), "expected `{expected}`, found `{error}`");
    }

    let net = backbone.with(&half);
    for (x, steps, state) in [(2, 3, 9), (4, 3, 9), (3, 3, 18), (3, 3, 10), (0, 0, 9), (3, 3, 0)] {
        let mut state = vec![0.0; state];
        let result = net.run(&vec![0.0; x], steps, &mut state);
        assert!(matches!(result, Err(Error::Kernel(_))), "{x} values, {steps} steps");
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
