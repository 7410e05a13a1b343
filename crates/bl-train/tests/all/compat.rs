//! What version 0.1 wrote is read, and written again byte for byte; a run that it began goes on to what it would have come to, but
//! for the rounding of sums, which are taken in another order since. The files in `fixtures` are that version's: [`make`] says how they came about. They stay as they are,
//! whatever the program becomes.

mod make;
mod runs;

use std::path::{Path, PathBuf};

use bl_core::{Adapter, Backbone, container};
use bl_train::{Checkpoints, NetworkFile};
use sha2::{Digest, Sha256};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(fixtures().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Every `.safetensors` file below a folder, in order.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "safetensors") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// A file of any kind, read and written again. What the guard knows of the library is here and in `runs`.
fn read_and_written(path: &Path, again: &Path) -> Vec<u8> {
    let bytes = std::fs::read(path).expect("a file");
    let has = |key: &'static str| container::read(key, &bytes).is_ok();
    if has("bl_adapter") {
        return Adapter::load(path).and_then(|adapter| adapter.to_bytes()).expect("an adapter");
    }
    if has("bl_backbone") {
        Backbone::load(path).expect("a backbone").save(again).expect("written");
    } else {
        NetworkFile::load(path).expect("a network").expect("a network").save(again).expect("written");
    }
    std::fs::read(again).expect("it was written")
}

#[track_caller]
fn keeps_its_bytes(path: &Path) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let again = read_and_written(path, &folder.path().join("again"));
    assert!(again == std::fs::read(path).expect("a file"), "{}: other bytes", path.display());
}

#[test]
fn the_projects_own_adapters_keep_their_bytes() {
    let adapters = files(&root().join("adapters"));
    assert!(adapters.len() >= 13, "{adapters:?}");
    for path in &adapters {
        keeps_its_bytes(path);
    }
}

#[test]
fn every_kind_of_file_of_version_0_1_keeps_its_bytes() {
    let all = files(&fixtures());
    let count = |prefix: &str| {
        let names = all.iter().filter_map(|path| path.file_name()?.to_str());
        names.filter(|name| name.starts_with(prefix)).count()
    };
    let found = ["adapter-", "backbone-", "network-", "format-"].map(count);
    assert_eq!(found, [20, 4, 3, 6], "fixtures are added, never taken away: {all:#?}");
    for path in &all {
        keeps_its_bytes(path);
    }
}

#[test]
fn the_samples_of_the_format_keep_their_bytes() {
    let document = std::fs::read_to_string(root().join("FORMAT.md")).expect("FORMAT.md");
    let samples = files(&fixtures()).into_iter().filter(|path| {
        path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with("format-"))
    });
    for path in samples {
        let bytes = read_and_written(&path, Path::new("an adapter is not written to a file here"));
        let digest =
            Sha256::digest(&bytes).iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
        let stated = format!("\"file_sha256\": \"{digest}\"");
        assert!(document.contains(&stated), "{}: {stated} is not in FORMAT.md", path.display());
    }
}

#[test]
fn backbones_are_still_those_that_their_specs_generate() {
    for path in files(&fixtures()) {
        if let Ok(backbone) = Backbone::load(&path) {
            let again = Backbone::generate(backbone.spec()).expect("its own spec");
            assert_eq!(again.fingerprint(), backbone.fingerprint());
        }
    }
}

/// The numbers of a file, by name.
fn values(bytes: &[u8]) -> Vec<(String, Vec<u8>, Vec<f32>)> {
    let read = |key| container::read(key, bytes).ok();
    let (_, tensors) = read("bl_network").or_else(|| read("bl_adapter")).expect("a network or an adapter");
    let mut all: Vec<_> = tensors.tensors();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    let f32s =
        |data: &[u8]| data.chunks_exact(4).map(|x| f32::from_le_bytes([x[0], x[1], x[2], x[3]])).collect();
    all.into_iter().map(|(name, tensor)| (name, tensor.data().to_vec(), f32s(tensor.data()))).collect()
}

/// Whether two files hold the same numbers, nearly; bits of a mask are the same.
#[track_caller]
fn check_near(run: &str, found: &[u8], expected: &[u8]) {
    let (found, expected) = (values(found), values(expected));
    assert_eq!(found.len(), expected.len(), "{run}");
    for ((name, bits, found), (expected_name, expected_bits, expected)) in found.iter().zip(&expected) {
        assert_eq!((name, bits.len()), (expected_name, expected_bits.len()), "{run}");
        if name.ends_with("mask") {
            assert_eq!(bits, expected_bits, "{run}: {name}");
            continue;
        }
        for (x, y) in found.iter().zip(expected) {
            assert!((x - y).abs() < 1e-3, "{run}: {name} has {x}, expected {y}");
        }
    }
}

#[test]
fn a_run_that_version_0_1_began_goes_on_to_its_end() {
    for run in runs::RUNS {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("checkpoint");
        std::fs::write(&path, fixture(&format!("{}.checkpoint", run.name))).expect("a small file");
        let checkpoints = Checkpoints { path: Some(path), resume: true };
        let found = (run.train)(checkpoints, None).unwrap_or_else(|error| panic!("{}: {error}", run.name));
        check_near(run.name, &found, &fixture(run.end));
    }
}

#[test]
fn a_run_from_the_beginning_comes_to_the_same_end() {
    for run in runs::RUNS {
        let found = (run.train)(Checkpoints::default(), None).expect(run.name);
        check_near(run.name, &found, &fixture(run.end));
    }
}
