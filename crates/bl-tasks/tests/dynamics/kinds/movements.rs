//! Movements of a network to targets are those of the plant.

use bl_tasks::kinds::{Fault, ReachJudgement, ReachTask};
use bl_tasks::reaching::{DISTANCE, Plant};
use bl_tasks::{Error, Kind};

use super::nets::{Net, exploding};
use super::open;

/// Pushes along a matrix times what it sees, stronger from step to step.
fn pushing(matrix: [[f32; 2]; 2]) -> Net<impl Fn(&mut [f32], &[f32]) -> Vec<f32> + Send + Sync> {
    let act = move |state: &mut [f32], x: &[f32]| {
        state[0] += 0.125;
        matrix.map(|row| state[0] * (row[0] * x[0] + row[1] * x[1])).to_vec()
    };
    Net { initial: vec![0.5], widths: (2, 2), act }
}

#[test]
fn movements_are_the_plants() {
    let matrix = [[1.5, -0.5], [0.25, 2.0]];
    let task = ReachTask { unit: 0.5, ..ReachTask::default() };
    let judged = task.evaluate(&pushing(matrix)).unwrap();
    assert_eq!((judged.train.len(), judged.test.len()), (6, 12));
    for (reached, target) in judged.train.iter().chain(&judged.test).zip(task.train.iter().chain(&task.test))
    {
        assert_eq!(reached.target, *target);
        let seen = target.map(|x| (x / 0.5) as f32);
        let control = |step: usize| {
            let strength = 0.5 + 0.125 * (step + 1) as f32;
            matrix.map(|row| f64::from(strength * (row[0] * seen[0] + row[1] * seen[1])))
        };
        let controls: Vec<_> = (0..task.plant.steps).map(control).collect();
        let expected = task.plant.run(&controls).unwrap();
        assert_eq!(reached.movement, expected);
        assert_eq!(reached.loss, task.loss.value(expected.end(), *target));
        let [x, y] = expected.end().position;
        assert!((reached.end_error - (x - target[0]).hypot(y - target[1])).abs() < 1e-12);
    }
    let sum: f64 = judged.train.iter().map(|reached| reached.loss).sum();
    assert_eq!(judged.train_loss(), sum);
    let mean = ReachJudgement::mean_end_error(&judged.test);
    assert!((mean - judged.test.iter().map(|r| r.end_error).sum::<f64>() / 12.0).abs() < 1e-15);
}

#[test]
fn a_network_that_does_nothing_stays_at_the_centre() {
    let still = Net { initial: vec![0.0], widths: (2, 2), act: |_: &mut [f32], _: &[f32]| vec![0.0; 2] };
    let judged = ReachTask::default().evaluate(&still).unwrap();
    for reached in judged.train.iter().chain(&judged.test) {
        assert!((reached.end_error - DISTANCE).abs() < 1e-12);
        assert!((reached.loss - 49.0).abs() < 1e-9, "(7 cm / 1 cm)²: {}", reached.loss);
        assert!(reached.bell.is_none());
    }
    let metrics = ReachTask::default().judge(&still).unwrap().metrics;
    let names: Vec<_> = metrics.iter().map(|metric| (&*metric.name, &*metric.split)).collect();
    assert_eq!(names, [("loss", "train"), ("end_error_m", "train"), ("end_error_m", "test")]);
}

#[test]
fn every_target_is_seen_at_every_step_in_its_own_place() {
    let task =
        ReachTask { unit: 0.07, plant: Plant { steps: 3, ..Plant::default() }, ..ReachTask::default() };
    let seen = task.inputs(&task.train);
    assert_eq!(seen.len(), 3 * 6 * 2);
    for step in seen.chunks_exact(12) {
        for (seen, target) in step.chunks_exact(2).zip(&task.train) {
            assert!((f64::from(seen[0]) * 0.07 - target[0]).abs() < 1e-8);
            assert!((f64::from(seen[1]) * 0.07 - target[1]).abs() < 1e-8);
        }
    }
}

#[test]
fn a_network_that_explodes_is_a_fault_at_its_step() {
    let task = open("reach").unwrap();
    for at in [0, 1, 41, 99] {
        match task.kind().judge(&exploding(at, (2, 2))) {
            Err(Error::Network(Fault::Exploded { step })) => assert_eq!(step, at),
            other => panic!("{other:?}"),
        }
    }
    assert!(task.kind().judge(&exploding(100, (2, 2))).is_ok());
}
