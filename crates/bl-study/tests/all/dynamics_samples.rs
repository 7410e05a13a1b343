//! Figures of recurrent networks: spectra, movements, long series.

use std::f64::consts::TAU;

use bl_study::analysis::{ReluRecurrence, spectral_radius};
use bl_study::plot::{
    Axis, Chart, Circle, Cloud, Figure, Line, LineStyle, Lines, Movements, Panel, Paths, Point, Role, Scatter,
};

use crate::samples::Draw;

pub(crate) fn all() -> Vec<(&'static str, Figure)> {
    vec![
        ("spectrum", Figure::single(Panel::new("Jacobian", Chart::Scatter(spectrum(0.5))))),
        ("reaching", Figure::single(Panel::new("Movements", Chart::Paths(reaching(0.07))))),
        ("long_series", Figure::single(Panel::new("Lorenz, x", Chart::Lines(long_series(5000))))),
        (
            "dynamics",
            Figure::row(
                "Recurrent networks",
                vec![
                    Panel::new("Van der Pol", Chart::Lines(long_series(600))),
                    Panel::new("Jacobian", Chart::Scatter(spectrum(0.5))),
                    Panel::new("Movements", Chart::Paths(reaching(7.0))),
                ],
            ),
        ),
    ]
}

/// Eigenvalues of a Gaussian network of 300 units, a share of them active, and of a ring with a leak.
pub(crate) fn spectrum(share: f64) -> Scatter {
    let units = 300;
    let mut draw = Draw::seeded(4);
    let deviation = 1.0 / (units as f64).sqrt();
    let weights: Vec<f32> = (0..units * units).map(|_| (draw.normal() * deviation) as f32).collect();
    let net = ReluRecurrence { weights: &weights, gains: &[], alpha: 0.0, beta: 1.0 };
    let spectrum = |active: &dyn Fn(usize) -> bool| {
        let jacobian = net.jacobian(&(0..units).map(active).collect::<Vec<_>>()).unwrap();
        bl_study::analysis::eigenvalues(&jacobian, units).unwrap()
    };
    let start = spectrum(&|_| true);
    let radius = spectral_radius(&start);
    let trained = spectrum(&|unit| (unit as f64) < share * units as f64);
    let cloud = |label: &str, role, spectrum: Vec<bl_study::analysis::Eigenvalue>| Cloud {
        label: label.into(),
        role,
        points: spectrum.iter().map(|value| (value.re, value.im)).collect(),
    };
    let series = vec![cloud("At the start", Role::Null, start), cloud("Half-way", Role::Bias, trained)];
    Scatter {
        equal_scales: true,
        circle: Some(Circle { label: format!("radius {radius:.2}"), radius }),
        ..Scatter::new(Axis::linear("Real part"), Axis::linear("Imaginary part"), series)
    }
}

/// Curved movements to targets on a circle.
fn reaching(distance: f64) -> Paths {
    let on_circle = |share: f64, radius: f64| {
        let angle = TAU * share;
        (radius * angle.cos(), radius * angle.sin())
    };
    let movement = |share: f64| -> Vec<(f64, f64)> {
        let along = |step: i32| f64::from(step) / 50.0;
        (0..=50)
            .map(along)
            .map(|t| on_circle(share + 0.03 * (t * 3.0).sin(), distance * t * t * (3.0 - 2.0 * t)))
            .collect()
    };
    let shares = |shift: f64| (0..6).map(move |target| (f64::from(target) + shift) / 6.0);
    let movements =
        |label: &str, role, shift| Movements::new(label, role, shares(shift).map(movement).collect());
    let targets = |label: &str, role, shift| {
        Cloud::new(label, role, shares(shift).map(|share| on_circle(share, distance)).collect())
    };
    Paths {
        x: Axis::linear("x (m)"),
        y: Axis::linear("y (m)"),
        series: vec![movements("Other", Role::Null, 0.5), movements("Trained", Role::Bias, 0.0)],
        targets: vec![targets("Other target", Role::Null, 0.5), targets("Trained target", Role::Mask, 0.0)],
    }
}

/// A target, solid, and two networks that follow it, dashed.
fn long_series(steps: usize) -> Lines {
    let (mut state, mut values) = ([1.0, 1.0, 20.0], vec![]);
    for _ in 0..steps {
        let [x, y, z] = state;
        let velocity = [10.0 * (y - x), x * (28.0 - z) - y, x * y - 8.0 / 3.0 * z];
        state = [0, 1, 2].map(|i| state[i] + 0.01 * velocity[i]);
        values.push(x / 20.0);
    }
    let points = |error: f64| {
        let point = |(step, &y): (usize, &f64)| Point {
            x: step as f64,
            y: y + error * (step as f64 / 90.0).sin(),
            sd: 0.0,
        };
        values.iter().enumerate().map(point).collect()
    };
    let line = |label, role, style, error| Line {
        style,
        markers: false,
        points: points(error),
        ..Line::new(label, role)
    };
    Lines {
        x: Axis::linear("Step"),
        y: Axis::linear("Output"),
        series: vec![
            line("Target", Role::Mask, LineStyle::Solid, 0.0),
            line("Full", Role::Full, LineStyle::Dashed, 0.06),
            line("Bias", Role::Bias, LineStyle::Dashed, 0.1),
        ],
        references: vec![],
    }
}
