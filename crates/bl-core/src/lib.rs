//! A frozen random network `y = A φ(B x + b)`: `A` and `B` come from a seed and are never trained, a task
//! is learned by `b` alone, so an adapter is a few kilobytes and one backbone carries any number of tasks
//! (Williams et al., ICLR 2025, arXiv 2407.00957).
//!
//! ```
//! use bl_core::{Backbone, BackboneSpec, Prepared, Preprocessing};
//!
//! let backbone = Backbone::generate(&BackboneSpec::from_toml(
//!     r#"
//!     seed = 1
//!     input = { height = 2, width = 2 }
//!     layers = [{ units = 8, weights = { distribution = "normal", std = 0.5 } }]
//!     readout = { outputs = 3, weights = { distribution = "one_hot", value = 1.0 } }
//!     "#,
//! )?)?;
//! let p = backbone.preactivations(&[0, 255, 128, 7])?; // the frozen half: no task involved
//! let biases = [vec![0.1; 8]];
//! let adapter = Prepared::new(&backbone, Preprocessing { mean: 0.0, std: 1.0 }, &biases)?;
//! assert_eq!(backbone.logits(&p, 0..1, &adapter)?.len(), 3); // the adapter half: cheap, one per task
//! # Ok::<(), bl_core::Error>(())
//! ```
//!
//! Nothing here prints, opens a socket or reads the clock.

mod adapter;
mod adapter_file;
mod any_adapter;
mod backbone;
mod backbone_file;
mod base_bias;
pub mod blend;
pub mod canonical;
mod compact;
pub mod container;
mod encoding;
mod error;
mod evaluate;
pub mod files;
mod fingerprint;
mod form;
mod form_error;
mod forward;
pub mod header;
mod lattice;
mod normal_table;
pub mod recurrent;
pub mod schema;
mod spec;
pub mod tensor;
mod unit_values;

pub use adapter::{BiasAdapter, UnitGains};
pub use adapter_file::MAX_BYTES as MAX_ADAPTER_BYTES;
pub use any_adapter::AnyAdapter;
pub use backbone::{Backbone, Lattice};
pub use base_bias::{BaseBias, uniform};
pub use bl_kernels::{Isa, Preactivations, argmax, softmax};
pub use compact::Compact;
pub use encoding::Encoding;
pub use error::Error;
pub use evaluate::Evaluation;
pub use fingerprint::Fingerprint;
pub use form_error::FormError;
pub use forward::Prepared;
pub use header::{Header, Preprocessing};
pub use spec::{Activation, BackboneSpec, Distribution, GENERATOR, InputShape, Kind, LayerSpec, ReadoutSpec};
