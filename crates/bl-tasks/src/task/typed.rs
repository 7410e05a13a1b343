//! A task as what it is, for who knows its kind; any other is an error that names both.

use super::What;
use crate::Error;
use crate::about::does;
use crate::kinds::{ForecastTask, GenerateTask, Images, ReachTask, Texts, TrialsTask};

impl What {
    /// The images to tell apart.
    pub fn images(&self) -> Result<&Images, Error> {
        match self {
            Self::Images(task) => Ok(task),
            _ => Err(self.other("classifies images")),
        }
    }

    /// The texts to tell apart.
    pub fn texts(&self) -> Result<&Texts, Error> {
        match self {
            Self::Texts(task) => Ok(task),
            _ => Err(self.other("classifies texts")),
        }
    }

    /// The series to forecast.
    pub fn forecast(&self) -> Result<&ForecastTask, Error> {
        match self {
            Self::Forecast(task) => Ok(task),
            _ => Err(self.other("forecasts a series")),
        }
    }

    /// The trajectory to generate.
    pub fn generate(&self) -> Result<&GenerateTask, Error> {
        match self {
            Self::Generate(task) => Ok(task),
            _ => Err(self.other("generates a trajectory")),
        }
    }

    /// The targets to move to.
    pub fn reach(&self) -> Result<&ReachTask, Error> {
        match self {
            Self::Reach(task) => Ok(task),
            _ => Err(self.other("moves an arm to targets")),
        }
    }

    /// The trials.
    pub fn trials(&self) -> Result<&TrialsTask, Error> {
        match self {
            Self::Trials(task) => Ok(task),
            _ => Err(self.other("classifies or answers trials")),
        }
    }

    fn other(&self, expected: &'static str) -> Error {
        Error::OtherKind { expected, found: does(&self.kind().io()) }
    }
}
