//! Recurrent backbones: a frozen random network in time, whose task is its hidden biases.
//!
//! ```text
//! r_t = α r_{t−1} + β m ∘ φ(W r_{t−1} + B x_t + b)          y_t = C r_t
//! ```
//!
//! W, B and C come from a seed and are never trained; b (or the mask m, and r₀ if asked for) is the adapter.
//!
//! ```
//! use bl_core::recurrent::{Adaptation, RecurrentBackbone, RecurrentNet, RecurrentSpec};
//!
//! let spec = RecurrentSpec::from_toml(
//!     r#"
//!     kind = "rnn"
//!     seed = 1
//!     units = 8
//!     recurrent = { gain = 1.4, weights = { distribution = "normal", std = 1.0 } }
//!     input = { values = 1, weights = { distribution = "uniform", half_width = 1.0 } }
//!     readout = { outputs = 1, divided_by = "sqrt_units", weights = { distribution = "normal", std = 1.0 } }
//!     "#,
//! )?;
//! let backbone = RecurrentBackbone::generate(&spec)?;
//! let biases = vec![0.1; 8];
//! let net = backbone.with(Adaptation { biases: &biases, gains: &[], initial: None })?;
//! let mut state = net.initial().to_vec();
//! let y = net.run(&[0.5, -0.5, 0.25], 3, &mut state)?; // three steps of one trajectory
//! assert_eq!(y.len(), 3);
//! # Ok::<(), bl_core::Error>(())
//! ```

mod adapter;
mod adapter_file;
mod backbone;
mod header;
mod net;
mod spec;

pub use adapter::RecurrentAdapter;
pub(crate) use adapter_file::check;
pub use backbone::RecurrentBackbone;
pub(crate) use backbone::{INPUT_NAME, RECURRENT_NAME};
pub use header::{
    FEATURE, Forecast, Lyapunov, Reach, RecurrentHeader, RecurrentRef, SeriesScale, Signal, SignalTask,
};
pub use net::{Adaptation, Adapted, RecurrentNet};
pub use spec::{DividedBy, InitialState, InputSpec, RecurrentLayer, RecurrentReadout, RecurrentSpec};
