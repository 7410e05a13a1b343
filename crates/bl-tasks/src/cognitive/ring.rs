//! Directions on a ring of units: bumps, and what a population of them says.

use std::f64::consts::{PI, TAU};

/// Height of a bump.
const HEIGHT: f64 = 0.8;

/// The preferred direction of a unit, in radians.
fn preferred(unit: usize, ring: usize) -> f64 {
    TAU * unit as f64 / ring as f64
}

/// How far apart two directions in [0, 2π) are, at most π.
pub(super) fn distance(a: f64, b: f64) -> f64 {
    let apart = (a - b).abs();
    apart.min(TAU - apart)
}

/// A direction turned by an angle, both in [0, 2π).
pub(super) fn turned(direction: f64, angle: f64) -> f64 {
    (direction + angle) % TAU
}

/// `0.8 γ exp(−½ (8 |ψ − θ_i| / π)²)` of all units i.
pub(super) fn bump(direction: f64, strength: f64, ring: usize) -> impl Iterator<Item = f64> {
    (0..ring).map(move |unit| {
        let widths = 8.0 * distance(direction, preferred(unit, ring)) / PI;
        HEIGHT * strength * libm::exp(-0.5 * widths * widths)
    })
}

/// The direction that units of a ring stand for, that of `Σ y_i (cos θ_i, sin θ_i)`, in [0, 2π); none if that is 0 or
/// no number.
///
/// # Shapes
/// - `activity`: `[ring]`
pub fn population_vector(activity: &[f32]) -> Option<f64> {
    let (mut x, mut y) = (0.0, 0.0);
    for (unit, &value) in activity.iter().enumerate() {
        let preferred = preferred(unit, activity.len());
        x += f64::from(value) * libm::cos(preferred);
        y += f64::from(value) * libm::sin(preferred);
    }
    let direction = libm::atan2(y, x);
    (direction.is_finite() && (x != 0.0 || y != 0.0)).then(|| (direction + TAU) % TAU)
}
