//! What is shown of an image classifier, for scripts.

use bl_tasks::Evaluation;
use serde::Serialize;

use super::Sample;
use crate::kinds::images::evaluate::Recorded;
use crate::models::Loaded;

/// Field names are part of the command line's contract.
#[derive(Serialize)]
pub(super) struct Report<'a> {
    samples: Vec<SampleReport<'a>>,
    accuracy: f64,
    correct: usize,
    total: usize,
    loss: f64,
    recorded_accuracy: Option<f64>,
    /// Images classified differently than when the adapter was made; null where that cannot be known.
    differing_from_recorded: Option<usize>,
    per_class: Vec<ClassReport<'a>>,
}

#[derive(Serialize)]
struct SampleReport<'a> {
    index: usize,
    truth: &'a str,
    class: &'a str,
    probability: f64,
    correct: bool,
}

#[derive(Serialize)]
struct ClassReport<'a> {
    class: &'a str,
    total: usize,
    correct: usize,
}

impl<'a> Report<'a> {
    pub(super) fn of(
        model: &'a Loaded,
        samples: &[Sample],
        evaluation: &Evaluation,
        recorded: Option<Recorded>,
    ) -> Self {
        let label = |class: usize| model.model.header.task.labels[class].as_str();
        let sample = |sample: &Sample| SampleReport {
            index: sample.index,
            truth: label(sample.truth),
            class: label(sample.guess.class),
            probability: shortest(sample.guess.probability),
            correct: sample.truth == sample.guess.class,
        };
        let class = |(class, counts): (usize, &[usize])| ClassReport {
            class: label(class),
            total: counts.iter().sum(),
            correct: counts[class],
        };
        Self {
            samples: samples.iter().map(sample).collect(),
            accuracy: evaluation.accuracy(),
            correct: evaluation.correct(),
            total: evaluation.total(),
            loss: evaluation.loss,
            recorded_accuracy: recorded.map(|recorded| recorded.accuracy),
            differing_from_recorded: recorded.and_then(|recorded| recorded.differing),
            per_class: evaluation.confusion.chunks_exact(evaluation.classes).enumerate().map(class).collect(),
        }
    }
}

/// The number that an f32 is written as: 0.9 and not 0.8999999761581421.
fn shortest(x: f32) -> f64 {
    x.to_string().parse().unwrap_or(x.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_are_written_as_short_as_an_f32_is() {
        for x in [0.9, 0.1, 1.0, 0.0, 1e-30, f32::EPSILON] {
            assert_eq!(serde_json::json!(shortest(x)).to_string().parse(), Ok(x));
        }
        assert_eq!(serde_json::json!(shortest(0.9)).to_string(), "0.9");
    }
}
