//! Networks in time: their weights, their files, what they compute.

mod adapter_file;
mod computation;
mod generation;
mod refused;
pub(crate) mod support;
