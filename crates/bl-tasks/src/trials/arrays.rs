//! Trials as arrays of an archive (`.npz`): `inputs`, and `labels` or `targets`; `mask`, `lengths` and names if they are there.

use std::path::Path;

use super::archive::Archive;
use super::array::{self, Array, Values};
use super::classes::{Asked, Labelled};
use super::half::Half;
use super::padded::{Ragged, values};
use super::{Goals, archive};
use crate::Error;
use crate::kinds::Names;
use crate::npy;

/// What is read.
const KNOWN: [&str; 8] =
    ["inputs", "labels", "targets", "mask", "lengths", "input_names", "target_names", "label_names"];

/// The shape and the values of an array of numbers.
pub(super) type Numbers = (Vec<usize>, Vec<f64>);

/// What is wrong with arrays that belong together, as facts; trials and steps are counted from 0.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[expect(missing_docs, reason = "the message of each variant says what it is")]
pub enum ArraysFault {
    #[error("expected an array `{name}`, found {}", listed(found))]
    Missing { name: &'static str, found: Vec<String> },
    #[error("expected `labels` or `targets`, found {}", listed(found))]
    NothingSaid { found: Vec<String> },
    #[error("expected `labels` or `targets`, found both")]
    Both,
    #[error("`{name}`: expected {expected}, found the shape {found:?}")]
    Shape { name: &'static str, expected: String, found: Vec<usize> },
    #[error("`{name}`: expected {expected}, found texts")]
    Texts { name: &'static str, expected: &'static str },
    #[error("`{name}`: expected {expected}, found numbers")]
    Numbers { name: &'static str, expected: &'static str },
    #[error("`{name}`: expected {expected}, found {found} at {at:?}")]
    Value { name: &'static str, expected: String, found: String, at: Vec<usize> },
    #[error("`mask` says which steps count, and {of} no steps")]
    Mask { of: &'static str },
    #[error("`labels` has more than 256 classes")]
    ManyClasses,
}

impl ArraysFault {
    /// What to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::Missing { .. } | Self::NothingSaid { .. } => {
                "`numpy.savez_compressed(path, inputs=x, labels=y)` with x of shape [trials, time, channels] and a label for each \
                 trial; or `targets=y` of shape [trials, time, outputs]"
            }
            Self::Both => "save `labels` for classes, or `targets` for values, and not both",
            Self::Mask { .. } => "leave `mask` out, or give labels or targets for each step",
            Self::ManyClasses => "numbers to learn are `targets`, not `labels`",
            Self::Shape { name: "inputs", .. } => {
                "the axes are trials, time, channels: `x.transpose(0, 2, 1)` brings channels to the end"
            }
            Self::Value { name: "targets", .. } => "write NaN where no value is known: it is not asked for",
            Self::Value { name: "labels", .. } => {
                "labels are whole numbers or texts; `label_names` names 0, 1, 2 … in this order"
            }
            _ => return None,
        })
    }
}

/// What an archive has.
pub(super) struct Read {
    pub(super) half: Half,
    pub(super) names: Names,
    pub(super) notices: Vec<String>,
}

/// The trials of an archive.
pub(super) fn read(path: &Path) -> Result<Read, Error> {
    let mut archive = Archive::open(path)?;
    let mut arrays = Arrays::read(path, &mut archive)?;
    let said = arrays.trials(path);
    said.map_err(|fault| Error::Arrays { path: path.to_owned(), fault: Box::new(fault) })
}

/// What goes in alone: channels, lengths, and `[Σ lengths, channels]`.
pub(super) fn shown(path: &Path) -> Result<(usize, Vec<usize>, Vec<f64>), Error> {
    let mut archive = Archive::open(path)?;
    let shown = Arrays::read(path, &mut archive)?.shown();
    let (channels, inputs, ragged) =
        shown.map_err(|fault| Error::Arrays { path: path.to_owned(), fault: Box::new(fault) })?;
    let inputs = ragged.cut(inputs, channels);
    Ok((channels, ragged.lengths, inputs))
}

/// All arrays that are known.
struct Arrays {
    known: [Option<Array>; KNOWN.len()],
    found: Vec<String>,
}

impl Arrays {
    fn read(path: &Path, archive: &mut Archive) -> Result<Self, Error> {
        let name = |entry: &archive::Entry| entry.name.strip_suffix(".npy").unwrap_or(&entry.name).to_owned();
        let entries = archive.entries().to_vec();
        let mut room = bl_core::memory::limit();
        let mut known = [const { None }; KNOWN.len()];
        for entry in &entries {
            let array = name(entry);
            let Some(place) = KNOWN.iter().position(|known| *known == array) else { continue };
            let failed = |fault| match fault {
                npy::Fault::Read(cause) => Error::io(path, cause),
                fault => Error::Array { path: path.to_owned(), array: array.clone(), fault: Box::new(fault) },
            };
            let mut content = archive.unpack(entry)?;
            let read = array::read(&mut content, entry.size, &mut room).map_err(failed)?;
            let whole = content.check(entry);
            whole.map_err(|fault| Error::Archive { path: path.to_owned(), fault })?;
            known[place] = Some(read);
        }
        Ok(Self { known, found: entries.iter().map(name).collect() })
    }

    fn take(&mut self, name: &'static str) -> Option<Array> {
        let place = KNOWN.iter().position(|known| *known == name)?;
        self.known[place].take()
    }

    /// An array of numbers.
    fn numbers(
        &mut self,
        name: &'static str,
        expected: &'static str,
    ) -> Result<Option<Numbers>, ArraysFault> {
        match self.take(name) {
            None => Ok(None),
            Some(Array { shape, values: Values::Numbers(values) }) => Ok(Some((shape, values))),
            Some(Array { values: Values::Texts(_), .. }) => Err(ArraysFault::Texts { name, expected }),
        }
    }

    /// A list of texts.
    fn names(&mut self, name: &'static str, expected: Option<usize>) -> Result<Vec<String>, ArraysFault> {
        match self.take(name) {
            None => Ok(Vec::new()),
            Some(Array { values: Values::Numbers(_), .. }) => {
                Err(ArraysFault::Numbers { name, expected: "names" })
            }
            Some(Array { shape, values: Values::Texts(names) }) => {
                if shape.len() != 1 || expected.is_some_and(|expected| expected != names.len()) {
                    let expected = expected.map_or("a list of names".into(), |n| format!("{n} names"));
                    return Err(ArraysFault::Shape { name, expected, found: shape });
                }
                Ok(names)
            }
        }
    }

    /// Channels, what goes in, filled up to one length, and the lengths.
    fn shown(&mut self) -> Result<(usize, Vec<f64>, Ragged), ArraysFault> {
        let inputs = self.numbers("inputs", "numbers")?;
        let missing = || ArraysFault::Missing { name: "inputs", found: self.found.clone() };
        let (shape, inputs) = inputs.ok_or_else(missing)?;
        let [trials, time, channels] = match *shape {
            [trials, time] => [trials, time, 1],
            [trials, time, channels] => [trials, time, channels],
            _ => {
                let expected = "[trials, time, channels] or [trials, time]".into();
                return Err(ArraysFault::Shape { name: "inputs", expected, found: shape });
            }
        };
        let lengths = self.lengths(trials, time)?;
        let ragged = Ragged { lengths, time };
        Ok((channels, inputs, ragged))
    }

    fn trials(&mut self, path: &Path) -> Result<Read, ArraysFault> {
        let mut notices = Vec::new();
        let extra: Vec<String> =
            self.found.iter().filter(|name| !KNOWN.contains(&name.as_str())).cloned().collect();
        if !extra.is_empty() {
            notices.push(format!("not used: {}", listed(&extra)));
        }
        let (channels, inputs, ragged) = self.shown()?;
        let mask = self.numbers("mask", "numbers")?;
        let (labels, targets) = (self.take("labels"), self.numbers("targets", "numbers")?);
        let (labels, goals) = match (labels, targets) {
            (Some(_), Some(_)) => return Err(ArraysFault::Both),
            (None, None) => return Err(ArraysFault::NothingSaid { found: self.found.clone() }),
            (Some(labels), None) => self.classes(labels, mask, &ragged, &mut notices)?,
            (None, Some(targets)) => (Vec::new(), values(targets, mask, &ragged, &mut notices)?),
        };
        let targets = if let Goals::Values { variables, .. } = &goals { Some(*variables) } else { None };
        let names = Names {
            inputs: self.names("input_names", Some(channels))?,
            targets: self.names("target_names", targets)?,
        };
        let inputs = ragged.cut(inputs, channels);
        Ok(Read {
            half: Half { path: path.to_owned(), channels, lengths: ragged.lengths, inputs, labels, goals },
            names,
            notices,
        })
    }

    fn lengths(&mut self, trials: usize, time: usize) -> Result<Vec<usize>, ArraysFault> {
        let Some((shape, lengths)) = self.numbers("lengths", "whole numbers")? else {
            return Ok(vec![time; trials]);
        };
        let name = "lengths";
        if shape != [trials] {
            return Err(ArraysFault::Shape {
                name,
                expected: format!("[trials], [{trials}] here"),
                found: shape,
            });
        }
        let steps = |(trial, found): (usize, &f64)| match *found {
            steps if steps.fract() == 0.0 && (1.0..=time as f64).contains(&steps) => Ok(steps as usize),
            found => {
                let expected = format!("whole numbers from 1 to {time}, the time axis of `inputs`");
                Err(ArraysFault::Value { name, expected, found: found.to_string(), at: vec![trial] })
            }
        };
        lengths.iter().enumerate().map(steps).collect()
    }

    /// The labels and the goals of an array `labels`.
    fn classes(
        &mut self,
        Array { shape, values }: Array,
        mask: Option<Numbers>,
        ragged: &Ragged,
        notices: &mut Vec<String>,
    ) -> Result<(Vec<String>, Goals), ArraysFault> {
        let stated = self.names("label_names", None)?;
        let (trials, time) = (ragged.lengths.len(), ragged.time);
        let of_steps = match *shape {
            [n] | [n, 1] if n == trials && (shape.len() == 1 || time != 1) => false,
            [n, t] if n == trials && t == time => true,
            _ => {
                let expected = format!("[trials], [{trials}] here, or [trials, time], [{trials}, {time}]");
                return Err(ArraysFault::Shape { name: "labels", expected, found: shape });
            }
        };
        if !of_steps {
            if mask.is_some() {
                return Err(ArraysFault::Mask { of: "`labels` of whole trials have" });
            }
            let Labelled { labels, classes, notice } =
                Asked { values: &values, steps: None }.labelled(stated)?;
            notices.extend(notice);
            return Ok((labels, Goals::Classes(classes)));
        }
        let weights = ragged.weights(mask, 1)?;
        let values = match values {
            Values::Numbers(values) => Values::Numbers(ragged.cut(values, 1)),
            Values::Texts(values) => Values::Texts(ragged.cut(values, 1)),
        };
        let asked = Asked { values: &values, steps: Some((&weights, &ragged.lengths)) };
        let Labelled { labels, classes, notice } = asked.labelled(stated)?;
        notices.extend(notice);
        Ok((labels, Goals::ClassesOfSteps { classes, weights }))
    }
}

fn listed(names: &[String]) -> String {
    let shown: Vec<String> = names.iter().take(12).map(|name| format!("`{name}`")).collect();
    match names.len().saturating_sub(12) {
        0 if names.is_empty() => "no array".into(),
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
