//! The binary version of CIFAR-10: records of a label and then all red, all green and all blue values of an image of 32 × 32.

use std::path::{Path, PathBuf};

use crate::set_files::{Format, Naming};
use crate::{Error, Split};

/// Pixels a side.
const SIDE: usize = 32;
const PIXELS: usize = SIDE * SIDE;
/// Bytes of a record.
const RECORD: usize = 1 + 3 * PIXELS;
/// Records of a file, at most; the official ones have 10,000.
const MOST: usize = 100_000;

macro_rules! names {
    ($($name:literal),+) => {
        &[$(&[concat!($name, ".bin"), concat!("cifar-10-batches-bin/", $name, ".bin")]),+]
    };
}

/// The official names, unpacked here or in the folder that the archive makes; the last one is the test half.
pub(crate) const NAMING: Naming = Naming {
    format: Format::Cifar,
    files: names!(
        "data_batch_1",
        "data_batch_2",
        "data_batch_3",
        "data_batch_4",
        "data_batch_5",
        "test_batch"
    ),
};

/// How a file can be wrong.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// Something else, or a part of it.
    #[error("expected whole records of {RECORD} bytes (CIFAR-10's binary version), found {found} bytes")]
    Length {
        /// Bytes of the file.
        found: u64,
    },
    /// More than is ever read.
    #[error("expected at most {MOST} images in a file, found {found}")]
    TooLarge {
        /// Images.
        found: u64,
    },
}

/// All images of some files, and their labels.
pub(crate) fn read(files: &[PathBuf]) -> Result<Split, Error> {
    let mut split = Split { images: Vec::new(), labels: Vec::new(), height: SIDE, width: SIDE, channels: 3 };
    for path in files {
        for record in records(path)?.chunks_exact(RECORD) {
            split.labels.push(record[0]);
            let pixel = |pixel: usize| (0..3).map(move |channel| record[1 + channel * PIXELS + pixel]);
            split.images.extend((0..PIXELS).flat_map(pixel));
        }
    }
    Ok(split)
}

fn records(path: &Path) -> Result<Vec<u8>, Error> {
    let failed = |cause| Error::io(path, cause);
    let wrong = |fault| Error::Cifar { path: path.to_owned(), fault };
    let found = std::fs::metadata(path).map_err(failed)?.len();
    if found == 0 || !found.is_multiple_of(RECORD as u64) {
        return Err(wrong(Fault::Length { found }));
    }
    if found > (RECORD * MOST) as u64 {
        return Err(wrong(Fault::TooLarge { found: found / RECORD as u64 }));
    }
    std::fs::read(path).map_err(failed)
}

/// The names of the classes, which the archive has beside the images: those of the labels, if there are enough.
pub(crate) fn class_names(folder: &Path, labels: &[String]) -> Option<Vec<String>> {
    let text = std::fs::read_to_string(folder.join("batches.meta.txt")).ok()?;
    let names: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    labels.iter().map(|label| Some((*names.get(label.parse::<usize>().ok()?)?).to_owned())).collect()
}

/// Whether a folder holds the version of CIFAR-10 for Python, which is not read.
pub(crate) fn is_pickled(folder: &Path) -> bool {
    ["data_batch_1", "cifar-10-batches-py/data_batch_1"].iter().any(|name| folder.join(name).is_file())
}
