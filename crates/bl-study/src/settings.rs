//! The settings of a study, from `configs/studies/NAME.toml`: a table `quick` and a table `full`.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::report::Setting;
use crate::study_error::StudyError;

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
