//! The service as its clients meet it.
#![allow(
    clippy::unwrap_used,
    clippy::float_cmp,
    reason = "a test that fails should say where; bits are compared"
)]

mod adapters;
mod addresses;
mod bad_images;
mod bad_input;
mod callers;
mod classification;
mod encoder;
mod fuzz;
mod images;
mod large_files;
mod load;
mod memory;
mod metrics;
mod mixed;
mod on_disk;
mod repository;
mod signals;
mod slow_clients;
mod socket;
mod strangers;
mod support;
mod texts;
mod trials;
mod values;
mod watch;
