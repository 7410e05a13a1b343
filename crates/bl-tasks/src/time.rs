//! Tasks in time: what a recurrent network learns, and how it is judged.
//!
//! - [`TimeTask::open`] finds a task by name, or reads a user's own series.
//! - [`TimeTask::signal`] is what an adapter's header says of it, [`TimeTask::halves`] what is learned from and what is held out.
//! - [`judge`] runs a network over the held-out part.
//!
//! ```
//! use bl_tasks::time::{Request, TimeTask};
//!
//! let lorenz = TimeTask::open("lorenz", &Request::default())?;
//! assert_eq!(lorenz.name, "lorenz");
//! # Ok::<(), bl_tasks::Error>(())
//! ```

mod catalogue;
mod fault;
mod forecast;
mod generate;
mod judge;
mod reach;
mod task;

pub use catalogue::{TimeInfo, is_time_task, time_catalogue};
pub use fault::Fault;
pub use forecast::{ForecastJudgement, FreeRun, TeacherForced, free_run, teacher_forced};
pub use generate::{GenerateJudgement, generate};
pub use judge::{Judgement, judge};
pub use reach::{ReachJudgement, Reached};
pub use task::{ForecastTask, GenerateTask, ReachTask, Request, TimeTask, What};
