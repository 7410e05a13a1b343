//! What a study finds, and the files that hold it: `NAME/quick.json` or `full.json`, CSV, SVG and PNG.

use std::path::{Path, PathBuf};

use bl_core::files;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::finding::Finding;
use crate::outcome::Outcome;
use crate::plot::Figure;
use crate::run::Run;
use crate::store::{VERSION, read_json, write_json};
use crate::study_error::StudyError;

const FORMAT: &str = "bl-study-result";

/// What a study was asked to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Setting {
    /// Minutes: smaller, shorter or fewer.
    Quick,
    /// The paper's.
    Full,
}

impl Setting {
    /// As in file names.
    pub fn name(self) -> &'static str {
        match self {
            Self::Quick => "quick",
            Self::Full => "full",
        }
    }
}

/// The numbers behind a figure, one row a point.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Column names.
    pub columns: Vec<String>,
    /// As many values a row.
    pub rows: Vec<Vec<Value>>,
}

impl Table {
    /// An empty table.
    pub fn new(columns: &[&str]) -> Self {
        Self { columns: columns.iter().map(|&name| name.to_owned()).collect(), rows: Vec::new() }
    }

    fn csv(&self) -> String {
        let cell = |value: &Value| match value {
            Value::String(text) if text.contains([',', '"']) => format!("\"{}\"", text.replace('"', "\"\"")),
            Value::String(text) => text.clone(),
            Value::Null => String::new(),
            other => other.to_string(),
        };
        let header = self.columns.join(",");
        let rows = self.rows.iter().map(|row| row.iter().map(cell).collect::<Vec<_>>().join(","));
        std::iter::once(header).chain(rows).map(|line| line + "\n").collect()
    }
}

/// What runs cost, and what sharing their caches saved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names say it; seconds")]
pub struct Cost {
    pub runs: usize,
    /// Training, over all runs, whenever they ran.
    pub train_seconds: f64,
    /// Filling caches.
    pub cache_seconds: f64,
    /// What filling them would have cost besides, had each run its own.
    pub cache_seconds_saved: f64,
}

impl Cost {
    /// Of these runs, whenever they were carried out.
    pub(crate) fn of<'o>(outcomes: impl IntoIterator<Item = &'o Outcome>) -> Self {
        let mut cost = Self::default();
        for outcome in outcomes {
            cost.runs += 1;
            cost.train_seconds += outcome.train_seconds;
            match outcome.cache {
                Some(cache) if cache.shared => cost.cache_seconds_saved += cache.seconds,
                Some(cache) => cost.cache_seconds += cache.seconds,
                None => {}
            }
        }
        cost
    }
}

/// What a study's function returns.
pub struct Report {
    /// Claim by claim.
    pub findings: Vec<Finding>,
    /// The figure.
    pub figure: Figure,
    /// Its numbers.
    pub table: Table,
    /// The runs it rests on.
    pub runs: Vec<(Run, Outcome)>,
    /// What the setting leaves out of the paper's.
    pub cut: Vec<String>,
    /// What is worth knowing beside.
    pub notes: Vec<String>,
}

/// The file of a finished study.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Document {
    pub format: String,
    pub version: u32,
    pub study: String,
    pub title: String,
    pub setting: Setting,
    pub date: String,
    /// Seeds that were asked for in place of the setting's.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub seeds: Option<u32>,
    /// When its findings were last derived from runs that were kept, if that was later.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub judged: Option<String>,
    pub code: String,
    /// Where the data of each task came from.
    pub sources: Vec<String>,
    pub findings: Vec<Finding>,
    pub cut: Vec<String>,
    pub notes: Vec<String>,
    pub cost: Cost,
    pub table: Table,
    /// Those that say which images they learned from.
    pub runs: Vec<RunRecord>,
    /// The others: under a name of their own, as in version 0.1.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub time_runs: Vec<RunRecord>,
}

/// A run with its outcome.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names say it")]
pub struct RunRecord {
    pub run: Run,
    pub outcome: Outcome,
}

impl Document {
    /// All runs that it rests on.
    pub(crate) fn records(&self) -> impl Iterator<Item = &RunRecord> {
        self.runs.iter().chain(&self.time_runs)
    }

    /// Reads a study's file; none if there is none.
    pub fn load(results: &Path, study: &str, setting: Setting) -> Result<Option<Self>, StudyError> {
        let path = path(results, study, setting, "json");
        if path.exists() { Ok(Some(read_json(&path, FORMAT)?)) } else { Ok(None) }
    }
}

/// A file of a study.
pub(crate) fn path(results: &Path, study: &str, setting: Setting, extension: &str) -> PathBuf {
    results.join(study).join(format!("{}.{extension}", setting.name()))
}

/// What a document is made of beside the report.
pub(crate) struct About {
    pub(crate) study: &'static str,
    pub(crate) title: &'static str,
    pub(crate) setting: Setting,
    pub(crate) date: String,
    pub(crate) seeds: Option<u32>,
    pub(crate) judged: Option<String>,
    pub(crate) sources: Vec<String>,
}

/// Writes the files of a finished study, the figure first: where the JSON is, all is.
pub(crate) fn write(results: &Path, about: About, report: Report) -> Result<Document, StudyError> {
    let file = |extension: &str| path(results, about.study, about.setting, extension);
    files::write_atomically(&file("svg"), report.figure.svg()?.as_bytes())?;
    files::write_atomically(&file("png"), &report.figure.png()?)?;
    files::write_atomically(&file("csv"), report.table.csv().as_bytes())?;
    let cost = Cost::of(report.runs.iter().map(|(_, outcome)| outcome));
    let records = report.runs.into_iter().map(|(run, outcome)| RunRecord { run, outcome });
    let (runs, time_runs) = records.partition(|record| record.run.data.is_some());
    let document = Document {
        format: FORMAT.to_owned(),
        version: VERSION,
        study: about.study.to_owned(),
        title: about.title.to_owned(),
        setting: about.setting,
        date: about.date,
        seeds: about.seeds,
        judged: about.judged,
        code: concat!("bias-adapters ", env!("CARGO_PKG_VERSION")).to_owned(),
        sources: about.sources,
        findings: report.findings,
        cut: report.cut,
        notes: report.notes,
        cost,
        table: report.table,
        runs,
        time_runs,
    };
    write_json(&file("json"), &document)?;
    Ok(document)
}
