//! A user's own folder: the files of a set, or one sub-folder of pictures per class.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use bl_core::io::InputSchema;
use bl_core::text::grouped;
use rayon::prelude::*;

use crate::error::is_set_file;
use crate::foreign::Start;
use crate::form::{OfArrays, reform};
use crate::kinds::Images;
use crate::listing::{Entry, list};
use crate::set_files::{COLOUR, Format, Found, SetFiles, USUAL, find, find_by_words};
use crate::task::{Task, What};
use crate::{Error, Form, Source, Split, brightness, cifar, picture};

mod pictures;

/// Without a `test` folder every so many-th image of a class is kept for testing.
pub(crate) const TEST_EVERY: usize = 6;
/// Classes that are named in a notice.
const NAMED: usize = 5;

/// Opens the folder at `path` as a task.
pub(crate) fn open(path: &Path, form: &Form) -> Result<Task, Error> {
    let entries = list(path)?; // that it is a folder, before looking for names in it
    if entries.is_empty() {
        return Err(Error::NoPictures { folder: path.to_owned() });
    }
    match find(path, &[&USUAL, &COLOUR, &cifar::NAMING]) {
        Found::All(files) => return task_of_set(path, &files, form),
        Found::Part { missing } => return Err(Error::Incomplete { folder: path.to_owned(), missing }),
        Found::Nothing if cifar::is_pickled(path) => {
            return Err(Error::PickledCifar { folder: path.to_owned(), root: None });
        }
        Found::Nothing => {}
    }
    match find_by_words(path, &entries)? {
        Found::All(files) => task_of_set(path, &files, form),
        Found::Part { missing } => Err(Error::Incomplete { folder: path.to_owned(), missing }),
        Found::Nothing => task_of_pictures(path, form),
    }
}

fn task_of_set(path: &Path, files: &SetFiles, form: &Form) -> Result<Task, Error> {
    let (mut train, mut test, mut notices) = files.read_noted()?;
    let names = number(&mut train.labels, &mut test.labels, &files.test.labels)?;
    check_classes(path, names.len())?;
    let folder = files.train.images().parent().unwrap_or(path);
    let stated = (files.format == Format::Cifar).then(|| cifar::class_names(folder, &names)).flatten();
    if stated.is_none() && names.last().is_some_and(|last| *last != (names.len() - 1).to_string()) {
        notices.push(format!(
            "the labels are not 0 to {}: the {} labels there are name the classes, from `{}` to `{}`",
            names.len() - 1,
            names.len(),
            names[0],
            names[names.len() - 1]
        ));
    }
    let names = stated.unwrap_or(names);
    notices.extend(without_test(&names, &test));
    task_of_arrays(path, names, notices, (train, test), form)
}

/// Images that have one form already.
pub(crate) fn task_of_arrays(
    path: &Path,
    labels: Vec<String>,
    notices: Vec<String>,
    (train, test): (Split, Split),
    form: &Form,
) -> Result<Task, Error> {
    let OfArrays { input, inverts, words } = form.of_arrays(&train)?;
    let (train, test) = (reform(train, &input, inverts)?, reform(test, &input, inverts)?);
    task(path, labels, notices, Prepared { train, test, input, words })
}

/// The labels that are learned are the classes, and labels become places among them. One of the test half alone could never be
/// right.
pub(crate) fn number(train: &mut [u8], test: &mut [u8], of_test: &Path) -> Result<Vec<String>, Error> {
    let there: Vec<u8> = train.iter().copied().collect::<BTreeSet<u8>>().into_iter().collect();
    let place = |label: &u8| there.binary_search(label).map(|place| place as u8);
    if let Some(index) = test.iter().position(|label| place(label).is_err()) {
        return Err(Error::Untrained { path: of_test.to_owned(), index, found: test[index] });
    }
    for label in train.iter_mut().chain(test) {
        *label = place(label).unwrap_or_default(); // it has one
    }
    Ok(there.iter().map(u8::to_string).collect())
}

/// What is to be said if some classes have nothing to be tested on.
pub(crate) fn without_test(names: &[String], test: &Split) -> Option<String> {
    let tested: BTreeSet<usize> = test.labels.iter().map(|&label| label.into()).collect();
    let missing: Vec<&str> =
        names.iter().enumerate().filter(|(i, _)| !tested.contains(i)).map(|(_, name)| &**name).collect();
    let (noun, verb) = if missing.len() == 1 { ("class", "has") } else { ("classes", "have") };
    (!missing.is_empty()).then(|| {
        format!("the {noun} {} {verb} no image to test on: the accuracy says nothing of it", listed(&missing))
    })
}

/// The first of some names, and how many more there are.
pub(crate) fn listed(names: &[&str]) -> String {
    let shown: Vec<String> = names.iter().take(NAMED).map(|name| format!("`{name}`")).collect();
    match names.len().saturating_sub(NAMED) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn task_of_pictures(path: &Path, form: &Form) -> Result<Task, Error> {
    let (train_folder, test_folder) = (path.join("train"), path.join("test"));
    let own_halves = has_folders(&train_folder) && has_folders(&test_folder);
    let mut left_out = Vec::new();
    let (train, test) = if own_halves {
        let (train, test) = (classes(&train_folder, &mut left_out)?, classes(&test_folder, &mut left_out)?);
        check_same(&train_folder, &train, &test)?;
        (train, test)
    } else {
        keep_some_for_test(path, classes(path, &mut left_out)?)?
    };
    let labels: Vec<String> = train.iter().map(|class| class.name.clone()).collect();
    let mut notices = if own_halves { beside_halves(path)? } else { Vec::new() };
    let pictures::Halves { prepared, notes } = pictures::read(&train, &test, &labels, left_out, form)?;
    if !own_halves {
        let (train, test) = (prepared.train.len(), prepared.test.len());
        notices.push(format!(
            "`{}` has no folders `train` and `test`: every {TEST_EVERY}th image of a class is kept for testing, \
             {} of {}",
            path.display(),
            grouped(test),
            grouped(train + test),
        ));
    }
    notices.extend(notes);
    notices.extend(without_test(&labels, &prepared.test));
    task(path, labels, notices, prepared)
}

/// What is beside `train` and `test` is not looked at, and that is said.
fn beside_halves(path: &Path) -> Result<Vec<String>, Error> {
    let is_other = |entry: &Entry| entry.is_folder && !["train", "test"].contains(&&*entry.name);
    let others = list(path)?.into_iter().filter(is_other);
    let names: Vec<String> = others.map(|entry| entry.name).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let note = || {
        format!(
            "beside `train` and `test`, {} is not used; `--val-fraction` keeps a part of `train` for validation",
            listed(&names)
        )
    };
    Ok(if names.is_empty() { Vec::new() } else { vec![note()] })
}

/// Both halves in the form of the task.
pub(crate) struct Prepared {
    train: Split,
    test: Split,
    input: InputSchema,
    /// What was found and what was chosen.
    words: String,
}

fn task(
    path: &Path,
    labels: Vec<String>,
    mut notices: Vec<String>,
    Prepared { train, test, input, words }: Prepared,
) -> Result<Task, Error> {
    let whole = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let name = whole.file_name().map_or_else(|| "folder".into(), |name| name.to_string_lossy().into_owned());
    notices.extend(brightness::of_task(&labels, &train, &test));
    Ok(Task {
        title: format!("the folder `{}`", path.display()),
        name,
        source: Source::Folder,
        notice: (!notices.is_empty()).then(|| notices.join("; ")),
        prepared: Some(words),
        licence: Some("not stated".into()),
        what: What::Images(Images::new(labels, input, train, test)?),
    })
}

struct Class {
    name: String,
    /// With width and height.
    pictures: Vec<(PathBuf, (u32, u32))>,
}

fn has_folders(path: &Path) -> bool {
    list(path).is_ok_and(|entries| entries.iter().any(|entry| entry.is_folder))
}

/// The classes in a folder: by number if all names are numbers, else by name. Files that cannot be used go to `left_out`, so
/// that all of them are named at once; what may be meant otherwise than it lies there is an error.
fn classes(folder: &Path, left_out: &mut Vec<Error>) -> Result<Vec<Class>, Error> {
    let (mut folders, loose): (Vec<Entry>, Vec<Entry>) =
        list(folder)?.into_iter().partition(|entry| entry.is_folder);
    let meant = |entry: &Entry| is_set_file(&entry.path) || is_picture(entry);
    if let Some(loose) = loose.into_iter().find(|entry| folders.is_empty() || meant(entry)) {
        return Err(Error::LooseFile { path: loose.path });
    }
    if let [only] = &*folders
        && has_folders(&only.path)
    {
        return Err(Error::Deeper { folder: folder.to_owned(), inner: only.path.clone() });
    }
    check_classes(folder, folders.len())?;
    if folders.iter().all(|entry| entry.name.parse::<i64>().is_ok()) {
        folders.sort_by_key(|entry| entry.name.parse::<i64>().ok()); // stable: `01` stays before `1`
    }
    let mut classes = Vec::new();
    for Entry { name, path, .. } in folders {
        let (nested, files): (Vec<Entry>, Vec<Entry>) =
            list(&path)?.into_iter().partition(|entry| entry.is_folder);
        if let Some(nested) = nested.into_iter().next() {
            return Err(Error::NestedClass { path: nested.path });
        }
        let sizes: Vec<Result<_, Error>> =
            files.par_iter().map(|file| picture::size(file.plain()?)).collect();
        let mut pictures = Vec::new();
        let before = left_out.len();
        for (file, size) in files.into_iter().zip(sizes) {
            match size {
                Ok(size) => pictures.push((file.path, size)),
                Err(fault) => left_out.push(fault),
            }
        }
        if pictures.is_empty() {
            let faults = left_out.split_off(before);
            return Err(if faults.is_empty() {
                Error::NoPictures { folder: path }
            } else {
                Error::of_all(faults)
            });
        }
        classes.push(Class { name, pictures });
    }
    Ok(classes)
}

/// Whether a file begins as a picture does.
fn is_picture(entry: &Entry) -> bool {
    let start = entry.plain().and_then(Start::of);
    start.is_ok_and(|start| picture::format(start.bytes()).is_some())
}

pub(crate) fn check_classes(folder: &Path, found: usize) -> Result<(), Error> {
    if (2..=256).contains(&found) { Ok(()) } else { Err(Error::Classes { folder: folder.to_owned(), found }) }
}

fn check_same(train_folder: &Path, train: &[Class], test: &[Class]) -> Result<(), Error> {
    let only_in = |these: &[Class], those: &[Class]| {
        these
            .iter()
            .find(|class| those.iter().all(|other| other.name != class.name))
            .map(|class| class.name.clone())
    };
    match only_in(train, test).or_else(|| only_in(test, train)) {
        Some(class) => Err(Error::ClassesDiffer { train: train_folder.to_owned(), class }),
        None => Ok(()),
    }
}

/// Whether the `i`th of so many images of a class is kept for testing.
pub(crate) fn is_for_test(i: usize, count: usize) -> bool {
    let every = TEST_EVERY.min(count).max(2);
    i % every == every - 1
}

/// Every sixth picture of each class goes to the test half; of two to five, the last one.
fn keep_some_for_test(folder: &Path, classes: Vec<Class>) -> Result<(Vec<Class>, Vec<Class>), Error> {
    let mut halves = (Vec::new(), Vec::new());
    for Class { name, pictures } in classes {
        let count = pictures.len();
        let (test, train): (Vec<_>, Vec<_>) =
            pictures.into_iter().enumerate().partition(|(i, _)| is_for_test(*i, count));
        let class = |pictures: Vec<(usize, _)>| Class {
            name: name.clone(),
            pictures: pictures.into_iter().map(|(_, picture)| picture).collect(),
        };
        halves.0.push(class(train));
        halves.1.push(class(test));
    }
    if halves.1.iter().all(|class| class.pictures.is_empty()) {
        return Err(Error::NoTest { folder: folder.to_owned() });
    }
    Ok(halves)
}
