//! The kinds of tasks.

mod classes;
mod cognitive;
mod describe;
mod evaluation;
mod fault;
mod forecast;
mod generate;
mod images;
mod reach;
mod run;
mod squares;
mod texts;
mod trials;
mod values;

pub use cognitive::{CognitiveTask, Generated};
pub use evaluation::{Evaluation, evaluate, evaluate_texts};
pub use fault::Fault;
pub use forecast::{
    Baselines, Difference, ForecastJudgement, ForecastTask, FreeRun, Likeness, Observed, TeacherForced,
    Unknown, WINDOW, free_run, teacher_forced,
};
pub use generate::{GenerateJudgement, GenerateTask, generate};
pub use images::Images;
pub use reach::{ReachJudgement, ReachTask, Reached};
pub use run::{BUDGET_BYTES, BUDGET_PRODUCTS, Cost, KEPT_BYTES};
pub use texts::Texts;
pub use trials::{Answered, Cut, Names, Scaled, TrialsTask, answer_trials, run_trials, unlike_training};
pub use values::{Targets, Values};
