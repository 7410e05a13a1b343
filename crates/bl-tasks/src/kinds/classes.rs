//! What is said of a classifier, whatever it classifies.

use serde::Serialize;

use super::evaluation::Evaluation;
use crate::folder::listed;
use crate::judgement::{Details, Headline, Judgement, fields, metric};
use crate::kind::Misfit;

/// What to do about classes that are not those of an adapter.
const BY_NAME: &str = "classes are matched by their names: name the folders (or labels) as those that were learned from, and leave \
    others out; `bl-adapt inspect` lists them";

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

/// The places of a task's classes among those of an adapter: by their names, whatever their order. The adapter may know
/// more. Numbers are places among as many classes that have names.
pub(super) fn places(of_task: &[String], of_adapter: &[String]) -> Result<Vec<u8>, Misfit> {
    let named = |label: &String| of_adapter.iter().position(|known| known == label).map(|place| place as u8);
    let number =
        |label: &String| label.parse().ok().filter(|&place: &u8| usize::from(place) < of_adapter.len());
    let are_names =
        of_adapter.len() == of_task.len() && of_adapter.iter().all(|known| known.parse::<i64>().is_err());
    let all = |place: &dyn Fn(&String) -> Option<u8>| of_task.iter().map(place).collect::<Option<Vec<u8>>>();
    let numbers = || all(&number).filter(|_| are_names);
    all(&named).or_else(numbers).ok_or_else(|| {
        let only = |these: &[String], those: &[String]| {
            let only = these.iter().filter(|label| !those.contains(label));
            listed(&only.map(String::as_str).collect::<Vec<_>>())
        };
        let expected = match &*only(of_adapter, of_task) {
            "" => "knows fewer classes".into(),
            lacking => format!("knows the classes {lacking}, which are not here"),
        };
        let found = format!("has the classes {}, which it does not know", only(of_task, of_adapter));
        Misfit { expected, found, hint: Some(BY_NAME) }
    })
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
