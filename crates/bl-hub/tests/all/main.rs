//! The crate against a hub on loopback.

#![expect(clippy::unwrap_used, reason = "a test that fails should say where")]

mod cache;
mod card;
mod data;
mod environment;
mod faults;
mod push;
mod support;
