//! The four files of a data set: what they are called, and how they become two splits.

use std::path::{Path, PathBuf};

use crate::grey::Reading;
use crate::npy::{self, Npy};
use crate::{Error, Split, idx};

mod words;

pub(crate) use words::find_by_words;

/// The format of a set's files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// See [`idx`].
    Idx,
    /// See [`npy`].
    Npy,
}

/// Images and their labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The file of images.
    pub images: PathBuf,
    /// The file of labels.
    pub labels: PathBuf,
}

/// The files of one data set, all there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetFiles {
    /// The training half.
    pub train: Pair,
    /// The test half.
    pub test: Pair,
    /// The format of all four.
    pub format: Format,
}

/// One way to call the four files, with alternatives for each: training images, training labels,
/// test images, test labels. An IDX file may also end in `.gz`.
#[derive(Debug)]
pub(crate) struct Naming {
    pub(crate) format: Format,
    pub(crate) files: [&'static [&'static str]; 4],
}

/// The names MNIST's files have, with the dot that some unpackers make of the last dash.
pub(crate) const USUAL: Naming = Naming {
    format: Format::Idx,
    files: [
        &["train-images-idx3-ubyte", "train-images.idx3-ubyte"],
        &["train-labels-idx1-ubyte", "train-labels.idx1-ubyte"],
        &["t10k-images-idx3-ubyte", "t10k-images.idx3-ubyte"],
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
            Format::Npy => &[""],
        }
    }

    /// The four files in `folder`, each the first of its names that is there.
    fn look(&self, folder: &Path) -> [Option<PathBuf>; 4] {
        self.files.map(|names| {
            let candidates = names.iter().flat_map(|name| {
                self.extensions().iter().map(move |extension| folder.join(format!("{name}{extension}")))
            });
            candidates.into_iter().find(|path| path.is_file())
        })
    }

    /// The usual four names, for a message.
    pub(crate) fn describe(&self) -> String {
        let names = self.files.map(|names| format!("`{}`", names[0])).join(", ");
        match self.format {
            Format::Idx => format!("{names} (each plain or `.gz`)"),
            Format::Npy => names,
        }
    }
}

/// Looks for a set in `folder`; of several namings the first that is complete counts.
pub(crate) fn find(folder: &Path, namings: &[&Naming]) -> Found {
    let mut fewest: Option<Vec<&'static str>> = None;
    for naming in namings {
        let missing = match naming.look(folder) {
            [Some(a), Some(b), Some(c), Some(d)] => {
                return Found::All(SetFiles {
                    train: Pair { images: a, labels: b },
                    test: Pair { images: c, labels: d },
                    format: naming.format,
                });
            }
            files => (0..4).filter(|&i| files[i].is_none()).map(|i| naming.files[i][0]).collect::<Vec<_>>(),
        };
        if missing.len() < fewest.as_ref().map_or(4, Vec::len) {
            fewest = Some(missing);
        }
    }
    fewest.map_or(Found::Nothing, |missing| Found::Part { missing })
}

/// The pictures of one file.
struct Images {
    height: usize,
    width: usize,
    pixels: Vec<u8>,
    reading: Reading,
}

impl SetFiles {
    /// Reads both halves, one beside the other.
    pub fn read(&self) -> Result<(Split, Split), Error> {
        self.read_noted().map(|(train, test, _)| (train, test))
    }

    /// As [`Self::read`], with what was guessed of the numbers and must be said.
    pub(crate) fn read_noted(&self) -> Result<(Split, Split, Vec<String>), Error> {
        let (train, test) = rayon::join(|| self.train.read(self.format), || self.test.read(self.format));
        let ((train, of_train), (test, of_test)) = (train?, test?);
        if (train.height, train.width) != (test.height, test.width) {
            return Err(Error::ImageSize {
                path: self.test.images.clone(),
                expected: (train.height, train.width),
                found: (test.height, test.width),
            });
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
    fn read(&self, format: Format) -> Result<(Split, Reading), Error> {
        let (images, labels) = match format {
            Format::Idx => {
                let idx::Array { shape, values: mut pixels } = idx::images(&self.images)?;
                let reading = Reading::of_bytes(&pixels);
                reading.apply(&mut pixels);
                let images = Images { height: shape[1], width: shape[2], pixels, reading };
                (images, idx::labels(&self.labels)?.values)
            }
            Format::Npy => (npy_images(&self.images)?, Npy::open(&self.labels)?.labels()?),
        };
        let pictures = images.pixels.len() / (images.height * images.width);
        if pictures != labels.len() {
            return Err(Error::Count {
                images: self.images.clone(),
                labels: self.labels.clone(),
                pictures,
                found: labels.len(),
            });
        }
        let Images { height, width, pixels, reading } = images;
        Ok((Split { images: pixels, labels, height, width }, reading))
    }
}

fn npy_images(path: &Path) -> Result<Images, Error> {
    let mut file = Npy::open(path)?;
    let &[_, height, width] = file.header.shape.as_slice() else {
        let (expected, found) = ("images of shape [count, height, width]".into(), file.header.shape);
        return Err(Error::npy(path, npy::Fault::Shape { expected, found }));
    };
    let (pixels, reading) = file.grey()?;
    Ok(Images { height, width, pixels, reading })
}
