//! Learning in time.

mod explosion;
mod settings;
mod support;
mod training;
