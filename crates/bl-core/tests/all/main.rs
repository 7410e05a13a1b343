//! The properties of bl-core: one program, because linking candle takes longer than all tests together.

mod adapter_file;
mod adapter_refused;
#[cfg(unix)]
mod atomic_writing;
mod backbone_file;
mod blend;
mod canonical_json;
mod compact;
mod damage;
mod encoder;
mod foreign;
mod format_md;
mod forms;
mod forward;
mod frozen_linear;
mod generation;
mod kinds;
mod memory;
mod models;
mod other_language;
mod random_input;
mod recurrent;
mod shipped;
mod spec;
mod statistics;
mod support;
mod trials;
