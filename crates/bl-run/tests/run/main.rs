#![expect(clippy::unwrap_used, reason = "a test that fails should say where")]

//! The program as its users meet it: arguments in, two streams and an exit code out.

mod bench;
mod cli;
mod errors;
mod hub;
mod many;
mod predict;
mod sequence_support;
mod sequences;
mod serve;
mod show;
#[path = "../../../bl-adapt/tests/support/stranger.rs"]
mod stranger;
mod strangers;
mod support;
mod texts;
#[path = "../../../bl-adapt/tests/support/transcript.rs"]
mod transcript;
mod transcripts;
mod trials;
