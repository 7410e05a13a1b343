//! A user's own folder: the four IDX files, or one sub-folder of pictures per class.

use std::path::{Path, PathBuf};

use bl_core::io::{Fit, InputSchema, Polarity};
use bl_core::text::grouped;

use crate::kinds::Images;
use crate::listing::{self, in_parallel, list};
use crate::set_files::{Found, SetFiles, USUAL, find};
use crate::task::{Task, What};
use crate::{Error, Source, Split, picture};

/// Pictures of one and the same size keep it up to this many pixels a side.
const KEPT_SIDE: u32 = 64;
/// All others become this many pixels a side, as MNIST.
const SIDE: u32 = 28;
/// Without a `test` folder every so many-th image of a class is kept for testing.
const TEST_EVERY: usize = 6;

/// Opens the folder at `path` as a task.
pub(crate) fn open(path: &Path) -> Result<Task, Error> {
    let entries = list(path)?; // that it is a folder, before looking for names in it
    if entries.is_empty() {
        return Err(Error::NoPictures { folder: path.to_owned() });
    }
    match find(path, &[&USUAL]) {
        Found::All(files) => idx_task(path, &files),
        Found::Part { missing } => Err(Error::Incomplete { folder: path.to_owned(), missing }),
        Found::Nothing => picture_task(path),
    }
}

fn idx_task(path: &Path, files: &SetFiles) -> Result<Task, Error> {
    let (train, test) = files.read()?;
    let classes = train.labels.iter().chain(&test.labels).max().map_or(0, |&label| usize::from(label) + 1);
    check_classes(path, classes)?;
    let labels = (0..classes).map(|label| label.to_string()).collect();
    task(path, labels, None, train, test)
}

fn picture_task(path: &Path) -> Result<Task, Error> {
    let (train_folder, test_folder) = (path.join("train"), path.join("test"));
    let (train, test) = if has_folders(&train_folder) && has_folders(&test_folder) {
        let (train, test) = (classes(&train_folder)?, classes(&test_folder)?);
        check_same(&train_folder, &train, &test)?;
        (train, test)
    } else {
        keep_some_for_test(path, classes(path)?)?
    };
    let labels = train.iter().map(|class| class.name.clone()).collect();
    let notice = (!test[0].pictures[0].starts_with(&test_folder)).then(|| {
        let count = |classes: &[Class]| classes.iter().map(|class| class.pictures.len()).sum::<usize>();
        format!(
            "`{}` has no folders `train` and `test`: every {TEST_EVERY}th image of a class is kept for testing, \
             {} of {}",
            path.display(),
            grouped(count(&test)),
            grouped(count(&train) + count(&test)),
        )
    });
    let (height, width) = common_size(train.iter().chain(&test))?;
    let input = schema(height, width);
    task(path, labels, notice, split(&train, &input)?, split(&test, &input)?)
}

fn task(
    path: &Path,
    labels: Vec<String>,
    notice: Option<String>,
    train: Split,
    test: Split,
) -> Result<Task, Error> {
    let whole = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let name = whole.file_name().map_or_else(|| "folder".into(), |name| name.to_string_lossy().into_owned());
    let input = schema(train.height as u32, train.width as u32);
    Ok(Task {
        title: format!("the folder `{}`", path.display()),
        name,
        source: Source::Folder,
        notice,
        licence: Some("not stated".into()),
        what: What::Images(Images::new(labels, input, train, test)?),
    })
}

/// Pictures of an unknown kind are taken as they are: nobody said which of their shades is ink.
fn schema(height: u32, width: u32) -> InputSchema {
    InputSchema { height, width, channels: 1, polarity: Polarity::AsIs, fit: Fit::Whole }
}

struct Class {
    name: String,
    pictures: Vec<PathBuf>,
}

fn has_folders(path: &Path) -> bool {
    list(path).is_ok_and(|entries| entries.iter().any(|entry| entry.is_folder))
}

/// The classes in a folder: by number if all names are numbers, else by name.
fn classes(folder: &Path) -> Result<Vec<Class>, Error> {
    let mut entries = list(folder)?;
    if let Some(loose) = entries.iter().find(|entry| !entry.is_folder) {
        return Err(Error::LooseFile { path: loose.path.clone() });
    }
    check_classes(folder, entries.len())?;
    if entries.iter().all(|entry| entry.name.parse::<i64>().is_ok()) {
        entries.sort_by_key(|entry| entry.name.parse::<i64>().ok()); // stable: `01` stays before `1`
    }
    entries
        .into_iter()
        .map(|entry| {
            let pictures = listing::pictures(&entry.path)?.into_iter().map(|picture| picture.path).collect();
            Ok(Class { name: entry.name, pictures })
        })
        .collect()
}

fn check_classes(folder: &Path, found: usize) -> Result<(), Error> {
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

/// Every sixth picture of each class goes to the test half; of two to five, the last one.
fn keep_some_for_test(folder: &Path, classes: Vec<Class>) -> Result<(Vec<Class>, Vec<Class>), Error> {
    let mut halves = (Vec::new(), Vec::new());
    for Class { name, pictures } in classes {
        let every = TEST_EVERY.min(pictures.len()).max(2);
        let (test, train): (Vec<_>, Vec<_>) =
            pictures.into_iter().enumerate().partition(|(i, _)| i % every == every - 1);
        let class = |pictures: Vec<(usize, PathBuf)>| Class {
            name: name.clone(),
            pictures: pictures.into_iter().map(|(_, path)| path).collect(),
        };
        halves.0.push(class(train));
        halves.1.push(class(test));
    }
    if halves.1.iter().all(|class| class.pictures.is_empty()) {
        return Err(Error::NoTest { folder: folder.to_owned() });
    }
    Ok(halves)
}

/// Height and width that the pictures are brought to.
fn common_size<'a>(classes: impl Iterator<Item = &'a Class>) -> Result<(u32, u32), Error> {
    let paths: Vec<&PathBuf> = classes.flat_map(|class| &class.pictures).collect();
    let sizes = in_parallel(&paths, |path| picture::size(path))?;
    let (width, height) = sizes[0];
    let kept = width.max(height) <= KEPT_SIDE && sizes.iter().all(|&size| size == (width, height));
    Ok(if kept { (height, width) } else { (SIDE, SIDE) })
}

fn split(classes: &[Class], input: &InputSchema) -> Result<Split, Error> {
    let labelled: Vec<(u8, &PathBuf)> = (0..=u8::MAX)
        .zip(classes)
        .flat_map(|(label, class)| class.pictures.iter().map(move |path| (label, path)))
        .collect();
    let pictures = in_parallel(&labelled, |(_, path)| picture::load(path, input))?;
    Ok(Split {
        images: pictures.into_iter().flat_map(|picture| picture.pixels).collect(),
        labels: labelled.iter().map(|&(label, _)| label).collect(),
        height: input.height as usize,
        width: input.width as usize,
    })
}
