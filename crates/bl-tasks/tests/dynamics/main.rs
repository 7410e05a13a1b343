#![allow(clippy::unwrap_used, clippy::float_cmp, reason = "a test that fails should say where")]
#![allow(clippy::unreadable_literal, reason = "expected numbers are as NumPy prints them")]

//! What bl-tasks promises of sequence tasks.

mod forecast;
mod integrators;
mod kinds;
mod reaching;
mod series;
mod series_clock;
mod series_csv;
mod systems;
