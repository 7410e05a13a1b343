//! Many adapters over shared backbones: `y_k = A φ(B x + b_k)` for any number of tasks k, with `B x` computed once.
//!
//! - An adapter that is ready to run is a [`Generation`]: immutable, and named by its content.
//! - The [`Runtime`] maps names to generations. A swap is a pointer: [`Runtime::publish`]; who asked before it keeps the
//!   generation that [`Runtime::get`] gave.
//! - [`answer`] takes a batch whose rows belong to any tasks; [`best_fit`] says which adapter knows an input best.
//!
//! ```no_run
//! use bl_runtime::{Ask, Expect, Limits, Runtime, Scratch, answer};
//!
//! let runtime = Runtime::new(Limits::default());
//! for name in ["mnist", "kmnist"] {
//!     // Reads, verifies, and generates the backbone unless another adapter has it.
//!     let generation = runtime.prepare_file(format!("{name}.safetensors").as_ref())?;
//!     runtime.publish(name, &generation, Expect::Anything)?;
//! }
//! let image = [0; 28 * 28];
//! let (mnist, kmnist) = (runtime.get("mnist")?, runtime.get("kmnist")?);
//! let asks = [Ask { image: 0, model: mnist.pictures()? }, Ask { image: 0, model: kmnist.pictures()? }];
//! let scores = answer(&[&image], &asks, &mut Scratch::default())?; // one frozen half, two adapter halves
//! assert_eq!(scores.len(), 2);
//! # Ok::<(), bl_runtime::Error>(())
//! ```

mod backbones;
mod batch;
mod error;
mod fit;
mod generation;
mod registry;

pub use batch::{Ask, Scratch, answer};
pub use error::Error;
pub use fit::{best_fit, entropy};
pub use generation::{Generation, GenerationId, Model, PictureModel, TimeModel};
pub use registry::{Expect, Limits, Runtime, check_name};
