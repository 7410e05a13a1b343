#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::float_cmp, reason = "a test that fails should say where")
)]

//! Tasks: what there is to learn, where its data come from, and what a network is worth at it.
//!
//! ```
//! use bl_tasks::{DataDir, Request, Source, Task};
//!
//! // Nobody named a data folder and there is none: MNIST falls back to its embedded sample.
//! let data = DataDir { root: "/nowhere".into(), explicit: false };
//! let mnist = Task::open("mnist", &Request::of(data))?;
//! assert_eq!(mnist.source, Source::Sample);
//! assert_eq!(mnist.kind().summary(), "5000 training and 1000 test images of 28 × 28, 10 classes");
//! println!("{}: {}", mnist.title, mnist.notice.as_deref().unwrap_or("complete"));
//! # Ok::<(), bl_tasks::Error>(())
//! ```
//!
//! - [`catalogue()`] lists the tasks that have a name; [`Task::open`] opens one, or a folder or file of the user's own.
//! - [`Kind`] is what the trainer and the programs know of a task; [`kinds`] are those there are, and [`Task::own`] takes
//!   another.
//! - [`Trained`] opens the task that an adapter was trained for; [`about`] says what an adapter does, from its header alone.
//! - [`idx`] and [`npy`] are the formats of the official files: strict, streamed. [`picture`] and [`inputs`] bring what a
//!   user wants predicted to the form of the training images, which [`form`] chooses. [`afro`] generates digits of four scripts.
//! - [`dynamics`] simulates systems, [`series`] is one observed variable, [`forecast`] measures predictions of it, and
//!   [`reaching`] is a point mass to be moved to targets; [`cognitive`] generates trials of twenty cognitive tasks.

pub mod about;
pub mod afro;
pub mod brightness;
pub mod catalogue;
pub mod cifar;
pub mod cognitive;
mod data_dir;
mod digest;
mod doubt;
pub mod dynamics;
mod error;
mod folder;
pub mod forecast;
pub mod foreign;
pub mod form;
pub mod grey;
pub mod idx;
pub mod inputs;
mod judgement;
mod kind;
pub mod kinds;
mod listing;
mod locate;
pub mod npy;
mod origin;
mod own;
mod peaks;
pub mod picture;
pub mod reaching;
mod sample;
pub mod series;
mod set_files;
mod split;
mod table;
mod task;
pub mod texts;
pub mod trials;

pub use catalogue::{Fallback, ImageSet, Info, TextSet, catalogue, find_task};
pub use data_dir::DataDir;
pub use error::Error;
pub use form::{Fitting, Form, Size};
pub use judgement::{Details, Headline, Judgement, metric};
pub use kind::{Description, Inputs, Kind, Lesson, LessonSettings, Loss, Misfit, OutputGradient, Parts};
pub use kinds::{Evaluation, Images, Texts};
pub use locate::{Availability, locate};
pub use origin::Source;
pub use own::{Asked, Compared, OwnTask, Trained, compared_words};
pub use set_files::{Format, Pair, SetFiles};
pub use split::Split;
pub use task::{Request, Task, What, is_series_file, settings_of};
