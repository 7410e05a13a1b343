//! Where to reach.

use std::f64::consts::TAU;

/// D, the distance of the targets from the centre: 0.07 m.
pub const DISTANCE: f64 = 0.07;

/// `count` targets around the centre, in m; the paper has K = 6:
/// `d_k = D [cos(2π k/K), sin(2π k/K)]`, k = 0, …, K − 1.
pub fn targets(count: usize, distance: f64) -> Vec<[f64; 2]> {
    (0..count).map(|k| at(k as f64 / count as f64, distance)).collect()
}

/// Targets to test on, `per_gap` equally far apart between each two of [`targets`]; with 6 and 2, 12
/// in all.
pub fn targets_between(count: usize, per_gap: usize, distance: f64) -> Vec<[f64; 2]> {
    let places = count * (per_gap + 1);
    (0..places)
        .filter(|place| place % (per_gap + 1) != 0)
        .map(|place| at(place as f64 / places as f64, distance))
        .collect()
}

/// At a share of the way round, from the right and against the clock.
fn at(turn: f64, distance: f64) -> [f64; 2] {
    [distance * libm::cos(TAU * turn), distance * libm::sin(TAU * turn)]
}
