//! What can go wrong: facts; [`Error::hint`] says what to do.

use std::path::PathBuf;

use bl_core::io::InputSchema;
use bl_tasks::series;

use crate::kinds;

/// Everything this crate can fail with. What the crates beneath find is passed on as it is.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the message of each variant says what it is")]
pub enum Error {
    #[error("expected an adapter that {expected}, found `{adapter}`, which {found}")]
    OtherKind { adapter: String, expected: &'static str, found: &'static str },
    #[error(
        "adapter `{adapter}` takes images of {} × {} × {} (height, width, channels): expected {expected} bytes, found {found}",
        input.height, input.width, input.channels
    )]
    ImageBytes { adapter: String, input: InputSchema, expected: usize, found: usize },
    #[error(
        "adapter `{adapter}` takes images of {} × {} × {} (height, width, channels): expected a multiple of {expected} bytes, \
         found {found}",
        input.height, input.width, input.channels
    )]
    ImagesBytes { adapter: String, input: InputSchema, expected: usize, found: usize },
    #[error("adapter `{adapter}` takes pixels from 0 to 255, found zeros and ones alone")]
    ZeroOne { adapter: String },
    #[error("expected one image, found {found} in `{}`", path.display())]
    SeveralImages { path: PathBuf, found: usize },
    #[error(
        "adapter `{adapter}` has a washout of {washout}: expected at least {expected} samples, found {found}"
    )]
    FewSamples { adapter: String, washout: usize, expected: usize, found: usize },
    #[error(
        "adapter `{adapter}` takes {channels} values at each step: expected a multiple of that in trial {trial}, found {found}"
    )]
    TrialLength { adapter: String, trial: usize, channels: usize, found: usize },
    #[error(
        "adapter `{adapter}` was trained on targets {learned} m away: expected one at most ten times as far, found ({}, {}) m",
        target[0], target[1]
    )]
    FarTarget { adapter: String, learned: f64, target: [f64; 2] },
    #[error(
        "no file `{name}`, and this build cannot look for it on the Hub: it is without the feature `hub`"
    )]
    NoHub { name: String },
    #[cfg(feature = "train")]
    #[error("expected a method that makes an adapter, found `full`, which trains a network of its own")]
    FullMethod,
    #[cfg(feature = "train")]
    #[error("task `{task}` was opened with `{key}` {expected}, but the settings have {found}")]
    OtherSetting { task: String, key: &'static str, expected: String, found: String },

    #[error(transparent)]
    Core(#[from] bl_core::Error),
    #[error(transparent)]
    Task(#[from] bl_tasks::Error),
    #[cfg(feature = "train")]
    #[error(transparent)]
    Train(Box<bl_train::Error>), // large
    #[cfg(feature = "hub")]
    #[error(transparent)]
    Hub(Box<bl_hub::Error>), // large
    #[cfg(feature = "runtime")]
    #[error(transparent)]
    Runtime(Box<bl_runtime::Error>), // large
}

impl Error {
    /// What to do about it. Where the crates beneath name a setting as the command line does, `--lr` is `Settings::lr`.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::OtherKind { found, .. } => format!("for this one there is {}", kinds::methods(found)),
            Self::ImageBytes { .. } => "`classify_file` brings an image file of any size to that form".into(),
            Self::ImagesBytes { .. } => "give whole images, one after the other".into(),
            Self::ZeroOne { .. } => {
                "multiply them by 255, as `classify_file` and the programs do, which can say so; 1 of 255 is black".into()
            }
            Self::SeveralImages { .. } => {
                "`read_images` gives all of them, to be classified one by one".into()
            }
            Self::FewSamples { .. } => {
                "give more samples: the state has to settle before a forecast means anything".into()
            }
            Self::TrialLength { .. } => "a trial is `[steps, channels]`, row by row, of one step at least".into(),
            Self::FarTarget { .. } => "places are in metres from the centre".into(),
            Self::NoHub { .. } => "build `bias-adapters` with the feature `hub`, or check the path".into(),
            #[cfg(feature = "train")]
            Self::FullMethod => "`bl_train::Trainer` trains such networks".into(),
            #[cfg(feature = "train")]
            Self::OtherSetting { key, .. } => {
                format!("give `{key}` to `Task::open`, in its `Request`, and leave it out of the settings")
            }
            Self::Core(bl_core::Error::BackboneMismatch { .. }) => {
                "`Model::load` generates the backbone that the adapter was trained on".into()
            }
            Self::Task(bl_tasks::Error::SeriesFile {
                fault: series::Fault::Choice { found, .. }, ..
            }) if found.iter().any(|name| !name.is_empty()) => "choose one with `forecast_column`".into(),
            Self::Core(error) => return error.hint(),
            Self::Task(error) => return error.hint(),
            #[cfg(feature = "train")]
            Self::Train(error) => return error.hint(),
            #[cfg(feature = "hub")]
            Self::Hub(error) => return error.hint(),
            #[cfg(feature = "runtime")]
            Self::Runtime(error) => return error.hint(),
        })
    }
}

#[cfg(feature = "train")]
impl From<bl_train::Error> for Error {
    fn from(error: bl_train::Error) -> Self {
        Self::Train(Box::new(error))
    }
}

#[cfg(feature = "runtime")]
impl From<bl_runtime::Error> for Error {
    fn from(error: bl_runtime::Error) -> Self {
        Self::Runtime(Box::new(error))
    }
}

#[cfg(feature = "hub")]
impl From<bl_hub::Error> for Error {
    fn from(error: bl_hub::Error) -> Self {
        Self::Hub(Box::new(error))
    }
}

impl From<bl_tasks::kinds::Fault> for Error {
    fn from(fault: bl_tasks::kinds::Fault) -> Self {
        Self::Task(fault.into())
    }
}

impl From<series::Fault> for Error {
    fn from(fault: series::Fault) -> Self {
        Self::Task(fault.into())
    }
}

impl From<bl_tasks::forecast::Fault> for Error {
    fn from(fault: bl_tasks::forecast::Fault) -> Self {
        Self::Task(fault.into())
    }
}
