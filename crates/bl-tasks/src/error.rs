//! Everything that can be wrong with data, one variant each.

use std::io;
use std::path::{Path, PathBuf};

use crate::catalogue::{TaskInfo, catalogue, find_task};
use crate::inputs::csv;
use crate::time::time_catalogue;
use crate::{dynamics, forecast, idx, npy, picture, reaching, series};

/// What is wrong, as facts; [`hint`](Error::hint) says what to do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A name that is neither a task nor a folder.
    #[error("unknown task `{name}`, expected one of {} or a folder", names())]
    UnknownTask {
        /// What was asked for.
        name: String,
    },
    /// The data folder that the user named is not there.
    #[error("the data folder `{}` does not exist", root.display())]
    NoDataDir {
        /// The folder.
        root: PathBuf,
    },
    /// A task without data and without anything to stand in.
    #[error("no data of `{task}`: `{}` has none of {}", folder.display(), file_names(task))]
    NoData {
        /// The task.
        task: &'static str,
        /// Where its files were looked for.
        folder: PathBuf,
        /// Whether the user named the data folder, so that nothing may stand in.
        explicit: bool,
    },
    /// Some files of a set, but not all.
    #[error("the data in `{}` is incomplete: missing {}", folder.display(), quoted(missing))]
    Incomplete {
        /// The folder of the set.
        folder: PathBuf,
        /// The files it lacks.
        missing: Vec<&'static str>,
    },
    /// The operating system could not read.
    #[error("cannot read `{}`: {cause}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What it says.
        cause: io::Error,
    },
    /// A bad IDX file.
    #[error("`{}`: {fault}", path.display())]
    Idx {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        fault: idx::Fault,
    },
    /// A bad NPY file.
    #[error("`{}`: {fault}", path.display())]
    Npy {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        fault: npy::Fault,
    },
    /// A bad line of a CSV file.
    #[error("`{}`, line {line}: {fault}", path.display())]
    Csv {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What is wrong with it.
        fault: csv::Fault,
    },
    /// A bad picture.
    #[error("`{}`: {fault}", path.display())]
    Picture {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        fault: picture::Fault,
    },
    /// Pictures of another size than the rest, or than the adapter expects.
    #[error("`{}`: expected pictures of {}, found {}", path.display(), size(expected), size(found))]
    PictureSize {
        /// The file.
        path: PathBuf,
        /// Height and width that were wanted.
        expected: (usize, usize),
        /// Height and width there are.
        found: (usize, usize),
    },
    /// Images and labels that do not belong together.
    #[error("`{}` has {pictures} pictures, but `{}` has {found} labels", images.display(), labels.display())]
    Count {
        /// The file of images.
        images: PathBuf,
        /// The file of labels.
        labels: PathBuf,
        /// Number of images.
        pictures: usize,
        /// Number of labels.
        found: usize,
    },
    /// A label that names no class.
    #[error("`{}`: expected labels from 0 to {}, found {found} at index {index}", path.display(), classes - 1)]
    Label {
        /// The file.
        path: PathBuf,
        /// Where the first such label is.
        index: usize,
        /// The label.
        found: u8,
        /// Number of classes.
        classes: usize,
    },
    /// A path that should be a folder.
    #[error("expected a folder, found a file: `{}`", path.display())]
    NotAFolder {
        /// The path.
        path: PathBuf,
    },
    /// A number of classes that no adapter can tell apart.
    #[error("`{}` has {found} classes, expected 2 to 256", folder.display())]
    Classes {
        /// The folder.
        folder: PathBuf,
        /// Number of sub-folders, or one more than the highest label.
        found: usize,
    },
    /// A folder without pictures where some are needed.
    #[error("the folder `{}` has no pictures", folder.display())]
    NoPictures {
        /// The folder.
        folder: PathBuf,
    },
    /// A file beside the folders of the classes.
    #[error("expected only folders, one per class, found the file `{}`", path.display())]
    LooseFile {
        /// The file.
        path: PathBuf,
    },
    /// A folder among pictures.
    #[error("expected only pictures, found the folder `{}`", path.display())]
    NestedFolder {
        /// The folder.
        path: PathBuf,
    },
    /// A class that only one of `train` and `test` has.
    #[error("`{}` and `test` beside it have different classes: only one of them has `{class}`", train.display())]
    ClassesDiffer {
        /// The training folder.
        train: PathBuf,
        /// The first such class.
        class: String,
    },
    /// Every class has a single picture, which is needed for training.
    #[error("`{}` has a single picture per class, none is left for testing", folder.display())]
    NoTest {
        /// The folder.
        folder: PathBuf,
    },
    /// A file whose kind is not known.
    #[error(
        "expected PNG, JPEG, IDX, NPY or CSV, found `{}`, which starts with `{}`",
        path.display(),
        start.escape_ascii()
    )]
    UnknownInput {
        /// The file.
        path: PathBuf,
        /// Its first bytes.
        start: Vec<u8>,
    },
    /// A simulation that went wrong.
    #[error(transparent)]
    Dynamics(#[from] dynamics::Fault),
    /// A name that is no task in time.
    #[error("unknown task `{name}`, expected one of `{known}` or a file with a series (.csv, .tsv, .txt)")]
    UnknownTimeTask {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// A column of a task that has no file.
    #[error("task `{task}` is simulated, it has no column `{column}`")]
    ColumnOfKnown {
        /// The task.
        task: &'static str,
        /// What was asked for.
        column: String,
    },
    /// A network that cannot be judged.
    #[error(transparent)]
    Time(#[from] crate::time::Fault),
    /// A series that cannot be used.
    #[error(transparent)]
    Series(#[from] series::Fault),
    /// A forecast that cannot be judged.
    #[error(transparent)]
    Forecast(#[from] forecast::Fault),
    /// Controls that the plant cannot follow.
    #[error(transparent)]
    Reaching(#[from] reaching::Fault),
    /// A file that is no series.
    #[error("`{}`: {fault}", path.display())]
    SeriesFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        fault: series::Fault,
    },
}

impl Error {
    pub(crate) fn io(path: &Path, cause: io::Error) -> Self {
        Self::Io { path: path.to_owned(), cause }
    }

    pub(crate) fn npy(path: &Path, fault: npy::Fault) -> Self {
        match fault {
            npy::Fault::Read(cause) => Self::io(path, cause),
            fault => Self::Npy { path: path.to_owned(), fault },
        }
    }

    pub(crate) fn picture(path: &Path, fault: picture::Fault) -> Self {
        match fault {
            picture::Fault::Read(cause) => Self::io(path, cause),
            fault => Self::Picture { path: path.to_owned(), fault },
        }
    }

    /// What to do about it, if there is something to say.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::UnknownTask { name } => Some(match nearest(name) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("a folder of your own is named by its path, as in `./{name}`"),
            }),
            Self::NoDataDir { root } => Some(format!(
                "make it and put each data set into a folder of its task's name, as in `{}`; or drop \
                 `--data-dir` (and BL_DATA_DIR) to use what is embedded",
                root.join("mnist").display()
            )),
            Self::NoData { task, folder, explicit } => Some(no_data(find_task(task)?, folder, *explicit)),
            Self::Incomplete { folder, .. } => {
                Some(format!("fetch the missing files, or remove `{}`", folder.display()))
            }
            Self::Idx { fault, .. } => fault.hint(),
            Self::Npy { fault, .. } => fault.hint(),
            Self::Csv { fault, .. } => fault.hint(),
            Self::Picture { fault, .. } => fault.hint(),
            Self::Dynamics(fault) => fault.hint(),
            Self::ColumnOfKnown { .. } => Some("drop `--column`".into()),
            Self::Series(fault) | Self::SeriesFile { fault, .. } => fault.hint(),
            Self::Count { .. } => Some("do the two files belong to the same set and the same half?".into()),
            Self::LooseFile { .. } => Some("move it into the folder of its class, or away".into()),
            Self::NestedFolder { .. } => Some(
                "a folder of classes has pictures one level down; to split it yourself, make both `train` \
                      and `test`, with the folders of the classes in each"
                    .into(),
            ),
            Self::NoPictures { .. } => Some("put PNG or JPEG files into it, or remove it".into()),
            Self::UnknownInput { .. } => {
                Some("give the file one of these formats, and its usual extension".into())
            }
            _ => None,
        }
    }
}

/// The two ways out.
fn no_data(info: &TaskInfo, folder: &Path, explicit: bool) -> String {
    let put = format!("put the official files from {} into `{}`", info.home, folder.display());
    match (explicit, info.fallback) {
        (true, Some(_)) => {
            format!("{put}; or drop `--data-dir` (and BL_DATA_DIR) to use what is embedded")
        }
        (true, None) => {
            format!("{put}; or point `--data-dir` (or BL_DATA_DIR) at a folder that has `{}`", info.name)
        }
        (false, _) => format!(
            "{put}; or point `--data-dir` (or BL_DATA_DIR) at a folder with a sub-folder `{}` that has them",
            info.name
        ),
    }
}

/// The task whose name is most like `name`, if any is.
fn nearest(name: &str) -> Option<&'static str> {
    let name = name.to_lowercase();
    let likeness = |known: &str| strsim::jaro_winkler(&name, known);
    known_names().filter(|known| likeness(known) > 0.75).max_by(|a, b| likeness(a).total_cmp(&likeness(b)))
}

/// Pictures and tasks in time.
fn known_names() -> impl Iterator<Item = &'static str> {
    let in_time = time_catalogue().iter().map(|info| info.name);
    catalogue().iter().map(|info| info.name).chain(in_time)
}

fn names() -> String {
    known_names().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn file_names(task: &str) -> String {
    find_task(task).map(TaskInfo::file_names).unwrap_or_default()
}

fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn size(&(height, width): &(usize, usize)) -> String {
    format!("height {height} and width {width}")
}
