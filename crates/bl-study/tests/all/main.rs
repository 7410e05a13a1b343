#![allow(clippy::unwrap_used, clippy::float_cmp, reason = "a test that fails should say where")]

//! What bl-study promises of its analyses, its runs and its figures.

mod analysis;
mod clusters;
mod dynamics;
mod dynamics_plots;
mod dynamics_samples;
mod kept_runs;
mod lab;
mod plots;
mod reference;
mod refused;
mod samples;
