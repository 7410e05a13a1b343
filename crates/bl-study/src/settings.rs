//! How a study is to be done: what is asked for, and its settings from `configs/studies/NAME.toml`, a table `quick` and a
//! table `full`.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::report::Setting;
use crate::study_error::StudyError;

/// How a study is to be done.
#[derive(Clone, Debug)]
pub struct Options {
    /// Quick or as in the paper.
    pub setting: Setting,
    /// In place of the setting's number of seeds.
    pub seeds: Option<u32>,
    /// Today, for the record.
    pub date: String,
    /// From the runs that an earlier report holds, as far as they go, rather than from new ones.
    pub from_results: bool,
    /// A Python that has PyTorch, to measure beside our own.
    pub peer_python: Option<String>,
}

impl Options {
    /// How many seeds there are.
    pub(crate) fn seeds(&self, of_setting: u32) -> u32 {
        self.seeds.unwrap_or(of_setting)
    }

    /// What fewer seeds than the paper's leave out.
    pub(crate) fn cut_seeds(&self, of_setting: u32, of_paper: u32) -> Vec<String> {
        let seeds = self.seeds(of_setting);
        if seeds < of_paper { vec![format!("{} rather than {of_paper}", count(seeds))] } else { vec![] }
    }
}

/// `1 seed`, `5 seeds`.
pub(crate) fn count(seeds: u32) -> String {
    format!("{seeds} {}", if seeds == 1 { "seed" } else { "seeds" })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Both<T> {
    quick: T,
    full: T,
}

/// One table of a file, and what the quick one leaves out in the words of its `cut`.
pub(crate) fn load<T: DeserializeOwned>(
    name: &'static str,
    text: &str,
    setting: Setting,
) -> Result<T, StudyError> {
    let both: Both<T> =
        toml::from_str(text).map_err(|source| StudyError::Settings { name, source: Box::new(source) })?;
    Ok(match setting {
        Setting::Quick => both.quick,
        Setting::Full => both.full,
    })
}

/// The text of `configs/studies/NAME.toml`.
macro_rules! config {
    ($name:literal) => {
        include_str!(concat!("../../../../configs/studies/", $name, ".toml"))
    };
}
pub(crate) use config;
