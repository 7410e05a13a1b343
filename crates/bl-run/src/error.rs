//! What can be asked of this program in vain: facts; [`Error::hint`] says what to do.

use std::path::PathBuf;

use bl_core::Fingerprint;

#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("there is no adapter `{}`: no such file or folder", path.display())]
    NoSuchAdapter { path: PathBuf },
    #[error("repository `{repo}` has a spec alone and no weights to take")]
    SpecOnly { repo: String },
    #[error("`--adapter` stands before the command")]
    BeforeCommand,
    #[error("cannot listen on `{address}`: {source}")]
    Listen { address: String, source: std::io::Error },
    #[error("there is no input `{}`: no such file or folder", path.display())]
    NoSuchInput { path: PathBuf },
    #[error("the folder `{}` has no adapters", folder.display())]
    NoAdapters { folder: PathBuf },
    #[error("adapter `{adapter}`: its backbone spec generates {found}, but its header states {expected}")]
    Regenerated { adapter: String, expected: Fingerprint, found: Fingerprint },
    #[error("the adapter learned from a folder of pictures, `{task}`: its name does not say where that is")]
    FolderTask { task: String },
    #[error("adapter `{adapter}` takes {expected}, but the pictures of `{task}` are {found}")]
    OtherPictures { adapter: String, expected: String, task: String, found: String },
    #[error("adapter `{adapter}` tells {expected} classes apart, but `{task}` has {found}")]
    OtherClasses { adapter: String, expected: usize, task: String, found: usize },
    #[error("no picture of the input has a label, so there is no accuracy for `--min-accuracy`")]
    NoLabels,
    #[error("two kinds of adapters at once: `{pictures}` is for pictures, `{time}` for a task in time")]
    TwoKinds { pictures: String, time: String },
    #[error("`{option}` does not fit adapter `{adapter}`, which {does}")]
    Misfit { option: &'static str, adapter: String, does: &'static str, hint: &'static str },
    #[error("`{option}` is for one adapter at a time, found {found}")]
    OneAtATime { option: &'static str, found: usize },
    #[error("`--plot` is for one input at a time, found {found}")]
    OneInput { found: usize },
    #[error("adapter `{adapter}` forecasts a series, expected a text file (.csv, .tsv, .txt), found `{}`", path.display())]
    NotASeries { adapter: String, path: PathBuf },
    #[error(
        "`{}`: expected at least {} samples (washout {washout}, horizon {horizon}, and 2 to be judged by), found {found}",
        path.display(),
        washout + horizon + 2
    )]
    TooFewSamples { path: PathBuf, washout: usize, horizon: usize, found: usize },
    #[error("target {x},{y} is {away} m away, the targets that were learned from are {learned} m away")]
    TooFar { x: f64, y: f64, away: f64, learned: f64 },
    #[error("cannot draw into `{}`: expected a file name that ends in .svg or .png", path.display())]
    PlotFormat { path: PathBuf },
}

impl Error {
    /// What to do about it.
    pub(crate) fn hint(&self) -> String {
        match self {
            Self::BeforeCommand => "the command comes first: `bl-run bench --adapter FILE`".into(),
            Self::Listen { .. } => {
                "`--listen 127.0.0.1:0` takes any free port; an address is one of this machine and a port".into()
            }
            Self::NoSuchAdapter { path } if path.as_os_str() == "bench" => {
                "the command comes first: `bl-run bench --adapter FILE`".into()
            }
            Self::NoSuchAdapter { path } => {
                let mut with_extension = path.clone().into_os_string();
                with_extension.push(".safetensors");
                let with_extension = PathBuf::from(with_extension);
                if with_extension.is_file() {
                    format!("did you mean `{}`?", with_extension.display())
                } else {
                    "check the path, which is relative to the current folder; `bl-adapt train` writes adapters"
                        .into()
                }
            }
            Self::SpecOnly { .. } => {
                "drop `--backbone`: the weights are generated from the adapter's header".into()
            }
            Self::NoSuchInput { .. } => "check the path, which is relative to the current folder".into(),
            Self::NoAdapters { .. } => {
                "adapters are `.safetensors` files that `bl-adapt train` writes".into()
            }
            Self::Regenerated { .. } => {
                "the adapter was not written by this program, or its spec was changed afterwards: get it again \
                 from where it was trained"
                    .into()
            }
            Self::FolderTask { task } => format!(
                "`--task PATH` names the folder, or `--data-dir DIR` one that has `{task}` in it; to predict \
                 pictures of your own, `--input PATH` is enough"
            ),
            Self::OtherPictures { .. } | Self::OtherClasses { .. } => {
                "drop `--task` to test the adapter on its own task".into()
            }
            Self::NoLabels => {
                "a CSV file has labels if its first line is names and the first of them is `label`".into()
            }
            Self::TwoKinds { .. } => "name adapters of one kind; of folders, those of the other kind are passed over".into(),
            Self::Misfit { hint, .. } => (*hint).into(),
            Self::OneAtATime { .. } => "name one adapter; several are shown one after another without it".into(),
            Self::OneInput { .. } => "drop `--plot`, or give one file".into(),
            Self::NotASeries { .. } => "pictures are for adapters that tell pictures apart, such as `mnist`".into(),
            Self::TooFewSamples { .. } => {
                "bring more samples: a network needs a washout to forget its first state before it is judged".into()
            }
            Self::TooFar { .. } => "targets are in metres: 5 cm are 0.05".into(),
            Self::PlotFormat { .. } => "`--plot picture.svg` scales to any size, `--plot picture.png` has pixels".into(),
        }
    }
}
