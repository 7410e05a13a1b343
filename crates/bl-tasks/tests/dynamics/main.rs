#![allow(clippy::unwrap_used, clippy::float_cmp, reason = "a test that fails should say where")]
#![allow(clippy::unreadable_literal, reason = "expected numbers are as NumPy prints them")]

//! What bl-tasks promises of tasks in time.

mod forecast;
mod integrators;
mod reaching;
mod series;
mod series_csv;
mod systems;
mod time;
