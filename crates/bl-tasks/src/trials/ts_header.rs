//! The header of a `.ts` file.

use super::ts::TsFault;

/// What it says of the trials.
#[derive(Default)]
pub(super) struct Header {
    /// Values of a step, if it says so.
    pub(super) dimensions: Option<usize>,
    /// Steps of every trial, if it says so.
    pub(super) series_length: Option<usize>,
    /// In its order; none if it has no list.
    pub(super) classes: Vec<String>,
    /// Whether a number is to be learned.
    pub(super) has_targets: bool,
    has_classes: bool,
}

impl Header {
    /// Takes a line; whether it was the last.
    pub(super) fn take(&mut self, line: &str) -> Result<bool, TsFault> {
        if line.starts_with(['#', '%']) {
            return Ok(false);
        }
        let header = || TsFault::Header { found: line.chars().take(40).collect() };
        let mut words = line.strip_prefix('@').ok_or_else(header)?.split_whitespace();
        let key = words.next().ok_or_else(header)?.to_owned();
        let rest: Vec<&str> = words.collect();
        let switch = || match rest.first().map(|word| word.to_lowercase()).as_deref() {
            Some("true") => Ok(true),
            Some("false") => Ok(false),
            _ => Err(TsFault::Switch { key: key.clone(), found: rest.join(" ") }),
        };
        let count = || {
            let count = rest.first().and_then(|word| word.parse().ok()).filter(|count| *count > 0);
            count.ok_or_else(|| TsFault::Number { key: key.clone(), found: rest.join(" ") })
        };
        match &*key.to_lowercase() {
            "data" => return Ok(true),
            "timestamps" if switch()? => return Err(TsFault::TimeStamps),
            "univariate" if switch()? => self.dimensions = Some(1),
            "dimensions" | "dimension" => self.dimensions = Some(count()?),
            "serieslength" => self.series_length = Some(count()?),
            "equallength" if !switch()? => self.series_length = None,
            "targetlabel" => self.has_targets = switch()?,
            "classlabel" => {
                self.has_classes = switch()?;
                self.classes = rest.iter().skip(1).map(|&label| label.to_owned()).collect();
            }
            _ => {} // names and remarks
        }
        Ok(false)
    }

    /// That there is something to learn.
    pub(super) fn check(&self) -> Result<(), TsFault> {
        if self.has_classes || self.has_targets { Ok(()) } else { Err(TsFault::NothingSaid) }
    }
}
