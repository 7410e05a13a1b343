//! Encoders of the BERT kind with all their weights frozen: texts as tokens go in, a vector for each comes out, and the biases are an
//! argument of every call, as everywhere here. Training needs the gradient at the biases alone, so the way back never computes that
//! of a weight (`BitFit`: Ben Zaken et al., ACL 2022, arXiv 2106.10199).
//!
//! - [`Config`] and [`Encoder::load`]: a folder as the Hugging Face Hub has it (`config.json`, `model.safetensors`).
//! - [`Biases`]: every bias of linear and `LayerNorm` layers, by the names of the file.
//! - [`Encoder::read`]: vectors of texts; [`Encoder::read_to_learn`] keeps what [`Encoder::back`] needs.
//!
//! Texts of a batch are laid end to end, without padding, and go through the network in groups of a few hundred tokens, one group a
//! thread. Groups are the same whatever the number of threads, and so are the bits; between CPUs they differ, as products of
//! matrices do ([`bl_kernels::product`]).

mod attention;
mod back;
mod biases;
mod config;
mod encoder;
mod error;
mod forward;
mod maths;
mod tensors;
mod tokens;

pub use biases::Biases;
pub use config::Config;
pub use encoder::Encoder;
pub use error::Error;
pub use forward::{Kept, Read};
pub use tokens::Tokens;
