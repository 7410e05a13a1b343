//! What a trial is made of.

use std::collections::BTreeSet;
use std::f64::consts::{PI, TAU};

use bl_tasks::cognitive::{Cognitive, CognitiveTrial, DT, RULES, Settings, Stimulus};

use crate::{distance, for_all, silent};

const RING: usize = 32;
const INPUTS: usize = 1 + 2 * RING;
const OUTPUTS: usize = 1 + RING;

#[test]
fn names_are_those_of_the_paper_in_its_order() {
    let names = Cognitive::ALL.map(Cognitive::name).join(" ");
    assert_eq!(
        names,
        "go rt_go dly_go anti rt_anti dly_anti dm1 dm2 ctx_dm1 ctx_dm2 mult_dm dly_dm1 dly_dm2 ctx_dly_dm1 \
         ctx_dly_dm2 mult_dly_dm dms dnms dmc dnmc"
    );
    for (index, task) in Cognitive::ALL.into_iter().enumerate() {
        assert_eq!((task.index(), Cognitive::from_name(task.name())), (index, Some(task)));
        assert!(!task.title().is_empty() && !task.goal().is_empty());
    }
    let all: BTreeSet<_> = Cognitive::ALL.iter().flat_map(|task| [task.title(), task.goal()]).collect();
    assert_eq!((all.len(), Cognitive::from_name("stay")), (40, None));
}

#[test]
fn shapes_and_epochs_fit() {
    for_all(&Settings::default(), 300, |task, trial| {
        assert_eq!(trial.inputs.len(), trial.steps * INPUTS);
        assert_eq!(trial.targets.len(), trial.steps * OUTPUTS);
        assert_eq!(trial.weights.len(), trial.steps * OUTPUTS);
        let respond = trial.response.clone();
        assert!(5 < respond.start && respond.start < respond.end && respond.end == trial.steps, "{task:?}");
        assert_eq!(trial.fixation, 5..if trial.direction.is_some() { respond.start } else { trial.steps });
        for Stimulus { modality, direction, steps, .. } in &trial.stimuli {
            assert!(*modality < 2 && (0.0..TAU).contains(direction) && steps.end <= trial.steps, "{task:?}");
            assert!(0 < steps.start && steps.start < steps.end, "{task:?}: fixation comes first");
        }
        assert!(trial.inputs.iter().chain(&trial.targets).all(|x| x.is_finite()));
    });
}

#[test]
fn inputs_are_a_fixation_point_and_bumps() {
    for_all(&silent(), 100, |task, trial| {
        let stays = matches!(task.name(), "rt_go" | "rt_anti" | "dms" | "dnms" | "dmc" | "dnmc");
        for (step, row) in trial.inputs.chunks_exact(INPUTS).enumerate() {
            let fixation = if stays || step < trial.response.start { 1.0 } else { 0.0 };
            assert_eq!(row[0], fixation, "{task:?} at {step}");
            for (i, &found) in row[1..].iter().enumerate() {
                let expected: f64 = trial
                    .stimuli
                    .iter()
                    .filter(|stimulus| stimulus.steps.contains(&step) && stimulus.modality == i / RING)
                    .map(|stimulus| stimulus.strength * bump(stimulus.direction, i % RING))
                    .sum();
                assert!((f64::from(found) - expected).abs() < 1e-6, "{task:?} at {step}, unit {i}");
            }
        }
    });
}

/// `0.8 exp(−½ (8 |ψ − θ_i| / π)²)`
fn bump(direction: f64, unit: usize) -> f64 {
    let away = distance(direction, TAU * unit as f64 / RING as f64);
    0.8 * (-0.5 * (8.0 * away / PI).powi(2)).exp()
}

#[test]
fn targets_and_weights_are_as_published() {
    for_all(&silent(), 100, |task, trial| {
        let rows = trial.targets.chunks_exact(OUTPUTS).zip(trial.weights.chunks_exact(OUTPUTS));
        for (step, (target, weight)) in rows.enumerate() {
            let answers = trial.direction.filter(|_| step >= trial.response.start);
            let fixation = if answers.is_some() { 0.05 } else { 0.85 };
            assert_eq!(target[0], fixation, "{task:?} at {step}");
            for (unit, &found) in target[1..].iter().enumerate() {
                let expected = 0.05 + answers.map_or(0.0, |direction| bump(direction, unit));
                assert!((f64::from(found) - expected).abs() < 1e-6, "{task:?} at {step}, unit {unit}");
            }
            let expected = match step.checked_sub(trial.response.start) {
                None => 1.0,
                Some(0..5) => 0.0,
                Some(_) => 5.0,
            };
            assert_eq!(weight[0], 2.0 * expected, "{task:?} at {step}");
            assert!(weight[1..].iter().all(|&weight| weight == expected), "{task:?} at {step}");
        }
    });
}

#[test]
fn a_trial_depends_on_its_settings_task_seed_and_index_alone() {
    let settings = Settings::default();
    let alone = settings.trial(Cognitive::Dms, 3, 1000);
    let backwards: Vec<_> = (990..1010).rev().map(|index| settings.trial(Cognitive::Dms, 3, index)).collect();
    assert_eq!(backwards[9], alone);
    let elsewhere = std::thread::spawn(move || settings.trial(Cognitive::Dms, 3, 1000));
    assert_eq!(elsewhere.join().unwrap(), alone);
}

#[test]
fn no_two_trials_are_the_same() {
    let settings = Settings::default();
    let trial = |task, seed, index| settings.trial(task, seed, index);
    let mut trials: Vec<CognitiveTrial> = Cognitive::ALL.map(|task| trial(task, 1, 0)).into();
    trials.extend((1..50).map(|index| trial(Cognitive::Go, 1, index)));
    trials.extend((2..50).map(|seed| trial(Cognitive::Go, seed, 0)));
    for (i, a) in trials.iter().enumerate() {
        assert!(trials[..i].iter().all(|b| a.inputs[..500] != b.inputs[..500]), "{i}");
    }
}

#[test]
fn noise_is_all_that_noise_changes() {
    let mut squares = Vec::new();
    for task in Cognitive::ALL {
        for index in 0..20 {
            let (noisy, clean) = (Settings::default().trial(task, 2, index), silent().trial(task, 2, index));
            let noise = noisy.inputs.iter().zip(&clean.inputs).map(|(a, b)| f64::from(a - b).powi(2));
            squares.extend(noise);
            assert_eq!(CognitiveTrial { inputs: clean.inputs.clone(), ..noisy }, clean);
        }
    }
    // √(2 τ / dt) σ = √10 · 0.01
    let deviation = (squares.iter().sum::<f64>() / squares.len() as f64).sqrt();
    assert!((deviation - 0.031_623).abs() < 1e-4, "{deviation}");
}

#[test]
fn a_rule_is_one_unit_of_twenty_after_the_inputs() {
    for settings in [Settings::default(), silent()] {
        for rule in Cognitive::ALL {
            let trial = settings.trial(Cognitive::DlyGo, 4, 9);
            let with_rule = settings.with_rule(&trial, rule, 4, 9);
            assert_eq!(with_rule.len(), trial.steps * (INPUTS + RULES));
            for (row, inputs) in with_rule.chunks(INPUTS + RULES).zip(trial.inputs.chunks(INPUTS)) {
                assert_eq!(&row[..INPUTS], inputs);
                for (unit, &found) in row[INPUTS..].iter().enumerate() {
                    let off = found - if unit == rule.index() { 1.0 } else { 0.0 };
                    assert!(off.abs() <= 20.0 * settings.noise as f32, "{rule:?}: {found} at {unit}");
                }
            }
        }
    }
}

#[test]
fn a_ring_may_have_any_size_and_has_32_units_by_default() {
    for ring in [1, 2, 5, 33, 64] {
        let settings = Settings { ring, ..silent() };
        for_all(&settings, 5, |task, trial| {
            assert_eq!(trial.inputs.len(), trial.steps * settings.inputs());
            assert_eq!(trial.targets.len(), trial.steps * settings.outputs());
            assert!(ring < 5 || trial.is_right(&trial.targets), "{task:?} with {ring} units");
        });
    }
    let Settings { ring, noise, .. } = Settings::default();
    assert_eq!((ring, noise, DT), (32, 0.01, 20.0));
}
