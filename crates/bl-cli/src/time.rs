//! The figures of tasks in time, in words and for scripts: both kinds of forecast by name, never one for the other. [`About`] opens an adapter's task again.

mod error;
mod own_task;

pub use error::{Error, hint_of_fault};
pub use own_task::{About, Compared, OwnTask, compared_words, kind};

use bl_tasks::time::{
    ForecastJudgement, GenerateJudgement, Judgement, ReachJudgement, Reached, TimeTask, What,
};
use serde::Serialize;

/// What a network is worth at a task in time. Field names are part of the command line's contract; `_m` is in metres.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Figures {
    Forecast {
        teacher_forced_r2: f64,
        teacher_forced_nrmse: f64,
        /// In samples.
        horizon: usize,
        /// In samples.
        washout: usize,
        /// Of the held-out part.
        samples: usize,
        /// Time between two samples, in the system's unit.
        sample_spacing: Option<f64>,
        free_run_valid_time: FreeRunTime,
    },
    Generate {
        /// Over the steps that were learned.
        free_run_r2: f64,
        /// Over the steps that follow.
        free_run_continued_r2: f64,
        steps: usize,
        continued_steps: usize,
        sample_spacing: Option<f64>,
    },
    Reach {
        /// Equation 31, over the targets that were learned from.
        train_target_loss: f64,
        train_end_error_m: f64,
        test_end_error_m: f64,
        train_targets: usize,
        test_targets: usize,
        /// Movements whose speed has one peak.
        single_peaked: usize,
    },
}

/// How long free runs stay within the threshold: medians over the starts.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct FreeRunTime {
    pub samples: f64,
    pub time: Option<f64>,
    pub lyapunov_times: Option<f64>,
    pub starts: usize,
    /// The error that ends it, in standard deviations of the part learned from.
    pub threshold: f64,
    pub lyapunov_exponent: Option<f64>,
    pub lyapunov_source: Option<String>,
}

impl Figures {
    /// Of a judgement.
    pub fn of(task: &TimeTask, judgement: &Judgement) -> Self {
        match judgement {
            Judgement::Forecast(judged) => {
                let What::Forecast(forecast) = &task.what else { unreachable!("a forecaster's judgement") };
                Self::Forecast {
                    teacher_forced_r2: judged.teacher_forced.r2,
                    teacher_forced_nrmse: judged.teacher_forced.nrmse,
                    horizon: judged.teacher_forced.horizon,
                    washout: forecast.plan.washout,
                    samples: judged.teacher_forced.target.len(),
                    sample_spacing: forecast.series.spacing(),
                    free_run_valid_time: free_run_time(judged),
                }
            }
            Judgement::Generate(judged) => Self::Generate {
                free_run_r2: judged.learned_r2,
                free_run_continued_r2: judged.continued_r2,
                steps: judged.steps,
                continued_steps: judged.target.len() - judged.steps,
                sample_spacing: match &task.what {
                    What::Generate(generate) => generate.series.spacing(),
                    _ => None,
                },
            },
            Judgement::Reach(judged) => Self::Reach {
                train_target_loss: judged.train_loss(),
                train_end_error_m: ReachJudgement::mean_end_error(&judged.train),
                test_end_error_m: ReachJudgement::mean_end_error(&judged.test),
                train_targets: judged.train.len(),
                test_targets: judged.test.len(),
                single_peaked: single_peaked(&judged.train) + single_peaked(&judged.test),
            },
        }
    }
}

fn free_run_time(judged: &ForecastJudgement) -> FreeRunTime {
    let criterion = judged.free.first().map(|run| &run.valid.criterion);
    let lyapunov = criterion.and_then(|criterion| criterion.lyapunov.as_ref());
    let samples = judged.median_valid();
    FreeRunTime {
        samples,
        time: criterion.and_then(|criterion| criterion.spacing).map(|spacing| samples * spacing),
        lyapunov_times: judged.median_valid_lyapunov(),
        starts: judged.free.len(),
        threshold: criterion.map_or(bl_tasks::forecast::THRESHOLD, |criterion| criterion.threshold),
        lyapunov_exponent: lyapunov.map(|known| known.exponent),
        lyapunov_source: lyapunov.map(|known| known.source.to_string()),
    }
}

fn single_peaked(movements: &[Reached]) -> usize {
    movements.iter().filter(|reached| reached.bell.is_some_and(|bell| bell.is_single())).count()
}

/// The same in words, a line each.
pub fn figure_lines(task: &TimeTask, judgement: &Judgement) -> Vec<String> {
    match judgement {
        Judgement::Forecast(judged) => forecast_lines(task, judged),
        Judgement::Generate(judged) => generate_lines(judged),
        Judgement::Reach(judged) => reach_lines(judged),
    }
}

fn forecast_lines(task: &TimeTask, judged: &ForecastJudgement) -> Vec<String> {
    let What::Forecast(forecast) = &task.what else { unreachable!("a forecaster's judgement") };
    let forced = &judged.teacher_forced;
    let spacing = forecast
        .series
        .spacing()
        .map_or("of unknown spacing".to_owned(), |spacing| format!("{spacing} apart"));
    let time = free_run_time(judged);
    let lyapunov = match (time.lyapunov_times, time.lyapunov_exponent, &time.lyapunov_source) {
        (Some(times), Some(exponent), Some(source)) => {
            format!(" = {times:.2} Lyapunov times (exponent {exponent}: {source})")
        }
        _ => String::new(),
    };
    vec![
        format!(
            "teacher-forced  R² {:.4}, NRMSE {:.4}: {} ahead, over {} held-out samples {spacing}, after a washout of {}",
            forced.r2,
            forced.nrmse,
            forced.horizon,
            forced.target.len(),
            forecast.plan.washout
        ),
        format!(
            "free run        valid for {} samples{lyapunov}; median of {} starts, error above {} SD ends it",
            time.samples, time.starts, time.threshold
        ),
    ]
}

fn generate_lines(judged: &GenerateJudgement) -> Vec<String> {
    let more = judged.target.len() - judged.steps;
    vec![
        format!(
            "learned         R² {:.4} over the {} steps that were learned (a free run)",
            judged.learned_r2, judged.steps
        ),
        format!("continued       R² {:.4} over the next {more} steps", judged.continued_r2),
    ]
}

fn reach_lines(judged: &ReachJudgement) -> Vec<String> {
    let line = |name: &str, movements: &[Reached]| {
        format!(
            "{name:<16}{} targets, {:.2} mm away at the end on average; {} with a single-peaked speed",
            movements.len(),
            1e3 * ReachJudgement::mean_end_error(movements),
            single_peaked(movements)
        )
    };
    vec![
        format!("loss            {:.5} (equation 31, over the learned targets)", judged.train_loss()),
        line("learned", &judged.train),
        line("between them", &judged.test),
    ]
}
