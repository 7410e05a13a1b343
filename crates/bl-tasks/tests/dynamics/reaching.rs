//! Reaching: the plant, its gradient, the loss of equation 31 and the shape of a movement.

use bl_tasks::reaching::{BellShape, DISTANCE, Loss, Plant, State, targets, targets_between};
use proptest::prelude::*;

type Controls = Vec<[f64; 2]>;

/// Controls that are smooth, large and not symmetric.
fn some_controls(steps: usize, seed: f64) -> Controls {
    let wave = |t: usize, phase: f64| libm::sin(0.37 * t as f64 * (1.0 + seed / 7.0) + phase);
    (0..steps).map(|t| [wave(t, seed), 0.5 - wave(t, 1.0 + 2.0 * seed)]).collect()
}

fn loss_of(plant: &Plant, controls: &Controls, target: [f64; 2]) -> f64 {
    Loss::default().value(plant.run(controls).unwrap().end(), target)
}

fn gradient_of(plant: &Plant, controls: &Controls, target: [f64; 2]) -> Controls {
    plant.gradient(&Loss::default().gradient(plant.run(controls).unwrap().end(), target))
}

/// ```python
/// x = v = f = np.zeros(2)
/// for t in range(100):
///     u = np.array([np.sin(0.37 * t), 0.5 - np.sin(0.37 * t + 1)])
///     x, v, f = x + 0.01 * v, v + 0.01 * f, f + 0.01 / 0.04 * (u - f)
/// d = np.array([0.07, 0])
/// ((x - d)**2).sum() / 1e-4 + 0.2 * (v**2).sum() / 4e-4 + 0.04 * (f**2).sum() / 6.4e-3
/// ```
#[test]
fn a_movement_is_that_of_numpy() {
    let plant = Plant::default();
    let end = *plant.run(&some_controls(100, 0.0)).unwrap().end();
    let expected = [
        0.02575798285886895,
        0.20954681809222642,
        0.03351575454659795,
        0.47059309246717745,
        -0.600759984078741,
        0.944081277206951,
    ];
    for (a, b) in [end.position, end.velocity, end.force].concat().iter().zip(expected) {
        assert!((a - b).abs() < 1e-12, "expected {expected:?}, found {end:?}");
    }
    let loss = Loss::default().value(&end, [0.07, 0.0]);
    assert!((loss - 577.7890953760209).abs() < 1e-8, "{loss}");
}

#[test]
fn a_constant_force_moves_a_mass_as_newton_says() {
    let plant = Plant { mass: 2.0, ..Plant::default() };
    let end = *plant.run(&vec![[0.5, 0.0]; 100]).unwrap().end();
    // The force lags by τ: v = F/m (T − τ) once T is many τ. Euler's sums do not change that.
    assert!((end.velocity[0] - 0.25 * (1.0 - 0.04)).abs() < 1e-9, "{end:?}");
    assert!((end.force[0] - 0.5).abs() < 1e-9);
    assert_eq!([end.position[1], end.velocity[1], end.force[1]], [0.0; 3]);
}

#[test]
fn the_gradient_of_every_control_is_that_of_finite_differences() {
    for (plant, seed) in [
        (Plant::default(), 0.0),
        (Plant { mass: 0.4, ..Plant::default() }, 1.0),
        (Plant { steps: 3, ..Plant::default() }, 2.0),
        (Plant { lag: 0.1, dt: 0.02, steps: 50, ..Plant::default() }, 3.0),
    ] {
        let target = targets(6, DISTANCE)[2];
        let controls = some_controls(plant.steps, seed);
        let gradient = gradient_of(&plant, &controls, target);
        let largest = gradient.as_flattened().iter().fold(0.0_f64, |m, g| m.max(g.abs()));
        for t in 0..plant.steps {
            for i in 0..2 {
                let shifted = |by: f64| {
                    let mut controls = controls.clone();
                    controls[t][i] += by;
                    loss_of(&plant, &controls, target)
                };
                let difference = (shifted(1e-3) - shifted(-1e-3)) / 2e-3; // exact: the loss is a parabola
                assert!((gradient[t][i] - difference).abs() < 1e-6 * largest, "step {t}: {difference}");
            }
        }
    }
}

#[test]
fn controls_must_be_one_for_each_step() {
    let error = Plant::default().run(&vec![[0.0; 2]; 99]).unwrap_err();
    assert_eq!(error.to_string(), "expected controls for 100 steps, found 99");
}

#[test]
fn six_targets_lie_on_a_circle_and_twelve_between_them() {
    let (six, twelve) = (targets(6, DISTANCE), targets_between(6, 2, DISTANCE));
    assert_eq!((six.len(), twelve.len()), (6, 12));
    assert_eq!(six[0], [0.07, 0.0]);
    for [x, y] in six.iter().chain(&twelve) {
        assert!((x.hypot(*y) - 0.07).abs() < 1e-15);
    }
    let mut angles: Vec<f64> = six.iter().chain(&twelve).map(|[x, y]| y.atan2(*x)).collect();
    angles.sort_by(f64::total_cmp);
    for pair in angles.windows(2) {
        assert!((pair[1] - pair[0] - std::f64::consts::TAU / 18.0).abs() < 1e-12);
    }
    assert_eq!(targets_between(6, 0, DISTANCE), [[0.0; 2]; 0]);
}

#[test]
fn each_term_of_the_loss_is_in_its_unit() {
    let (loss, target) = (Loss::default(), [0.07, 0.0]);
    let there = State { position: target, ..State::default() };
    assert_eq!(loss.value(&there, target), 0.0);
    let check = |end: State, expected: f64| {
        assert!((loss.value(&end, target) - expected).abs() < 1e-12, "{end:?}");
    };
    check(State { position: [0.07, 0.01], ..there }, 1.0);
    check(State { velocity: [0.0, 0.02], ..there }, 0.2);
    check(State { force: [0.08, 0.0], ..there }, 0.04);
}

/// From no force at all, along conjugate gradients: the loss is a parabola of rank 6, so 6 steps
/// arrive. What they find is the smallest controls that do.
fn smallest_controls(plant: &Plant, target: [f64; 2]) -> Controls {
    let dot = |a: &Controls, b: &Controls| {
        a.as_flattened().iter().zip(b.as_flattened()).map(|(a, b)| a * b).sum::<f64>()
    };
    let add = |a: &Controls, scale: f64, b: &Controls| -> Controls {
        a.iter().zip(b).map(|(a, b)| [a[0] + scale * b[0], a[1] + scale * b[1]]).collect()
    };
    let zero = vec![[0.0; 2]; plant.steps];
    let at_zero = gradient_of(plant, &zero, target);
    let (mut controls, mut residual) = (zero.clone(), add(&zero, -1.0, &at_zero));
    let mut direction = residual.clone();
    for _ in 0..12 {
        let curved = add(&gradient_of(plant, &direction, target), -1.0, &at_zero);
        let length = dot(&residual, &residual) / dot(&direction, &curved);
        controls = add(&controls, length, &direction);
        let next = add(&residual, -length, &curved);
        let turn = dot(&next, &next) / dot(&residual, &residual);
        direction = add(&next, turn, &direction);
        residual = next;
        if dot(&residual, &residual) < 1e-18 {
            break;
        }
    }
    controls
}

#[test]
fn the_gradient_leads_to_every_target_with_one_bell_of_speed() {
    let plant = Plant::default();
    for target in targets(6, DISTANCE).into_iter().chain(targets_between(6, 2, DISTANCE)) {
        let movement = plant.run(&smallest_controls(&plant, target)).unwrap();
        let loss = Loss::default().value(movement.end(), target);
        assert!(loss < 5e-3 / 6.0, "{loss}"); // where the paper stops
        let bell = BellShape::of(&movement.speeds()).unwrap();
        assert!(bell.is_single() && (bell.peak_at - 0.5).abs() < 0.1, "{bell:?}");
        assert!(bell.skewness.abs() < 0.1 && bell.peak_speed > 0.07, "{bell:?}");
    }
}

#[test]
fn the_movement_of_least_jerk_is_a_bell() {
    let profile = |s: f64| 30.0 * s * s * (1.0 - s) * (1.0 - s);
    let speeds: Vec<f64> = (0..=100).map(|t| profile(f64::from(t) / 100.0)).collect();
    let bell = BellShape::of(&speeds).unwrap();
    assert_eq!(bell.peaks, 1);
    assert!((bell.peak_at - 0.5).abs() < 1e-12 && (bell.peak_speed - 1.875).abs() < 1e-12, "{bell:?}");
    assert!(bell.skewness.abs() < 1e-9, "{bell:?}");
}

#[test]
fn what_is_no_bell_is_told_apart() {
    let bell = |speed: &dyn Fn(f64) -> f64| {
        BellShape::of(&(0..=200).map(|t| speed(f64::from(t) / 200.0)).collect::<Vec<_>>()).unwrap()
    };
    let early = bell(&|s| s * (1.0 - s) * (1.0 - s) * (1.0 - s) * (1.0 - s));
    assert!(early.is_single() && early.skewness > 0.1, "{early:?}");
    assert!((early.peak_at - 0.2).abs() < 0.01, "{early:?}");
    let late = bell(&|s| s * s * s * s * (1.0 - s));
    assert!(late.is_single() && (late.skewness + early.skewness).abs() < 1e-9, "{late:?}");
    let twice = bell(&|s| libm::sin(2.0 * std::f64::consts::PI * s).abs());
    assert!(twice.peaks == 2 && !twice.is_single(), "{twice:?}");
    let rising = bell(&|s| s);
    assert_eq!((rising.peaks, rising.peak_at, rising.peak_speed), (0, 1.0, 1.0));
    assert_eq!(BellShape::of(&[0.0; 9]), None);
    assert_eq!(BellShape::of(&[0.0, f64::NAN]), None);
    assert_eq!(BellShape::of(&[0.0, 1.0]).unwrap().skewness, 0.0);
}

proptest! {
    /// The plant is linear, so its adjoint is a transpose: ⟨λ, run(u)⟩ = ⟨gradient(λ), u⟩.
    #[test]
    fn gradient_is_the_transpose_of_run(
        u in prop::collection::vec([-1.0..1.0_f64, -1.0..1.0_f64], 20),
        position in [-1.0..1.0_f64, -1.0..1.0_f64],
        velocity in [-1.0..1.0_f64, -1.0..1.0_f64],
        force in [-1.0..1.0_f64, -1.0..1.0_f64],
    ) {
        let plant = Plant { steps: 20, ..Plant::default() };
        let adjoint = State { position, velocity, force };
        let dot = |a: [f64; 2], b: [f64; 2]| a[0] * b[0] + a[1] * b[1];
        let end = *plant.run(&u).unwrap().end();
        let forwards = dot(position, end.position) + dot(velocity, end.velocity) + dot(force, end.force);
        let backwards: f64 = plant.gradient(&adjoint).into_iter().zip(u).map(|(g, u)| dot(g, u)).sum();
        prop_assert!((forwards - backwards).abs() < 1e-12);
    }
}
