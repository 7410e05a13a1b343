//! What a network is worth at a task in time.

use bl_core::header::Metric;
use bl_core::recurrent::RecurrentNet;

use super::fault::Fault;
use super::forecast::ForecastJudgement;
use super::generate::GenerateJudgement;
use super::reach::ReachJudgement;
use super::task::{TimeTask, What};

/// What came of running a network over what it did not learn from.
#[derive(Clone, Debug)]
pub enum Judgement {
    /// Of a generator.
    Generate(GenerateJudgement),
    /// Of a forecaster.
    Forecast(ForecastJudgement),
    /// Of movements.
    Reach(ReachJudgement),
}

/// Runs a network over a task's held-out part.
pub fn judge(task: &TimeTask, net: &dyn RecurrentNet) -> Result<Judgement, Fault> {
    Ok(match &task.what {
        What::Generate(task) => Judgement::Generate(task.judge(net)?),
        What::Forecast(task) => Judgement::Forecast(task.judge(net)?),
        What::Reach(task) => Judgement::Reach(task.judge(net)?),
    })
}

impl Judgement {
    /// The figures that a header records. Units are in the names: `_samples`, `_lyapunov_times`, `_m`.
    pub fn metrics(&self) -> Vec<Metric> {
        let metric =
            |name: &str, split: &str, value| Metric { name: name.into(), split: split.into(), value };
        match self {
            Self::Generate(judged) => vec![
                metric("free_run_r2", "train", judged.learned_r2),
                metric("free_run_r2", "test", judged.continued_r2),
            ],
            Self::Forecast(judged) => {
                let mut metrics = vec![
                    metric("teacher_forced_r2", "test", judged.teacher_forced.r2),
                    metric("teacher_forced_nrmse", "test", judged.teacher_forced.nrmse),
                    metric("free_run_valid_samples", "test", judged.median_valid()),
                ];
                let times = judged.median_valid_lyapunov();
                metrics.extend(times.map(|times| metric("free_run_valid_lyapunov_times", "test", times)));
                metrics
            }
            Self::Reach(judged) => vec![
                metric("loss", "train", judged.train_loss()),
                metric("end_error_m", "train", ReachJudgement::mean_end_error(&judged.train)),
                metric("end_error_m", "test", ReachJudgement::mean_end_error(&judged.test)),
            ],
        }
    }

    /// The figure that matters most, from 1 at best: R² of a forecast or of a trajectory. Movements have none.
    pub fn r2(&self) -> Option<f64> {
        match self {
            Self::Generate(judged) => Some(judged.learned_r2),
            Self::Forecast(judged) => Some(judged.teacher_forced.r2),
            Self::Reach(_) => None,
        }
    }
}
