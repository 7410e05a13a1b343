//! Measures of a forecast: what they are for forecasts whose quality is known.

use bl_tasks::dynamics::{Integrator, Lorenz, Lyapunov, Sampling, System, simulate};
use bl_tasks::forecast::{Criterion, Fault, THRESHOLD, nrmse, r_squared, valid_time};
use bl_tasks::series::{Scale, Series};
use proptest::prelude::*;

fn criterion(deviation: f64) -> Criterion {
    let lyapunov = Lyapunov { exponent: 2.0, source: "a guess".into() };
    Criterion { threshold: THRESHOLD, deviation, spacing: Some(0.1), lyapunov: Some(lyapunov) }
}

#[test]
fn a_target_explains_itself_and_its_mean_nothing() {
    let target = [1.0, 2.0, 6.0, 3.0];
    assert_eq!((r_squared(&target, &target), nrmse(&target, &target)), (Ok(1.0), Ok(0.0)));
    assert_eq!((r_squared(&target, &[3.0; 4]), nrmse(&target, &[3.0; 4])), (Ok(0.0), Ok(1.0)));
    assert_eq!(r_squared(&[0.0, 2.0], &[2.0, 0.0]), Ok(-3.0)); // worse than the mean
}

#[test]
fn valid_time_ends_at_the_first_sample_that_is_lost() {
    let target = [0.0; 6];
    let check = |forecast: &[f64; 6], deviation: f64, samples: usize| {
        let found = valid_time(&target, forecast, &criterion(deviation)).unwrap();
        assert_eq!((found.samples, found.whole_run), (samples, samples == 6), "{forecast:?}");
    };
    check(&[0.0; 6], 1.0, 6);
    check(&[0.1, 0.2, 0.4, 0.5, 0.0, 0.0], 1.0, 3); // back again does not count
    check(&[0.1, 0.2, 0.4, 0.5, 0.0, 0.0], 0.5, 2);
    check(&[1.0, 0.0, 0.0, 0.0, 0.0, 0.0], 1.0, 0);
    check(&[0.0, f64::NAN, 0.0, 0.0, 0.0, 0.0], 1.0, 1);
    check(&[0.0, 0.0, f64::NEG_INFINITY, 0.0, 0.0, 0.0], 1.0, 2);
}

#[test]
fn valid_time_is_told_in_three_units() {
    let found = valid_time(&[0.0; 4], &[0.0, 0.0, 0.0, 9.0], &criterion(1.0)).unwrap();
    assert_eq!((found.samples, found.whole_run), (3, false));
    assert!((found.time().unwrap() - 0.3).abs() < 1e-12);
    assert!((found.lyapunov_times().unwrap() - 0.6).abs() < 1e-12);
    assert_eq!(found.criterion.lyapunov.as_ref().unwrap().source, "a guess");
    let unknown = Criterion { spacing: None, ..criterion(1.0) };
    let found = valid_time(&[0.0; 4], &[0.0, 0.0, 0.0, 9.0], &unknown).unwrap();
    assert_eq!((found.time(), found.lyapunov_times()), (None, None));
}

/// x(t) against x(t + 1 sample) of Lorenz' system: valid until x is fast for the first time.
#[test]
fn valid_time_of_a_shifted_copy() {
    let sampling = Sampling { integrator: Integrator::Rk4, dt: 0.01, every: 1, samples: 20_000 };
    let lorenz = Lorenz::default();
    let x = Series::observe(&simulate(&lorenz, &sampling, &lorenz.start()).unwrap(), "x").unwrap();
    let deviation = Scale::standard(x.values()).unwrap().unit;
    let criterion =
        Criterion { threshold: 0.05, deviation, spacing: x.spacing(), lyapunov: x.lyapunov().cloned() };
    let (target, shifted) = (&x.values()[..19_999], &x.values()[1..]);
    let found = valid_time(target, shifted, &criterion).unwrap();
    let step = |i: usize| (x.values()[i + 1] - x.values()[i]).abs() / deviation;
    assert!((0..found.samples).all(|i| step(i) <= 0.05) && step(found.samples) > 0.05);
    assert!(!found.whole_run && found.samples > 0);
    let lyapunov_times = found.samples as f64 * 0.01 * 0.9056;
    assert!((found.lyapunov_times().unwrap() - lyapunov_times).abs() < 1e-12);
    assert!(valid_time(target, target, &criterion).unwrap().whole_run);
}

#[test]
fn a_difference_of_a_millionth_is_lost_after_its_lyapunov_times() {
    let lorenz = Lorenz::default();
    let sampling = Sampling { integrator: Integrator::Rk4, dt: 0.01, every: 1, samples: 5000 };
    let run = |start: &[f64]| simulate(&lorenz, &sampling, start).unwrap();
    let start = run(&lorenz.start()).state(4999).to_vec(); // on the attractor
    let deviation = 7.9;
    let twin: Vec<f64> = start.iter().map(|x| x + 1e-6 * deviation).collect();
    let (a, b) = (run(&start).component("x").unwrap(), run(&twin).component("x").unwrap());
    let criterion =
        Criterion { threshold: THRESHOLD, deviation, spacing: Some(0.01), lyapunov: lorenz.lyapunov() };
    let times = valid_time(&a, &b, &criterion).unwrap().lyapunov_times().unwrap();
    let expected = (THRESHOLD / 1e-6_f64).ln(); // 12.9: growth as exp(λ t) on average
    assert!((times - expected).abs() < 5.0, "expected {expected}, found {times}");
}

#[test]
fn what_cannot_be_judged_says_why() {
    fn check<T: std::fmt::Debug>(found: Result<T, Fault>, expected: &str) {
        assert_eq!(found.unwrap_err().to_string(), expected);
    }
    check(r_squared(&[1.0, 2.0], &[1.0]), "expected a forecast of 2 samples, found 1");
    check(valid_time(&[1.0, 2.0], &[1.0], &criterion(1.0)), "expected a forecast of 2 samples, found 1");
    check(r_squared(&[0.5; 3], &[0.5; 3]), "in the target: expected numbers that vary, found 0.5 throughout");
    check(nrmse(&[], &[]), "in the target: expected numbers, found none");
    check(
        nrmse(&[1.0, 2.0], &[1.0, f64::NAN]),
        "expected a forecast of finite numbers, found NaN at index 1",
    );
    check(
        valid_time(&[1.0], &[1.0], &criterion(0.0)),
        "expected a threshold and a deviation above 0, found 0.4 and 0",
    );
}

proptest! {
    #[test]
    fn fit_does_not_depend_on_units(
        pairs in prop::collection::vec((-10.0..10.0_f64, -10.0..10.0_f64), 3..30),
        scale in 0.1..10.0_f64,
        offset in -10.0..10.0_f64,
    ) {
        let (target, forecast): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
        let other = |values: &[f64]| values.iter().map(|x| scale * x + offset).collect::<Vec<_>>();
        let (a, b) = (r_squared(&target, &forecast), r_squared(&other(&target), &other(&forecast)));
        let (a, b) = (a.unwrap(), b.unwrap());
        prop_assert!((a - b).abs() < 1e-6 * (1.0 + a.abs()), "{} {}", a, b);
        prop_assert!((nrmse(&target, &forecast).unwrap() - (1.0 - a).sqrt()).abs() < 1e-9 * (1.0 + a.abs()));
        prop_assert!(a <= 1.0);
    }
}
