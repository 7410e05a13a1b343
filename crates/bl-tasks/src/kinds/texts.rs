//! Classification of texts.

use std::ops::ControlFlow;

use bl_core::header::check_labels;
use bl_core::io::TextSchema;
use bl_core::text::grouped;
use bl_core::{Io, Net, Preprocessing};
use serde::Serialize;

use super::classes::{Named, counts, places};
use super::evaluation::{Evaluation, evaluate, evaluate_texts};
use crate::judgement::{Judgement, fields};
use crate::kind::{Description, Kind, Lesson, LessonSettings, Misfit, Parts};
use crate::texts::Corpus;
use crate::{Error, Split};

/// Texts to tell apart.
#[derive(Clone, Debug)]
pub struct Texts {
    /// The classes, in the order of the labels.
    pub labels: Vec<String>,
    /// How texts become rows.
    pub input: TextSchema,
    /// Standardisation of the rows.
    pub preprocessing: Preprocessing,
    /// To learn from.
    pub train: Corpus,
    /// To be judged by.
    pub test: Corpus,
    /// Of both halves, where texts become rows.
    rows: Option<[Split; 2]>,
}

impl Texts {
    /// A task of two halves; the standardisation is that of the training rows, rounded to six digits. Tokens have neither.
    pub fn new(labels: Vec<String>, input: TextSchema, train: Corpus, test: Corpus) -> Result<Self, Error> {
        input.validate()?;
        check_labels(&labels)?;
        let (mut rows, mut preprocessing) = (None, Preprocessing::NONE);
        if matches!(input, TextSchema::Ngrams(_)) {
            let [of_train, of_test] = [train.rows(&input)?, test.rows(&input)?];
            preprocessing = of_train.standardisation().ok_or(bl_core::Error::NoWords)?;
            rows = Some([of_train, of_test]);
        }
        Ok(Self { labels, input, preprocessing, train, test, rows })
    }

    /// The rows of the test half, where texts become rows.
    pub fn rows_of_test(&self) -> Option<&Split> {
        self.rows.as_ref().map(|[_, test]| test)
    }

    /// Runs the test half through a network. `on_share` hears what share is done, and may stop: `None` then.
    pub fn evaluate(
        &self,
        net: &dyn Net,
        on_share: &mut dyn FnMut(f64) -> ControlFlow<()>,
    ) -> Result<Option<Evaluation>, Error> {
        match &self.rows {
            Some([_, test]) => evaluate(net, test, on_share),
            None => evaluate_texts(net, &self.test, on_share),
        }
    }

    /// Gives the classes other names, in the same order; as many, or none are changed.
    pub(crate) fn name_labels(&mut self, names: &[&str]) {
        if names.len() == self.labels.len() {
            self.labels = names.iter().map(|name| (*name).to_owned()).collect();
        }
    }

    /// A judgement from what a network got right and wrong.
    pub fn judged(&self, evaluation: Evaluation) -> Judgement {
        Named { labels: &self.labels, unit: "texts" }.judged(evaluation)
    }
}

/// Field names are part of the command line's contract.
#[derive(Serialize)]
struct DataReport<'a> {
    labels: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    values: Option<usize>,
    characters_mean: f64,
    characters_max: usize,
    train_per_class: Vec<usize>,
    test_per_class: Vec<usize>,
}

impl Kind for Texts {
    fn io(&self) -> Io {
        Io::Text { input: self.input, preprocessing: self.preprocessing }
    }

    fn labels(&self) -> &[String] {
        &self.labels
    }

    fn summary(&self) -> String {
        let unit = if self.input.texts() == 2 { "pairs of texts" } else { "texts" };
        format!(
            "{} training and {} test {unit}, {} classes",
            self.train.len(),
            self.test.len(),
            self.labels.len()
        )
    }

    fn headline(&self) -> Option<&'static str> {
        Some("accuracy")
    }

    fn parts(&self) -> Parts {
        Parts {
            unit: "texts",
            train: self.train.len(),
            test: self.test.len(),
            train_sha256: self.train.sha256(),
            test_sha256: self.test.sha256(),
        }
    }

    fn describe(&self) -> Description {
        let lengths =
            self.train.texts.iter().map(|texts| texts.iter().map(|text| text.chars().count()).sum::<usize>());
        let (sum, longest) = lengths.fold((0, 0), |(sum, most), length| (sum + length, most.max(length)));
        let [train_per_class, test_per_class] =
            [&self.train, &self.test].map(|half| counts(&half.labels, self.labels.len()));
        let report = DataReport {
            labels: &self.labels,
            values: self.input.ngrams().ok().map(|ngrams| ngrams.shape().values()),
            characters_mean: sum as f64 / self.train.len() as f64,
            characters_max: longest,
            train_per_class,
            test_per_class,
        };
        let classes = self.labels.iter().zip(report.train_per_class.iter().zip(&report.test_per_class));
        let table = classes
            .map(|(label, (train, test))| format!("  {label:<22} {train:>6} training  {test:>6} test"));
        let first = self.train.texts.first().map_or(String::new(), |texts| texts.join(" | "));
        Description {
            lines: vec![
                format!(
                    "texts      {:.0} characters on average, {} at most",
                    report.characters_mean,
                    grouped(longest)
                ),
                format!("the first  {}", first.chars().take(100).collect::<String>()),
            ],
            table: table.collect(),
            fields: fields(&report),
        }
    }

    fn lesson(&self, _: LessonSettings) -> Result<Lesson<'_>, Error> {
        Ok(self.rows.as_ref().map_or(Lesson::Texts(&self.train), |[train, _]| Lesson::Classes(train)))
    }

    fn judge(&self, net: &dyn Net) -> Result<Judgement, Error> {
        let evaluation = self.evaluate(net, &mut |_| ControlFlow::Continue(()))?;
        Ok(self.judged(evaluation.unwrap_or_else(|| Evaluation::new(self.labels.len()))))
    }

    fn adopt(&mut self, io: &Io, labels: &[String]) -> Result<(), Misfit> {
        let Ok(input) = io.text() else {
            let (expected, found) = (crate::about::does(io).into(), "classifies texts".into());
            return Err(Misfit { expected, found, hint: None });
        };
        if *input != self.input {
            let (expected, found) =
                ("makes other rows of texts".into(), format!("has those of {:?}", self.input));
            return Err(Misfit { expected, found, hint: None });
        }
        let places = places(&self.labels, labels)?;
        let of_rows = self.rows.iter_mut().flatten().map(|rows| &mut rows.labels);
        let halves = [&mut self.train.labels, &mut self.test.labels].into_iter().chain(of_rows);
        for label in halves.flatten() {
            *label = places[usize::from(*label)];
        }
        self.labels = labels.to_vec();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::texts::TextForm;

    fn texts(labels: &[&str], of: &[u8]) -> Texts {
        let half = Corpus {
            texts: of.iter().map(|label| vec![format!("word{label} and")]).collect(),
            labels: of.to_vec(),
        };
        let labels = labels.iter().map(|label| (*label).to_owned()).collect();
        Texts::new(labels, TextForm::default().schema(1), half.clone(), half).unwrap()
    }

    #[test]
    fn classes_are_taken_over_by_name_with_their_rows() {
        let mut task = texts(&["a", "b"], &[0, 1, 1]);
        let rows = |task: &Texts| task.rows.as_ref().unwrap()[1].images.clone();
        let before = rows(&task);
        let labels = ["b", "c", "a"].map(String::from);
        task.adopt(&task.io(), &labels).unwrap();
        assert_eq!(task.labels, labels);
        let [of_train, of_test] = task.rows.as_ref().unwrap();
        for labels in [&task.train.labels, &task.test.labels, &of_train.labels, &of_test.labels] {
            assert_eq!(**labels, [2, 0, 0]);
        }
        assert_eq!(rows(&task), before);
        let other = Io::Text {
            input: TextForm { words: Some(1), ..TextForm::default() }.schema(1),
            preprocessing: task.preprocessing,
        };
        assert!(task.adopt(&other, &labels).is_err());
        assert!(task.adopt(&task.io(), &["x", "y"].map(String::from)).is_err());
    }
}
