#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::float_cmp, reason = "a test that fails should say where")
)]

//! Where data comes from: a task is two splits of pictures `x` with labels `y`, the names of the
//! classes, and what must be said of their origin.
//!
//! ```
//! use bl_tasks::{DataDir, ImageTask, Source};
//!
//! // Nobody named a data folder and there is none: MNIST falls back to its embedded sample.
//! let data = DataDir { root: "/nowhere".into(), explicit: false };
//! let mnist = ImageTask::open("mnist", &data)?;
//! assert_eq!(mnist.source, Source::Sample);
//! assert_eq!((mnist.train.len(), mnist.test.len()), (5000, 1000));
//! assert_eq!(mnist.train.image(0).len(), 28 * 28);
//! println!("{}: {}", mnist.title, mnist.notice.as_deref().unwrap_or("complete"));
//! # Ok::<(), bl_tasks::Error>(())
//! ```
//!
//! - [`catalogue()`] lists the tasks that have a name, [`locate()`] says where their data would come
//!   from, [`ImageTask::open`] reads it (or a folder of the user's own).
//! - [`idx`] and [`npy`] are the formats of the official files: strict, streamed.
//! - [`afro`] generates digits of four scripts for machines without the official files.
//! - [`picture`] and [`inputs`] bring what a user wants predicted to the form of the training
//!   pictures.
//!
//! Beside pictures there are tasks in time:
//! - [`dynamics`] simulates the systems of the recurrent experiments.
//! - [`series`] is one observed variable: of a simulation, or of a user's file.
//! - [`forecast`] judges predictions of it.
//! - [`reaching`] is a point mass to be moved to targets.
//! - [`time`] makes tasks of them, and judges networks.

pub mod afro;
pub mod catalogue;
mod data_dir;
pub mod dynamics;
mod error;
mod folder;
pub mod forecast;
pub mod idx;
pub mod inputs;
mod listing;
mod locate;
pub mod npy;
mod origin;
mod peaks;
pub mod picture;
pub mod reaching;
mod sample;
pub mod series;
mod set_files;
mod split;
mod task;
pub mod time;

pub use catalogue::{Fallback, TaskInfo, catalogue};
pub use data_dir::DataDir;
pub use error::Error;
pub use locate::{Availability, locate};
pub use origin::Source;
pub use set_files::{Format, Pair, SetFiles};
pub use split::Split;
pub use task::ImageTask;
