//! Digits in the manner of Afro-MNIST, for a machine that does not have the official files: one
//! glyph per digit of a script, each picture a smooth random displacement of it (see `deform`).
//!
//! Sample i of a split is a pure function of (script, split, i): stream i of `ChaCha8` under a key
//! made of the script's name. So it does not matter how many threads there are.

use std::path::{Path, PathBuf};

use bl_core::files;
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::{Error, Split, idx};

mod deform;

use deform::{Gaussian, PIXELS, SIDE, deform};

/// Pictures of the training half of a generated task.
pub const TRAIN: usize = 10_000;
/// Pictures of the test half of a generated task.
pub const TEST: usize = 2_000;

/// Images of the training and of the test half of a whole set, as the paper's results are measured on.
pub const WHOLE: (usize, usize) = (40_000, 10_000);
/// The seed of the sets that are generated where there are no files.
pub const SEED: u64 = 1;

const DIGITS: usize = 10;
/// Part of the key: another rule to make pictures gets another version.
const VERSION: &[u8] = b"bl-tasks/afro/v1";
/// Test sample i uses stream `TEST_STREAMS + i`, clear of every training sample.
const TEST_STREAMS: u64 = 1 << 32;
/// The order of the labels uses the stream this far above the split's first.
const ORDER_STREAM: u64 = 1 << 31;

/// A script with ten digits in Unicode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Script {
    /// Ge'ez numerals 1 to 10.
    Ethiopic,
    /// Vai digits.
    Vai,
    /// Osmanya digits.
    Osmanya,
    /// N'Ko digits.
    Nko,
}

/// The half of a task that is generated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    /// To learn from.
    Train,
    /// To be judged by.
    Test,
}

impl Script {
    /// The script of that task name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Ethiopic, Self::Vai, Self::Osmanya, Self::Nko].into_iter().find(|script| script.name() == name)
    }

    /// The name of its task.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ethiopic => "ethiopic",
            Self::Vai => "vai",
            Self::Osmanya => "osmanya",
            Self::Nko => "nko",
        }
    }

    /// Ten glyphs side by side, as PNG: see `assets/README.md`.
    fn strip(self) -> &'static [u8] {
        match self {
            Self::Ethiopic => include_bytes!("../assets/glyphs/ethiopic.png"),
            Self::Vai => include_bytes!("../assets/glyphs/vai.png"),
            Self::Osmanya => include_bytes!("../assets/glyphs/osmanya.png"),
            Self::Nko => include_bytes!("../assets/glyphs/nko.png"),
        }
    }

    /// One glyph per digit, each `[SIDE, SIDE]` with values 0 to 255.
    fn glyphs(self) -> Vec<[f32; PIXELS]> {
        let strip =
            image::load_from_memory(self.strip()).expect("embedded files are intact, a test reads them");
        let strip = strip.into_luma8();
        let pixel =
            |digit: usize, i: usize| strip[((digit * SIDE + i % SIDE) as u32, (i / SIDE) as u32)].0[0];
        (0..DIGITS).map(|digit| std::array::from_fn(|i| f32::from(pixel(digit, i)))).collect()
    }

    /// Another seed is another key; that of the first is as short as ever.
    fn rng(self, seed: u64, stream: u64) -> ChaCha8Rng {
        let mut key = Sha256::new().chain_update(VERSION).chain_update(self.name());
        if seed != SEED {
            key.update(seed.to_le_bytes());
        }
        let mut rng = ChaCha8Rng::from_seed(key.finalize().into());
        rng.set_stream(stream);
        rng
    }
}

/// The training half ([`TRAIN`]) and the test half ([`TEST`]) of a script.
pub fn generate(script: Script) -> (Split, Split) {
    (generate_half(script, Half::Train, TRAIN, SEED), generate_half(script, Half::Test, TEST, SEED))
}

/// Writes a set of so many training and test images into a folder, under MNIST's names; returns the paths.
pub fn write(
    script: Script,
    seed: u64,
    (train, test): (usize, usize),
    folder: &Path,
) -> Result<Vec<PathBuf>, Error> {
    let halves = [("train", Half::Train, train), ("t10k", Half::Test, test)];
    let mut written = Vec::new();
    std::fs::create_dir_all(folder).map_err(|cause| Error::io(folder, cause))?;
    for (name, half, count) in halves {
        let split = generate_half(script, half, count, seed);
        let sizes = [split.len(), split.height, split.width];
        let images = (format!("{name}-images-idx3-ubyte.gz"), &sizes[..], &split.images);
        let labels = (format!("{name}-labels-idx1-ubyte.gz"), &sizes[..1], &split.labels);
        for (name, shape, values) in [images, labels] {
            let path = folder.join(name);
            let bytes = idx::packed(shape, values).map_err(|cause| Error::io(&path, cause))?;
            files::write_atomically(&path, &bytes)?;
            written.push(path);
        }
    }
    Ok(written)
}

/// `count` pictures of a script, its digits equally often (as far as ten divides `count`) and in
/// random order. The pictures' order depends on `count`; their displacements do not.
pub fn generate_half(script: Script, half: Half, count: usize, seed: u64) -> Split {
    let streams = match half {
        Half::Train => 0,
        Half::Test => TEST_STREAMS,
    };
    let glyphs = script.glyphs();
    let gaussian = Gaussian::new();
    let labels = shuffled_labels(count, &mut script.rng(seed, streams + ORDER_STREAM));
    let mut images = vec![0; count * PIXELS];
    images.par_chunks_mut(PIXELS).zip(&labels).enumerate().for_each(|(i, (picture, &label))| {
        deform(&glyphs[usize::from(label)], &gaussian, &mut script.rng(seed, streams + i as u64), picture);
    });
    Split { images, labels, height: SIDE, width: SIDE, channels: 1 }
}

/// 0, 1, ... 9, 0, 1, ... in random order (Fisher and Yates).
fn shuffled_labels(count: usize, rng: &mut ChaCha8Rng) -> Vec<u8> {
    let mut labels: Vec<u8> = (0..count).map(|i| (i % DIGITS) as u8).collect();
    for i in (1..count).rev() {
        // Bits times range, high half: uneven by at most range / 2^32, and never a second draw.
        let j = (u64::from(rng.next_u32()) * (i as u64 + 1)) >> 32;
        labels.swap(i, j as usize);
    }
    labels
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCRIPTS: [Script; 4] = [Script::Ethiopic, Script::Vai, Script::Osmanya, Script::Nko];

    #[test]
    fn golden_content() {
        fn check(script: Script, half: Half, expected: &str) {
            assert_eq!(generate_half(script, half, 200, SEED).sha256(), expected, "{script:?} {half:?}");
        }
        check(
            Script::Ethiopic,
            Half::Train,
            "041429d79538c54602ea2f1543e16efc3cc0c4f207676ff3ee2e8502cb8f5c07",
        );
        check(Script::Vai, Half::Train, "9f21cfecd251ca86365b5092f7d88fef7897ef3c772ddb2f1c5efcff17b6edb9");
        check(
            Script::Osmanya,
            Half::Train,
            "babea326969f939b6864cfe695d498c9e1c53f3975bb5c9a65e91e2585999ce4",
        );
        check(Script::Nko, Half::Train, "200e60f8be5b49572a054e75eac2c71c02f6d18b4acd16d3ca9ebd45f5cd21a6");
        check(Script::Nko, Half::Test, "9f7bd74755c1e04cd99a551826d98b5aed0a4bdc0b575972d14e07c0d385a5a9");
    }

    #[test]
    fn a_seed_moves_every_image() {
        let of = |seed| generate_half(Script::Vai, Half::Train, 50, seed);
        assert_eq!(of(SEED), of(SEED));
        assert!((0..50).all(|i| of(2).image(i) != of(3).image(i)));
        assert_ne!(of(SEED).sha256(), of(2).sha256());
    }

    #[test]
    fn a_written_set_is_read_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let paths = write(Script::Nko, 7, (30, 20), folder.path()).unwrap();
        assert_eq!(paths.len(), 4);
        let task = crate::Task::open(folder.path().to_str().unwrap(), &crate::Request::default()).unwrap();
        let images = task.what.images().unwrap();
        assert_eq!(images.train, generate_half(Script::Nko, Half::Train, 30, 7));
        assert_eq!(images.test, generate_half(Script::Nko, Half::Test, 20, 7));
    }

    #[test]
    fn threads_do_not_change_a_bit() {
        let with = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| generate_half(Script::Vai, Half::Train, 100, SEED).sha256())
        };
        assert_eq!(with(1), with(3));
    }

    #[test]
    fn digits_are_balanced_and_shuffled() {
        for script in SCRIPTS {
            let split = generate_half(script, Half::Test, 100, SEED);
            let mut counts = [0; DIGITS];
            split.labels.iter().for_each(|&label| counts[usize::from(label)] += 1);
            assert_eq!(counts, [10; DIGITS]);
            assert!(!split.labels.is_sorted());
            assert_ne!(split.labels[..10], split.labels[10..20]);
        }
    }

    #[test]
    fn no_picture_occurs_twice_or_in_both_halves() {
        let (train, test) = (
            generate_half(Script::Nko, Half::Train, 300, SEED),
            generate_half(Script::Nko, Half::Test, 300, SEED),
        );
        let mut pictures: Vec<_> = (0..300).flat_map(|i| [train.image(i), test.image(i)]).collect();
        pictures.sort_unstable();
        pictures.dedup();
        assert_eq!(pictures.len(), 600);
    }
}
