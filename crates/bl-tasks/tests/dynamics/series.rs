//! Series: where they come from, how they are split and scaled, and what their oscillations measure.

use bl_tasks::dynamics::{Integrator, Lorenz, Sampling, System, VanDerPol, cosine, simulate};
use bl_tasks::series::{Plan, Scale, Series, Windows, period_of_crossings, period_of_peaks};
use proptest::prelude::*;

/// x of Lorenz' system as in section C.4.2 of the paper.
fn lorenz_x(samples: usize) -> Series {
    let sampling = Sampling { integrator: Integrator::Euler, dt: 0.01, every: 1, samples };
    let lorenz = Lorenz::default();
    Series::observe(&simulate(&lorenz, &sampling, &lorenz.start()).unwrap(), "x").unwrap()
}

/// What NumPy finds for the same windows (the correlation by FFT, over n): the paper's 27 is the lag
/// of a long trajectory, and of some short ones.
#[test]
fn half_width_of_lorenz() {
    let x = lorenz_x(100_000);
    let check = |samples: std::ops::Range<usize>, lag: usize, crossing: f64| {
        let found = x.slice(samples.clone()).unwrap().half_width().unwrap();
        assert_eq!(found.lag, lag, "{samples:?}");
        assert!((found.crossing - crossing).abs() < 0.005, "{samples:?}: {}", found.crossing);
    };
    check(0..1000, 20, 19.75);
    check(0..2000, 32, 31.19);
    check(0..4000, 27, 26.76);
    check(0..5000, 30, 29.24);
    check(0..10_000, 30, 29.57);
    check(500..1000, 14, 13.02);
    check(500..2000, 61, 60.50);
    check(0..50_000, 27, 26.62);
    check(0..100_000, 27, 26.71);
}

/// The slow half of the table: the width of the attractor itself.
#[test]
fn half_width_of_a_million_samples_of_lorenz() {
    let found = lorenz_x(1_000_000).slice(5000..905_000).unwrap().half_width().unwrap();
    assert_eq!(found.lag, 27);
    assert!((found.crossing - 26.30).abs() < 0.005, "{}", found.crossing);
}

#[test]
fn autocorrelation_is_one_at_lag_zero_and_follows_a_cosine() {
    let series = Series::new("x", cosine(25.0, 25_000).unwrap().values).unwrap();
    let correlation = series.autocorrelation(50);
    assert_eq!((correlation.len(), correlation[0]), (51, 1.0));
    for (lag, c) in correlation.iter().enumerate() {
        let expected = libm::cos(std::f64::consts::TAU * lag as f64 / 25.0);
        assert!((c - expected).abs() < 0.003, "lag {lag}: expected {expected}, found {c}");
    }
    assert_eq!(series.half_width().unwrap().lag, 5); // 25/6 = 4.17
    let long = Series::new("x", vec![1.0, 2.0]).unwrap();
    assert_eq!(long.autocorrelation(9).len(), 2);
}

#[test]
fn van_der_pol_has_its_amplitude_and_period() {
    let sampling = Sampling { integrator: Integrator::Rk4, dt: 0.001, every: 10, samples: 10_000 };
    let trajectory = simulate(&VanDerPol::default(), &sampling, &[0.1, 0.0]).unwrap();
    let x = Series::observe(&trajectory, "x").unwrap();
    let cycle = &x.values()[4000..];
    // DOP853 with events at x = 0: period 7.62987448, amplitude 2.01989.
    for period in [period_of_peaks(cycle), period_of_crossings(cycle, 0.0)] {
        let period = period.unwrap();
        assert!((period.samples * x.spacing().unwrap() - 7.629_874_48).abs() < 1e-4, "{period:?}");
        assert!(period.cycles >= 6 && period.deviation < 0.1, "{period:?}");
    }
    let amplitude = cycle.iter().copied().fold(0.0, f64::max);
    assert!((amplitude - 2.01989).abs() < 1e-4, "{amplitude}");
}

#[test]
fn a_decaying_oscillation_has_the_period_of_its_cosine() {
    let omega = std::f64::consts::TAU / 23.75;
    let values: Vec<f64> =
        (0..400).map(|t| 0.7 + libm::exp(-0.01 * f64::from(t)) * libm::cos(omega * f64::from(t))).collect();
    let period = period_of_peaks(&values).unwrap();
    assert!((period.samples - 23.75).abs() < 0.01, "{period:?}");
    let crossings = period_of_crossings(&values, 0.7).unwrap();
    assert!((crossings.samples - 23.75).abs() < 0.01, "{crossings:?}");
}

#[test]
fn what_does_not_oscillate_has_no_period() {
    let rising: Vec<f64> = (0..100).map(f64::from).collect();
    assert_eq!(period_of_peaks(&rising), None);
    assert_eq!(period_of_crossings(&rising, 50.5), None);
    assert_eq!(period_of_peaks(&[]), None);
    // A network at rest, but for its last bit, after one swing.
    let rest: Vec<f64> =
        [0.0, 1.0, 0.0].into_iter().chain((0..50).map(|t| f64::from(t % 2) * 1e-7)).collect();
    assert_eq!(period_of_peaks(&rest), None);
}

#[test]
fn an_observed_series_knows_its_spacing_and_exponent() {
    let x = lorenz_x(10);
    assert_eq!((x.name(), x.len(), x.spacing()), ("lorenz x", 10, Some(0.01)));
    let lyapunov = x.slice(2..8).unwrap().lyapunov().unwrap().clone();
    assert!(lyapunov.exponent == 0.9056 && lyapunov.source.contains("Sprott"));
    assert_eq!(x.slice(2..8).unwrap().values(), &x.values()[2..8]);
    let error = x.slice(5..11).unwrap_err().to_string();
    assert_eq!(error, "expected samples of 0 to 10, found a range of 5 to 11");
}

#[test]
fn what_cannot_be_a_series_says_why() {
    fn check(values: &[f64], expected: &str) {
        assert_eq!(Series::new("x", values.to_vec()).unwrap_err().to_string(), expected);
    }
    check(&[], "expected numbers, found none");
    check(&[1.0, f64::NAN], "expected finite numbers, found NaN at index 1");
    check(&[0.1; 7], "expected numbers that vary, found 0.1 throughout");
    check(&[1e300, -1e300], "expected a standard deviation that is a number above 0, found inf");
    let spacing = Series::new("x", vec![1.0, 2.0]).unwrap().with_spacing(0.0).unwrap_err();
    assert_eq!(spacing.to_string(), "expected a time above 0 between two samples, found 0");
}

#[test]
fn a_series_that_is_too_short_names_what_it_is_needed_for() {
    let plan = Plan { washout: 50, horizon: 27, learn: 120, test: 3000 };
    let error = lorenz_x(3273).split(&plan).unwrap_err();
    assert_eq!(
        error.to_string(),
        "expected at least 3274 samples (washout 50 and horizon 27, both twice, 120 training samples and 3000 \
         to test on), found 3273"
    );
    assert!(error.hint().is_some());
    let x = lorenz_x(3274);
    let parts = x.split(&plan).unwrap();
    assert_eq!((parts.train.len(), parts.held_out.len()), (50 + 27 + 120, 50 + 27 + 3000));
    assert!(x.split(&Plan { horizon: 0, ..plan.clone() }).is_err());
    assert!(x.split(&Plan { washout: usize::MAX, ..plan }).is_err());
}

#[test]
fn windows_pair_each_sample_with_the_one_a_horizon_later() {
    let values: Vec<f64> = (0..10).map(f64::from).collect();
    let windows = Windows { values: &values, length: 4, horizon: 3 };
    assert_eq!(windows.count(), 4);
    let last = windows.get(3);
    assert_eq!((last.input, last.target), (&values[3..7], &values[6..10]));
    assert_eq!(Windows { length: 8, ..windows }.count(), 0);
    assert_eq!(Windows { length: usize::MAX, ..windows }.count(), 0);
}

#[test]
fn a_scale_of_values_that_do_not_vary_is_an_error() {
    let flat_then_not = Series::new("x", vec![1.0, 1.0, 1.0, 2.0]).unwrap();
    assert!(Scale::standard(&flat_then_not.values()[..3]).is_err());
    assert!(Scale::to_unit_range(&[]).is_err());
}

proptest! {
    #[test]
    fn scales_do_what_they_say(values in prop::collection::vec(-1e3..1e3_f64, 3..50)) {
        let standard = Scale::standard(&values).unwrap();
        let scaled = standard.apply_all(&values);
        let n = values.len() as f64;
        prop_assert!((scaled.iter().sum::<f64>() / n).abs() < 1e-9);
        prop_assert!((scaled.iter().map(|x| x * x).sum::<f64>() / n - 1.0).abs() < 1e-9);
        let range = Scale::to_unit_range(&values).unwrap().apply_all(&values);
        let ends = range.iter().fold((f64::MAX, f64::MIN), |(a, b), &x| (a.min(x), b.max(x)));
        prop_assert!((ends.0 + 1.0).abs() < 1e-9 && (ends.1 - 1.0).abs() < 1e-9);
        for (&x, &y) in values.iter().zip(&scaled) {
            prop_assert!((standard.invert(y) - x).abs() < 1e-9);
        }
    }

    #[test]
    fn a_split_loses_nothing_and_is_as_planned(
        (washout, horizon, learn, test, more) in (0_usize..9, 1_usize..9, 1_usize..9, 1_usize..9, 0_usize..9),
    ) {
        let plan = Plan { washout, horizon, learn, test };
        let values: Vec<f64> = (0..plan.samples() + more).map(|i| i as f64).collect();
        let series = Series::new("x", values.clone()).unwrap();
        let parts = series.split(&plan).unwrap();
        prop_assert_eq!([parts.train, parts.held_out].concat(), values);
        prop_assert_eq!(parts.held_out.len(), washout + test + horizon);
        prop_assert_eq!(parts.train.len(), washout + learn + horizon + more);
    }
}
