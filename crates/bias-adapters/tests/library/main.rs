//! Every public method on an adapter of each kind: right values beside those of the crates beneath, and errors that name what
//! was expected and found.

#![allow(clippy::float_cmp, reason = "the same computation gives the same bits")]
#![allow(clippy::unwrap_used, reason = "a test that fails should say where")]

#[cfg(feature = "train")]
mod arrays;
mod errors;
#[cfg(feature = "hub")]
mod hub;
mod images;
mod loading;
mod series;
mod support;
#[cfg(feature = "train")]
mod texts;
#[cfg(feature = "train")]
mod training;
