//! How a series can be wrong.

use std::ops::Range;

use bl_core::text::{nearest, number, pasted};

use super::cell::Cell;
use super::unread::Unread;
use super::{Irregular, Plan};
use crate::foreign::Start;

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
    #[error("expected numbers that vary, found {} throughout", number(*value))]
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
    Choice { found: Vec<String>, series: Vec<String> },
    #[error("expected a series, found {columns} columns that look like an image in each line")]
    Pixels { columns: usize },
    #[error(
        "line {line}: expected a value near the others ({} to {}) or a name, found `{found}`, which may be the column's name",
        number(*low), number(*high)
    )]
    NumberName { line: usize, found: String, low: f64, high: f64 },
    #[error("line {line}: expected a value, found a blank line between samples; in all {count}")]
    Blank { line: usize, count: usize },
    #[error("line {line}: expected a time in column {column}, as in the other lines")]
    Time { line: usize, column: usize, last: bool },
    #[error("{0}, so nothing can be sorted or filled by them")]
    Unread(Unread),
    #[error("expected a column of times to sort by, found none")]
    NoTimes,
    #[error("{0}")]
    Irregular(Box<Irregular>),
    #[error(
        "line {line}, column {column}: expected a value near the others, found {}, which stands for a missing value; in all \
         {count}",
        number(*found)
    )]
    Sentinel { line: usize, column: String, found: f64, count: usize },
    #[error("expected at most as many missing samples as there are values, {known}, found more")]
    Holes { known: usize },
    #[error("expected a text file with a series, found {start}")]
    Foreign { start: Start },
    #[error("expected UTF-8 text, found {found}")]
    Encoding { found: &'static str },
    #[error("expected lines that end in a line feed, found carriage returns alone")]
    LineEnds,
    #[error("expected at most {expected} series, told apart by a column, found more")]
    Series { expected: usize },
    #[error("{column} `{group}`: {fault}")]
    Group { column: String, group: String, fault: Box<Fault> },
    #[error("line {line}: expected {expected} columns, found {found}")]
    Cells { line: usize, expected: usize, found: usize },
    #[error("line {line}, column {column}: expected a finite number, found {}{cell}", quoted(found))]
    Value { line: usize, column: String, found: String, cell: Cell },
    #[error("line {line}: expected at most {expected} bytes, found more")]
    LongLine { line: usize, expected: usize },
    #[error("line {line}: expected UTF-8 text, found the byte 0x{found:02x}")]
    NotText { line: usize, found: u8 },
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
            Self::Choice { found, .. } if found.iter().all(String::is_empty) => Some(
                "add a first line of names and choose one with `--column`; decimals are written with a point"
                    .into(),
            ),
            Self::Choice { series, .. } => Some(match &**series {
                [only] if !only.is_empty() => format!("choose one with `--column`, such as `--column {}`", pasted(only)),
                _ => "choose one with `--column NAME`".into(),
            }),
            Self::Pixels { .. } => Some(
                "images to learn from are a folder with a sub-folder of image files for each class, or IDX files: \
                 `--task ./folder`; an image classifier takes this table with `bl-run --input`"
                    .into(),
            ),
            Self::NumberName { found, .. } => Some(format!(
                "if it is the name, `--column {}` says so; if it is a value, put a line with a name above it", pasted(found)
            )),
            Self::Blank { .. } => Some(
                "if values are missing there, `--fill linear` puts a straight line, `--fill previous` the value before; if \
                 not, remove the blank lines"
                    .into(),
            ),
            Self::Irregular(times) => Some(times.hint()),
            Self::Sentinel { .. } => Some(
                "`--fill linear` puts a straight line in its place, `--fill previous` the value before; to leave the line \
                 out would move all that follow"
                    .into(),
            ),
            Self::Holes { .. } => Some("bring a series with fewer holes, or the part that has none; is a time wrong?".into()),
            Self::Time { last: true, .. } => {
                Some("it is the last line: remove it if it is a total or a note; if it is a sample, write its time".into())
            }
            Self::Time { .. } => Some("write the time of that line, or remove it if it is no sample".into()),
            Self::Unread(unread) => Some(unread.hint()),
            Self::NoTimes => Some("drop `--sort`, or bring a file with a column of times".into()),
            Self::Foreign { start } => Some(start.hint_of_series().into()),
            Self::Encoding { found } => {
                Some(format!("save it as UTF-8, as `iconv -f {found} -t UTF-8 FILE` does"))
            }
            Self::NotText { found: 0, .. } => {
                Some("the file is damaged or no text: fetch it again".into())
            }
            Self::NotText { .. } => {
                Some("save it as UTF-8; of Western European files, `iconv -f LATIN1 -t UTF-8 FILE` does it".into())
            }
            Self::LineEnds => Some("save it with line feeds, as `tr '\\r' '\\n'` does".into()),
            Self::Value { cell, .. } => Some(cell.hint().into()),
            Self::TooShort { .. } => {
                Some("bring more samples, or ask for a shorter washout, horizon or test".into())
            }
            Self::Series { .. } => Some("`--group` names the column that says which series a line is of, such as a station".into()),
            Self::Group { fault, .. } => fault.hint(),
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
