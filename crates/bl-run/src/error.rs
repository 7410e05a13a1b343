//! Errors of the command line: facts; [`Error::hint`] says what to do.

use std::path::PathBuf;

use bl_core::Fingerprint;
use bl_core::text::pasted_path;
use bl_tasks::foreign::Start;

#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("there is no adapter `{}`: no such file or folder", path.display())]
    NoSuchAdapter { path: PathBuf },
    #[error("repository `{repo}` has only a spec and no weights")]
    SpecOnly { repo: String },
    #[error("put `--adapter` after the subcommand")]
    BeforeCommand,
    #[error("cannot listen on `{address}`: {source}")]
    Listen { address: String, source: std::io::Error },
    #[error("there is no input `{}`: no such file or folder", path.display())]
    NoSuchInput { path: PathBuf },
    #[error("the folder `{}` has no adapters", folder.display())]
    NoAdapters { folder: PathBuf },
    #[error("adapter `{adapter}`: its backbone spec generates {found}, but its header states {expected}")]
    Regenerated { adapter: String, expected: Fingerprint, found: Fingerprint },
    #[error("no image of the input has a label, so there is no accuracy for `--min-metric`")]
    NoLabels,
    #[error("cannot mix adapter types: `{}` ({}), `{}` ({})", a.0, a.1, b.0, b.1)]
    MixedTypes { a: (String, &'static str), b: (String, &'static str) },
    #[error("adapter `{adapter}` ({task}) does not support `{option}`")]
    Unsupported { option: &'static str, adapter: String, task: &'static str, hint: &'static str },
    #[error("`{option}` takes one adapter at a time, found {found}")]
    OneAtATime { option: &'static str, found: usize },
    #[error("`--plot` takes one input at a time, found {found}")]
    OneInput { found: usize },
    #[error(
        "adapter `{adapter}` forecasts a series, expected a text file (.csv, .tsv, .txt), found `{}`{}", path.display(),
        start.as_ref().map_or(String::new(), |start| format!(", {start}"))
    )]
    NotASeries { adapter: String, path: PathBuf, start: Option<Start> },
    #[error(
        "`{}`: expected at least {} samples (washout {washout}, horizon {horizon}, and 2 to score), found {found}",
        path.display(),
        washout + horizon + 2
    )]
    TooFewSamples { path: PathBuf, washout: usize, horizon: usize, found: usize },
    #[error("`{}` is not like what was learned from: {found}", path.display())]
    Unlike { path: PathBuf, found: String },
    #[error("target {x},{y} is {away:.3} m away, training targets are {learned:.3} m away")]
    TooFar { x: f64, y: f64, away: f64, learned: f64 },
    #[error("cannot draw into `{}`: expected a file name that ends in .svg or .png", path.display())]
    PlotFormat { path: PathBuf },
}

impl Error {
    /// What to do about it.
    pub(crate) fn hint(&self) -> String {
        match self {
            Self::BeforeCommand => "the subcommand comes first: `bl-run bench --adapter FILE`".into(),
            Self::Listen { .. } => {
                "`--listen 127.0.0.1:0` takes any free port; an address is one of this machine and a port".into()
            }
            Self::NoSuchAdapter { path } if path.as_os_str() == "bench" => {
                "put `--adapter` after the subcommand: `bl-run bench --adapter FILE`".into()
            }
            Self::NoSuchAdapter { path } => {
                let mut with_extension = path.clone().into_os_string();
                with_extension.push(".safetensors");
                let with_extension = PathBuf::from(with_extension);
                if with_extension.is_file() {
                    format!("did you mean `{}`?", pasted_path(with_extension))
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
            Self::NoLabels => {
                "a CSV file has labels if its first line has names and the first of them is `label`".into()
            }
            Self::MixedTypes { .. } => {
                "name adapters of one type; those of the other type in a folder are skipped".into()
            }
            Self::Unsupported { hint, .. } => (*hint).into(),
            Self::OneAtATime { .. } => {
                "name one adapter; without the option, several are shown one after another".into()
            }
            Self::OneInput { .. } => "drop `--plot`, or give one file".into(),
            Self::NotASeries { start: Some(start), .. } => start.hint_of_series().into(),
            Self::NotASeries { .. } => "images are for image classifiers, such as `mnist`".into(),
            Self::TooFewSamples { .. } => {
                "provide more samples: the first `washout` samples are not scored while the state settles".into()
            }
            Self::Unlike { .. } => {
                "bring the column, unit and spacing that was learned from, or drop `--strict` to forecast it all the same"
                    .into()
            }
            Self::TooFar { .. } => "targets are in metres: 5 cm are 0.05".into(),
            Self::PlotFormat { .. } => "`--plot figure.svg` scales to any size, `--plot figure.png` has pixels".into(),
        }
    }
}
