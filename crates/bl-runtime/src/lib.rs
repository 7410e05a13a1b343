//! Many adapters over shared backbones: `y_k = A φ(B x + b_k)` for any number of tasks k, with `B x` computed once.
//!
//! - An adapter that is ready to run is a [`Version`]: immutable, and named by its content.
//! - The [`Runtime`] maps names to versions. A swap is a pointer: [`Runtime::publish`]; who asked before it keeps the
//!   version that [`Runtime::get`] gave.
//! - [`predict_batch`] takes a batch whose rows belong to any tasks, and [`predict`] one that has texts for encoders too; [`best_fit`] infers the task of an input by entropy.
//!
//! ```no_run
//! use bl_runtime::{Expect, Limits, Query, Runtime, Scratch, predict_batch};
//!
//! let runtime = Runtime::new(Limits::default());
//! for name in ["mnist", "kmnist"] {
//!     // Reads, verifies, and generates the backbone unless another adapter has it.
//!     let version = runtime.prepare_file(format!("{name}.safetensors").as_ref())?;
//!     runtime.publish(name, &version, Expect::Anything)?;
//! }
//! let image = [0; 28 * 28];
//! let (mnist, kmnist) = (runtime.get("mnist")?, runtime.get("kmnist")?);
//! let queries = [Query { image: 0, model: mnist.model() }, Query { image: 0, model: kmnist.model() }];
//! let scores = predict_batch(&[&image], &queries, &mut Scratch::default())?; // one frozen half, two adapter halves
//! assert_eq!(scores.len(), 2);
//! # Ok::<(), bl_runtime::Error>(())
//! ```

mod backbones;
mod batch;
mod error;
mod fit;
mod id;
mod registry;
mod texts;
mod version;

pub use batch::{Query, Scratch, predict_batch};
pub use error::Error;
pub use fit::{best_fit, entropy};
pub use id::VersionId;
pub use registry::{Expect, Limits, Runtime, check_name};
pub use texts::{Form, Input, predict};
pub use version::Version;
