//! Image classification.

use std::ops::ControlFlow;

use bl_core::io::InputSchema;
use bl_core::{Io, Net, Preprocessing};
use serde::Serialize;

use super::evaluation::{Evaluation, evaluate};
use crate::folder::listed;
use crate::judgement::{Details, Headline, Judgement, fields, metric};
use crate::kind::{Description, Kind, Lesson, LessonSettings, Misfit, Parts};
use crate::{Error, Split};

/// What to do about classes that are not those of an adapter.
const BY_NAME: &str = "classes are matched by their names: name the folders (or labels) as those that were learned from, and leave \
    others out; `bl-adapt inspect` lists them";

/// Images to tell apart.
#[derive(Clone, Debug)]
pub struct Images {
    /// The classes, in the order of the labels.
    pub labels: Vec<String>,
    /// The images, and how others are brought to their form.
    pub input: InputSchema,
    /// Standardisation of the training images.
    pub preprocessing: Preprocessing,
    /// To learn from.
    pub train: Split,
    /// To be judged by.
    pub test: Split,
}

impl Images {
    /// A task of two splits; the standardisation is that of the training images, rounded to six digits so that it reads
    /// well and is exact.
    pub fn new(labels: Vec<String>, input: InputSchema, train: Split, test: Split) -> Result<Self, Error> {
        let round = |x: f64| (x * 1e6).round() / 1e6;
        let (mean, std) = train.pixel_mean_std();
        let preprocessing = Preprocessing { mean: round(mean), std: round(std) };
        if preprocessing.std > 0.0 {
            Ok(Self { labels, input, preprocessing, train, test })
        } else {
            Err(Error::NoContrast { samples: train.len() })
        }
    }

    /// Takes over the classes of an adapter by their names, whatever their order; it may know more, of which there is no
    /// image here. Numbers are places among as many classes that have names.
    fn take_over(&mut self, labels: &[String]) -> Result<(), Misfit> {
        let named = |label: &String| labels.iter().position(|known| known == label);
        let number = |label: &String| label.parse().ok().filter(|&place: &usize| place < labels.len());
        let are_names =
            labels.len() == self.labels.len() && labels.iter().all(|known| known.parse::<i64>().is_err());
        let places =
            |of: &dyn Fn(&String) -> Option<usize>| self.labels.iter().map(of).collect::<Option<Vec<_>>>();
        let numbers = || places(&number).filter(|_| are_names);
        let Some(places) = places(&named).or_else(numbers) else {
            let only = |these: &[String], those: &[String]| {
                let only = these.iter().filter(|label| !those.contains(label));
                listed(&only.map(String::as_str).collect::<Vec<_>>())
            };
            let expected = match &*only(labels, &self.labels) {
                "" => "knows fewer classes".into(),
                lacking => format!("knows the classes {lacking}, which are not here"),
            };
            let found = format!("has the classes {}, which it does not know", only(&self.labels, labels));
            return Err(Misfit { expected, found, hint: Some(BY_NAME) });
        };
        for label in self.train.labels.iter_mut().chain(&mut self.test.labels) {
            *label = places[usize::from(*label)] as u8;
        }
        self.labels = labels.to_vec();
        Ok(())
    }

    /// Class by class.
    fn classes(&self, evaluation: &Evaluation) -> Vec<ClassReport> {
        let rows = evaluation.confusion.chunks_exact(evaluation.classes).zip(&self.labels).enumerate();
        rows.map(|(class, (row, label))| {
            let test: usize = row.iter().sum();
            let wrong = (0..row.len()).filter(|&other| other != class && row[other] > 0);
            let most = wrong.max_by_key(|&other| row[other]);
            ClassReport {
                label: label.clone(),
                test,
                accuracy: if test > 0 { row[class] as f64 / test as f64 } else { 0.0 },
                taken_for: most.map(|other| self.labels[other].clone()),
                confused: most.map_or(0, |other| row[other]),
            }
        })
        .collect()
    }

    /// A judgement from what a network got right and wrong.
    pub fn judged(&self, evaluation: Evaluation) -> Judgement {
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
                "accuracy        {:.2} % of {} test images, loss {:.4}",
                100.0 * report.accuracy,
                report.test,
                report.loss
            )],
            more: report.classes.iter().map(ClassReport::line).collect(),
            summary: [("test_accuracy", report.accuracy), ("test_loss", report.loss)]
                .map(|(name, value)| (name.to_owned(), value.into()))
                .into_iter()
                .collect(),
            fields: fields(&report),
            details: Details::Images(evaluation),
        }
    }
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
    accuracy: f64,
    /// The other class that its images are given most often.
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
        format!("  {label:<12} {:>6.2} % of {test}{confused}", 100.0 * accuracy)
    }
}

/// Field names are part of the command line's contract.
#[derive(Serialize)]
struct DataReport<'a> {
    labels: &'a [String],
    height: usize,
    width: usize,
    channels: usize,
    pixel_mean: f64,
    pixel_std: f64,
    train_per_class: Vec<usize>,
    test_per_class: Vec<usize>,
}

impl Kind for Images {
    fn io(&self) -> Io {
        Io::Images { input: self.input, preprocessing: self.preprocessing }
    }

    fn labels(&self) -> &[String] {
        &self.labels
    }

    fn summary(&self) -> String {
        format!(
            "{} training and {} test images of {} × {}{}, {} classes",
            self.train.len(),
            self.test.len(),
            self.input.height,
            self.input.width,
            if self.input.channels == 3 { " in colour" } else { "" },
            self.labels.len()
        )
    }

    fn headline(&self) -> Option<&'static str> {
        Some("accuracy")
    }

    fn parts(&self) -> Parts {
        Parts {
            unit: "images",
            train: self.train.len(),
            test: self.test.len(),
            train_sha256: self.train.sha256(),
            test_sha256: self.test.sha256(),
        }
    }

    fn describe(&self) -> Description {
        let (pixel_mean, pixel_std) = self.train.pixel_mean_std();
        let per_class = |split: &Split| -> Vec<usize> {
            let count = |class| split.labels.iter().filter(|&&label| usize::from(label) == class).count();
            (0..self.labels.len()).map(count).collect()
        };
        let [height, width, channels] = self.train.shape();
        let (train_per_class, test_per_class) = (per_class(&self.train), per_class(&self.test));
        let classes = self.labels.iter().zip(train_per_class.iter().zip(&test_per_class));
        let table = classes
            .map(|(label, (train, test))| format!("  {label:<14} {train:>6} training  {test:>6} test"))
            .collect();
        let labels = &self.labels;
        let report = DataReport {
            labels,
            height,
            width,
            channels,
            pixel_mean,
            pixel_std,
            train_per_class,
            test_per_class,
        };
        Description {
            fields: fields(&report),
            lines: vec![
                format!(
                    "images     {height} × {width}, {}",
                    if channels == 3 { "three colours of 8 bits" } else { "8-bit" }
                ),
                format!("pixels     mean {pixel_mean:.6}, SD {pixel_std:.6} (of 0 to 1)"),
            ],
            table,
        }
    }

    fn lesson(&self, _: LessonSettings) -> Result<Lesson<'_>, Error> {
        Ok(Lesson::Classes(&self.train))
    }

    fn judge(&self, net: &dyn Net) -> Result<Judgement, Error> {
        let evaluation = evaluate(net, &self.test, &mut |_| ControlFlow::Continue(()))?;
        Ok(self.judged(evaluation.unwrap_or_else(|| Evaluation::new(self.labels.len()))))
    }

    fn adopt(&mut self, io: &Io, labels: &[String]) -> Result<(), Misfit> {
        let words = |input: &InputSchema, classes: usize| {
            format!(
                "has images of {} × {} × {} and {classes} classes",
                input.height, input.width, input.channels
            )
        };
        match io.images() {
            Ok((input, _)) if words(input, 0) == words(&self.input, 0) => self.take_over(labels),
            Ok((input, _)) => {
                let (expected, found) = (words(input, labels.len()), words(&self.input, self.labels.len()));
                Err(Misfit { expected, found, hint: None })
            }
            Err(_) => {
                let (expected, found) = (crate::about::does(io).into(), "classifies images".into());
                Err(Misfit { expected, found, hint: None })
            }
        }
    }
}
