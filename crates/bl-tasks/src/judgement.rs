//! What a network is worth at a task, for headers, people and scripts.

use bl_core::header::Metric;
use serde_json::{Map, Value};

use crate::kinds::{Evaluation, ForecastJudgement, GenerateJudgement, ReachJudgement};

/// What came of running a network over what it did not learn from.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// What a header records. Units are in the names: `_samples`, `_lyapunov_times`, `_m`.
    pub metrics: Vec<Metric>,
    /// The metric that matters most, from 1 at best; some tasks have none.
    pub headline: Option<Headline>,
    /// The same in words, a line each.
    pub lines: Vec<String>,
    /// More of it in words, such as a line for each class.
    pub more: Vec<String>,
    /// The same for scripts, in short; field names are part of the command line's contract.
    pub summary: Map<String, Value>,
    /// The same for scripts, at length.
    pub fields: Map<String, Value>,
    /// Everything, for who knows the kind of task.
    pub details: Details,
}

/// The metric that matters most.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Headline {
    /// For people: `accuracy` or `R²`.
    pub name: &'static str,
    /// Its value.
    pub value: f64,
}

/// A judgement as its kind of task has it.
#[derive(Clone, Debug)]
pub enum Details {
    /// Of a classifier.
    Classes(Evaluation),
    /// Of a forecaster.
    Forecast(ForecastJudgement),
    /// Of a generator.
    Generate(GenerateJudgement),
    /// Of movements.
    Reach(ReachJudgement),
    /// Of a task of the caller's own.
    Own,
}

impl Judgement {
    /// Of what cannot be measured.
    pub fn none() -> Self {
        Self {
            metrics: Vec::new(),
            headline: None,
            lines: Vec::new(),
            more: Vec::new(),
            summary: Map::new(),
            fields: Map::new(),
            details: Details::Own,
        }
    }

    /// A metric by name and part.
    pub fn metric(&self, name: &str, split: &str) -> Option<f64> {
        self.metrics.iter().find(|m| m.name == name && m.split == split).map(|m| m.value)
    }
}

/// A metric of a part of the data.
pub fn metric(name: &str, split: &str, value: f64) -> Metric {
    Metric { name: name.into(), split: split.into(), value }
}

/// The fields of a report.
pub(crate) fn fields(report: &impl serde::Serialize) -> Map<String, Value> {
    match serde_json::to_value(report) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    }
}
