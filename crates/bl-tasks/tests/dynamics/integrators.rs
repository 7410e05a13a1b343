//! Integrators: their order, their errors, and the same bits every time.

use bl_tasks::dynamics::{
    Integrator, Lorenz, Lyapunov, MackeyGlass, Rossler, Sampling, System, VanDerPol, simulate,
};

fn end(system: &impl System, integrator: Integrator, dt: f64, steps: usize) -> Vec<f64> {
    let sampling = Sampling { integrator, dt, every: steps, samples: 2 };
    simulate(system, &sampling, &system.start()).unwrap().state(1).to_vec()
}

/// The largest error of any component at time 1/2.
fn error(system: &impl System, integrator: Integrator, dt: f64, expected: &[f64]) -> f64 {
    let steps = (0.5 / dt).round() as usize;
    let found = end(system, integrator, dt, steps);
    found.iter().zip(expected).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

#[test]
fn halving_the_step_divides_the_error_by_two_to_the_order() {
    fn check(system: &impl System) {
        let truth = end(system, Integrator::Rk4, 1.0 / 16_384.0, 8192);
        let ratio = |integrator, dt| {
            error(system, integrator, dt, &truth) / error(system, integrator, dt / 2.0, &truth)
        };
        let (euler, rk4) = (ratio(Integrator::Euler, 1.0 / 32_768.0), ratio(Integrator::Rk4, 1.0 / 512.0));
        assert!((euler - 2.0).abs() < 0.05, "{}: Euler {euler}", system.name());
        assert!((rk4 - 16.0).abs() < 0.8, "{}: RK4 {rk4}", system.name());
    }
    check(&Lorenz::default());
    check(&VanDerPol::default());
    check(&Rossler::default());
}

#[test]
fn with_a_delay_the_orders_are_the_same() {
    // Over more than two delays, so that every kind of interpolation is used.
    let end = |integrator, steps_per_unit: usize| {
        let (dt, every) = (1.0 / steps_per_unit as f64, 50 * steps_per_unit);
        let sampling = Sampling { integrator, dt, every, samples: 2 };
        MackeyGlass::default().simulate(&sampling, MackeyGlass::START).unwrap().state(1)[0]
    };
    let truth = end(Integrator::Rk4, 256);
    let ratio = |integrator, n| (end(integrator, n) - truth) / (end(integrator, 2 * n) - truth);
    let (euler, rk4) = (ratio(Integrator::Euler, 128), ratio(Integrator::Rk4, 8));
    assert!((euler - 2.0).abs() < 0.05, "Euler {euler}");
    assert!((rk4 - 16.0).abs() < 0.8, "RK4 {rk4}");
}

#[test]
fn sampling_every_few_steps_keeps_the_same_states_at_their_true_spacing() {
    let (lorenz, integrator) = (Lorenz::default(), Integrator::Euler);
    let all = Sampling { integrator, dt: 0.01, every: 1, samples: 101 };
    let few = Sampling { every: 10, samples: 11, ..all.clone() };
    let all = simulate(&lorenz, &all, &lorenz.start()).unwrap();
    let few = simulate(&lorenz, &few, &lorenz.start()).unwrap();
    assert_eq!((few.len(), few.spacing), (11, 0.1));
    for i in 0..few.len() {
        assert_eq!(few.state(i), all.state(10 * i));
    }
    assert_eq!(few.component("z").unwrap()[10], all.state(100)[2]);
    assert_eq!(few.lyapunov.map(|Lyapunov { exponent, .. }| exponent), Some(0.9056));
}

/// Bits, not tolerances: another platform, or another order of operations, would show here. Plain
/// Python finds the same bits for Lorenz by Euler.
#[test]
fn a_trajectory_has_the_same_bits_everywhere() {
    fn check(name: &str, values: &[f64], expected: &str) {
        let mut fingerprint = 0xcbf2_9ce4_8422_2325_u64; // FNV-1a
        for byte in values.iter().flat_map(|value| value.to_bits().to_le_bytes()) {
            fingerprint = (fingerprint ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        assert_eq!(format!("{fingerprint:016x}"), expected, "{name}");
    }
    fn run(system: &impl System, integrator: Integrator) -> Vec<f64> {
        let sampling = Sampling { integrator, dt: 0.01, every: 3, samples: 1000 };
        simulate(system, &sampling, &system.start()).unwrap().values
    }
    let delay = Sampling { integrator: Integrator::Rk4, dt: 0.1, every: 10, samples: 1000 };
    for _ in 0..2 {
        check("lorenz euler", &run(&Lorenz::default(), Integrator::Euler), "b7a7551d3b97119f");
        check("lorenz rk4", &run(&Lorenz::default(), Integrator::Rk4), "9512c9c6508d908f");
        check("rossler rk4", &run(&Rossler::default(), Integrator::Rk4), "2a11b03ce73b5665");
        check("van der pol rk4", &run(&VanDerPol::default(), Integrator::Rk4), "f47de78b5b2a0274");
        check(
            "mackey-glass rk4",
            &MackeyGlass::default().simulate(&delay, 1.2).unwrap().values,
            "14cda12695103520",
        );
        check("cosine", &bl_tasks::dynamics::cosine(23.75, 1000).unwrap().values, "1ef171605b82e201");
    }
}

#[test]
fn what_cannot_be_simulated_says_why() {
    fn check(dt: f64, every: usize, samples: usize, start: &[f64], expected: &str) {
        let sampling = Sampling { integrator: Integrator::Euler, dt, every, samples };
        assert_eq!(simulate(&Lorenz::default(), &sampling, start).unwrap_err().to_string(), expected);
    }
    let start = [0.0, 1.0, 0.0];
    check(0.0, 1, 10, &start, "expected a time step above 0, found 0");
    check(f64::NAN, 1, 10, &start, "expected a time step above 0, found NaN");
    let kept = "expected at least 1 sample, and one every 1 step or more, found";
    check(0.01, 0, 10, &start, &format!("{kept} 10 every 0"));
    check(0.01, 1, 0, &start, &format!("{kept} 0 every 1"));
    check(0.01, 1, 10, &start[..2], "`lorenz` has 3 components, but its start has 2");
    let left =
        |step, name| format!("`lorenz` left the finite numbers at step {step}, in its component `{name}`");
    check(0.01, 1, 10, &[0.0, f64::INFINITY, 0.0], &left(0, "y"));
    check(0.1, 5, 100, &start, &left(20, "y"));
}

#[test]
fn a_delay_must_be_a_whole_number_of_steps() {
    let sampling = Sampling { integrator: Integrator::Rk4, dt: 0.3, every: 1, samples: 10 };
    let error = MackeyGlass::default().simulate(&sampling, 1.2).unwrap_err();
    assert_eq!(error.to_string(), "expected a time step that divides the delay of 17, found 0.3");
    assert_eq!(error.hint().unwrap(), "a step of 0.2982456140350877 makes the delay 57 steps");
    for dt in [17.0, 1.0, 0.5, 0.1, 0.05, 0.01] {
        MackeyGlass::default().simulate(&Sampling { dt, ..sampling.clone() }, 1.2).unwrap();
    }
}

#[test]
fn a_component_has_a_name() {
    let cosine = bl_tasks::dynamics::cosine(25.0, 5).unwrap();
    let error = cosine.component("y").unwrap_err();
    assert_eq!(error.to_string(), "`cosine` has no component `y`, expected one of `x`");
}
