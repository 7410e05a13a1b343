//! Which answers are right.

use std::f64::consts::{PI, TAU};

use bl_tasks::cognitive::{Cognitive, CognitiveTrial, Settings, Stimulus, population_vector};

use crate::{distance, for_all, silent};

const OUTPUTS: usize = 33;

/// Outputs that answer in another direction, or fixate to the end.
fn answering(trial: &CognitiveTrial, direction: Option<f64>) -> Vec<f32> {
    let mut outputs = vec![0.05; trial.targets.len()];
    for (step, row) in outputs.chunks_mut(OUTPUTS).enumerate() {
        match direction.filter(|_| step >= trial.response.start) {
            Some(direction) => row[1..].iter_mut().enumerate().for_each(|(unit, output)| {
                *output = (1.0 + (direction - TAU * unit as f64 / 32.0).cos()) as f32;
            }),
            None => row[0] = 0.85,
        }
    }
    outputs
}

#[test]
fn targets_are_right_and_so_is_every_answer_within_36_degrees() {
    for_all(&Settings::default(), 300, |task, trial| {
        assert!(trial.is_right(&trial.targets), "{task:?}");
        let check = |degrees: f64, right: bool| {
            if let Some(direction) = trial.direction {
                let other = (direction + TAU + degrees * PI / 180.0) % TAU;
                assert_eq!(trial.is_right(&answering(trial, Some(other))), right, "{task:?} {degrees}");
            }
        };
        for degrees in [0.0_f64, 10.0, -35.9, 35.9, 36.1, -36.1, 90.0, 180.0] {
            check(degrees, degrees.abs() < 36.0);
        }
        assert_eq!(trial.is_right(&answering(trial, None)), trial.direction.is_none(), "{task:?}");
    });
}

#[test]
fn broken_fixation_is_wrong_wherever_it_is_due() {
    for_all(&silent(), 30, |task, trial| {
        let with = |step: usize, fixation: f32| {
            let mut outputs = trial.targets.clone();
            outputs[step * OUTPUTS] = fixation;
            trial.is_right(&outputs)
        };
        for step in 0..trial.steps {
            let due = trial.fixation.contains(&step);
            assert_eq!(with(step, 0.49), !due, "{task:?} at {step}");
            assert_eq!(with(step, f32::NAN), !due && step + 1 != trial.steps, "{task:?} at {step}");
            assert!(with(step, 0.51) == (trial.direction.is_none() || step + 1 != trial.steps), "{task:?}");
        }
    });
}

#[test]
fn no_direction_is_no_answer() {
    for_all(&silent(), 30, |task, trial| {
        for ring in [0.0, f32::NAN, f32::INFINITY] {
            let mut outputs = trial.targets.clone();
            let end = outputs.len() - 32;
            outputs[end..].fill(ring);
            assert_eq!(trial.is_right(&outputs), trial.direction.is_none(), "{task:?} {ring}");
        }
    });
    assert_eq!(population_vector(&[0.0; 32]), None);
    assert_eq!(population_vector(&[f32::NAN; 32]), None);
    assert_eq!(population_vector(&[0.0, 1.0, 0.0, 0.0]), Some(PI / 2.0));
}

#[test]
#[should_panic(expected = "outputs are as many as targets")]
fn outputs_of_another_trial_are_refused() {
    let trial = silent().trial(Cognitive::Go, 1, 0);
    trial.is_right(&trial.targets[OUTPUTS..]);
}

#[test]
fn what_an_anti_task_wants_is_wrong_for_its_pro_task() {
    for (pro, anti) in [("go", "anti"), ("rt_go", "rt_anti"), ("dly_go", "dly_anti")] {
        let (pro, anti) = (Cognitive::from_name(pro).unwrap(), Cognitive::from_name(anti).unwrap());
        for index in 0..300 {
            let [trial, away] = [pro, anti].map(|task| silent().trial(task, 8, index));
            assert!(distance(trial.direction.unwrap(), trial.stimuli[0].direction) < 1e-9);
            assert!((distance(away.direction.unwrap(), away.stimuli[0].direction) - PI).abs() < 1e-9);
            let as_pro = CognitiveTrial { direction: Some(away.stimuli[0].direction), ..away };
            assert!(!as_pro.is_right(&as_pro.targets));
        }
    }
}

/// The rules of the paper once more, from what is shown.
#[test]
fn answers_follow_from_what_is_shown() {
    for_all(&silent(), 500, |task, trial| {
        let shown = &trial.stimuli;
        let expected = match task.name() {
            "go" | "rt_go" | "dly_go" => Some(shown[0].direction),
            "anti" | "rt_anti" | "dly_anti" => Some((shown[0].direction + PI) % TAU),
            "dms" | "dnms" => matched(task, shown, distance(shown[0].direction, shown[1].direction) < 1e-9),
            "dmc" | "dnmc" => matched(task, shown, (shown[0].direction < PI) == (shown[1].direction < PI)),
            name => {
                let decides = |stimulus: &&Stimulus| {
                    name.starts_with("mult") || stimulus.modality == usize::from(name.ends_with('2'))
                };
                let directions = [shown[0].direction, shown[1].direction];
                let [a, b] = directions.map(|direction| {
                    let decisive = shown.iter().filter(decides).filter(|s| s.direction == direction);
                    decisive.map(|s| s.strength).sum::<f64>()
                });
                assert!((a - b).abs() > 0.019, "{task:?}: {a} {b}");
                Some(directions[usize::from(b > a)])
            }
        };
        assert_eq!(trial.direction, expected, "{task:?}");
    });
}

fn matched(task: Cognitive, shown: &[Stimulus], alike: bool) -> Option<f64> {
    (alike == task.name().starts_with("dm")).then_some(shown[1].direction)
}
