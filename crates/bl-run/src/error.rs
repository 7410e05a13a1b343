//! What can be asked of this program in vain: facts; [`Error::hint`] says what to do.

use std::path::PathBuf;

use bl_core::Fingerprint;

#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("there is no adapter `{}`: no such file or folder", path.display())]
    NoSuchAdapter { path: PathBuf },
    #[error("`{name}` is no file or folder here")]
    HubName { name: String },
    #[error("`--adapter` stands before the command `bench`")]
    BeforeCommand,
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
}

impl Error {
    /// What to do about it.
    pub(crate) fn hint(&self) -> String {
        match self {
            Self::BeforeCommand => "the command comes first: `bl-run bench --adapter FILE`".into(),
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
            Self::HubName { name } => format!(
                "if `{name}` is a name on the Hub: those are not supported yet; download the adapter's file and \
                 give its path"
            ),
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
        }
    }
}
