//! What can be asked of this program in vain: facts; [`Error::hint`] says what to do.

use std::path::PathBuf;

use bl_core::Encoding;

#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error(
        "mask of a recurrent adapter cannot be written as biases: its states have no bound, so no bias keeps a unit OFF"
    )]
    MaskInTime,
    #[error("`{option}` is for adapters of tasks in time, this one tells pictures apart")]
    OptionOfTime { option: &'static str },
    #[error("`--min-accuracy` is for adapters of pictures, this one {does}")]
    OptionOfPictures { does: &'static str },
    #[error("`--min-r2`: task `{task}` has no R²")]
    NoR2 { task: String },
    #[error("adapter `{}` is {encoding} already", path.display())]
    SameEncoding { path: PathBuf, encoding: Encoding },
    #[error("`--max-loss` needs the loss, which cannot be measured")]
    NoLoss,
    #[error("`--max-loss`: this task has neither an accuracy nor an R²")]
    NoPoints,
    #[error("`--max-loss` is for `--to f16` and `--to i8`: a mask as biases loses nothing")]
    Exact,
    #[error("adapter `{adapter}` is for other pictures or classes than task `{task}` has")]
    OtherTask { adapter: String, task: String },
    #[error(
        "adapters of tasks in time cannot be pruned: every unit of a recurrent network drives the others"
    )]
    PrunedInTime,
    #[error("`--threshold` is {found}, expected a variance of 0 or more")]
    Threshold { found: f64 },
    #[error("two kinds of adapters at once: `{pictures}` is for pictures, `{time}` for a task in time")]
    BlendOfBoth { pictures: String, time: String },
    #[error("`{name}` is a backbone already, expected a spec (.toml) or a name")]
    NotASpec { name: String },
}

impl Error {
    /// What to do about it.
    pub(crate) fn hint(&self) -> String {
        match self {
            Self::MaskInTime => {
                "the mask runs as it is: `bl-run --adapter FILE`; to have biases, learn them (`--method bias`)".into()
            }
            Self::OptionOfTime { option } => format!("drop `{option}`; the figure of pictures is `--min-accuracy`"),
            Self::OptionOfPictures { .. } => "the figure of tasks in time is `--min-r2`".into(),
            Self::NoR2 { .. } => "movements have end errors: `--json` has them".into(),
            Self::SameEncoding { .. } => "copy the file; `bl-adapt eval` measures it".into(),
            Self::NoLoss => "drop `--max-loss`, or say where the data are: `--data-dir`, `--task`".into(),
            Self::NoPoints => "drop `--max-loss`; `--json` has the figures before and after".into(),
            Self::Exact => "drop `--max-loss`".into(),
            Self::OtherTask { .. } => "name the task that it was trained for, or drop `--task`".into(),
            Self::PrunedInTime => "adapters of pictures can be pruned; one in time can be converted to f16 or i8".into(),
            Self::Threshold { .. } => "without `--threshold`, units that no picture turns on are dropped".into(),
            Self::BlendOfBoth { .. } => "blend adapters of one backbone".into(),
            Self::NotASpec { .. } => "`bl-adapt backbone show` and `verify` read backbone files".into(),
        }
    }
}
