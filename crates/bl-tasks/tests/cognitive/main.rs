#![allow(clippy::unwrap_used, clippy::float_cmp, reason = "a test that fails should say where")]

//! What bl-tasks promises of the twenty cognitive tasks: of every task, and of many trials of each.

mod answers;
mod draws;
mod golden;
mod trials;

use bl_tasks::cognitive::{Cognitive, CognitiveTrial, Settings};

/// Without noise.
pub(crate) fn silent() -> Settings {
    Settings { noise: 0.0, ..Settings::default() }
}

/// Calls `check` with so many trials of every task.
pub(crate) fn for_all(settings: &Settings, trials: u64, check: impl Fn(Cognitive, &CognitiveTrial)) {
    for task in Cognitive::ALL {
        (0..trials).for_each(|index| check(task, &settings.trial(task, 11, index)));
    }
}

/// Both in [0, 2π).
pub(crate) fn distance(a: f64, b: f64) -> f64 {
    let apart = (a - b).abs();
    apart.min(std::f64::consts::TAU - apart)
}
