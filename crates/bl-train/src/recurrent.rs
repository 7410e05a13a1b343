//! Learning in time: back-propagation through time (BPTT) for the biases alone, with masks, gains and fully trained
//! networks as elsewhere.
//!
//! A [`lesson`] says what goes into a network and how wrong its outputs are; an objective turns the gradient at the
//! outputs into one of the parameters, by the kernel's adjoint where weights are frozen ([`frozen`]) and in candle where
//! they are not ([`full`]). The loop is that of pictures.

mod config;
mod frozen;
mod full;
#[cfg(test)]
mod gradients;
mod lesson;
mod network;
mod network_file;
mod product;
mod trainer;

pub use config::RecurrentConfig;
pub use network::RecurrentNetwork;
pub use network_file::{RecurrentNetworkFile, RecurrentNetworkHeader};
pub use product::RecurrentProduct;
pub use trainer::{RecurrentFitted, RecurrentLearned, RecurrentTrainer};
