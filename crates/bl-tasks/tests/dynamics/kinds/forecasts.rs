//! Forecasts from true values and from a network's own, and trajectories without input.

use bl_tasks::dynamics::cosine;
use bl_tasks::kinds::{
    Fault, ForecastTask, GenerateTask, free_run, generate as generate_alone, teacher_forced,
};
use bl_tasks::series::{Plan, Scale, Series};
use bl_tasks::{Kind, Task, What};

use super::nets::{Delay, Net, exploding, successor};
use super::open;

const AS_IT_IS: Scale = Scale { offset: 0.0, unit: 1.0 };

/// A series that comes again every twelve samples.
fn periodic(samples: usize) -> Vec<f64> {
    const WAVE: [i8; 12] = [3, 1, -4, 1, 5, -9, 2, 6, -5, 3, 5, -8];
    (0..samples).map(|t| f64::from(WAVE[t % 12]) / 8.0).collect()
}

fn task(horizon: usize, washout: usize, test: usize) -> ForecastTask {
    let series = Series::new("wave", periodic(400)).unwrap();
    let plan = Plan { washout, horizon, learn: 1, test };
    let scale = Scale::standard(series.split(&plan).unwrap().train).unwrap();
    ForecastTask { series, plan, scale }
}

#[test]
fn what_is_said_of_a_sample_is_said_of_a_horizon_later() {
    let values = periodic(40);
    let said = teacher_forced(&Delay::by(3), &values, &AS_IT_IS).unwrap();
    assert_eq!(said[3..], values[..37]);
    assert_eq!(said[..3], [0.0; 3]);
    // The network sees and says scaled values.
    let scale = Scale { offset: 0.5, unit: 0.25 };
    let said = teacher_forced(&successor(), &values, &scale).unwrap();
    for (said, value) in said.iter().zip(&values) {
        assert_eq!(*said, value + 0.25);
    }
}

#[test]
fn a_perfect_forecaster_of_a_periodic_series_runs_free_for_ever() {
    let truth = periodic(2000);
    for horizon in 1..=11 {
        let net = Delay::by(12 - horizon);
        for past in [12, 13, 20, 59] {
            let forecast = free_run(&net, &truth[..past], &AS_IT_IS, horizon, 1900).unwrap();
            assert_eq!(forecast, truth[past..past + 1900], "horizon {horizon}, past {past}");
        }
    }
}

#[test]
fn what_was_said_of_a_time_goes_in_when_that_time_has_come() {
    let past = [0.25, 0.5, 0.75, 10.0, 20.0, 30.0, 40.0];
    for horizon in 1..=past.len() {
        for samples in [0, 1, 2, 3, 17] {
            let found = free_run(&successor(), &past, &AS_IT_IS, horizon, samples).unwrap();
            let mut known = past.to_vec();
            for _ in 0..samples {
                known.push(known[known.len() - horizon] + 1.0);
            }
            assert_eq!(found, known[past.len()..], "horizon {horizon}, {samples} samples");
        }
    }
}

#[test]
fn a_free_run_needs_a_past_of_a_horizon() {
    for (past, horizon) in [(0, 1), (2, 3), (0, 3)] {
        match free_run(&successor(), &vec![1.0; past], &AS_IT_IS, horizon, 5) {
            Err(Fault::Past { expected, found }) => assert_eq!((expected, found), (horizon, past)),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_perfect_forecaster_is_judged_perfect() {
    for (horizon, washout, test) in [(1, 12, 100), (5, 12, 50), (11, 30, 100)] {
        let task = task(horizon, washout, test);
        let judged = task.evaluate(&Delay::by(12 - horizon)).unwrap();
        let forced = &judged.teacher_forced;
        assert!(forced.r2 > 1.0 - 1e-9 && forced.nrmse < 1e-6, "{}", forced.r2);
        assert_eq!((forced.horizon, forced.target.len(), forced.forecast.len()), (horizon, test, test));
        assert_eq!(forced.target, task.held_out()[washout + horizon..]);
        for run in &judged.free {
            assert_eq!(run.target, task.held_out()[run.start..][..run.target.len()]);
            assert!(run.start >= washout + horizon && run.valid.whole_run);
        }
        let run = judged.free[0].target.len();
        assert_eq!(
            judged.free[0].start + run,
            task.held_out().len(),
            "a short series has one run, to its end"
        );
        assert_eq!(judged.median_valid(), run as f64);
        assert_eq!(judged.median_valid_lyapunov(), None);
    }
}

#[test]
fn a_forecaster_that_is_a_step_late_is_judged_by_that() {
    let task = task(3, 12, 100);
    let judged = task.evaluate(&Delay::by(10)).unwrap();
    let late = &judged.teacher_forced;
    assert!(late.r2 < 0.5);
    // What it says is true, of the sample before.
    for (said, true_before) in late.forecast[1..].iter().zip(&late.target) {
        assert!((said - true_before).abs() < 1e-6);
    }
    assert!(judged.free.iter().all(|run| !run.valid.whole_run));
}

#[test]
fn long_series_have_ten_runs_spread_over_what_is_held_out() {
    let series = Series::new("wave", periodic(8000)).unwrap().with_spacing(0.5).unwrap();
    let plan = Plan { washout: 50, horizon: 4, learn: 1, test: 3000 };
    let scale = Scale::standard(series.split(&plan).unwrap().train).unwrap();
    let task = ForecastTask { series, plan, scale };
    let free = task.evaluate(&Delay::by(8)).unwrap().free;
    assert_eq!(free.len(), 10);
    assert_eq!((free[0].start, free[9].start), (54, 3054 - 1000));
    assert!(free.windows(2).all(|pair| pair[0].start < pair[1].start));
    assert!(free.iter().all(|run| run.forecast.len() == 1000 && run.valid.whole_run));
    assert_eq!(free[0].valid.time(), Some(500.0));
}

#[test]
fn a_generator_of_cosines_is_judged_perfect() {
    let Task { what: What::Generate(task), .. } = open("cosine").unwrap() else { panic!("no generator") };
    let Scale { offset, unit } = task.scale;
    let (sin, cos) = (std::f64::consts::TAU / 25.0).sin_cos();
    let turn = move |state: &mut [f32], _: &[f32]| {
        let y = ((f64::from(state[0]) - offset) / unit) as f32;
        let [x, y_of_state] = [state[0], state[1]].map(f64::from);
        state[0] = (cos * x - sin * y_of_state) as f32;
        state[1] = (sin * x + cos * y_of_state) as f32;
        vec![y]
    };
    let net = Net { initial: vec![1.0, 0.0], widths: (0, 1), act: turn };
    let judged = task.evaluate(&net).unwrap();
    assert!(judged.learned_r2 > 1.0 - 1e-6 && judged.continued_r2 > 1.0 - 1e-6);
    assert_eq!((judged.target.len(), judged.generated.len(), judged.steps), (375, 375, 125));
    assert_eq!(judged.target, cosine(25.0, 375).unwrap().component("x").unwrap());
    // One that stands still explains nothing.
    let still = Net { initial: vec![0.0], widths: (0, 1), act: |_: &mut [f32], _: &[f32]| vec![0.0] };
    assert!(task.evaluate(&still).unwrap().learned_r2 < 0.1);
}

#[test]
fn a_network_that_explodes_is_a_fault_at_its_step() {
    fn check<T: std::fmt::Debug>(result: Result<T, Fault>, expected: usize) {
        match result {
            Err(fault @ Fault::Exploded { step }) => {
                assert_eq!(step, expected);
                assert!(fault.to_string().contains(&format!("exploded at step {expected}")));
            }
            other => panic!("{other:?}"),
        }
    }
    let values = periodic(40);
    for at in [0, 1, 17, 39] {
        check(teacher_forced(&exploding(at, (1, 1)), &values, &AS_IT_IS), at);
    }
    // Twelve true samples, then its own; steps are counted from the beginning of the past.
    for horizon in [1, 3, 5, 12] {
        for at in [0, 11, 12, 13, 20, 29] {
            let result = free_run(&exploding(at, (1, 1)), &values[..12], &AS_IT_IS, horizon, 18 + horizon);
            check(result, at);
        }
        // It takes 12 + 18 steps to say that many; what comes after does not matter.
        let enough = free_run(&exploding(30, (1, 1)), &values[..12], &AS_IT_IS, horizon, 18 + horizon);
        assert_eq!(enough.unwrap().len(), 18 + horizon);
    }
    check(task(3, 12, 100).evaluate(&exploding(7, (1, 1))), 7);
    let series = Series::new("wave", periodic(60)).unwrap();
    let generate = GenerateTask { series, steps: 20, scale: AS_IT_IS };
    check(generate_alone(&exploding(33, (0, 1)), &generate.scale, 60), 33);
}

/// Every step doubles what goes in, which is one input of a large state away from overflowing.
fn doubling() -> Net<impl Fn(&mut [f32], &[f32]) -> Vec<f32> + Send + Sync> {
    let act = |_: &mut [f32], x: &[f32]| {
        let y = f64::from(x[0]) * 1e30;
        vec![y as f32]
    };
    Net { initial: vec![0.0], widths: (1, 1), act }
}

#[test]
fn a_free_run_that_explodes_is_a_short_one_and_hides_no_other_metric() {
    let task = task(1, 12, 100);
    let judged = task.evaluate(&doubling()).unwrap();
    assert!(judged.teacher_forced.r2.is_finite());
    for run in &judged.free {
        assert!(run.exploded() && !run.valid.whole_run && run.forecast.len() < 3, "{}", run.forecast.len());
        assert!(run.valid.samples <= run.forecast.len());
    }
    let judgement = task.judge(&doubling()).unwrap();
    assert!(judgement.headline.is_some() && judgement.metrics.iter().all(|metric| metric.value.is_finite()));
    let exploded = judgement.summary["free_run_valid_time"]["exploded"].as_u64();
    assert_eq!(exploded, Some(judged.free.len() as u64));
    let is_said = judgement.lines.iter().any(|line| line.contains("the network's state exploded"));
    assert!(is_said, "{:?}", judgement.lines);
}

#[test]
fn a_held_out_part_that_does_not_vary_has_no_fit_and_the_rest_is_judged() {
    let mut values = periodic(400);
    values[280..].fill(0.25);
    let plan = Plan { washout: 12, horizon: 1, learn: 1, test: 100 };
    let series = Series::new("wave", values).unwrap();
    let scale = Scale::standard(series.split(&plan).unwrap().train).unwrap();
    let judged = ForecastTask { series, plan, scale }.judge(&Delay::by(11)).unwrap();
    assert!(judged.metric("teacher_forced_r2", "test").unwrap().is_nan());
    assert!(judged.metric("free_run_valid_samples", "test").unwrap() > 0.0);
    assert_eq!(judged.headline, None);
    assert!(judged.summary["teacher_forced_r2"].is_null());
    assert!(judged.lines[0].contains("no R²"), "{}", judged.lines[0]);
}

#[test]
fn a_generator_that_explodes_after_what_it_learned_is_worth_what_it_learned() {
    let series = Series::new("wave", periodic(60)).unwrap();
    let task = GenerateTask { series, steps: 20, scale: AS_IT_IS };
    let [early, late] = [10, 33].map(|at| task.judge(&exploding(at, (0, 1))).unwrap());
    assert!(late.metric("free_run_r2", "train").unwrap().is_finite() && late.headline.is_some());
    assert!(late.metric("free_run_r2", "test").unwrap().is_nan());
    assert!(early.metric("free_run_r2", "train").unwrap().is_nan() && early.headline.is_none());
    assert!(late.lines[2].contains("at step 33"), "{:?}", late.lines);
}

#[test]
fn metrics_have_their_units_in_their_names() {
    let series = Series::new("wave", periodic(400)).unwrap();
    let plan = Plan { washout: 12, horizon: 1, learn: 1, test: 100 };
    let scale = Scale::standard(series.split(&plan).unwrap().train).unwrap();
    let judged = ForecastTask { series, plan, scale }.judge(&Delay::by(11)).unwrap();
    let metrics = judged.metrics;
    let names: Vec<&str> = metrics.iter().map(|metric| &*metric.name).collect();
    assert_eq!(names, ["teacher_forced_r2", "teacher_forced_nrmse", "free_run_valid_samples"]);
    assert!(metrics.iter().all(|metric| metric.split == "test"));
    let headline = judged.headline.unwrap();
    assert_eq!((headline.name, headline.value), ("R²", metrics[0].value));
}
