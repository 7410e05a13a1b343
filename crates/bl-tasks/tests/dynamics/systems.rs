//! Systems: their values against NumPy and SciPy, and what is known of their attractors.
//!
//! The numbers of Euler's method:
//! ```python
//! s = np.array(start)
//! for _ in range(steps): s = s + 0.01 * f(s)
//! ```
//! and of the solution itself (NumPy 2.4.6, SciPy 1.17.1):
//! ```python
//! solve_ivp(lambda t, s: f(s), (0, time), start, method="DOP853", rtol=1e-13, atol=1e-14).y[:, -1]
//! ```

use bl_tasks::dynamics::{Integrator, Lorenz, MackeyGlass, Rossler, Sampling, System, VanDerPol, simulate};

fn check(found: &[f64], expected: &[f64], tolerance: f64) {
    for (a, b) in found.iter().zip(expected) {
        assert!((a - b).abs() < tolerance, "expected {expected:?}, found {found:?}");
    }
}

/// Euler's method after 100 and 1000 steps of 0.01.
fn check_euler(system: &impl System, start: &[f64], expected: [&[f64]; 2]) {
    let sampling = Sampling { integrator: Integrator::Euler, dt: 0.01, every: 100, samples: 11 };
    let trajectory = simulate(system, &sampling, start).unwrap();
    check(trajectory.state(1), expected[0], 1e-13);
    check(trajectory.state(10), expected[1], 1e-9); // Lorenz: rounding grows by e⁹
}

/// Runge and Kutta's method at times 1, 5 and 20.
fn check_solution(system: &impl System, start: &[f64], expected: [&[f64]; 3]) {
    let sampling = Sampling { integrator: Integrator::Rk4, dt: 1.0 / 2048.0, every: 2048, samples: 21 };
    let trajectory = simulate(system, &sampling, start).unwrap();
    for (time, expected) in [1, 5, 20].into_iter().zip(expected) {
        check(
            trajectory.state(time),
            expected,
            1e-9 * (system.lyapunov().map_or(0.0, |l| l.exponent) * time as f64).exp(),
        );
    }
}

#[test]
fn lorenz() {
    let (system, start) = (Lorenz::default(), [0.0, 1.0, 0.0]);
    check_euler(
        &system,
        &start,
        [
            &[-2.9781828172347566, -3.4781885563288033, 19.564716520163614],
            &[4.8970753317023865, 7.634493635206503, 17.087512893959588],
        ],
    );
    check_solution(
        &system,
        &start,
        [
            &[-9.443146568466911, -9.378901383390454, 28.33779228282848],
            &[-7.000630382915981, -6.784505763219892, 25.53105497751391],
            &[-1.3563489844217256, -2.3873000520074967, 12.389984993984292],
        ],
    );
}

#[test]
fn van_der_pol() {
    let (system, start) = (VanDerPol::default(), [2.0, 0.0]);
    check_euler(
        &system,
        &start,
        [&[1.6985022918080126, -0.40871082086850474], &[0.980839819498899, -0.9131035817324784]],
    );
    check_solution(
        &system,
        &start,
        [
            &[1.6980414594418751, -0.408729893687072],
            &[-1.6196015128115135, 0.44091186833014123],
            &[-1.7283079289532253, 0.3978815958040792],
        ],
    );
}

#[test]
fn rossler() {
    let (system, start) = (Rossler::default(), [1.0, 1.0, 1.0]);
    check_euler(
        &system,
        &start,
        [
            &[-0.5810706849307716, 1.4659756003023299, 0.0365655308257923],
            &[-0.3473859402229013, -3.872579606783403, 0.030450582816529712],
        ],
    );
    check_solution(
        &system,
        &start,
        [
            &[-0.5790866180328531, 1.458458409567747, 0.03711750966680602],
            &[2.1683432991247944, -1.0319264420813348, 0.05190604525803665],
            &[-4.369046519482104, 7.30438481791138, 0.0245426002155547],
        ],
    );
}

/// The solution by the method of steps: DOP853 over one delay after the other, each with the dense
/// output of the one before as its past (`max_step=0.25`).
#[test]
fn mackey_glass() {
    let sampling = Sampling { integrator: Integrator::Rk4, dt: 17.0 / 512.0, every: 512, samples: 13 };
    let trajectory = MackeyGlass::default().simulate(&sampling, 1.2).unwrap();
    let expected = [
        1.2,
        0.4919720967103561,
        1.032327188294703,
        1.0419791974968027,
        0.6936008643103799,
        1.1884540241384598,
        0.9019612394981823,
        0.6100111322815015,
        0.974743632159614,
        1.137027215161798,
        0.6556404667741476,
        1.1592307367683699,
        0.9732850219744674,
    ];
    check(&trajectory.values, &expected, 1e-7);
}

/// ```python
/// h = [1.2] * 171
/// for _ in range(3000): h.append(h[-1] + 0.1 * (0.2 * h[-171] / (1 + h[-171]**10) - 0.1 * h[-1]))
/// h[170 + 1000], h[170 + 3000]
/// ```
#[test]
fn mackey_glass_by_euler() {
    let sampling = Sampling { integrator: Integrator::Euler, dt: 0.1, every: 1000, samples: 4 };
    let values = MackeyGlass::default().simulate(&sampling, 1.2).unwrap().values;
    check(&[values[1], values[3]], &[1.025480740477626, 1.1443003601012673], 1e-12);
}

#[test]
fn mackey_glass_stays_in_its_range() {
    for (integrator, dt, every) in [(Integrator::Euler, 1.0, 1), (Integrator::Rk4, 0.1, 10)] {
        let sampling = Sampling { integrator, dt, every, samples: 20_000 };
        let trajectory = MackeyGlass::default().simulate(&sampling, 1.2).unwrap();
        assert_eq!(trajectory.spacing, 1.0);
        let settled = &trajectory.values[500..];
        let (low, high) = settled.iter().fold((f64::MAX, f64::MIN), |(a, b), &x| (a.min(x), b.max(x)));
        assert!(low > 0.2 && low < 0.45 && high > 1.25 && high < 1.45, "{integrator:?}: {low} to {high}");
    }
}

/// The growth of a small difference between twins, brought back to its first size each unit of time.
fn exponent(system: &impl System, integrator: Integrator, time: usize) -> f64 {
    const SIZE: f64 = 1e-7;
    let sampling = Sampling { integrator, dt: 0.01, every: 100, samples: 2 };
    let next = |state: &[f64]| simulate(system, &sampling, state).unwrap().state(1).to_vec();
    let (mut a, mut growth) = (system.start(), 0.0);
    for _ in 0..20 {
        a = next(&a);
    }
    let mut b = a.clone();
    b[0] += SIZE;
    for _ in 0..time {
        (a, b) = (next(&a), next(&b));
        let size = a.iter().zip(&b).map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt();
        growth += (size / SIZE).ln();
        b = a.iter().zip(&b).map(|(a, b)| a + (b - a) * SIZE / size).collect();
    }
    growth / time as f64
}

#[test]
fn nearby_states_part_at_the_known_rate() {
    let lorenz = exponent(&Lorenz::default(), Integrator::Rk4, 5000);
    assert!((lorenz - 0.9056).abs() < 0.02, "Lorenz: {lorenz}");
    let rossler = exponent(&Rossler::default(), Integrator::Rk4, 20_000);
    assert!((rossler - 0.0714).abs() < 0.005, "Rössler: {rossler}");
}

#[test]
fn lorenz_by_euler_is_more_chaotic_than_the_equation() {
    let lorenz = exponent(&Lorenz::default(), Integrator::Euler, 5000);
    assert!((lorenz - 1.043).abs() < 0.02, "{lorenz}");
}

/// The growth of a small difference in the past of Mackey-Glass from time 500 to 2500, mean of 40
/// pasts; the difference is that of 200 units of time, as it oscillates.
fn exponent_of_mackey_glass(integrator: Integrator, dt: f64, every: usize) -> f64 {
    let sampling = Sampling { integrator, dt, every, samples: 2700 };
    let run = |past: f64| MackeyGlass::default().simulate(&sampling, past).unwrap().values;
    let growth = |past: f64| {
        let (a, b) = (run(past), run(past + 1e-12));
        let size =
            |from: usize| a[from..][..200].iter().zip(&b[from..]).map(|(a, b)| (a - b).powi(2)).sum::<f64>();
        (size(2500) / size(500)).ln() / 2.0 / 2000.0
    };
    (0..40).map(|i| growth(0.4 + 0.013 * f64::from(i))).sum::<f64>() / 40.0
}

/// Why [`MackeyGlass::lyapunov`] is not 0.006, and what a step of 1 makes of it.
#[test]
fn mackey_glass_by_coarse_euler_is_more_chaotic_than_the_equation() {
    let rk4 = exponent_of_mackey_glass(Integrator::Rk4, 0.2, 5);
    assert!((rk4 - 0.0050).abs() < 0.0005, "{rk4}");
    let euler = exponent_of_mackey_glass(Integrator::Euler, 1.0, 1);
    assert!((euler - 0.0084).abs() < 0.0008, "{euler}");
}
