//! What is said of a classifier, whatever it classifies.

use serde::Serialize;

use super::evaluation::Evaluation;
use crate::judgement::{Details, Headline, Judgement, fields, metric};

/// Classes with names, of things that are called so.
pub(super) struct Named<'a> {
    pub(super) labels: &'a [String],
    /// In the plural: `images`.
    pub(super) unit: &'static str,
}

impl Named<'_> {
    /// Class by class.
    fn classes(&self, evaluation: &Evaluation) -> Vec<ClassReport> {
        let rows = evaluation.confusion.chunks_exact(evaluation.classes).zip(self.labels).enumerate();
        rows.map(|(class, (row, label))| {
            let test: usize = row.iter().sum();
            let wrong = (0..row.len()).filter(|&other| other != class && row[other] > 0);
            let most = wrong.max_by_key(|&other| row[other]);
            ClassReport {
                label: label.clone(),
                test,
                accuracy: (test > 0).then(|| row[class] as f64 / test as f64),
                taken_for: most.map(|other| self.labels[other].clone()),
                confused: most.map_or(0, |other| row[other]),
            }
        })
        .collect()
    }

    /// A judgement from what a network got right and wrong.
    pub(super) fn judged(&self, evaluation: Evaluation) -> Judgement {
        let report = Report {
            test: evaluation.total(),
            accuracy: evaluation.accuracy(),
            loss: evaluation.loss,
            classes: self.classes(&evaluation),
            confusion: evaluation.confusion.chunks_exact(evaluation.classes).map(<[usize]>::to_vec).collect(),
        };
        Judgement {
            metrics: vec![metric("accuracy", "test", report.accuracy), metric("loss", "test", report.loss)],
            headline: Some(Headline { name: "accuracy", value: report.accuracy }),
            lines: vec![format!(
                "accuracy        {:.2} % of {} test {}, loss {:.4}",
                100.0 * report.accuracy,
                report.test,
                self.unit,
                report.loss
            )],
            more: report.classes.iter().map(ClassReport::line).collect(),
            summary: [("test_accuracy", report.accuracy), ("test_loss", report.loss)]
                .map(|(name, value)| (name.to_owned(), value.into()))
                .into_iter()
                .collect(),
            fields: fields(&report),
            details: Details::Classes(evaluation),
        }
    }
}

/// How often each class occurs.
pub(super) fn counts(labels: &[u8], classes: usize) -> Vec<usize> {
    (0..classes).map(|class| labels.iter().filter(|&&label| usize::from(label) == class).count()).collect()
}

/// Field names are part of the command line's contract.
#[derive(Serialize)]
struct Report {
    test: usize,
    accuracy: f64,
    loss: f64,
    classes: Vec<ClassReport>,
    confusion: Vec<Vec<usize>>,
}

#[derive(Serialize)]
struct ClassReport {
    label: String,
    test: usize,
    /// None without a test sample.
    accuracy: Option<f64>,
    /// The other class that its samples are given most often.
    taken_for: Option<String>,
    #[serde(skip)]
    confused: usize,
}

impl ClassReport {
    fn line(&self) -> String {
        let Self { label, test, accuracy, taken_for, confused } = self;
        let confused = taken_for
            .as_ref()
            .map_or(String::new(), |other| format!("  most often confused with {other} ({confused})"));
        match accuracy {
            Some(accuracy) => format!("  {label:<12} {:>6.2} % of {test}{confused}", 100.0 * accuracy),
            None => format!("  {label:<12} nothing to test on"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_without_a_test_sample_has_no_accuracy() {
        let line = |test, accuracy| {
            let label = "tall".to_owned();
            ClassReport { label, test, accuracy, taken_for: None, confused: 0 }.line()
        };
        assert_eq!(line(2, Some(0.5)), "  tall          50.00 % of 2");
        assert_eq!(line(0, None), "  tall         nothing to test on");
    }
}
