//! What can be asked of this program in vain: facts; [`Error::hint`] says what to do.

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
            Self::NotASpec { .. } => "`bl-adapt backbone show` and `verify` read backbone files".into(),
        }
    }
}
