//! Encoders of the BERT kind with all their weights frozen: texts as tokens go in, a vector for each comes out, and the biases are an
//! argument of every call, as everywhere here. Training needs the gradient at the biases alone, so the way back never computes that
//! of a weight (`BitFit`: Ben Zaken et al., ACL 2022, arXiv 2106.10199).
//!
//! - [`Pretrained::load`]: a folder as the Hugging Face Hub has it (`config.json`, `model.safetensors`, `tokenizer.json`): an
//!   [`Encoder`] and its [`Tokenizer`].
//! - [`Biases`]: every bias of linear and `LayerNorm` layers, by the names of the file.
//! - [`Encoder::read`]: vectors of texts; [`Encoder::read_to_learn`] keeps what [`Encoder::back`] needs.
//!
//! Texts of a batch are laid end to end, without padding, and go through the network in groups of a few hundred tokens, one group a
//! thread. Groups are the same whatever the number of threads, and so are the bits; between CPUs they differ, as products of
//! matrices do ([`bl_kernels::product`]).

#![cfg_attr(not(feature = "encoder"), allow(dead_code, reason = "parts of the computation"))]

#[cfg(feature = "encoder")]
mod attention;
#[cfg(feature = "encoder")]
mod back;
mod biases;
mod config;
#[cfg(feature = "encoder")]
mod encoder;
mod error;
#[cfg(feature = "encoder")]
mod forward;
#[cfg(feature = "encoder")]
mod maths;
#[cfg(feature = "encoder")]
mod pretrained;
#[cfg(feature = "encoder")]
mod tensors;
#[cfg(feature = "encoder")]
pub mod tiny;
#[cfg(feature = "encoder")]
mod tokenizer;
#[cfg(feature = "encoder")]
mod tokens;

pub use biases::Biases;
pub use config::Config;
#[cfg(feature = "encoder")]
pub use encoder::Encoder;
pub use error::Error;
#[cfg(feature = "encoder")]
pub use forward::{Kept, Read};
#[cfg(feature = "encoder")]
pub use pretrained::Pretrained;
#[cfg(feature = "encoder")]
pub use tokenizer::Tokenizer;
#[cfg(feature = "encoder")]
pub use tokens::Tokens;
