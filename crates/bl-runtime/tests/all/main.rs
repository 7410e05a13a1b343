//! The runtime: names, versions, mixed batches.
#![allow(
    clippy::unwrap_used,
    clippy::float_cmp,
    reason = "a test that fails should say where; bits are compared"
)]

mod batches;
mod concurrency;
mod names;
mod support;
