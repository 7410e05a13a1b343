//! What can be wrong with texts.

use bl_core::text::grouped;

/// What is wrong, as facts; [`hint`](Fault::hint) says what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the message of each variant says what it is")]
pub enum Fault {
    #[error("expected a column of labels, found {}", listed(found))]
    NoLabels { found: Vec<String> },
    #[error("expected a column of texts, found {}", listed(found))]
    NoTexts { found: Vec<String> },
    #[error("there is no column `{wanted}`, only {}", listed(found))]
    NoColumn { wanted: String, found: Vec<String> },
    #[error("expected one or two columns of texts, found {found}")]
    ColumnCount { found: usize },
    #[error("line {line}: expected {expected} columns, found {found}")]
    Cells { line: usize, expected: usize, found: usize },
    #[error("line {line}: {what}")]
    Line { line: usize, what: String },
    #[error("line {line}: not UTF-8")]
    NotUtf8 { line: usize },
    #[error("expected texts, found a folder")]
    Folder,
    #[error("expected a table of texts (.csv, .tsv, .jsonl) or a text (.txt)")]
    NoTable,
    #[error("expected {}, as the adapter has learned, found {found}", if *expected == 1 { "one column of texts" } else { "two columns of texts" })]
    Together { expected: usize, found: usize },
    #[error("there is no line with a text")]
    Empty,
    #[error("{} labels, expected at most 256", grouped(*found))]
    TooManyLabels { found: usize },
    #[error("all texts have the label `{label}`")]
    OneLabel { label: String },
    #[error("line {line}: the label is empty")]
    NoLabel { line: usize },
    #[error("label `{label}` of the test half is of no training text, so it cannot be learned")]
    Untrained { label: String },
    #[error("every label has a single text, none is left for testing")]
    NoTest,
    #[error("more than {} bytes once it is unpacked", grouped(*most))]
    TooLarge { most: usize },
    #[error(
        "{} texts in rows of {values} values take {} bytes, this process may have {}",
        grouped(*texts), grouped(*needed), grouped(*limit)
    )]
    Memory { texts: usize, values: usize, needed: usize, limit: usize },
}

impl Fault {
    /// What to do about it, if there is something to say.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NoLabels { .. } => "name it: `--label COLUMN`".into(),
            Self::NoTexts { .. } => {
                "name it: `--text COLUMN`, or `--text FIRST,SECOND` for pairs of texts".into()
            }
            Self::NoColumn { .. } | Self::ColumnCount { .. } => {
                "`--text` and `--label` take names of the first line".into()
            }
            Self::Cells { .. } => {
                "in a CSV file a text with a comma or a line break stands in quotation marks (\"…\"); or save it as TSV or JSONL"
                    .into()
            }
            Self::NotUtf8 { .. } => "save it again as UTF-8 (`iconv -f WINDOWS-1252 -t UTF-8`)".into(),
            Self::OneLabel { .. } | Self::TooManyLabels { .. } => {
                "a classifier learns 2 to 256 labels; is it the right column (`--label`)?".into()
            }
            Self::NoLabel { .. } => "give the text a label, or take the line away".into(),
            Self::Untrained { .. } => {
                "leave its texts out of the test half, or put some of them into the training half".into()
            }
            Self::Memory { .. } => "choose fewer `--values`, or give fewer texts".into(),
            Self::Folder => "name its files, or measure on it with `--task`".into(),
            Self::NoTable => "a text itself is given in quotation marks: `--input \"a text\"`".into(),
            Self::Together { .. } => "pairs of texts have two columns, such as `text_a` and `text_b`".into(),
            Self::NoTest => "give each label two texts or more".into(),
            Self::Line { .. } | Self::Empty | Self::TooLarge { .. } => return None,
        })
    }
}

fn listed(names: &[String]) -> String {
    const NAMED: usize = 12;
    if names.is_empty() {
        return "none".into();
    }
    let shown: Vec<String> = names.iter().take(NAMED).map(|name| format!("`{name}`")).collect();
    match names.len().saturating_sub(NAMED) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
