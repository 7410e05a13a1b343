//! A frozen random network `y = A φ(B x + b)`: `A` and `B` come from a seed and are never trained. A task is learned by the
//! hidden biases `b` alone, so an *adapter* is a file of kilobytes, and one *backbone* carries any number of tasks
//! (Williams et al., ICLR 2025, arXiv 2407.00957).
//!
//! Load an adapter and ask it, in two lines:
//!
//! ```
//! use bias_adapters::Model;
//! # use bias_adapters::task::{Request, Task, What};
//! # let digits = Task::open("mnist", &Request::default())?;
//! # let pixels = digits.images().expect("images").test.image(0);
//! # let What::Forecast(lorenz) = Task::open("lorenz", &Request::default())?.what else { unreachable!() };
//! # let series = lorenz.held_out();
//!
//! let model = Model::load("../../adapters/mnist.safetensors")?;
//! let top = model.classify(pixels)?; // 28 × 28 bytes
//! assert_eq!(top.label, "7");
//! assert!(top.probability > 0.9);
//!
//! let model = Model::load("../../adapters/lorenz.safetensors")?;
//! let forecast = model.forecast(series)?; // in the series' own unit, 27 samples ahead
//! assert_eq!(forecast.len(), series.len());
//! # Ok::<(), bias_adapters::Error>(())
//! ```
//!
//! - [`Model`] is an adapter on its backbone: it classifies images, texts or trials, forecasts a series, generates a trajectory or moves an arm,
//!   whichever it was trained for. Image files and CSV files go in by name.
//! - [`classify_all`] asks many adapters about one image and computes `B x` once for each backbone.
//! - `train` (feature `train`) makes an adapter of a [`Task`](task::Task): a named one, your own folder or file, or a
//!   [`Kind`](task::Kind) of your own.
//! - [`Error`] states what was expected and what was found; [`Error::hint`] says what to do.
//!
//! # Words
//!
//! | word | means |
//! |---|---|
//! | backbone | the frozen weights: a function of a seed, the same bits on every machine, identified by a fingerprint |
//! | adapter | what a task adds: one bias per hidden unit (or a mask, or gains), in a file that names its backbone |
//! | frozen half | `p = B x`, which needs no adapter: shared by all tasks |
//! | adapter half | `A φ(p + b)`, one per task |
//! | teacher-forced | each forecast is made from true values; in a *free run*, forecasts are fed back |
//! | washout | the first samples of a series, in which a network's state settles and nothing is scored |
//!
//! # Features
//!
//! | feature | adds |
//! |---|---|
//! | `candle` (default) | adapters of several hidden layers; without it the build is much smaller |
//! | `hub` | `Model::load("org/name@revision")`: pulls from the Hugging Face Hub and verifies |
//! | `runtime` | [`bl_runtime`]: many adapters by name, swaps, mixed batches |
//! | `train` | training, with `candle` |
//!
//! The crates beneath are re-exported for what is not here: [`bl_core`], [`bl_tasks`], and with their features `bl_train` and
//! `bl_hub`. This crate reads files and uses threads; for targets without them, such as WebAssembly, take `bl-core` without
//! default features.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod arrays;
mod error;
mod images;
mod kinds;
mod model;
mod series;
pub mod task;
mod texts;
#[cfg(feature = "train")]
mod training;
mod trials;
mod values;

pub use bl_core;
#[cfg(feature = "hub")]
pub use bl_hub;
#[cfg(feature = "runtime")]
pub use bl_runtime;
pub use bl_tasks;
#[cfg(feature = "train")]
pub use bl_train;

#[cfg(feature = "bert")]
/// Where pretrained encoders are looked for, beside the folders of `BL_ENCODERS`: an adapter names its own by content.
pub mod encoders {
    pub use bl_core::pretrained::{known_in, look_in};
}

pub use bl_core::io::{Forecast, InputSchema, TextSchema, ValueSchema};
pub use bl_core::{Adapter, Backbone, Fingerprint, Header};
pub use bl_tasks::inputs::NamedPicture;
pub use bl_tasks::kinds::{Answered, Reached};
#[cfg(feature = "train")]
pub use bl_train::{Checkpoints, EpochReport, Halves, Method, Progress, Settings};
pub use error::Error;
pub use images::{Prediction, classify_all};
pub use model::{Model, load_adapter};
#[cfg(feature = "train")]
pub use training::{Run, Trained, train, train_in, train_with};
