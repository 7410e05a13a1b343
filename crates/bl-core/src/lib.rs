//! A frozen random network `y = A φ(B x + b)`: `A` and `B` come from a seed and are never trained, a task
//! is learned by `b` alone, so an adapter is a few kilobytes and one backbone carries any number of tasks
//! (Williams et al., ICLR 2025, arXiv 2407.00957).
//!
//! ```
//! use bl_core::{Backbone, Prepared, Preprocessing, Spec};
//!
//! let backbone = Backbone::generate(&Spec::from_toml(
//!     r#"
//!     seed = 1
//!     input = { height = 2, width = 2 }
//!     layers = [{ units = 8, weights = { distribution = "normal", std = 0.5 } }]
//!     readout = { outputs = 3, weights = { distribution = "one_hot", value = 1.0 } }
//!     "#,
//! )?)?;
//! let mlp = backbone.mlp()?;
//! let p = mlp.preactivations(&[0, 255, 128, 7])?; // the frozen half: no task involved
//! let biases = [vec![0.1; 8]];
//! let adapter = Prepared::new(mlp, Preprocessing { mean: 0.0, std: 1.0 }, &biases)?;
//! assert_eq!(mlp.logits(&p, 0..1, &adapter)?.len(), 3); // the adapter half: cheap, one per task
//! # Ok::<(), bl_core::Error>(())
//! ```
//!
//! A recurrent network runs step by step:
//!
//! ```
//! use bl_core::{Backbone, Half, Io, Net, Parameters, Spec};
//! use bl_core::io::{SeriesScale, Signal};
//!
//! let backbone = Backbone::generate(&Spec::from_toml(
//!     r#"
//!     kind = "rnn"
//!     seed = 1
//!     units = 8
//!     recurrent = { gain = 1.4, weights = { distribution = "normal", std = 1.0 } }
//!     input = { values = 0, weights = { distribution = "uniform", half_width = 1.0 } }
//!     readout = { outputs = 1, divided_by = "sqrt_units", weights = { distribution = "normal", std = 1.0 } }
//!     "#,
//! )?)?;
//! let scale = SeriesScale { offset: 0.0, unit: 1.0 };
//! let signal = Signal::Generate { variable: "x".into(), steps: 3, spacing: None, scale };
//! let io = Io::Signal { signal, learned_state: false };
//! let half = Half::new(&backbone, &io, &Parameters::of_biases(vec![vec![0.1; 8]]))?;
//! let net = backbone.with(&half);
//! let mut state = net.initial().to_vec();
//! assert_eq!(net.run(&[], 3, &mut state)?.len(), 3); // three steps of one trajectory
//! # Ok::<(), bl_core::Error>(())
//! ```
//!
//! Nothing here prints, opens a socket or reads the clock. Without default features there are no files (`fs`), no threads
//! (`threads`) and no networks of several hidden layers (`candle`).

pub mod adapter;
mod backbone;
pub mod canonical;
mod compact;
pub mod container;
#[cfg(feature = "candle")]
pub mod deep;
mod error;
mod family;
#[cfg(feature = "fs")]
pub mod files;
mod fingerprint;
mod foreign;
mod generator;
pub mod io;
mod lattice;
pub mod memory;
mod model;
mod network;
mod normal_table;
#[cfg(feature = "bert")]
pub mod pretrained;
pub mod spec;
pub mod text;

#[cfg(feature = "fs")]
pub use adapter::MAX_BYTES as MAX_ADAPTER_BYTES;
pub use adapter::{Adapter, BaseBias, Encoding, FormError, Head, Parameters, UnitGains, header};
pub use backbone::Backbone;
pub use bl_kernels::{Isa, Preactivations, argmax, cross_entropy, keep_freed_memory, softmax};
pub use compact::Compact;
pub use error::Error;
pub use family::RECURRENT;
pub use fingerprint::Fingerprint;
pub use foreign::Foreign;
pub use header::Header;
pub use io::{Io, Preprocessing};
pub use lattice::Lattice;
pub use model::{Adapted, Half, Model, Net};
#[cfg(feature = "bert")]
pub use network::{Bert, BertHalf};
pub use network::{FrontEnd, Mlp, Prepared, Rnn, RnnHalf};
pub use spec::{BertSpec, Distribution, Front, GENERATOR, InputShape, MlpSpec, RnnSpec, Spec};
