//! What of a user's paths are trials, and which files belong together.

use std::io;
use std::path::{Path, PathBuf};

use bl_core::io::Read;

use super::half::Halves;
use super::{arrays, ts};
use crate::listing::list;
use crate::task::Task;
use crate::{Error, Source};

/// Whether a path is named as a file of trials is, or is a folder that has some.
pub(crate) fn is_of_trials(path: &Path) -> bool {
    if !path.is_dir() {
        return is_archive(path) || is_ts(path);
    }
    path.join("train.npz").is_file() || !sets(path).unwrap_or_default().is_empty()
}

fn has_ending(path: &Path, ending: &str) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(ending))
}

pub(super) fn is_archive(path: &Path) -> bool {
    has_ending(path, "npz")
}

pub(super) fn is_ts(path: &Path) -> bool {
    let packed =
        has_ending(path, "gz") && path.file_stem().is_some_and(|stem| has_ending(Path::new(stem), "ts"));
    has_ending(path, "ts") || packed
}

/// Opens trials: a file, one of a pair, or a folder with both halves.
pub(crate) fn open(path: &Path, read: Option<Read>) -> Result<Task, Error> {
    if !path.is_dir() {
        if is_archive(path) {
            return of_archives(path, None)?.task(path, read);
        }
        let (train, test) = pair(path)?;
        return of_ts(&train, test.as_deref())?.task(path, read);
    }
    if path.join("train.npz").is_file() {
        let test = Some(path.join("test.npz")).filter(|test| test.is_file());
        return of_archives(&path.join("train.npz"), test.as_deref())?.task(path, read);
    }
    let own = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let own = own.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let mut sets = sets(path)?;
    if sets.len() > 1 {
        let set = |train: &PathBuf| set_of(train).map(|(set, _)| set);
        let names = sets.iter().filter_map(set).collect();
        sets.retain(|train| set(train).is_some_and(|set| set.to_lowercase() == own));
        if sets.len() != 1 {
            return Err(Error::SeveralSets { folder: path.to_owned(), sets: names });
        }
    }
    let (train, test) = pair(&sets[0])?;
    of_ts(&train, test.as_deref())?.task(path, read)
}

/// Opens a set of the catalogue in a folder.
pub(crate) fn open_named(folder: &Path, read: Option<Read>) -> Result<Task, Error> {
    Ok(Task { source: Source::Official, ..open(folder, read)? })
}

fn of_ts(train: &Path, test: Option<&Path>) -> Result<Halves, Error> {
    let target = |half: &super::half::Half| {
        if half.labels.is_empty() { vec!["target".to_owned()] } else { Vec::new() }
    };
    let train = ts::read(train)?;
    let names = crate::kinds::Names { inputs: Vec::new(), targets: target(&train) };
    let mut notices = Vec::new();
    if train.labels.is_empty() {
        notices.push("the target of a trial is asked for at its last step".to_owned());
    }
    Ok(Halves { train, test: test.map(ts::read).transpose()?, names, notices })
}

fn of_archives(train: &Path, test: Option<&Path>) -> Result<Halves, Error> {
    let arrays::Read { half, names, mut notices } = arrays::read(train)?;
    let test = test.map(arrays::read).transpose()?.map(|read| {
        let new = read.notices.into_iter().filter(|notice| !notices.contains(notice)).collect::<Vec<_>>();
        notices.extend(new.into_iter().map(|notice| format!("test half: {notice}")));
        read.half
    });
    Ok(Halves { train: half, test, names, notices })
}

/// The training files of a folder.
fn sets(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let is_train = |path: &PathBuf| set_of(path).is_some_and(|(_, is_train)| is_train);
    let mut sets: Vec<PathBuf> = list(folder)?.into_iter().map(|entry| entry.path).filter(is_train).collect();
    sets.dedup_by_key(|path| set_of(path)); // plain and `.gz`
    Ok(sets)
}

/// The name of a set, and whether this is its training half: `GunPoint_TRAIN.ts.gz`.
fn set_of(path: &Path) -> Option<(String, bool)> {
    let name = path.file_name()?.to_string_lossy();
    let lower = name.to_lowercase();
    let stem = lower.strip_suffix(".gz").unwrap_or(&lower).strip_suffix(".ts")?;
    let (stem, is_train) = match stem.strip_suffix("_train") {
        Some(set) => (set, true),
        None => (stem.strip_suffix("_test")?, false),
    };
    Some((name.get(..stem.len())?.to_owned(), is_train))
}

/// The training half and that for testing, if there is one, of a file that may be either or both.
fn pair(path: &Path) -> Result<(PathBuf, Option<PathBuf>), Error> {
    let Some((set, is_train)) = set_of(path) else { return Ok((path.to_owned(), None)) };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let other = list(folder)?.into_iter().map(|entry| entry.path).find(|other| {
        set_of(other).is_some_and(|(name, other)| name.eq_ignore_ascii_case(&set) && other != is_train)
    });
    match (is_train, other) {
        (true, test) => Ok((path.to_owned(), test)),
        (false, Some(train)) => Ok((train, Some(path.to_owned()))),
        (false, None) => {
            let train = folder.join(format!("{set}_TRAIN.ts"));
            Err(Error::io(&train, io::ErrorKind::NotFound.into()))
        }
    }
}
