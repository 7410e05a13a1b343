//! How well a network does on labelled images.

use std::ops::ControlFlow;

use bl_core::{Net, argmax, cross_entropy};

use crate::texts::Corpus;
use crate::{Error, Split};

/// What a network got right and wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// `[classes, classes]`: how often a true class (row) was predicted as a class (column). Labels are bytes,
    /// so there are at most 256 rows.
    pub confusion: Vec<usize>,
    /// Number of classes.
    pub classes: usize,
    /// Mean cross-entropy.
    pub loss: f64,
    seen: usize,
}

impl Evaluation {
    /// Of no sample yet.
    pub fn new(classes: usize) -> Self {
        Self { confusion: vec![0; classes.min(256) * classes], classes, loss: 0.0, seen: 0 }
    }

    /// Counts one sample; its scores are overwritten.
    pub fn add(&mut self, scores: &mut [f32], label: u8) -> Result<(), Error> {
        let (label, classes) = (usize::from(label), self.classes);
        if label >= classes {
            return Err(Error::LabelOutOfRange { label, classes });
        }
        self.confusion[label * classes + argmax(scores)] += 1;
        self.seen += 1;
        let loss = f64::from(cross_entropy(scores, label, 1.0));
        self.loss += (loss - self.loss) / self.seen as f64; // the mean so far
        Ok(())
    }

    /// Counts the samples of another part of the same set.
    ///
    /// # Panics
    /// If it has other classes.
    pub fn merge(&mut self, other: &Self) {
        assert_eq!(self.classes, other.classes, "parts of one set have the same classes");
        if other.seen > 0 {
            self.confusion.iter_mut().zip(&other.confusion).for_each(|(sum, count)| *sum += count);
            self.seen += other.seen;
            self.loss += (other.loss - self.loss) * other.seen as f64 / self.seen as f64;
        }
    }

    /// Samples seen.
    pub fn total(&self) -> usize {
        self.seen
    }

    /// Samples of the class that has most.
    pub fn most_frequent(&self) -> usize {
        self.confusion.chunks_exact(self.classes).map(|row| row.iter().sum()).max().unwrap_or(0)
    }

    /// Samples whose highest score is their own class's.
    pub fn correct(&self) -> usize {
        self.confusion.iter().step_by(self.classes + 1).sum()
    }

    /// Share of correct samples.
    pub fn accuracy(&self) -> f64 {
        self.correct() as f64 / self.total() as f64
    }
}

/// Runs labelled texts through a network. `on_share` hears what share is done, and may stop: `None` then.
pub fn evaluate_texts(
    net: &dyn Net,
    data: &Corpus,
    on_share: &mut dyn FnMut(f64) -> ControlFlow<()>,
) -> Result<Option<Evaluation>, Error> {
    const TOGETHER: usize = 256;
    let classes = net.outputs();
    let mut evaluation = Evaluation::new(classes);
    for (texts, labels) in data.texts.chunks(TOGETHER).zip(data.labels.chunks(TOGETHER)) {
        let mut scores = net.texts(texts)?;
        for (scores, &label) in scores.chunks_exact_mut(classes).zip(labels) {
            evaluation.add(scores, label)?;
        }
        if on_share(evaluation.total() as f64 / data.len() as f64).is_break() {
            return Ok(None);
        }
    }
    Ok(Some(evaluation))
}

/// Runs labelled images through a network. `on_share` hears what share is done, and may stop: `None` then.
pub fn evaluate(
    net: &dyn Net,
    data: &Split,
    on_share: &mut dyn FnMut(f64) -> ControlFlow<()>,
) -> Result<Option<Evaluation>, Error> {
    const TOGETHER: usize = 1024;
    let (inputs, classes) = (net.inputs(), net.outputs());
    if data.is_empty() || data.images.len() != data.len() * inputs {
        return Err(Error::ImageCount { values: data.images.len(), inputs, labels: data.len() });
    }
    let mut evaluation = Evaluation::new(classes);
    for (images, labels) in data.images.chunks(TOGETHER * inputs).zip(data.labels.chunks(TOGETHER)) {
        let mut scores = net.scores(images)?;
        for (scores, &label) in scores.chunks_exact_mut(classes).zip(labels) {
            evaluation.add(scores, label)?;
        }
        if on_share(evaluation.total() as f64 / data.len() as f64).is_break() {
            return Ok(None);
        }
    }
    Ok(Some(evaluation))
}
