//! Every public method on an adapter of each kind: right values beside those of the crates beneath, and errors that name what
//! was expected and found.

mod errors;
#[cfg(feature = "hub")]
mod hub;
mod images;
mod loading;
mod series;
mod support;
#[cfg(feature = "train")]
mod training;
