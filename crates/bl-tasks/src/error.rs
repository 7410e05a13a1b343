//! Everything that can be wrong with data, one variant each.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use bl_core::text::{nearest, pasted, pasted_path};

use crate::catalogue::{ImageSet, Info, catalogue, find_task};
use crate::foreign::Start;
use crate::inputs::csv;
use crate::kinds;
use crate::{cifar, dynamics, forecast, idx, npy, picture, reaching, series};

/// What is wrong, as facts; [`hint`](Error::hint) says what to do.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the message of each variant says what it is")]
pub enum Error {
    #[error(
        "unknown task `{name}`, expected one of {}, a folder of images, or a file with a series",
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
    PickledCifar { folder: PathBuf },
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
    #[error("`{}` has {found} classes, expected 2 to 256", folder.display())]
    Classes { folder: PathBuf, found: usize },
    #[error("the folder `{}` has no images", folder.display())]
    NoPictures { folder: PathBuf },
    #[error("images of {height} × {width} with {channels} channels have {} values, expected at most 65,536", height * width * channels)]
    FormTooLarge { height: usize, width: usize, channels: usize },
    #[error(
        "`invert` is true, but these arrays are not ink that is dark on light: arrays are taken as they are"
    )]
    InvertsArrays,
    #[error("expected only folders, one per class, found the file `{}`", path.display())]
    LooseFile { path: PathBuf },
    #[error("expected only images, found the folder `{}`", path.display())]
    NestedFolder { path: PathBuf },
    #[error("expected only images, found the folder `{}`", path.display())]
    FolderAmongInputs { path: PathBuf },
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
    #[error("task `{task}` is not a text file, it has no column `{column}`")]
    NoColumns { task: String, column: String },
    #[error("task `{task}` is not a text file, there is nothing to sort or fill")]
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

    #[error("all {samples} training images are the same grey")]
    NoContrast { samples: usize },
    #[error("{values} pixels are not {labels} images of {inputs}")]
    ImageCount { values: usize, inputs: usize, labels: usize },
    #[error("label {label} is out of range, the network has {classes} classes")]
    LabelOutOfRange { label: usize, classes: usize },
    #[error("window of {window} samples has none left after a washout of {washout}")]
    WindowInWashout { window: usize, washout: usize },
    #[error("{samples} training samples have no window of {window} and a horizon of {horizon}")]
    NoWindow { samples: usize, window: usize, horizon: usize },

    #[error("the adapter was trained on a local folder (`{task}`), whose path is not recorded")]
    OwnFolder { task: String, typed: Option<String> },
    #[error("the adapter was trained on a task of a program's own (`{task}`), which is not in the catalogue")]
    OwnTask { task: String },
    #[error("the adapter was trained on a local file (`{task}`), whose path is not recorded")]
    OwnFile { task: String },
    #[error("expected a known source of the data of `{task}` in the training record, found `{source_name}`")]
    UnknownSource { task: String, source_name: String },
    #[error("adapter `{adapter}` {expected}, task `{task}` {found}")]
    OtherTask {
        adapter: String,
        expected: String,
        task: String,
        found: String,
        hint: Option<&'static str>,
        asked: bool,
    },
    #[error("the task {found}, expected one that {expected}")]
    OtherKind { expected: &'static str, found: &'static str },
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

    /// What to do about it, if there is something to say.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::UnknownTask { name } => Some(match nearest(name, catalogue().map(|info| info.name)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("a folder of your own is named by its path, as in `{}`", pasted(&format!("./{name}"))),
            }),
            Self::NoDataDir { root } => Some(format!(
                "make it and put each data set into a folder of its task's name, as in `{}`; or drop \
                 `--data-dir` (and BL_DATA_DIR) to use what is embedded",
                pasted_path(root.join("mnist"))
            )),
            Self::NoData { task, folder, explicit } => Some(no_data(find_task(task)?, folder, *explicit)),
            Self::Incomplete { folder, .. } => {
                Some(format!("fetch the missing files, or remove those that are there (`rm -r {}`)", pasted_path(folder)))
            }
            Self::Several { faults } => {
                let hints: BTreeSet<Option<String>> = faults.iter().map(Self::hint).collect();
                let only = hints.first().filter(|_| hints.len() == 1).cloned().flatten();
                Some(only.unwrap_or_else(|| "mend these files, or take them away".into()))
            }
            Self::Idx { fault, .. } => fault.hint(),
            Self::Npy { fault, .. } => fault.hint(),
            Self::Csv { fault, .. } => fault.hint(),
            Self::Cifar { .. } => Some("the file is damaged, or another: fetch it again".into()),
            Self::PickledCifar { .. } => Some(
                "take the binary version (`cifar-10-binary.tar.gz`), which `bl-adapt data fetch cifar10` downloads".into(),
            ),
            Self::Picture { fault, .. } => fault.hint(),
            Self::Dynamics(fault) => fault.hint(),
            Self::NoColumns { .. } => Some("drop `--column`".into()),
            Self::NothingToMend { .. } => Some("drop `--sort` and `--fill`".into()),
            Self::Network(kinds::Fault::Memory { .. }) => {
                Some("ask for fewer steps; is the file from somebody you trust?".into())
            }
            Self::Network(kinds::Fault::Products { .. }) => {
                Some("a movement usually has some hundred steps: is the file from somebody you trust?".into())
            }
            Self::UnknownSource { task, .. } => Some(match find_task(task) {
                Some(_) => format!("if it was trained on the task of the catalogue, `--task {task}` says so"),
                None => "name the data that it was trained on with `--task`".into(),
            }),
            Self::Series(fault) | Self::SeriesFile { fault, .. } => fault.hint(),
            Self::Network(kinds::Fault::Exploded { .. }) => Some(
                "values far from the training data can drive a network there; if its own task does, train it again with a \
                 smaller `--recurrent-gain` or `--lr`"
                    .into(),
            ),
            Self::Core(error) | Self::Network(kinds::Fault::Network(error)) => error.hint(),
            Self::NoWindow { .. } => Some("lower `--window`, or give a longer series".into()),
            Self::WindowInWashout { .. } => Some("raise `--window`, or lower `--washout`".into()),
            Self::OwnFolder { task, typed } => {
                let folder = typed.clone().unwrap_or_else(|| format!("./{task}"));
                let from = if typed.is_some() { " (as it was typed for training)" } else { "" };
                Some(format!(
                    "name the folder: `--task {}`{from}, or put it into the data folder (`--data-dir`)",
                    pasted(&folder)
                ))
            }
            Self::OwnFile { task } => Some(format!(
                "name the file: `--task {}`; its column, horizon and washout are in the adapter",
                pasted(&format!("./{task}.csv"))
            )),
            Self::OwnTask { .. } => Some("measure it with the library, or name a task of the catalogue: `--task`".into()),
            Self::OtherTask { hint: Some(hint), .. } => Some((*hint).into()),
            Self::OtherTask { asked: true, .. } => Some("drop `--task` to use the adapter's own task".into()),
            Self::OtherTask { .. } => Some("is the adapter from somebody you trust? `--task` names data of its kind".into()),
            Self::Count { .. } => Some("do the two files belong to the same set and the same half?".into()),
            Self::LooseFile { path } if is_set_file(path) => Some(
                "sets are known by their names, as in `train-images-idx3-ubyte`: each has `train` or `test` (or `t10k`), \
                 `images` or `labels`, and ends in `ubyte` or `.npy`, IDX with or without `.gz`"
                    .into(),
            ),
            Self::LooseFile { .. } => Some("move it into the folder of its class, or away".into()),
            Self::NoContrast { .. } => Some("look at the images: pixels are 0 to 255, and colours become grey".into()),
            Self::NestedFolder { .. } => Some(
                "a folder of classes has images one level down; to split it yourself, make both `train` \
                      and `test`, with the folders of the classes in each"
                    .into(),
            ),
            Self::FormTooLarge { .. } => Some("choose a smaller `--size`, or `--channels 1`".into()),
            Self::InvertsArrays => Some("drop `--invert`, or invert the arrays before: 255 − value".into()),
            Self::FolderAmongInputs { path } => Some(format!(
                "if its folders are classes, `--task {}` shows and measures how the adapter does on them; to classify what is in \
                 one, name it: `--input {}`",
                pasted_path(named_by_path(path.parent().unwrap_or(path))),
                pasted_path(path)
            )),
            Self::NoPictures { .. } => Some("put image files into it, or remove it".into()),
            Self::NotATask { start, .. } => Some(start.hint_of_series().into()),
            Self::UnknownInput { path, start } => {
                let is_tsv = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("tsv"));
                if is_tsv && start.known().is_none() {
                    return Some("put commas between the columns: `tr '\\t' ',' < OLD.tsv > NEW.csv`".into());
                }
                let known = start.hint().unwrap_or("give the file one of these formats, and its usual extension");
                Some(known.into())
            }
            Self::ClassesDiffer { .. } => {
                Some("give each class a folder in both halves, or leave it out of both".into())
            }
            Self::Untrained { .. } => {
                Some("leave its images out of the test half, or put some of them into the training half".into())
            }
            Self::SeveralSets { .. } => Some("put the four files of one of them into a folder of their own".into()),
            _ => None,
        }
    }
}

/// A folder as `--task` takes it: a bare name would be one of the catalogue.
fn named_by_path(folder: &Path) -> PathBuf {
    let is_bare = folder.components().count() < 2 && folder.is_relative() && !folder.starts_with("..");
    if is_bare && !folder.starts_with(".") { Path::new(".").join(folder) } else { folder.to_owned() }
}

/// The two ways out.
fn no_data(info: &Info, folder: &Path, explicit: bool) -> String {
    let root = folder.parent().filter(|_| explicit).map(|root| format!(" --data-dir {}", pasted_path(root)));
    let fetch = format!("`bl-adapt data fetch {}{}`", info.name, root.unwrap_or_default());
    let put = format!("{fetch} puts the official files from {} into `{}`", info.home, pasted_path(folder));
    match (explicit, info.images().and_then(|set| set.fallback)) {
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

fn names() -> String {
    catalogue().map(|info| format!("`{}`", info.name)).collect::<Vec<_>>().join(", ")
}

fn file_names(task: &str) -> String {
    find_task(task).and_then(Info::images).map(ImageSet::file_names).unwrap_or_default()
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
