//! Errors of the command line; [`Error::hint`] says what to do.

use std::path::PathBuf;

use bl_core::Encoding;

#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("`{option}`: task `{task}` has no {metric}")]
    NoMetric { option: &'static str, task: String, metric: &'static str, main: Option<&'static str> },
    #[error("adapter `{}` is already stored as {encoding}", path.display())]
    SameEncoding { path: PathBuf, encoding: Encoding },
    #[error("`--max-drop` needs the drop, which cannot be measured")]
    NoDrop,
    #[error("`--max-drop`: this task has neither an accuracy nor an R²")]
    NoPoints,
    #[error("`--max-drop` is for `--to f16` and `--to i8`: a mask as biases loses nothing")]
    Exact,
    #[error("`--license` is for adapters: the file of a fully trained network has no place for it")]
    NoPlaceForLicense,
    #[error("`--threshold` is {found}, expected a variance of 0 or more")]
    Threshold { found: f64 },
    #[error("the folder `{}` has no adapters", folder.display())]
    NoAdapters { folder: PathBuf },
    #[error("{source}; what was learned is in `{}`", path.display())]
    Elsewhere { path: PathBuf, source: Box<bl_train::Error> },
    #[error("`{name}` is already a backbone, expected a spec (.toml) or a name")]
    NotASpec { name: String },
    #[error("expected `ethiopic`, `vai`, `osmanya` or `nko`, found `{task}`")]
    NotGenerated { task: String },
    #[error("`{}` is there already", path.display())]
    OtherSet { path: PathBuf },
    #[error("`--sheet` writes a file that ends in `.png` or `.svg`, found `{}`", path.display())]
    SheetFormat { path: PathBuf },
    #[error("`{task}` is not like what was learned from: {found}")]
    Unlike { task: String, found: String },
}

impl Error {
    /// What to do about it.
    pub(crate) fn hint(&self) -> String {
        match self {
            Self::NoMetric { main: Some(main), .. } => format!("its main metric is {main}: `--min-metric`"),
            Self::NoMetric { main: None, .. } => "`--json` shows the metrics that it has".into(),
            Self::NoAdapters { .. } => {
                "adapters are `.safetensors` files that `bl-adapt train` writes".into()
            }
            Self::SameEncoding { .. } => "copy the file; `bl-adapt eval` measures it".into(),
            Self::NoDrop => "drop `--max-drop`, or say where the data are: `--data-dir`, `--task`".into(),
            Self::NoPoints => "drop `--max-drop`; `--json` has the metrics before and after".into(),
            Self::Exact => "drop `--max-drop`".into(),
            Self::NoPlaceForLicense => "drop `--license`, or train another `--method` than full".into(),
            Self::Threshold { .. } => {
                "without `--threshold`, units that no image turns on are dropped".into()
            }
            Self::Elsewhere { source, .. } => {
                let hint = source.hint().map_or(String::new(), |hint| format!("{hint}; "));
                format!("{hint}move that file to where it should be")
            }
            Self::Unlike { .. } => {
                "bring data like those that were learned from (of a series: column, unit and spacing), or drop `--strict` \
                 (`--max-drop` of `convert`) to measure it all the same"
                    .into()
            }
            Self::SheetFormat { path } => format!("name it `{}`", path.with_extension("png").display()),
            Self::NotGenerated { .. } => "these are made by the program; `bl-adapt data fetch` downloads others".into(),
            Self::OtherSet { .. } => {
                "the official files and generated ones do not share a folder: `--out` names another, and `--task` its path".into()
            }
            Self::NotASpec { .. } => "`bl-adapt backbone show` and `verify` read backbone files".into(),
        }
    }
}
