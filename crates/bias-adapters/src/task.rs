//! Tasks: data to train on and to be judged by, named ones and your own.
//!
//! A task has a name and a [`Kind`]. The kinds that there are classify images, forecast, generate and reach; yours implements
//! the trait, and says what goes in and out, what to train on, and what a network is worth. `examples/own_task.rs` is one.
//!
//! ```
//! use bias_adapters::task::{Request, Task};
//!
//! let mnist = Task::open("mnist", &Request::default())?; // the embedded sample, unless there are official files
//! println!("{}: {}", mnist.title, mnist.kind().summary());
//! # Ok::<(), bias_adapters::Error>(())
//! ```

pub use crate::arrays::{SeriesPlan, of_images, of_rows, of_rows_in, of_series, of_trials};
pub use bl_core::Net;
pub use bl_core::io::{Fit, InputSchema, Io, Polarity, Preprocessing, Read, Signal};
pub use bl_tasks::kinds::{Evaluation, Images, Names, Targets, Values, evaluate};
pub use bl_tasks::trials::{Goals, Trials};
pub use bl_tasks::{
    DataDir, Details, Headline, Inputs, Judgement, Kind, Lesson, LessonSettings, Loss, OutputGradient, Parts,
    Request, Split, Task, What, metric,
};
