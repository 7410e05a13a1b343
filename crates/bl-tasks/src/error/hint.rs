//! What to do about each error.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use bl_core::text::{nearest, pasted, pasted_path};

use super::{Error, is_set_file};
use crate::catalogue::{Fallback, Info, catalogue, find_task};
use crate::kinds;

/// Pixels a side of which images tell classes apart, at least.
const TELLING: usize = 8;

impl Error {
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
            Self::PickledCifar { root, .. } => Some(format!(
                "take the binary version (`cifar-10-binary.tar.gz`), which `bl-adapt data fetch cifar10{}` downloads",
                data_dir(root.as_deref())
            )),
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
            Self::Texts { fault, .. } | Self::Text(fault) => fault.hint(),
            Self::Series(fault) | Self::SeriesFile { fault, .. } => fault.hint(),
            Self::Ts { fault, .. } => fault.hint().map(Into::into),
            Self::Archive { fault, .. } => fault.hint().map(Into::into),
            Self::Array { fault, .. } => fault.hint(),
            Self::Arrays { fault, .. } => fault.hint().map(Into::into),
            Self::Untaken { option, .. } => Some(format!("drop `{option}`")),
            Self::HalfATable { .. } => {
                Some("columns that go in and columns to be said: `--inputs temp,wind --targets kwh`".into())
            }
            Self::Trials(fault) | Self::TrialsFile { fault, .. } => Some(fault.hint().into()),
            Self::Network(kinds::Fault::Exploded { .. }) => Some(
                "values far from the training data can drive a network there; if its own task does, train it again with a \
                 smaller `--recurrent-gain` or `--lr`"
                    .into(),
            ),
            Self::Core(error) | Self::Network(kinds::Fault::Network(error)) => error.hint(),
            Self::NoWindow { .. } => Some("lower `--window`, or give a longer series".into()),
            Self::WindowInWashout { .. } => Some("raise `--window`, or lower `--washout`".into()),
            Self::OwnFile { task } => Some(format!(
                "name the file: `--task {}`; its column, horizon and washout are in the adapter",
                pasted(&format!("./{task}.csv"))
            )),
            Self::OwnTask { .. } => Some("measure it with the library, or name a task of the catalogue: `--task`".into()),
            Self::OtherTask { misfit, .. } if misfit.hint.is_some() => misfit.hint.map(Into::into),
            Self::OtherTask { asked: true, .. } => Some("drop `--task` to use the adapter's own task".into()),
            Self::OtherTask { .. } => Some("is the adapter from somebody you trust? `--task` names data of its kind".into()),
            Self::Count { .. } => Some("do the two files belong to the same set and the same half?".into()),
            Self::NoContrast { height, width, .. } if height.min(width) < &TELLING => {
                Some("images of so few pixels tell no classes apart: choose a larger `--size`, 28 is usual".into())
            }
            Self::NoContrast { .. } => Some("look at the images: pixels are 0 to 255, and colours become grey".into()),
            Self::FormTooLarge { .. } => Some("choose a smaller `--size`, or `--channels 1`".into()),
            Self::InvertsArrays => Some("drop `--invert`, or invert the arrays before: 255 − value".into()),
            Self::NotATask { start, .. } => Some(start.hint_of_series().into()),
            Self::UnknownInput { path, start } => {
                let is_tsv = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("tsv"));
                if is_tsv && start.known().is_none() {
                    return Some("put commas between the columns: `tr '\\t' ',' < OLD.tsv > NEW.csv`".into());
                }
                let known = start.hint().unwrap_or("give the file one of these formats, and its usual extension");
                Some(known.into())
            }
            Self::Untrained { .. } => {
                Some("leave its images out of the test half, or put some of them into the training half".into())
            }
            Self::SeveralSets { .. } => Some("put the files of one of them into a folder of their own".into()),
            _ => self.of_folder(),
        }
    }

    /// The same of folders of a user's own.
    fn of_folder(&self) -> Option<String> {
        match self {
            Self::OwnFolder { other: Some(other), .. } => {
                Some(format!("to measure on it all the same, name it: `--task {}`", pasted_path(other)))
            }
            Self::OwnFolder { task, typed, .. } => {
                let folder = typed.clone().unwrap_or_else(|| format!("./{task}"));
                let from = if typed.is_some() { " (as it was typed for training)" } else { "" };
                Some(format!(
                    "name the folder: `--task {}`{from}, or put it into the data folder (`--data-dir`)",
                    pasted(&folder)
                ))
            }
            Self::LooseFile { path } if is_set_file(path) => Some(
                "sets are known by their names, as in `train-images-idx3-ubyte`: each has `train` or `test` (or `t10k`), \
                 `images` or `labels`, and ends in `ubyte` or `.npy`, IDX with or without `.gz`"
                    .into(),
            ),
            Self::LooseFile { path } => Some(format!(
                "each class has a folder of its own, as in `{}`: move it there, or away",
                pasted_path(path.with_file_name("CLASS").join(path.file_name().unwrap_or_default()))
            )),
            Self::Classes { found: ..=1, .. } => {
                Some("put the images of each class into a folder of their own, two at least, and name the folder that holds these".into())
            }
            Self::Classes { .. } => Some("a label is a byte: put classes together, or leave some out".into()),
            Self::Deeper { inner, .. } => Some(format!("name that one: `--task {}`", pasted_path(inner))),
            Self::NestedFolder { path } => {
                Some(format!(
                    "if its folders are classes, `--task {}` shows and measures how the adapter does on them; to classify what is \
                     in one, name it: `--input {}`",
                    pasted_path(named_by_path(path.parent().unwrap_or(path))),
                    pasted_path(path)
                ))
            }
            Self::NestedClass { path } => {
                let parent = path.parent().unwrap_or(path).to_string_lossy();
                Some(format!(
                    "a folder of classes has images one level down. If the classes are in `{parent}`, name that: `--task {}`; to \
                     take two halves, call them `train` and `test`, with the folders of the classes in each",
                    pasted_path(&*parent)
                ))
            }
            Self::NoPictures { .. } => Some("put image files into it, or remove it".into()),
            Self::ClassesDiffer { .. } => {
                Some("give each class a folder in both halves, or leave it out of both".into())
            }
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
    if let Some(set) = info.texts() {
        return format!(
            "the texts are at {}; write both halves as tables with the columns `label` and `text`, `train.tsv` and `{}.tsv`, \
             into `{}`",
            info.home,
            set.test,
            pasted_path(folder)
        );
    }
    let root = data_dir(folder.parent().filter(|_| explicit));
    let fetch = format!("`bl-adapt data fetch {}{root}`", info.name);
    let set = info.images();
    let made = set.filter(|set| set.fallback == Some(Fallback::Generator)).map_or(String::new(), |_| {
        format!("; `bl-adapt data generate {}{root}` makes images like them there", info.name)
    });
    let put =
        format!("{fetch} puts the official files from {} into `{}`{made}", info.home, pasted_path(folder));
    match (explicit, set.and_then(|set| set.fallback)) {
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

/// The option that names a folder of data sets, where there is one to name.
fn data_dir(root: Option<&Path>) -> String {
    root.map_or(String::new(), |root| format!(" --data-dir {}", pasted_path(root)))
}
