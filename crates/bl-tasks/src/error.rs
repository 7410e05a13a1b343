//! Everything that can be wrong with data, one variant each.

mod hint;

use std::io;
use std::path::{Path, PathBuf};

use bl_core::spec::MAX_INPUTS;
use bl_core::text::grouped;

use crate::catalogue::{ImageSet, Info, catalogue, find_task};
use crate::foreign::Start;
use crate::inputs::csv;
use crate::kind::Misfit;
use crate::kinds;
use crate::{cifar, dynamics, forecast, idx, npy, picture, reaching, series, texts, trials};

/// What is wrong, as facts; [`hint`](Error::hint) says what to do.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the message of each variant says what it is")]
pub enum Error {
    #[error(
        "unknown task `{name}`, expected one of {}, a folder of images or texts, or a file with a series or texts",
        names()
    )]
    UnknownTask { name: String },
    #[error("the data folder `{}` does not exist", root.display())]
    NoDataDir { root: PathBuf },
    #[error("no data of `{task}`: `{}` has none of {}", folder.display(), file_names(task))]
    NoData { task: &'static str, folder: PathBuf, explicit: bool },
    #[error("the data in `{}` is incomplete: missing {}", folder.display(), quoted(missing))]
    Incomplete { folder: PathBuf, missing: Vec<&'static str> },
    #[error("cannot read `{}`: {cause}", path.display())]
    Io { path: PathBuf, cause: io::Error },
    #[error("`{}`: {fault}", path.display())]
    Idx { path: PathBuf, fault: idx::Fault },
    #[error("`{}`: {fault}", path.display())]
    Npy { path: PathBuf, fault: npy::Fault },
    #[error("`{}`: {fault}", path.display())]
    Cifar { path: PathBuf, fault: cifar::Fault },
    #[error("`{}` holds the Python version of CIFAR-10, which is not read: it is a pickle", folder.display())]
    PickledCifar {
        folder: PathBuf,
        /// The folder of data sets, if it was found there.
        root: Option<PathBuf>,
    },
    #[error("`{}`, line {line}: {fault}", path.display())]
    Csv { path: PathBuf, line: usize, fault: csv::Fault },
    #[error("`{}`: {fault}", path.display())]
    Picture { path: PathBuf, fault: picture::Fault },
    #[error("`{}`: expected images of {}, found {}", path.display(), size(*expected, *found), size(*found, *expected))]
    ImageSize { path: PathBuf, expected: [usize; 3], found: [usize; 3] },
    #[error("`{}` has {pictures} images, but `{}` has {found} labels", images.display(), labels.display())]
    Count { images: PathBuf, labels: PathBuf, pictures: usize, found: usize },
    #[error("`{}`: expected labels from 0 to {}, found {found} at index {index}", path.display(), classes - 1)]
    Label { path: PathBuf, index: usize, found: u8, classes: usize },
    #[error("`{}`: label {found} at index {index} is of no training image, so it cannot be learned", path.display())]
    Untrained { path: PathBuf, index: usize, found: u8 },
    #[error("`{}` holds several sets: {}", folder.display(), quoted(sets))]
    SeveralSets { folder: PathBuf, sets: Vec<String> },
    #[error(
        "expected a folder of images or a text file with a series (`.csv`, `.tsv`, `.txt`), found `{}`, {start}",
        path.display()
    )]
    NotATask { path: PathBuf, start: Start },
    #[error("expected a folder, found a file: `{}`", path.display())]
    NotAFolder { path: PathBuf },
    #[error("`{}` has {found} {}, expected 2 to 256", folder.display(), if *found == 1 { "class" } else { "classes" })]
    Classes { folder: PathBuf, found: usize },
    #[error("expected the folders of the classes in `{}`, found them one level deeper, in `{}`", folder.display(), inner.display())]
    Deeper { folder: PathBuf, inner: PathBuf },
    #[error("the folder `{}` has no images", folder.display())]
    NoPictures { folder: PathBuf },
    #[error("images of {height} × {width} with {channels} channels have {} values, expected at most {}", height * width * channels, grouped(MAX_INPUTS))]
    FormTooLarge { height: usize, width: usize, channels: usize },
    #[error(
        "`invert` is true, but these arrays are not ink that is dark on light: arrays are taken as they are"
    )]
    InvertsArrays,
    #[error("expected only folders, one per class, found the file `{}`", path.display())]
    LooseFile { path: PathBuf },
    #[error("expected only images, found the folder `{}`", path.display())]
    NestedFolder { path: PathBuf },
    #[error("expected only images of a class, found the folder `{}`", path.display())]
    NestedClass { path: PathBuf },
    #[error("`{}` and `test` beside it have different classes: only one of them has `{class}`", train.display())]
    ClassesDiffer { train: PathBuf, class: String },
    #[error("`{}` has a single image per class, none is left for testing", folder.display())]
    NoTest { folder: PathBuf },
    #[error("expected an image (PNG, JPEG, WebP, BMP, GIF, TIFF), IDX, NPY or CSV, found `{}`, which {}", path.display(), is(start))]
    UnknownInput { path: PathBuf, start: Start },
    #[error("{}", several(faults))]
    Several { faults: Vec<Error> },
    #[error(transparent)]
    Dynamics(#[from] dynamics::Fault),
    #[error("task `{task}` is no series, it has no column `{column}` to forecast")]
    NoColumns { task: String, column: String },
    #[error("task `{task}` is no series, there is nothing to sort or fill")]
    NothingToMend { task: String },
    #[error(transparent)]
    Network(#[from] kinds::Fault),
    #[error(transparent)]
    Series(#[from] series::Fault),
    #[error(transparent)]
    Forecast(#[from] forecast::Fault),
    #[error(transparent)]
    Reaching(#[from] reaching::Fault),
    #[error(transparent)]
    Core(#[from] bl_core::Error),

    #[error("all {samples} training images are the same grey at {height} × {width}")]
    NoContrast { samples: usize, height: usize, width: usize },
    #[error("{values} pixels are not {labels} images of {inputs}")]
    ImageCount { values: usize, inputs: usize, labels: usize },
    #[error("label {label} is out of range, the network has {classes} classes")]
    LabelOutOfRange { label: usize, classes: usize },
    #[error("target of row {row} (from 0) is {found}, expected a finite number")]
    TargetNotFinite { row: usize, found: f64 },
    #[error("expected targets of one kind, found classes in one half and numbers in the other")]
    MixedTargets,
    #[error("window of {window} samples has none left after a washout of {washout}")]
    WindowInWashout { window: usize, washout: usize },
    #[error("{samples} training samples have no window of {window} and a horizon of {horizon}")]
    NoWindow { samples: usize, window: usize, horizon: usize },

    #[error("{}", own_folder(task, typed.as_deref(), looked, other.as_deref()))]
    OwnFolder {
        task: String,
        /// As it was typed for training.
        typed: Option<String>,
        /// Where it was looked for.
        looked: Vec<PathBuf>,
        /// A folder of that name, with other images.
        other: Option<PathBuf>,
    },
    #[error("the adapter was trained on a task of a program's own (`{task}`), which is not in the catalogue")]
    OwnTask { task: String },
    #[error("the adapter was trained on a local file (`{task}`), whose path is not recorded")]
    OwnFile { task: String },
    #[error("expected a known source of the data of `{task}` in the training record, found `{source_name}`")]
    UnknownSource { task: String, source_name: String },
    #[error("adapter `{adapter}` {}, task `{task}` {}", misfit.expected, misfit.found)]
    OtherTask { adapter: String, task: String, misfit: Box<Misfit>, asked: bool },
    #[error("the task {found}, expected one that {expected}")]
    OtherKind { expected: &'static str, found: &'static str },
    #[error("`{}`: {fault}", path.display())]
    Texts { path: PathBuf, fault: texts::Fault },
    #[error(transparent)]
    Text(#[from] texts::Fault),
    #[error(transparent)]
    Trials(#[from] trials::Fault),
    #[error("`{}`: {fault}", path.display())]
    TrialsFile { path: PathBuf, fault: trials::Fault },
    #[error("`{}`, line {line}: {fault}", path.display())]
    Ts { path: PathBuf, line: usize, fault: trials::TsFault },
    #[error("`{}`: {fault}", path.display())]
    Archive { path: PathBuf, fault: trials::ArchiveFault },
    #[error("`{}`, array `{array}`: {fault}", path.display())]
    Array { path: PathBuf, array: String, fault: npy::Fault },
    #[error("`{}`: {fault}", path.display())]
    Arrays { path: PathBuf, fault: trials::ArraysFault },
    #[error("task `{task}` takes no `{option}`: {is}")]
    Untaken { task: String, option: &'static str, is: &'static str },
    #[error("expected `{missing}` beside `{stated}`, found none")]
    HalfATable { stated: &'static str, missing: &'static str },
    #[error("`{}`: {fault}", path.display())]
    SeriesFile { path: PathBuf, fault: series::Fault },
}

impl Error {
    pub(crate) fn io(path: &Path, cause: io::Error) -> Self {
        Self::Io { path: path.to_owned(), cause }
    }

    /// One error of several files; `faults` has one at least.
    pub fn of_all(mut faults: Vec<Self>) -> Self {
        match faults.pop() {
            Some(only) if faults.is_empty() => only,
            last => {
                faults.extend(last);
                Self::Several { faults }
            }
        }
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
}

fn own_folder(task: &str, typed: Option<&str>, looked: &[PathBuf], other: Option<&Path>) -> String {
    match (other, typed) {
        (Some(other), _) => format!(
            "`{}` has other test images than the folder that the adapter was trained on (`{}`), by their sha256",
            other.display(),
            typed.unwrap_or(task)
        ),
        (None, Some(typed)) => {
            let looked: Vec<String> = looked.iter().map(|path| path.display().to_string()).collect();
            format!(
                "the folder that the adapter was trained on (`{typed}`) is at none of {}",
                quoted(&looked)
            )
        }
        (None, None) => {
            format!("the adapter was trained on a local folder (`{task}`), whose path is not recorded")
        }
    }
}

fn names() -> String {
    catalogue().map(|info| format!("`{}`", info.name)).collect::<Vec<_>>().join(", ")
}

fn file_names(task: &str) -> String {
    let info = find_task(task);
    match info.and_then(Info::texts) {
        Some(set) => format!("`train.tsv.gz`, `{}.tsv.gz` (or `.tsv`, `.csv`, `.jsonl`)", set.test),
        None => info.and_then(Info::images).map(ImageSet::file_names).unwrap_or_default(),
    }
}

fn quoted<T: std::fmt::Display>(names: &[T]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// The first of several faults, a line each, and how many there are.
fn several(faults: &[Error]) -> String {
    const NAMED: usize = 10;
    let mut lines = vec![format!("{} files cannot be used:", faults.len())];
    lines.extend(faults.iter().take(NAMED).map(Error::to_string));
    if faults.len() > NAMED {
        lines.push(format!("and {} more", faults.len() - NAMED));
    }
    lines.join("\n")
}

/// What a file is that is of no known format.
fn is(start: &Start) -> String {
    start.known().map_or_else(|| format!("starts with `{}`", start.shown()), |(name, _)| format!("is {name}"))
}

/// Whether a file looks like one of a set, and not like a picture.
pub(crate) fn is_set_file(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    ["ubyte", "idx1", "idx3", "idx4", ".npy"].iter().any(|part| name.contains(part))
}

/// Channels are named if the other has as many others.
fn size([height, width, channels]: [usize; 3], other: [usize; 3]) -> String {
    let size = format!("height {height} and width {width}");
    match (channels, channels == other[2]) {
        (_, true) => size,
        (1, _) => format!("{size} in grey (1 channel)"),
        _ => format!("{size} in colour ({channels} channels)"),
    }
}
