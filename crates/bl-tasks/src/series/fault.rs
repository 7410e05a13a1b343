//! How a series can be wrong.

use std::ops::Range;

use bl_core::text::nearest;

use super::Plan;

/// Names of columns that an error lists, at most.
const LISTED: usize = 12;

/// What is wrong with a series, as facts.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[expect(missing_docs, reason = "the message of each variant says what it is")]
pub enum Fault {
    #[error("expected numbers, found none")]
    Empty,
    #[error("expected finite numbers, found {found} at index {index}")]
    NotFinite { index: usize, found: f64 },
    #[error("expected numbers that vary, found {value} throughout")]
    Constant { value: f64 },
    #[error("expected a standard deviation that is a number above 0, found {found}")]
    Deviation { found: f64 },
    #[error("expected a time above 0 between two samples, found {found}")]
    Spacing { found: f64 },
    #[error("expected samples of 0 to {found}, found a range of {} to {}", samples.start, samples.end)]
    Range { samples: Range<usize>, found: usize },
    #[error(
        "expected at least {} samples (washout {} and horizon {}, both twice, {} training samples and {} to \
         test on), found {found}",
        plan.samples(),
        plan.washout,
        plan.horizon,
        plan.learn,
        plan.test
    )]
    TooShort { plan: Plan, found: usize },
    #[error("expected a horizon, training samples and samples to test on, found {}, {} and {}", plan.horizon, plan.learn, plan.test)]
    Plan { plan: Plan },
    #[error("expected one of the columns {}, found no `{column}`", listed(found))]
    NoColumn { column: String, found: Vec<String> },
    #[error("expected a first line of names with the column `{column}`, found numbers")]
    NoHeader { column: String },
    #[error("expected one column `{column}`, found several")]
    Twice { column: String },
    #[error("expected one column, or the name of one, found {}", columns(found))]
    Choice { found: Vec<String> },
    #[error("line {line}: expected {expected} columns, found {found}")]
    Cells { line: usize, expected: usize, found: usize },
    #[error("line {line}, column {column}: expected a finite number, found {}", quoted(found))]
    Value { line: usize, column: String, found: String },
    #[error("line {line}: expected at most {expected} bytes, found more")]
    LongLine { line: usize, expected: usize },
    #[error("line {line}: expected UTF-8 text, found other bytes")]
    NotText { line: usize },
    #[error("expected a file of at most {expected} bytes, found more")]
    TooLarge { expected: u64 },
}

impl Fault {
    /// What to do about it, if there is something to say.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NoColumn { column, found } => nearest(column, found.iter().map(String::as_str))
                .map(|near| format!("did you mean `{near}`?")),
            Self::NoHeader { .. } => {
                Some("drop the name if the file has one column, or add a first line of names".into())
            }
            Self::Choice { found } if found.iter().all(String::is_empty) => Some(
                "add a first line of names and choose one with `--column`; decimals are written with a point"
                    .into(),
            ),
            Self::Choice { .. } => Some("choose one with `--column NAME`".into()),
            Self::Value { found, .. } if found.contains(',') => {
                Some("decimals are written with a point".into())
            }
            Self::Value { .. } => Some("fill in or remove lines without a value".into()),
            Self::TooShort { .. } => {
                Some("bring more samples, or ask for a shorter washout, horizon or test".into())
            }
            Self::TooLarge { .. } => Some("keep only the column that is needed".into()),
            _ => None,
        }
    }
}

fn columns(found: &[String]) -> String {
    if found.iter().all(String::is_empty) {
        format!("{} columns without names", found.len())
    } else {
        format!("{} columns: {}", found.len(), listed(found))
    }
}

fn listed(names: &[String]) -> String {
    let shown: Vec<_> = names.iter().take(LISTED).map(|name| format!("`{name}`")).collect();
    match names.len().saturating_sub(LISTED) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn quoted(cell: &str) -> String {
    if cell.is_empty() { "an empty cell".into() } else { format!("`{cell}`") }
}
