//! Spectra, fixed points and oscillations.

use std::f64::consts::TAU;

use bl_study::Error;
use bl_study::analysis::{
    DecayingOscillation, Eigenvalue, Patience, ReluRecurrence, eigenvalues, leading_pair, settle,
    spectral_radius,
};
use proptest::prelude::*;

use crate::reference::assert_close;
use crate::samples::Draw;

fn gaussian(units: usize, gain: f64, seed: u64) -> Vec<f64> {
    let mut draw = Draw::seeded(seed);
    let deviation = gain / (units as f64).sqrt();
    (0..units * units).map(|_| draw.normal() * deviation).collect()
}

fn single(values: &[f64]) -> Vec<f32> {
    values.iter().map(|&value| value as f32).collect()
}

/// `H M H` with the reflection `H = I − 2 v vᵀ / vᵀv`: another matrix of the same eigenvalues.
fn reflected(matrix: &[f64], v: &[f64]) -> Vec<f64> {
    let n = v.len();
    let square: f64 = v.iter().map(|x| x * x).sum();
    let h = |i: usize, j: usize| f64::from(u8::from(i == j)) - 2.0 * v[i] * v[j] / square;
    let product = |a: &dyn Fn(usize, usize) -> f64, b: &dyn Fn(usize, usize) -> f64| -> Vec<f64> {
        (0..n * n).map(|at| (0..n).map(|k| a(at / n, k) * b(k, at % n)).sum()).collect()
    };
    let left = product(&h, &|i, j| matrix[i * n + j]);
    product(&|i, j| left[i * n + j], &h)
}

/// Every eigenvalue of one spectrum has its own in the other.
#[track_caller]
fn check_same(found: &[Eigenvalue], expect: &[Eigenvalue], tolerance: f64) {
    assert_eq!(found.len(), expect.len());
    let mut left = expect.to_vec();
    for value in found {
        let distance = |other: &Eigenvalue| (value.re - other.re).hypot(value.im - other.im);
        let (at, nearest) = left.iter().map(distance).enumerate().min_by(|a, b| a.1.total_cmp(&b.1)).unwrap();
        assert!(nearest <= tolerance, "{value:?} is {nearest} from the nearest of {left:?}");
        left.swap_remove(at);
    }
}

fn roots_of_one(n: usize, radius: f64) -> Vec<Eigenvalue> {
    let root = |k: usize| TAU * k as f64 / n as f64;
    (0..n).map(root).map(|a| Eigenvalue { re: radius * a.cos(), im: radius * a.sin() }).collect()
}

#[test]
fn a_rotation_has_its_angle_and_a_scaling_its_modulus() {
    let (radius, period) = (0.97_f64, 23.75);
    let (sin, cos) = (TAU / period).sin_cos();
    let block = [radius * cos, -radius * sin, radius * sin, radius * cos];
    let spectrum = eigenvalues(&block, 2).unwrap();
    assert_close(spectrum[0].modulus(), radius, 1e-14);
    assert_close(spectrum[0].period().unwrap(), period, 1e-13);
    assert!(spectrum[0].im > 0.0 && spectrum[1].im == -spectrum[0].im);
    assert_eq!(leading_pair(&spectrum), Some(spectrum[0]));
    assert_eq!(Eigenvalue { re: -1.0, im: 0.0 }.period(), None);
}

#[test]
fn cycles_have_the_roots_of_one() {
    for n in [2, 3, 4, 5, 8, 16, 64, 100] {
        let entry = |at: usize| if at % n == (at / n + 1) % n { 1.5 } else { 0.0 };
        let matrix: Vec<f64> = (0..n * n).map(entry).collect();
        check_same(&eigenvalues(&matrix, n).unwrap(), &roots_of_one(n, 1.5), 1e-12);
    }
}

#[test]
fn a_companion_matrix_has_the_roots_of_its_polynomial() {
    let polynomial = [-6.0, 11.0, -6.0]; // (x − 1)(x − 2)(x − 3)
    let matrix = [0.0, 0.0, -polynomial[0], 1.0, 0.0, -polynomial[1], 0.0, 1.0, -polynomial[2]].map(|x| -x);
    let spectrum = eigenvalues(&matrix.map(|x| -x), 3).unwrap();
    for (value, root) in spectrum.iter().zip([3.0, 2.0, 1.0]) {
        assert_close(value.re, root, 1e-12);
        assert_close(value.im, 0.0, 1e-12);
    }
    assert_eq!(leading_pair(&spectrum), None);
}

#[test]
fn a_triangle_has_its_diagonal() {
    let n = 40;
    let entry = |at: usize| if at / n <= at % n { 1.0 + (at / n) as f64 } else { 0.0 };
    let upper: Vec<f64> = (0..n * n).map(entry).collect();
    let diagonal: Vec<f64> = (1..=n).rev().map(|entry| entry as f64).collect();
    let lower: Vec<f64> = (0..n * n).map(|at| upper[at % n * n + at / n]).collect();
    for matrix in [upper, lower] {
        let found: Vec<f64> = eigenvalues(&matrix, n).unwrap().iter().map(|value| value.re).collect();
        assert_eq!(found, diagonal);
    }
}

#[test]
fn few_connections_are_enough_to_hang_an_algorithm_and_not_this_one() {
    for seed in 0..300 {
        let (n, mut draw) = (80 + seed % 40, Draw::seeded(seed as u64));
        let matrix: Vec<f64> = (0..n * n)
            .map(|_| if draw.normal() > 2.3 { (2.0 * draw.normal()).round() } else { 0.0 })
            .collect();
        let spectrum = eigenvalues(&matrix, n).unwrap();
        let trace: f64 = (0..n).map(|i| matrix[i * n + i]).sum();
        assert_close(spectrum.iter().map(|value| value.re).sum(), trace, 1e-9);
    }
}

#[test]
fn a_gaussian_matrix_fills_a_disc_as_wide_as_its_gain() {
    for (gain, seed) in [(0.5, 1), (1.0, 2), (1.5, 3)] {
        let spectrum = eigenvalues(&gaussian(400, gain, seed), 400).unwrap();
        let radius = spectral_radius(&spectrum);
        assert!((radius / gain - 1.0).abs() < 0.1, "gain {gain}, radius {radius}");
        let within = spectrum.iter().filter(|value| value.modulus() < gain / 2.0_f64.sqrt()).count();
        assert!((180..220).contains(&within), "half of the disc holds {within} of 400");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn spectra_are_symmetric_and_sum_to_the_trace(
        n in 1_usize..30,
        seed in any::<u64>(),
        power in -280_i32..280,
    ) {
        let size = 10_f64.powi(power);
        let matrix: Vec<f64> = gaussian(n, 1.0, seed).iter().map(|x| x * size).collect();
        let spectrum = eigenvalues(&matrix, n).unwrap();
        prop_assert_eq!(spectrum.clone(), eigenvalues(&matrix, n).unwrap());
        prop_assert!(spectrum.is_sorted_by(|a, b| a.modulus() >= b.modulus()));
        for value in spectrum.iter().filter(|value| value.im != 0.0) {
            let conjugate = Eigenvalue { re: value.re, im: -value.im };
            prop_assert!(spectrum.contains(&conjugate));
        }
        let trace: f64 = (0..n).map(|i| matrix[i * n + i]).sum();
        let sum: f64 = spectrum.iter().map(|value| value.re).sum();
        prop_assert!((sum - trace).abs() <= 1e-11 * size);
    }

    #[test]
    fn a_change_of_basis_changes_no_eigenvalue(n in 2_usize..25, seed in any::<u64>()) {
        let matrix = gaussian(n, 1.0, seed);
        let mut draw = Draw::seeded(seed ^ 1);
        let v: Vec<f64> = (0..n).map(|_| 0.1 + draw.next()).collect();
        let other = eigenvalues(&reflected(&matrix, &v), n).unwrap();
        check_same(&other, &eigenvalues(&matrix, n).unwrap(), 1e-6); // near-double ones move by √ε
    }

    #[test]
    fn silent_units_can_be_left_out(
        active in prop::collection::vec(any::<bool>(), 2..40),
        seed in any::<u64>(),
        alpha in prop::sample::select(vec![0.0_f32, 0.5, 0.9]),
    ) {
        let units = active.len();
        let weights = single(&gaussian(units, 1.0, seed));
        let mut draw = Draw::seeded(seed);
        let gains: Vec<f32> = (0..units).map(|_| 0.5 + draw.next() as f32).collect();
        let net = ReluRecurrence { weights: &weights, gains: &gains, alpha, beta: 1.0 - alpha / 2.0 };
        let jacobian = net.jacobian(&active).unwrap();
        let v: Vec<f64> = (0..units).map(|_| 0.1 + draw.next()).collect();
        let dense = eigenvalues(&reflected(&jacobian, &v), units).unwrap(); // has no zero to leave out
        let found = eigenvalues(&jacobian, units).unwrap();
        let silent = active.iter().filter(|&&on| !on).count();
        let kept = Eigenvalue { re: alpha.into(), im: 0.0 };
        prop_assert!(found.iter().filter(|&&value| value == kept).count() >= silent);
        let traces: [f64; 2] = [&found, &dense].map(|s| s.iter().map(|value| value.re).sum());
        prop_assert!((traces[0] - traces[1]).abs() < 1e-9);
        prop_assert!((spectral_radius(&found) - spectral_radius(&dense)).abs() < 1e-4);
    }
}

#[test]
fn half_of_the_units_silent_is_the_same_spectrum() {
    let units = 120;
    let weights = single(&gaussian(units, 1.5, 9));
    let active: Vec<bool> = (0..units).map(|unit| unit % 2 == 0).collect();
    let net = ReluRecurrence { weights: &weights, gains: &[], alpha: 0.0, beta: 1.0 };
    let jacobian = net.jacobian(&active).unwrap();
    let entry = |at: usize| f64::from(weights[at / 60 * 2 * units + at % 60 * 2]);
    let mut block = eigenvalues(&(0..60 * 60).map(entry).collect::<Vec<_>>(), 60).unwrap();
    block.extend(vec![Eigenvalue { re: 0.0, im: 0.0 }; 60]);
    assert_eq!(eigenvalues(&jacobian, units).unwrap(), block);
    let v: Vec<f64> = (0..units).map(|unit| 1.0 + unit as f64).collect();
    let largest = |spectrum: &[Eigenvalue]| spectrum[..30].to_vec(); // the zeros move by ε^(1/k)
    let dense = eigenvalues(&reflected(&jacobian, &v), units).unwrap();
    check_same(&largest(&dense), &largest(&block), 1e-10);
}

/// A net of a gain below 2 and its drive: with half of the units active it is contractive.
fn net(units: usize, gain: f64, seed: u64) -> (Vec<f32>, Vec<f64>) {
    let mut draw = Draw::seeded(seed + 1000);
    (single(&gaussian(units, gain, seed)), (0..units).map(|_| draw.normal()).collect())
}

#[test]
fn newton_and_iteration_come_to_the_same_rest() {
    for (alpha, gain, seed) in [(0.0, 0.6, 1), (0.0, 0.8, 2), (0.5, 0.8, 3), (0.9, 0.5, 4)] {
        let (weights, drive) = net(200, gain, seed);
        let net = ReluRecurrence { weights: &weights, gains: &[], alpha, beta: 1.0 - alpha };
        let found = net.fixed_point(&drive, &[0.0; 200], 30).unwrap();
        assert!(found.consistent && found.residual < 1e-12, "residual {}", found.residual);
        let map = |state: &[f32]| {
            let state: Vec<f64> = state.iter().map(|&r| f64::from(r)).collect();
            single(&net.step(&drive, &state).unwrap())
        };
        let settled = settle(map, &[0.3; 200], Patience { steps: 5000, tolerance: 1e-7 }).unwrap();
        assert!(settled.at_rest, "residual {}", settled.residual);
        assert!(found.is_stable(), "radius {}", found.spectral_radius());
        let distance = found.state.iter().zip(&settled.state).map(|(a, &b)| (a - f64::from(b)).abs());
        assert!(distance.fold(0.0, f64::max) < 1e-5);
    }
}

#[test]
fn an_unstable_fixed_point_is_left_by_iteration() {
    let turn = |radius: f32| [radius * 0.8, -radius * 0.6, radius * 0.6, radius * 0.8];
    for (radius, stable) in [(0.9, true), (1.1, false)] {
        let weights = turn(radius);
        let net = ReluRecurrence { weights: &weights, gains: &[], alpha: 0.0, beta: 1.0 };
        let drive = [5.0 - f64::from(radius), 5.0 - 7.0 * f64::from(radius)]; // rests at (5, 5)
        let found = net.fixed_point(&drive, &[4.0, 4.0], 5).unwrap();
        assert!(found.consistent && found.active == [true; 2], "{found:?}");
        assert_eq!(found.is_stable(), stable);
        assert_close(found.spectral_radius(), radius.into(), 1e-6);
        let mut state = vec![found.state[0] + 1e-3, found.state[1]];
        for _ in 0..60 {
            state = net.step(&drive, &state).unwrap();
        }
        let distance = (state[0] - found.state[0]).hypot(state[1] - found.state[1]);
        assert_eq!(distance < 1e-3, stable, "{distance}");
    }
}

#[test]
fn newton_reaches_rest_to_rounding_in_any_contractive_net() {
    for seed in 0..20 {
        let (weights, drive) = net(60, 0.7, seed);
        let net = ReluRecurrence { weights: &weights, gains: &[], alpha: 0.2, beta: 0.8 };
        let found = net.fixed_point(&drive, &drive, 40).unwrap();
        let after = net.step(&drive, &found.state).unwrap();
        let moved = after.iter().zip(&found.state).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(found.consistent && moved < 1e-6, "seed {seed}: {moved}");
    }
}

#[test]
fn a_decaying_oscillation_is_measured() {
    for (rho, period, rest) in
        [(0.97_f64, 23.75, 0.0), (0.99, 25.0, -2.0), (1.0, 40.0, 3.0), (1.01, 31.0, 0.5)]
    {
        let value = |t: i32| rest + 0.8 * rho.powi(t) * (TAU * f64::from(t) / period + 0.4).cos();
        let values: Vec<f64> = (0..200).map(value).collect();
        let found = DecayingOscillation::fit(&values).unwrap().unwrap();
        assert_close(found.period.samples, period, 3e-3);
        assert!((found.decay - rho).abs() < 1e-3, "{found:?}");
        assert!((found.rest - rest).abs() < 0.02, "{found:?}");
    }
    assert_eq!(DecayingOscillation::fit(&[1.0, 0.5, 0.2, 0.1, 0.05]).unwrap(), None);
    assert_eq!(DecayingOscillation::fit(&[1.0; 50]).unwrap(), None);
}

#[track_caller]
fn check<T>(result: Result<T, Error>, expect: &str) {
    assert_eq!(result.err().map(|error| error.to_string()).as_deref(), Some(expect));
}

#[test]
fn what_has_no_spectrum_and_no_rest() {
    check(eigenvalues(&[], 0), "expected at least one entry, found none: matrix");
    check(eigenvalues(&[1.0; 3], 2), "entries of a square matrix: expected 4, found 3");
    check(
        eigenvalues(&[1.0, f64::NAN, 1.0, 1.0], 2),
        "matrix: expected finite numbers, found NaN at index 1",
    );
    check(
        eigenvalues(&[1e308; 16], 4),
        "the eigenvalues of a matrix of 4 by 4 did not converge to finite numbers",
    );
    let net = |weights| ReluRecurrence { weights, gains: &[], alpha: 0.0, beta: 1.0 };
    check(net(&[1.0; 3]).jacobian(&[true; 2]), "recurrent weights: expected 4, found 3");
    check(
        net(&[1.0, f32::NAN, 1.0, 1.0]).jacobian(&[true; 2]),
        "recurrent weights: expected finite numbers, found NaN at index 1",
    );
    let lasting = net(&[1.0]).fixed_point(&[1.0], &[1.0], 3);
    check(lasting, "expected one fixed point with 1 of 1 units active, found none or many");
    check(
        net(&[0.5]).fixed_point(&[f64::NAN], &[1.0], 3),
        "drive: expected finite numbers, found NaN at index 0",
    );
    let patience = Patience { steps: 9, tolerance: 1e-6 };
    let nan = settle(|_| vec![f32::NAN], &[1.0], patience);
    check(nan, "state after a step: expected finite numbers, found NaN at index 0");
    check(settle(|_| vec![], &[1.0], patience), "state after a step: expected 1, found 0");
    check(
        DecayingOscillation::fit(&[f64::NAN]),
        "oscillation: expected finite numbers, found NaN at index 0",
    );
}
