//! Image classification.

use std::ops::ControlFlow;

use bl_core::header::check_labels;
use bl_core::io::InputSchema;
use bl_core::{Io, Net, Preprocessing};
use serde::Serialize;

use super::classes::{Named, counts, places};
use super::evaluation::{Evaluation, evaluate};
use crate::judgement::{Judgement, fields};
use crate::kind::{Description, Kind, Lesson, LessonSettings, Misfit, Parts};
use crate::{Error, Split};

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
        check_labels(&labels)?;
        let none = || Error::NoContrast { samples: train.len(), height: train.height, width: train.width };
        let preprocessing = train.standardisation().ok_or_else(none)?;
        Ok(Self { labels, input, preprocessing, train, test })
    }

    /// Takes over the classes of an adapter; of those that only it knows there is no image here.
    fn take_over(&mut self, labels: &[String]) -> Result<(), Misfit> {
        let places = places(&self.labels, labels)?;
        for label in self.train.labels.iter_mut().chain(&mut self.test.labels) {
            *label = places[usize::from(*label)];
        }
        self.labels = labels.to_vec();
        Ok(())
    }

    /// A judgement from what a network got right and wrong.
    pub fn judged(&self, evaluation: Evaluation) -> Judgement {
        Named { labels: &self.labels, unit: "images" }.judged(evaluation)
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

    fn advice(&self) -> &'static str {
        "look at what the network sees (`bl-adapt data info TASK --sheet sheet.png`), try another `--fit` and `--invert`, or \
         give more images of each class"
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
        let per_class = |split: &Split| counts(&split.labels, self.labels.len());
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
        if self.test.is_empty() {
            return Ok(Judgement::none()); // images of a caller's own, all of them to learn from
        }
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
