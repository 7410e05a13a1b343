//! What finished runs are worth in full: a study names its task, and so knows of which kind the judgement is.

use bl_tasks::Details;
use bl_tasks::kinds::{ForecastJudgement, GenerateJudgement, ReachJudgement};

use super::Lab;
use crate::run::Run;
use crate::study_error::StudyError;

impl Lab<'_> {
    /// What a finished generator is worth.
    pub(crate) fn generated(&mut self, run: &Run) -> Result<GenerateJudgement, StudyError> {
        match self.judge(run)?.details {
            Details::Generate(judged) => Ok(judged),
            _ => Err(other_kind(run, "generated")),
        }
    }

    /// What a finished forecaster is worth.
    pub(crate) fn forecast(&mut self, run: &Run) -> Result<ForecastJudgement, StudyError> {
        match self.judge(run)?.details {
            Details::Forecast(judged) => Ok(judged),
            _ => Err(other_kind(run, "forecast")),
        }
    }

    /// Which targets a finished run reaches, and how.
    pub(crate) fn reached(&mut self, run: &Run) -> Result<ReachJudgement, StudyError> {
        match self.judge(run)?.details {
            Details::Reach(judged) => Ok(judged),
            _ => Err(other_kind(run, "reached")),
        }
    }
}

fn other_kind(run: &Run, expected: &'static str) -> StudyError {
    StudyError::OtherKind { task: run.config.task.clone(), expected }
}
