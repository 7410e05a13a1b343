//! Rows of real values: classes to tell apart, or numbers to estimate.

use std::ops::ControlFlow;

use bl_core::header::check_labels;
use bl_core::io::{SeriesScale, ValueSchema};
use bl_core::{Io, Net, Preprocessing};

use super::classes::Named;
use super::evaluation::{Evaluation, evaluate};
use crate::digest::sha256;
use crate::forecast::{nrmse, r_squared};
use crate::judgement::{Details, Headline, Judgement, metric};
use crate::kind::{Kind, Lesson, LessonSettings, Parts};
use crate::series::mean_and_variance;
use crate::{Error, Split};

/// Rows of real values, with what is to be said of each.
#[derive(Clone, Debug)]
pub struct Values {
    /// The classes, or the name of what is estimated.
    pub labels: Vec<String>,
    /// The ranges of the columns, which are those of the training rows, and the scale of what is estimated.
    pub input: ValueSchema,
    /// Standardisation of the 8-bit rows.
    pub preprocessing: Preprocessing,
    train: Half,
    test: Half,
}

/// One half of the rows, as a network takes them.
#[derive(Clone, Debug)]
struct Half {
    rows: Split,
    /// In their own unit; empty where there are classes.
    targets: Vec<f64>,
    /// In units of the scale.
    scaled: Vec<f32>,
}

/// What is to be said of rows.
#[derive(Clone, Copy, Debug)]
pub enum Targets<'a> {
    /// The class of each, as a place among the labels.
    Classes(&'a [u8]),
    /// A number for each.
    Numbers(&'a [f64]),
}

impl Targets<'_> {
    fn len(&self) -> usize {
        match self {
            Self::Classes(of) => of.len(),
            Self::Numbers(of) => of.len(),
        }
    }
}

impl Values {
    /// A task of two halves, the second of which may be empty: then nothing is measured. The scale of numbers is that of the
    /// training half: its mean, and its standard deviation.
    ///
    /// # Shapes
    /// - `train`, `test`: rows `[count, columns]`, and `[count]` targets of one kind
    pub fn new(
        labels: Vec<String>,
        input: ValueSchema,
        train: (&[f64], Targets<'_>),
        test: (&[f64], Targets<'_>),
    ) -> Result<Self, Error> {
        check_labels(&labels)?;
        let target = match train.1 {
            Targets::Classes(_) => None,
            Targets::Numbers(numbers) => Some(scale_of(numbers)),
        };
        let input = ValueSchema { target, ..input };
        input.validate()?;
        let train = Half::new(&input, &labels, train.0, train.1)?;
        let test = Half::new(&input, &labels, test.0, test.1)?;
        let constant = Preprocessing { mean: 0.0, std: 1.0 }; // nothing tells these rows apart: they are learned all the same
        let preprocessing = train.rows.standardisation().unwrap_or(constant);
        Ok(Self { labels, input, preprocessing, train, test })
    }

    fn numbers(&self, net: &dyn Net) -> Result<Judgement, Error> {
        let scale = self.input.target.unwrap_or(SeriesScale { offset: 0.0, unit: 1.0 });
        let outputs = net.scores(&self.test.rows.images)?;
        let found: Vec<f64> = outputs.iter().map(|&y| scale.offset + scale.unit * f64::from(y)).collect();
        let r2 = r_squared(&self.test.targets, &found).unwrap_or(f64::NAN);
        let error = nrmse(&self.test.targets, &found).unwrap_or(f64::NAN);
        Ok(Judgement {
            metrics: vec![metric("r2", "test", r2), metric("nrmse", "test", error)],
            headline: Some(Headline { name: "R²", value: r2 }),
            lines: vec![format!("R² {r2:.4} of {} test rows, NRMSE {error:.4}", self.test.targets.len())],
            more: Vec::new(),
            summary: [("test_r2".into(), r2.into())].into_iter().collect(),
            fields: [("r2".into(), r2.into()), ("nrmse".into(), error.into())].into_iter().collect(),
            details: Details::Own,
        })
    }
}

/// The mean, and the standard deviation, or 1 where all are the same.
fn scale_of(numbers: &[f64]) -> SeriesScale {
    match mean_and_variance(numbers) {
        Ok((mean, variance)) if variance > 0.0 => SeriesScale { offset: mean, unit: variance.sqrt() },
        _ => SeriesScale { offset: numbers.first().copied().unwrap_or_default(), unit: 1.0 },
    }
}

impl Half {
    fn new(
        input: &ValueSchema,
        labels: &[String],
        rows: &[f64],
        targets: Targets<'_>,
    ) -> Result<Self, Error> {
        let (count, columns) = (targets.len(), input.columns());
        if rows.len() != count * columns {
            return Err(Error::ImageCount { values: rows.len(), inputs: columns, labels: count });
        }
        let images = if count == 0 { Vec::new() } else { input.rows(rows)? };
        let split = |labels| Split { images, labels, height: 1, width: columns, channels: 1 };
        match (targets, input.target) {
            (Targets::Classes(classes), None) => {
                if let Some(&label) = classes.iter().find(|class| usize::from(**class) >= labels.len()) {
                    return Err(Error::LabelOutOfRange { label: label.into(), classes: labels.len() });
                }
                Ok(Self { rows: split(classes.to_vec()), targets: Vec::new(), scaled: Vec::new() })
            }
            (Targets::Numbers(numbers), Some(scale)) => {
                if let Some(row) = numbers.iter().position(|y| !y.is_finite()) {
                    return Err(Error::TargetNotFinite { row, found: numbers[row] });
                }
                let scaled = numbers.iter().map(|y| ((y - scale.offset) / scale.unit) as f32).collect();
                Ok(Self { rows: split(vec![0; count]), targets: numbers.to_vec(), scaled })
            }
            _ => Err(Error::MixedTargets),
        }
    }

    fn sha256(&self) -> String {
        let of_rows = self.rows.sha256();
        if self.targets.is_empty() { of_rows } else { format!("{of_rows}-{}", sha256(&self.targets)) }
    }
}

impl Kind for Values {
    fn io(&self) -> Io {
        Io::Values { input: self.input.clone(), preprocessing: self.preprocessing }
    }

    fn labels(&self) -> &[String] {
        &self.labels
    }

    fn summary(&self) -> String {
        let (train, test, columns) = (self.train.rows.len(), self.test.rows.len(), self.input.columns());
        let of = format!("{train} training and {test} test rows of {columns} values");
        if self.input.target.is_some() { of } else { format!("{of}, {} classes", self.labels.len()) }
    }

    fn headline(&self) -> Option<&'static str> {
        Some(if self.input.target.is_some() { "R²" } else { "accuracy" })
    }

    fn advice(&self) -> &'static str {
        "look at the columns: one far value leaves few of the 256 levels for the others; or give more rows"
    }

    fn parts(&self) -> Parts {
        Parts {
            unit: "rows",
            train: self.train.rows.len(),
            test: self.test.rows.len(),
            train_sha256: self.train.sha256(),
            test_sha256: self.test.sha256(),
        }
    }

    fn lesson(&self, _: LessonSettings) -> Result<Lesson<'_>, Error> {
        let Half { rows, scaled, .. } = &self.train;
        Ok(if self.input.target.is_some() {
            Lesson::Numbers { rows, targets: scaled }
        } else {
            Lesson::Classes(rows)
        })
    }

    fn judge(&self, net: &dyn Net) -> Result<Judgement, Error> {
        if self.test.rows.is_empty() {
            return Ok(Judgement::none());
        }
        if self.input.target.is_some() {
            return self.numbers(net);
        }
        let evaluation = evaluate(net, &self.test.rows, &mut |_| ControlFlow::Continue(()))?;
        let evaluation = evaluation.unwrap_or_else(|| Evaluation::new(self.labels.len()));
        Ok(Named { labels: &self.labels, unit: "rows" }.judged(evaluation))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROWS: [f64; 4] = [0.0, 1.0, 2.0, 3.0];

    fn values(targets: Targets<'_>) -> Result<Values, Error> {
        let labels = ["a", "b"].map(String::from).to_vec();
        Values::new(labels, ValueSchema::of_rows(&ROWS, 1)?, (&ROWS, targets), (&[], targets_of(targets)))
    }

    fn targets_of(like: Targets<'_>) -> Targets<'static> {
        if matches!(like, Targets::Classes(_)) { Targets::Classes(&[]) } else { Targets::Numbers(&[]) }
    }

    #[test]
    fn a_lesson_is_of_classes_or_of_scaled_numbers() {
        let classes = values(Targets::Classes(&[0, 1, 0, 1])).unwrap();
        assert!(
            matches!(classes.lesson(LessonSettings::default()).unwrap(), Lesson::Classes(rows) if rows.images[3] == 255)
        );
        let numbers = values(Targets::Numbers(&[10.0, 10.0, 30.0, 30.0])).unwrap();
        assert_eq!(numbers.input.target, Some(SeriesScale { offset: 20.0, unit: 10.0 }));
        let lesson = numbers.lesson(LessonSettings::default()).unwrap();
        assert!(matches!(lesson, Lesson::Numbers { targets: [-1.0, -1.0, 1.0, 1.0], .. }));
        assert_ne!(classes.parts().train_sha256, numbers.parts().train_sha256);
    }

    #[test]
    fn other_targets_are_refused() {
        assert!(values(Targets::Classes(&[0, 1, 2, 1])).is_err());
        assert!(values(Targets::Classes(&[0, 1, 1])).is_err());
        assert!(values(Targets::Numbers(&[0.0, f64::NAN, 0.0, 0.0])).is_err());
        assert!(values(Targets::Numbers(&[5.0; 4])).is_ok(), "all the same are learned too");
    }
}
