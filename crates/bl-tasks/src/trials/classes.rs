//! The classes of an array of labels. Whole numbers are names of classes, never places that are shifted in silence.

use std::collections::{BTreeMap, BTreeSet};

use super::array::Values;
use super::arrays::ArraysFault;
use super::half::in_order;

/// A label is a byte.
const MOST: usize = 256;
/// The largest whole number that a 64-bit float has for certain.
const LARGEST: f64 = 9_007_199_254_740_992.0;

/// Labels of trials, or of steps with what they count.
pub(super) struct Asked<'a> {
    pub(super) values: &'a Values,
    /// Of steps, what each counts (labels with 0 are not looked at), and how many each trial has.
    pub(super) steps: Option<(&'a [f32], &'a [usize])>,
}

/// Classes, each a place among the labels.
pub(super) struct Labelled {
    pub(super) labels: Vec<String>,
    pub(super) classes: Vec<u8>,
    pub(super) notice: Option<String>,
}

impl Asked<'_> {
    /// With names of the numbers 0, 1, 2 …, or of texts in their order, if they are stated.
    pub(super) fn labelled(&self, stated: Vec<String>) -> Result<Labelled, ArraysFault> {
        match self.values {
            Values::Numbers(values) => self.numbers(values, stated),
            Values::Texts(texts) => {
                let asked = texts.iter().enumerate().filter(|(at, _)| self.counts(*at));
                let mut there: BTreeSet<String> = BTreeSet::new();
                for (_, text) in asked.clone() {
                    if there.insert(text.clone()) && there.len() > MOST {
                        return Err(ArraysFault::ManyClasses);
                    }
                }
                let labels = if stated.is_empty() { in_order(there) } else { stated };
                let places: BTreeMap<&str, u8> =
                    labels.iter().enumerate().map(|(place, label)| (label.as_str(), place as u8)).collect();
                let mut classes = vec![0; texts.len()];
                for (at, text) in asked {
                    let place = places.get(text.as_str()).copied();
                    classes[at] =
                        place.ok_or_else(|| self.wrong("one of `label_names`", format!("`{text}`"), at))?;
                }
                Ok(Labelled { labels, classes, notice: None })
            }
        }
    }

    fn numbers(&self, values: &[f64], stated: Vec<String>) -> Result<Labelled, ArraysFault> {
        let asked = values.iter().copied().enumerate().filter(|(at, _)| self.counts(*at));
        let mut there: BTreeMap<i64, u8> = BTreeMap::new();
        for (at, value) in asked.clone() {
            if value.fract() != 0.0 || value.abs() > LARGEST {
                return Err(self.wrong("a whole number or a text", value.to_string(), at));
            }
            let is_named = (0.0..stated.len() as f64).contains(&value);
            if !stated.is_empty() && !is_named {
                let expected = format!("0 to {}, a place among `label_names`", stated.len() - 1);
                return Err(self.wrong(&expected, value.to_string(), at));
            }
            there.insert(value as i64, 0);
            if there.len() > MOST {
                return Err(ArraysFault::ManyClasses);
            }
        }
        if !stated.is_empty() {
            let mut classes = vec![0; values.len()];
            asked.for_each(|(at, value)| classes[at] = value as u8);
            return Ok(Labelled { labels: stated, classes, notice: None });
        }
        there.values_mut().enumerate().for_each(|(place, class)| *class = place as u8);
        let mut classes = vec![0; values.len()];
        asked.for_each(|(at, value)| classes[at] = there.get(&(value as i64)).copied().unwrap_or_default());
        let labels: Vec<String> = there.keys().map(i64::to_string).collect();
        let last = labels.len().saturating_sub(1);
        let notice = there.keys().enumerate().any(|(place, label)| *label != place as i64).then(|| {
            format!(
                "the labels are not 0 to {last}: the {} labels there are name the classes, from `{}` to `{}`",
                labels.len(),
                labels[0],
                labels[last]
            )
        });
        Ok(Labelled { labels, classes, notice })
    }

    fn counts(&self, at: usize) -> bool {
        self.steps.is_none_or(|(weights, _)| weights[at] > 0.0)
    }

    fn wrong(&self, expected: &str, found: String, at: usize) -> ArraysFault {
        let (mut trial, mut step) = (0, at);
        let place = match self.steps {
            None => vec![at],
            Some((_, lengths)) => {
                while lengths.get(trial).is_some_and(|steps| *steps <= step) {
                    step -= lengths[trial];
                    trial += 1;
                }
                vec![trial, step]
            }
        };
        ArraysFault::Value { name: "labels", expected: expected.into(), found, at: place }
    }
}
