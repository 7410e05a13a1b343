//! What can go wrong with a study.

use std::path::PathBuf;

use bl_core::text::nearest;

/// Everything this crate can fail with.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the message of each variant says what it is")]
pub enum StudyError {
    #[error(transparent)]
    Core(#[from] bl_core::Error),
    #[error(transparent)]
    Task(#[from] bl_tasks::Error),
    #[error(transparent)]
    Train(#[from] bl_train::Error),
    #[error("tensor computation failed: {0}")]
    Candle(#[from] candle_core::Error),
    #[error(transparent)]
    Activity(#[from] bl_train::ActivityError),
    #[error(transparent)]
    Numbers(#[from] crate::Error),
    #[error(transparent)]
    Plot(#[from] bl_plot::Error),

    #[error("unknown study `{name}`")]
    UnknownStudy { name: String, known: Vec<&'static str> },
    #[error("`configs/studies/{name}.toml` cannot be used: {source}")]
    Settings { name: &'static str, source: Box<toml::de::Error> },
    #[error("`{key}` is {found}, expected a value from {min} to {max}")]
    BadSetting { key: &'static str, found: u32, min: u32, max: u32 },
    #[error("`thresholds` in `configs/studies/fig2.toml` lack {threshold}, which a finding speaks of")]
    NoThreshold { threshold: f64 },
    #[error("a mixture of no tasks was asked for")]
    NoTasks,
    #[error("task `{task}` has no images")]
    NoImages { task: String },
    #[error("task `{task}` is not one where something is {expected}")]
    OtherKind { task: String, expected: &'static str },
    #[error("task `{task}` has {found} training images, the study needs {wanted}")]
    TooFewSamples { task: String, wanted: usize, found: usize },

    #[error("`{}` is damaged: {source}", path.display())]
    Damaged { path: PathBuf, source: serde_json::Error },
    #[error("`{}` has the format `{found}`, expected `{expected}`", path.display())]
    OtherFormat { path: PathBuf, expected: &'static str, found: String },
    #[error("`{}` has format version {found}, this program writes version {expected}", path.display())]
    OtherVersion { path: PathBuf, expected: u32, found: u32 },
    #[error("`{}` holds another {what} than its name says", path.display())]
    OtherContent { path: PathBuf, what: &'static str },
    #[error("`{}` is not there, so there are no results to start from", path.display())]
    NoResults { path: PathBuf },
    #[error("peer program failed: {what}")]
    Peer { what: String },
}

impl StudyError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Core(error) => return error.hint(),
            Self::Task(error) => return error.hint(),
            Self::Train(bl_train::Error::Interrupted { .. }) => {
                "run the same command again to continue: finished runs are kept".into()
            }
            Self::Train(error) => return error.hint(),
            Self::Numbers(error) => return error.hint(),
            Self::Plot(error) => return error.hint(),
            Self::UnknownStudy { name, known } => {
                let near = nearest(name, known.iter().copied());
                let meant = near.map_or(String::new(), |near| format!("did you mean `{near}`? "));
                format!("{meant}known are `{}`", known.join("`, `"))
            }
            Self::Damaged { .. } | Self::OtherContent { .. } => {
                "move the file away and run the study again: only what was in it is computed again".into()
            }
            Self::OtherFormat { .. } | Self::OtherVersion { .. } => {
                "move the old results away, or name another folder with `--out`; nothing was changed".into()
            }
            Self::NoResults { .. } => "run the study without `--from-results` first".into(),
            Self::Peer { .. } => "name a Python that has PyTorch, or leave `--peer-python` out".into(),
            Self::TooFewSamples { .. } => {
                "the files are not the official ones: complete or remove them".into()
            }
            _ => return None,
        })
    }
}
