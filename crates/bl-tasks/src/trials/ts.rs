//! The files of the archives UEA and UCR (`.ts`): a header, and a trial in each line.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

use super::half::{Half, in_order};
use super::{Goals, ts_header::Header};
use crate::Error;
use crate::series::{Failure, Lines};

/// Bytes of a file, unpacked.
const LARGEST: u64 = 1 << 30;

/// What is wrong with a line, as facts; dimensions and values are counted from 1.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[expect(missing_docs, reason = "the message of each variant says what it is")]
pub enum TsFault {
    #[error("expected a line of the header such as `@data`, found `{found}`")]
    Header { found: String },
    #[error("expected `@{key} true` or `@{key} false`, found `{found}`")]
    Switch { key: String, found: String },
    #[error("expected a whole number above 0 after `@{key}`, found `{found}`")]
    Number { key: String, found: String },
    #[error("expected trials without time stamps, found `@timeStamps true`")]
    TimeStamps,
    #[error("expected `@classLabel true` with the classes, or `@targetLabel true`, found neither")]
    NothingSaid,
    #[error("expected `@data` and trials after it, found the end of the file")]
    NoData,
    #[error("expected {expected} dimensions and {last}, with colons between them, found {found} in all")]
    Dimensions { expected: usize, last: &'static str, found: usize },
    #[error("dimension {dimension} has {found} values, expected {expected}, as dimension 1 has")]
    Steps { dimension: usize, expected: usize, found: usize },
    #[error("dimension 1 has {found} values, expected {expected}, as `@seriesLength` says")]
    SeriesLength { expected: usize, found: usize },
    #[error("dimension {dimension}, value {value}: expected a number, found {found}")]
    Value { dimension: usize, value: usize, found: String },
    #[error("expected one of the classes {expected}, found `{found}`")]
    Class { expected: String, found: String },
    #[error("expected the number that is to be learned in the last place, found `{found}`")]
    Target { found: String },
    #[error("expected at most 256 classes, found more")]
    ManyClasses,
    #[error("expected trials that take at most {limit} bytes of memory, found more")]
    Memory { limit: u64 },
}

impl TsFault {
    /// What to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::TimeStamps => {
                "bring the trials to equal steps of time, and write them with `@timeStamps false`"
            }
            Self::Value { found, .. } if found.contains("missing") => {
                "fill what is missing, or leave the trial out: what goes in must be known at every step"
            }
            Self::Dimensions { .. } => {
                "is `@dimensions` (or `@univariate`) right, and does every line have them all?"
            }
            Self::ManyClasses => {
                "numbers to learn are written with `@targetLabel true` in place of `@classLabel`"
            }
            Self::NothingSaid => "without them there is nothing to learn: take the labelled files of the set",
            Self::Memory { .. } => "BL_MAX_MEMORY=8GiB raises the limit; or take fewer trials",
            _ => return None,
        })
    }
}

/// The trials of a file, plain or gzip. Their labels are those of the header, in its order; without a list there, those of the
/// trials.
pub(super) fn read(path: &Path) -> Result<Half, Error> {
    let failed = |cause| Error::io(path, cause);
    let file = BufReader::new(File::open(path).map_err(failed)?);
    let is_packed = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("gz"));
    let reader: Box<dyn Read> = if is_packed { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
    let of_lines = |failure| match failure {
        Failure::Read(cause) => failed(cause),
        Failure::Fault(fault) => Error::SeriesFile { path: path.to_owned(), fault },
    };
    let mut lines = Lines::new(BufReader::new(reader), LARGEST).with_long_lines(LARGEST as usize);
    lines.check_start().map_err(of_lines)?;
    let (mut header, mut number) = (Header::default(), 1);
    let at = |line: usize, fault| Error::Ts { path: path.to_owned(), line, fault };
    loop {
        let Some(line) = lines.next().map_err(of_lines)? else { return Err(at(number, TsFault::NoData)) };
        number = line.number;
        if header.take(line.text.trim()).map_err(|fault| at(number, fault))? {
            break;
        }
    }
    header.check().map_err(|fault| at(number, fault))?;
    let mut rows = Rows::new(header);
    while let Some(line) = lines.next().map_err(of_lines)? {
        number = line.number;
        let text = line.text.trim();
        if !text.starts_with(['#', '%']) {
            rows.take(text).map_err(|fault| at(number, fault))?;
        }
    }
    rows.half(path).map_err(|fault| at(number, fault))
}

/// Trials as they are read.
struct Rows {
    header: Header,
    lengths: Vec<usize>,
    inputs: Vec<f64>,
    /// Places among the labels of the header, or of `found`.
    classes: Vec<u8>,
    /// Labels in the order in which they come, where the header has no list.
    found: Vec<String>,
    targets: Vec<f64>,
}

impl Rows {
    fn new(header: Header) -> Self {
        let (lengths, inputs, classes) = (Vec::new(), Vec::new(), Vec::new());
        Self { header, lengths, inputs, classes, found: Vec::new(), targets: Vec::new() }
    }

    fn take(&mut self, line: &str) -> Result<(), TsFault> {
        let mut parts: Vec<&str> = line.split(':').map(str::trim).collect();
        let found = parts.len();
        let said = parts.pop().unwrap_or_default();
        let channels = *self.header.dimensions.get_or_insert(parts.len());
        if parts.len() != channels || channels == 0 {
            let last = if self.header.has_targets { "a target" } else { "a class" };
            return Err(TsFault::Dimensions { expected: channels.max(1), last, found });
        }
        let steps = parts[0].split(',').count();
        if let Some(expected) = self.header.series_length.filter(|expected| *expected != steps) {
            return Err(TsFault::SeriesLength { expected, found: steps });
        }
        let limit = bl_core::memory::limit();
        if ((self.inputs.len() + steps * channels) as u64).saturating_mul(8) > limit {
            return Err(TsFault::Memory { limit });
        }
        let begin = self.inputs.len();
        self.inputs.resize(begin + steps * channels, 0.0);
        for (channel, part) in parts.iter().enumerate() {
            let dimension = channel + 1;
            let found = part.split(',').count();
            if found != steps {
                return Err(TsFault::Steps { dimension, expected: steps, found });
            }
            for (step, cell) in part.split(',').enumerate() {
                self.inputs[begin + step * channels + channel] =
                    number(cell).map_err(|found| TsFault::Value { dimension, value: step + 1, found })?;
            }
        }
        self.lengths.push(steps);
        if self.header.has_targets {
            let target = said.parse().ok().filter(|target: &f64| target.is_finite());
            self.targets.push(target.ok_or_else(|| TsFault::Target { found: shown(said) })?);
        } else {
            let class = self.class(said)?;
            self.classes.push(class);
        }
        Ok(())
    }

    fn class(&mut self, said: &str) -> Result<u8, TsFault> {
        let listed = &self.header.classes;
        let known = if listed.is_empty() { &self.found } else { listed };
        if let Some(place) = known.iter().position(|label| label == said) {
            return Ok(place as u8);
        }
        if !listed.is_empty() {
            return Err(TsFault::Class { expected: listed.join(", "), found: shown(said) });
        }
        if self.found.len() > usize::from(u8::MAX) {
            return Err(TsFault::ManyClasses);
        }
        self.found.push(said.to_owned());
        Ok((self.found.len() - 1) as u8)
    }

    fn half(self, path: &Path) -> Result<Half, TsFault> {
        let path = path.to_owned();
        let Self { header, lengths, inputs, mut classes, found, targets } = self;
        let Some(channels) = header.dimensions.filter(|_| !lengths.is_empty()) else {
            return Err(TsFault::NoData);
        };
        if header.has_targets {
            // One number for a trial is asked for when all of it was seen: at its last step.
            let last = lengths.iter().zip(&targets).flat_map(|(steps, target)| {
                (1..=*steps).map(move |step| if step == *steps { (*target, 1.0) } else { (0.0, 0.0) })
            });
            let (values, weights) = last.unzip();
            let goals = Goals::Values { variables: 1, values, weights };
            return Ok(Half { path, channels, lengths, inputs, labels: Vec::new(), goals });
        }
        let labels = if header.classes.is_empty() {
            let labels = in_order(found.iter().cloned().collect::<BTreeSet<_>>());
            let place = |class: u8| labels.iter().position(|label| *label == found[usize::from(class)]);
            classes.iter_mut().for_each(|class| *class = place(*class).unwrap_or_default() as u8);
            labels
        } else {
            header.classes
        };
        Ok(Half { path, channels, lengths, inputs, labels, goals: Goals::Classes(classes) })
    }
}

fn number(cell: &str) -> Result<f64, String> {
    let cell = cell.trim();
    match cell.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(value),
        _ if cell == "?" || cell.eq_ignore_ascii_case("nan") => Err(format!("`{cell}`, a missing value")),
        _ if cell.is_empty() => Err("nothing, a missing value".into()),
        _ => Err(format!("`{}`", shown(cell))),
    }
}

/// A part of a line as an error repeats it.
fn shown(text: &str) -> String {
    text.chars().take(40).collect()
}
