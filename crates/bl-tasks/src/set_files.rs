//! The files of a data set: what they are called, and how they become two splits.

use std::path::{Path, PathBuf};

use crate::grey::Reading;
use crate::npy::{self, Npy};
use crate::{Error, Split, cifar, idx};

mod words;

pub(crate) use words::find_by_words;

/// The format of a set's files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// See [`idx`].
    Idx,
    /// See [`npy`].
    Npy,
    /// CIFAR-10's binary version, which has labels and images in one file, and several for training.
    Cifar,
}

/// Images and their labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The file of images; of CIFAR-10 several.
    pub images: Vec<PathBuf>,
    /// The file of labels; of CIFAR-10 the first of images, which has them too.
    pub labels: PathBuf,
}

/// The files of one data set, all there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetFiles {
    /// The training half.
    pub train: Pair,
    /// The test half.
    pub test: Pair,
    /// The format of all.
    pub format: Format,
}

/// One way to call the files, with alternatives for each: training images, training labels,
/// test images, test labels (of CIFAR-10, the training batches and then that for testing). An IDX file may also end in `.gz`.
#[derive(Debug)]
pub(crate) struct Naming {
    pub(crate) format: Format,
    pub(crate) files: &'static [&'static [&'static str]],
}

/// The names MNIST's files have, with the dot that some unpackers make of the last dash.
pub(crate) const USUAL: Naming = Naming {
    format: Format::Idx,
    files: &[
        &["train-images-idx3-ubyte", "train-images.idx3-ubyte"],
        &["train-labels-idx1-ubyte", "train-labels.idx1-ubyte"],
        &["t10k-images-idx3-ubyte", "t10k-images.idx3-ubyte"],
        &["t10k-labels-idx1-ubyte", "t10k-labels.idx1-ubyte"],
    ],
};

/// The same with a fourth dimension, the colours.
pub(crate) const COLOUR: Naming = Naming {
    format: Format::Idx,
    files: &[
        &["train-images-idx4-ubyte", "train-images.idx4-ubyte"],
        &["train-labels-idx1-ubyte", "train-labels.idx1-ubyte"],
        &["t10k-images-idx4-ubyte", "t10k-images.idx4-ubyte"],
        &["t10k-labels-idx1-ubyte", "t10k-labels.idx1-ubyte"],
    ],
};

/// What a folder has of a set.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    All(SetFiles),
    Part { missing: Vec<&'static str> },
    Nothing,
}

impl Naming {
    fn extensions(&self) -> &'static [&'static str] {
        match self.format {
            Format::Idx => &["", ".gz"],
            Format::Npy | Format::Cifar => &[""],
        }
    }

    /// The files in `folder`, each the first of its names that is there; else what lacks.
    fn look(&self, folder: &Path) -> Result<SetFiles, Vec<&'static str>> {
        let file = |names: &&'static [&'static str]| {
            let candidates = names.iter().flat_map(|name| {
                self.extensions().iter().map(move |extension| folder.join(format!("{name}{extension}")))
            });
            candidates.into_iter().find(|path| path.is_file()).ok_or(names[0])
        };
        let files: Vec<Result<PathBuf, &str>> = self.files.iter().map(file).collect();
        let missing: Vec<&str> = files.iter().filter_map(|file| file.as_ref().err().copied()).collect();
        let files: Vec<PathBuf> = files.into_iter().flatten().collect();
        match (self.format, &*files) {
            _ if !missing.is_empty() => Err(missing),
            (Format::Cifar, [train @ .., test]) if !train.is_empty() => Ok(SetFiles {
                train: Pair { images: train.to_vec(), labels: train[0].clone() },
                test: Pair { images: vec![test.clone()], labels: test.clone() },
                format: self.format,
            }),
            (_, [a, b, c, d]) => Ok(SetFiles::of(self.format, [a, b, c, d])),
            _ => Err(missing),
        }
    }

    /// The usual names, for a message.
    pub(crate) fn describe(&self) -> String {
        let names = self.files.iter().map(|names| format!("`{}`", names[0])).collect::<Vec<_>>().join(", ");
        match self.format {
            Format::Idx => format!("{names} (each plain or `.gz`)"),
            Format::Npy | Format::Cifar => names,
        }
    }
}

/// Looks for a set in `folder`; of several namings the first that is complete counts.
pub(crate) fn find(folder: &Path, namings: &[&Naming]) -> Found {
    let mut fewest: Option<Vec<&'static str>> = None;
    for naming in namings {
        match naming.look(folder) {
            Ok(files) => return Found::All(files),
            Err(missing) => {
                let most = fewest.as_ref().map_or(naming.files.len(), Vec::len);
                if missing.len() < most {
                    fewest = Some(missing);
                }
            }
        }
    }
    fewest.map_or(Found::Nothing, |missing| Found::Part { missing })
}

impl SetFiles {
    /// Training images and labels, then those for testing.
    fn of(format: Format, [a, b, c, d]: [&PathBuf; 4]) -> Self {
        let pair = |images: &PathBuf, labels: &PathBuf| Pair {
            images: vec![images.clone()],
            labels: labels.clone(),
        };
        Self { train: pair(a, b), test: pair(c, d), format }
    }

    /// Reads both halves, one beside the other.
    pub fn read(&self) -> Result<(Split, Split), Error> {
        self.read_noted().map(|(train, test, _)| (train, test))
    }

    /// As [`Self::read`], with what was guessed of the numbers and must be said.
    pub(crate) fn read_noted(&self) -> Result<(Split, Split, Vec<String>), Error> {
        let (train, test) = rayon::join(|| self.train.read(self.format), || self.test.read(self.format));
        let ((train, of_train), (test, of_test)) = (train?, test?);
        if train.shape() != test.shape() {
            let (expected, found) = (train.shape(), test.shape());
            return Err(Error::ImageSize { path: self.test.images().to_owned(), expected, found });
        }
        let note = |half: &str, reading: Reading| Some(format!("{half} images: {}", reading.note()?));
        let notes = [note("training", of_train), note("test", of_test)];
        Ok((train, test, notes.into_iter().flatten().collect()))
    }

    /// That every label names one of `classes` classes.
    pub(crate) fn check_labels(&self, train: &Split, test: &Split, classes: usize) -> Result<(), Error> {
        for (pair, split) in [(&self.train, train), (&self.test, test)] {
            if let Some(index) = split.labels.iter().position(|&label| usize::from(label) >= classes) {
                let (path, found) = (pair.labels.clone(), split.labels[index]);
                return Err(Error::Label { path, index, found, classes });
            }
        }
        Ok(())
    }
}

impl Pair {
    /// The (first) file of images.
    pub fn images(&self) -> &Path {
        self.images.first().unwrap_or(&self.labels)
    }

    fn read(&self, format: Format) -> Result<(Split, Reading), Error> {
        let (shape, pixels, labels, reading) = match format {
            Format::Cifar => return Ok((cifar::read(&self.images)?, Reading::Bytes)),
            Format::Idx => {
                let idx::Array { shape, values: mut pixels } = idx::images(self.images())?;
                let reading = Reading::of_bytes(&pixels);
                reading.apply(&mut pixels);
                (shape, pixels, idx::labels(&self.labels)?.values, reading)
            }
            Format::Npy => {
                let mut file = Npy::open(self.images())?;
                let shape = file.header.shape.clone();
                if !matches!(*shape, [_, _, _] | [_, _, _, 1 | 3]) {
                    return Err(Error::npy(self.images(), npy::Fault::images(shape)));
                }
                let (pixels, reading) = file.grey()?;
                (shape, pixels, Npy::open(&self.labels)?.labels()?, reading)
            }
        };
        let (height, width, channels) = (shape[1], shape[2], shape.get(3).copied().unwrap_or(1));
        let split = Split { images: pixels, labels, height, width, channels };
        let pictures = split.images.len() / split.pixels();
        if pictures != split.len() {
            return Err(Error::Count {
                images: self.images().to_owned(),
                labels: self.labels.clone(),
                pictures,
                found: split.len(),
            });
        }
        Ok((split, reading))
    }
}
