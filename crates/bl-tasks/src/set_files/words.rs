//! Sets that call their files otherwise than MNIST does, but in the same words: `emnist-letters-train-images-idx3-ubyte.gz`,
//! `X_kannada_MNIST_train-idx3-ubyte`, `x_train.npy`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{Format, Found, SetFiles};
use crate::Error;
use crate::listing::Entry;

/// What the four files are, in the order of their places.
const ROLES: [&str; 4] = ["training images", "training labels", "test images", "test labels"];

/// The files of one set, by role.
type Files = [Option<PathBuf>; 4];

/// Looks for a set by the words in the names of the files; a set is what the other words name.
pub(crate) fn find_by_words(folder: &Path, entries: &[Entry]) -> Result<Found, Error> {
    let mut sets: BTreeMap<(String, bool), Files> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| entry.plain().is_ok()) {
        if let Some(Words { set, format, role }) = Words::of(&entry.name) {
            let files = sets.entry((set, format == Format::Npy)).or_default();
            files[role].get_or_insert_with(|| entry.path.clone()); // sorted: a plain one before its `.gz`
        }
    }
    let missing = |files: &Files| files.iter().filter(|file| file.is_none()).count();
    let whole: Vec<_> = sets.iter().filter(|(_, files)| missing(files) == 0).collect();
    match whole.as_slice() {
        [((_, npy), [Some(a), Some(b), Some(c), Some(d)])] => {
            let format = if *npy { Format::Npy } else { Format::Idx };
            Ok(Found::All(SetFiles::of(format, [a, b, c, d])))
        }
        [] => {
            let most = sets.values().filter(|files| missing(files) <= 2).min_by_key(|files| missing(files));
            Ok(most.map_or(Found::Nothing, |files| {
                let missing = (0..4).filter(|&role| files[role].is_none()).map(|role| ROLES[role]);
                Found::Part { missing: missing.collect() }
            }))
        }
        several => {
            let sets = several.iter().map(|((set, _), _)| set.clone()).collect();
            Err(Error::SeveralSets { folder: folder.to_owned(), sets })
        }
    }
}

/// What the name of a file says.
#[derive(Debug, PartialEq, Eq)]
struct Words {
    /// The words that do not say the role.
    set: String,
    format: Format,
    /// Its place in [`ROLES`].
    role: usize,
}

impl Words {
    fn of(name: &str) -> Option<Self> {
        let name = name.to_lowercase();
        let packed = name.strip_suffix(".gz");
        let (name, format) = match name.strip_suffix(".npy") {
            Some(name) => (name, Format::Npy),
            None => (packed.unwrap_or(&name), Format::Idx),
        };
        let (mut half, mut labels, mut dimensions, mut set) = (None, None, None, Vec::new());
        let mut is_idx = name.ends_with("ubyte");
        for word in name.split(|c: char| !c.is_alphanumeric()) {
            match word {
                "train" | "training" => half = Some(0),
                "test" | "testing" | "t10k" => half = Some(2),
                "images" | "image" | "imgs" | "img" | "x" => labels = Some(0),
                "labels" | "label" | "lbls" | "y" => labels = Some(1),
                "idx3" | "idx4" => dimensions = Some(0),
                "idx1" => dimensions = Some(1),
                "ubyte" | "" => {}
                "idx" => is_idx = true,
                other => set.push(other),
            }
        }
        let role = half? + labels.or(dimensions)?;
        (format == Format::Npy || is_idx || dimensions.is_some()).then(|| Self {
            set: set.join("-"),
            format,
            role,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_the_role() {
        fn check(name: &str, expected: Option<(&str, Format, usize)>) {
            let found = Words::of(name);
            let found = found.as_ref().map(|words| (&*words.set, words.format, words.role));
            assert_eq!(found, expected, "{name}");
        }
        let idx = Format::Idx;
        check("emnist-letters-train-images-idx3-ubyte.gz", Some(("emnist-letters", idx, 0)));
        check("emnist-letters-test-labels-idx1-ubyte", Some(("emnist-letters", idx, 3)));
        check("X_kannada_MNIST_train-idx3-ubyte", Some(("kannada-mnist", idx, 0)));
        check("y_kannada_MNIST_test-idx1-ubyte.gz", Some(("kannada-mnist", idx, 3)));
        check("t10k-images.idx3-ubyte", Some(("", idx, 2)));
        check("Ethiopic_MNIST_y_train.npy", Some(("ethiopic-mnist", Format::Npy, 1)));
        check("train-images-idx4-ubyte.gz", Some(("", idx, 0)));
        check("train_images.npy", Some(("", Format::Npy, 0)));
        check("emnist-letters-mapping.txt", None);
        check("train-images.png", None);
        check("images-idx3-ubyte", None);
    }
}
