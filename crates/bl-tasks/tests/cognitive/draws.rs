//! How trials vary.

use std::collections::BTreeMap;
use std::f64::consts::{PI, TAU};

use bl_tasks::cognitive::{Cognitive, CognitiveTrial, Coherences, Settings};

use crate::{distance, silent};

const TRIALS: u64 = 4000;

fn trials_of(settings: &Settings, name: &str) -> Vec<CognitiveTrial> {
    let settings = Settings { ring: 1, ..settings.clone() }; // nothing that is looked at here depends on it
    let task = Cognitive::from_name(name).unwrap();
    (0..TRIALS).map(|index| settings.trial(task, 5, index)).collect()
}

/// Fails unless so large a share of 4000 is as expected, by five standard deviations.
fn check_share(what: &str, found: usize, expected: f64) {
    let share = found as f64 / TRIALS as f64;
    let deviation = (expected * (1.0 - expected) / TRIALS as f64).sqrt();
    assert!((share - expected).abs() < 5.0 * deviation, "{what}: expected {expected}, found {share}");
}

#[test]
fn directions_are_uniform() {
    for task in Cognitive::ALL {
        let trials = trials_of(&silent(), task.name());
        let first: Vec<f64> = trials.iter().map(|trial| trial.stimuli[0].direction).collect();
        let answers: Vec<f64> = trials.iter().filter_map(|trial| trial.direction).collect();
        for directions in [first, answers] {
            let mut tenths = [0; 10];
            for direction in &directions {
                tenths[(direction / TAU * 10.0) as usize] += 1;
            }
            let expected = directions.len() as f64 / 10.0;
            let chi2: f64 = tenths.iter().map(|&n| (f64::from(n) - expected).powi(2) / expected).sum();
            assert!(chi2 < 34.0, "{task:?}: {tenths:?}"); // p = 1e-4 with 9 degrees of freedom
        }
    }
}

#[test]
fn half_of_the_trials_match() {
    for task in ["dms", "dnms", "dmc", "dnmc"] {
        let responses = trials_of(&silent(), task).iter().filter(|trial| trial.direction.is_some()).count();
        check_share(task, responses, 0.5);
    }
}

#[test]
fn a_stimulus_is_in_each_modality_as_often() {
    for task in ["go", "rt_go", "dly_go", "anti", "rt_anti", "dly_anti"] {
        let second = trials_of(&silent(), task).iter().filter(|trial| trial.stimuli[0].modality == 1).count();
        check_share(task, second, 0.5);
    }
    for task in ["dms", "dnms", "dmc", "dnmc"] {
        let trials = trials_of(&silent(), task);
        for modalities in [[0, 0], [0, 1], [1, 0], [1, 1]] {
            let of = |trial: &&CognitiveTrial| [0, 1].map(|nth| trial.stimuli[nth].modality) == modalities;
            check_share(task, trials.iter().filter(of).count(), 0.25);
        }
    }
}

#[test]
fn another_direction_is_as_far_away_as_published() {
    let apart = |name: &str| {
        let mut apart: Vec<f64> = trials_of(&silent(), name)
            .iter()
            .map(|trial| distance(trial.stimuli[0].direction, trial.stimuli[1].direction) * 180.0 / PI)
            .filter(|&degrees| degrees > 1e-6)
            .collect();
        apart.sort_unstable_by(f64::total_cmp);
        (apart[0], apart[apart.len() - 1])
    };
    for (names, nearest) in [(["dms", "dnms"], 10.0), (["dm1", "dm2"], 90.0), (["mult_dm", "dly_dm1"], 90.0)]
    {
        for name in names {
            let (from, to) = apart(name);
            assert!(
                (nearest..nearest + 1.0).contains(&from) && (179.0..=180.0).contains(&to),
                "{name} {from}"
            );
        }
    }
    let categorized = trials_of(&silent(), "dmc");
    assert!(categorized.iter().flat_map(|trial| &trial.stimuli).all(|stimulus| {
        let tenths = stimulus.direction * 180.0 / PI / 18.0;
        (tenths - tenths.round()).abs() < 1e-9 && tenths.round() as i64 % 2 == 1
    }));
}

/// The coherences, in thousandths, of stimuli that are told apart in one modality.
fn coherences(settings: &Settings, name: &str, modality: usize) -> BTreeMap<i64, usize> {
    let mut counts = BTreeMap::new();
    for trial in trials_of(settings, name) {
        let pair: Vec<_> = trial.stimuli.iter().filter(|stimulus| stimulus.modality == modality).collect();
        let coherence = (pair[0].strength - pair[1].strength) / 2.0;
        let mean = f64::midpoint(pair[0].strength, pair[1].strength);
        assert!((0.8..1.2).contains(&mean), "{name}: {mean}");
        *counts.entry((1000.0 * coherence).round() as i64).or_default() += 1;
    }
    counts
}

#[test]
fn coherences_are_those_of_the_paper_and_symmetrical() {
    fn check(settings: &Settings, name: &str, modality: usize, expected: &[i64]) {
        let counts = coherences(settings, name, modality);
        let both: Vec<i64> = expected.iter().rev().map(|c| -c).chain(expected.iter().copied()).collect();
        assert_eq!(counts.keys().copied().collect::<Vec<_>>(), both, "{name}");
        for &count in counts.values() {
            check_share(name, count, 1.0 / both.len() as f64);
        }
    }
    let easy = Settings { coherences: Coherences::Easy, ..silent() };
    for (name, modality) in [("dm1", 0), ("dm2", 1), ("ctx_dm1", 0), ("ctx_dm1", 1), ("ctx_dm2", 0)] {
        check(&silent(), name, modality, &[10, 20, 40, 80]);
        check(&easy, name, modality, &[100, 200, 400, 800]);
    }
    for (name, modality) in [("dly_dm1", 0), ("dly_dm2", 1), ("ctx_dly_dm1", 1), ("ctx_dly_dm2", 1)] {
        check(&silent(), name, modality, &[80, 160, 320]);
        check(&easy, name, modality, &[160, 320, 640]);
    }
}

#[test]
fn strengths_are_never_negative() {
    let easy = Settings { coherences: Coherences::Easy, ..silent() };
    for task in Cognitive::ALL {
        let strengths = trials_of(&easy, task.name()).into_iter().flat_map(|trial| trial.stimuli);
        assert!(strengths.map(|stimulus| stimulus.strength).all(|strength| strength >= 0.0), "{task:?}");
    }
}

/// Otherwise one of the modalities would tell the answer of the other.
#[test]
fn what_is_to_be_ignored_says_nothing() {
    for (name, ignored) in [("ctx_dm1", 1), ("ctx_dm2", 0), ("ctx_dly_dm1", 1), ("ctx_dly_dm2", 0)] {
        let agrees = |trial: &&CognitiveTrial| {
            let pair: Vec<_> = trial.stimuli.iter().filter(|stimulus| stimulus.modality == ignored).collect();
            let stronger = pair[usize::from(pair[1].strength > pair[0].strength)];
            trial.direction == Some(stronger.direction)
        };
        check_share(name, trials_of(&silent(), name).iter().filter(agrees).count(), 0.5);
    }
}

/// One modality alone is not enough where their sum decides.
#[test]
fn the_sum_of_modalities_is_more_than_one_of_them() {
    for name in ["mult_dm", "mult_dly_dm"] {
        for modality in [0, 1] {
            let agrees = |trial: &&CognitiveTrial| {
                let pair: Vec<_> = trial.stimuli.iter().filter(|s| s.modality == modality).collect();
                let stronger = pair[usize::from(pair[1].strength > pair[0].strength)];
                trial.direction == Some(stronger.direction)
            };
            let share = trials_of(&silent(), name).iter().filter(agrees).count() as f64 / TRIALS as f64;
            assert!((0.5..0.85).contains(&share), "{name}: modality {modality} tells {share}");
        }
    }
}

#[test]
fn epochs_last_as_published() {
    // Fixation before the first stimulus, and from there to the response, in ms; and all durations of the response.
    fn check(name: &str, fixation: [usize; 2], until: [usize; 2], responses: &[usize]) {
        let trials = trials_of(&silent(), name);
        let onset = |trial: &CognitiveTrial| 20 * trial.stimuli[0].steps.start;
        let within = |found: &mut dyn Iterator<Item = usize>, [from, to]: [usize; 2]| {
            let found: Vec<usize> = found.collect();
            let (least, most) = (*found.iter().min().unwrap(), *found.iter().max().unwrap());
            assert!(least == from && most == to, "{name}: expected {from} to {to}, found {least} to {most}");
        };
        within(&mut trials.iter().map(onset), fixation);
        within(&mut trials.iter().map(|trial| 20 * trial.response.start - onset(trial)), until);
        let mut found: Vec<usize> = trials.iter().map(|trial| 20 * trial.response.len()).collect();
        found.sort_unstable();
        found.dedup();
        assert_eq!(found, responses, "{name}");
    }
    for name in ["go", "anti"] {
        check(name, [300, 680], [500, 1480], &[500]);
    }
    for name in ["rt_go", "rt_anti"] {
        check(name, [500, 2480], [0, 0], &[500]);
    }
    for name in ["dly_go", "dly_anti"] {
        check(name, [300, 700], [400, 2200], &[500]);
    }
    for name in ["dm1", "dm2", "ctx_dm1", "ctx_dm2", "mult_dm"] {
        check(name, [100, 380], [400, 1600], &[500]);
    }
    for name in ["dly_dm1", "dly_dm2", "ctx_dly_dm1", "ctx_dly_dm2", "mult_dly_dm"] {
        check(name, [200, 600], [900, 2480], &[500]);
    }
    for name in ["dms", "dnms"] {
        check(name, [200, 600], [400, 2200], &[500]);
    }
    for name in ["dmc", "dnmc"] {
        check(name, [200, 600], [400, 2200], &[200, 400, 600]);
    }
}
