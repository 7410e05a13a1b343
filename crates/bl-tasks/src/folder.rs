//! A user's own folder: the four IDX files, or one sub-folder of pictures per class.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use bl_core::io::{Fit, InputSchema, Polarity};
use bl_core::text::grouped;

use crate::kinds::Images;
use crate::listing::{self, Entry, in_parallel, list};
use crate::picture::{self, Colour};
use crate::set_files::{Found, SetFiles, USUAL, find, find_by_words};
use crate::task::{Task, What};
use crate::{Error, Source, Split};

/// Pictures of one and the same size keep it up to this many pixels a side.
const KEPT_SIDE: u32 = 64;
/// All others become this many pixels a side, as MNIST.
const SIDE: u32 = 28;
/// Without a `test` folder every so many-th image of a class is kept for testing.
pub(crate) const TEST_EVERY: usize = 6;
/// Classes that are named in a notice.
const NAMED: usize = 5;

/// Opens the folder at `path` as a task.
pub(crate) fn open(path: &Path) -> Result<Task, Error> {
    let entries = list(path)?; // that it is a folder, before looking for names in it
    if entries.is_empty() {
        return Err(Error::NoPictures { folder: path.to_owned() });
    }
    match find(path, &[&USUAL]) {
        Found::All(files) => return idx_task(path, &files),
        Found::Part { missing } => return Err(Error::Incomplete { folder: path.to_owned(), missing }),
        Found::Nothing => {}
    }
    match find_by_words(path, &entries)? {
        Found::All(files) => idx_task(path, &files),
        Found::Part { missing } => Err(Error::Incomplete { folder: path.to_owned(), missing }),
        Found::Nothing => picture_task(path),
    }
}

fn idx_task(path: &Path, files: &SetFiles) -> Result<Task, Error> {
    let (mut train, mut test, mut notices) = files.read_noted()?;
    let names = number(&mut train.labels, &mut test.labels, &files.test.labels)?;
    check_classes(path, names.len())?;
    if names.last().is_some_and(|last| *last != (names.len() - 1).to_string()) {
        notices.push(format!(
            "the labels are not 0 to {}: the {} labels there are name the classes, from `{}` to `{}`",
            names.len() - 1,
            names.len(),
            names[0],
            names[names.len() - 1]
        ));
    }
    notices.extend(without_test(&names, &test));
    task(path, names, &notices, train, test)
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

fn listed(names: &[&str]) -> String {
    let shown: Vec<String> = names.iter().take(NAMED).map(|name| format!("`{name}`")).collect();
    match names.len().saturating_sub(NAMED) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn picture_task(path: &Path) -> Result<Task, Error> {
    let (train_folder, test_folder) = (path.join("train"), path.join("test"));
    let own_halves = has_folders(&train_folder) && has_folders(&test_folder);
    let (train, test) = if own_halves {
        let (train, test) = (classes(&train_folder)?, classes(&test_folder)?);
        check_same(&train_folder, &train, &test)?;
        (train, test)
    } else {
        keep_some_for_test(path, classes(path)?)?
    };
    let labels: Vec<String> = train.iter().map(|class| class.name.clone()).collect();
    let mut notices = if own_halves { beside_halves(path)? } else { Vec::new() };
    if !own_halves {
        let count = |classes: &[Class]| classes.iter().map(|class| class.pictures.len()).sum::<usize>();
        notices.push(format!(
            "`{}` has no folders `train` and `test`: every {TEST_EVERY}th image of a class is kept for testing, \
             {} of {}",
            path.display(),
            grouped(count(&test)),
            grouped(count(&train) + count(&test)),
        ));
    }
    let (height, width) = common_size(train.iter().chain(&test))?;
    let input = schema(height, width);
    let (train, test) = (split(&train, &input)?, split(&test, &input)?);
    notices.extend(train.notes(&labels));
    notices.extend(without_test(&labels, &test.split));
    task(path, labels, &notices, train.split, test.split)
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

pub(crate) fn task(
    path: &Path,
    labels: Vec<String>,
    notices: &[String],
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
        notice: (!notices.is_empty()).then(|| notices.join("; ")),
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
            let pictures = listing::pictures(&entry.path)?;
            let pictures = pictures.iter().map(|picture| picture.plain().map(Path::to_owned));
            Ok(Class { name: entry.name, pictures: pictures.collect::<Result<_, _>>()? })
        })
        .collect()
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

/// One half, and what was lost and guessed on the way.
struct Half {
    split: Split,
    /// Of each image.
    colours: Vec<Option<Colour>>,
    notes: Vec<Option<String>>,
}

fn split(classes: &[Class], input: &InputSchema) -> Result<Half, Error> {
    let labelled: Vec<(u8, &PathBuf)> = (0..=u8::MAX)
        .zip(classes)
        .flat_map(|(label, class)| class.pictures.iter().map(move |path| (label, path)))
        .collect();
    let pictures = in_parallel(&labelled, |(_, path)| picture::load_with_colour(path, input))?;
    let (pictures, colours): (Vec<_>, Vec<_>) = pictures.into_iter().unzip();
    let notes = pictures.iter().map(|picture| picture.note.clone()).collect();
    let split = Split {
        images: pictures.into_iter().flat_map(|picture| picture.pixels).collect(),
        labels: labelled.iter().map(|&(label, _)| label).collect(),
        height: input.height as usize,
        width: input.width as usize,
    };
    Ok(Half { split, colours, notes })
}

impl Half {
    /// What is to be said of it.
    fn notes(&self, names: &[String]) -> Vec<String> {
        let mut notes = Vec::new();
        let guessed: Vec<&String> = self.notes.iter().flatten().collect();
        if let Some(first) = guessed.first() {
            notes.push(format!("{} of {} training images: {first}", guessed.len(), self.notes.len()));
        }
        let coloured = self.colours.iter().flatten().count();
        if coloured > 0 {
            let alike = alike_in_grey(&self.of_classes(names.len()));
            let whose = alike.map_or_else(
                || "what differs by colour alone cannot be told apart".into(),
                |(a, b)| format!("the colours of `{}` and `{}` are about the same grey", names[a], names[b]),
            );
            notes.push(format!(
                "{coloured} of {} training images are in colour and taken as grey: {whose}",
                self.colours.len()
            ));
        }
        notes
    }

    /// The mean colour of each class that has one.
    fn of_classes(&self, classes: usize) -> Vec<Option<Colour>> {
        let mean = |class: usize| {
            let of_class = self.split.labels.iter().zip(&self.colours);
            let of_class: Vec<Colour> = of_class
                .filter(|(label, _)| usize::from(**label) == class)
                .filter_map(|(_, colour)| *colour)
                .collect();
            let sum = |of: fn(&Colour) -> f64| of_class.iter().map(of).sum::<f64>() / of_class.len() as f64;
            let rgb = [sum(|c| c.rgb[0]), sum(|c| c.rgb[1]), sum(|c| c.rgb[2])];
            (!of_class.is_empty()).then(|| Colour { rgb, grey: sum(|c| c.grey) })
        };
        (0..classes).map(mean).collect()
    }
}

/// Two classes whose colours differ, and whose grey does not.
fn alike_in_grey(classes: &[Option<Colour>]) -> Option<(usize, usize)> {
    const OTHER_COLOUR: f64 = 48.0; // of 255, in one of red, green and blue
    const OTHER_GREY: f64 = 16.0;
    let coloured: Vec<(usize, Colour)> =
        classes.iter().enumerate().filter_map(|(class, colour)| Some((class, (*colour)?))).collect();
    let alike = |a: &Colour, b: &Colour| {
        a.rgb.iter().zip(b.rgb).any(|(a, b)| (a - b).abs() > OTHER_COLOUR)
            && (a.grey - b.grey).abs() < OTHER_GREY
    };
    coloured.iter().enumerate().find_map(|(i, (a, of_a))| {
        let other = coloured[i + 1..].iter().find(|(_, of_b)| alike(of_a, of_b))?;
        Some((*a, other.0))
    })
}
