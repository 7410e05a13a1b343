//! Data sets from a mirror on loopback.

use std::io::Write;

use bl_hub::{DataFile, Error, Fetched, OfficialSet, official_set};
use bl_mock_hub::{Fault, sha256};
use bl_tasks::{DataDir, catalogue};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::support::Scene;

const CONTENT: &[u8] = b"0123456789 images, more or less";

/// A set of two small files; names and digests live as long as the test.
fn set() -> OfficialSet {
    let digest: &'static str = sha256(CONTENT).leak();
    let file = |name| DataFile { name, bytes: CONTENT.len() as u64, sha256: digest };
    let files = vec![file("packed-idx3-ubyte.gz"), file("plain.npy")].leak();
    OfficialSet { task: "toy", mirrors: &[], files, archive: None }
}

fn packed(level: u32) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(level));
    encoder.write_all(CONTENT).unwrap();
    encoder.finish().unwrap()
}

fn scene(level: u32) -> (Scene, DataDir) {
    let scene = Scene::new();
    scene.mock.put_plain("/data/toy/packed-idx3-ubyte.gz", &packed(level));
    scene.mock.put_plain("/data/toy/plain.npy", CONTENT);
    let data = DataDir::resolve(Some(scene.home.path().join("data")));
    (scene, data)
}

fn fetch(scene: &Scene, data: &DataDir) -> Result<Vec<Fetched>, Error> {
    let mirror = format!("{}/data", scene.mock.endpoint());
    scene.hub().fetch_data(&set(), data, Some(&mirror), &mut |_| {})
}

#[test]
fn what_counts_is_the_content_however_it_is_packed() {
    for level in [0, 9] {
        let (scene, data) = scene(level);
        let fetched = fetch(&scene, &data).unwrap();
        assert!(fetched.iter().all(|file| file.from.is_some()));
        assert_eq!(std::fs::read(data.folder("toy").join("packed-idx3-ubyte.gz")).unwrap(), packed(level));
        let requests = scene.mock.requests();
        assert!(requests.iter().all(|request| request.token.is_none()), "no mirror gets the token");
        let again = fetch(&scene, &data).unwrap();
        assert!(again.iter().all(|file| file.from.is_none()), "what is there is not fetched again");
        assert_eq!(scene.mock.requests().len(), requests.len());
    }
}

#[test]
fn nothing_wrong_is_left_behind() {
    for fault in [
        Fault::ErrorPage(200),
        Fault::ErrorPage(500),
        Fault::Truncated,
        Fault::Tampered,
        Fault::Status(403),
        Fault::Status(404),
    ] {
        let (scene, data) = scene(6);
        scene.mock.set(fault.clone());
        let error = fetch(&scene, &data).expect_err(&format!("{fault:?}"));
        assert!(!error.to_string().is_empty());
        assert!(!data.folder("toy").exists(), "{fault:?}: {error}");
        scene.mock.set(Fault::None);
        fetch(&scene, &data).expect("the mirror behaves");
    }
}

#[test]
fn a_broken_transfer_goes_on() {
    let (scene, data) = scene(6);
    scene.mock.set(Fault::Dropped { times: 2, ranges: true });
    fetch(&scene, &data).unwrap();
    assert!(scene.mock.requests().iter().any(|request| request.range.is_some()));
}

#[test]
fn what_broke_off_goes_on_in_the_next_run() {
    let (scene, data) = scene(6);
    scene.mock.set(Fault::Dropped { times: 3, ranges: true });
    let error = fetch(&scene, &data).unwrap_err();
    assert!(matches!(error, Error::Truncated { .. }), "{error:?}");
    let part = data.folder("toy").join(".packed-idx3-ubyte.gz.part");
    let have = std::fs::metadata(&part).unwrap().len() as usize;
    scene.mock.set(Fault::None);
    let before = scene.mock.requests().len();
    fetch(&scene, &data).unwrap();
    assert_eq!(scene.mock.requests()[before].range, Some(have));
    assert!(!part.exists());

    // A beginning that does not fit the rest is thrown away, and all is fetched.
    std::fs::remove_file(data.folder("toy").join("packed-idx3-ubyte.gz")).unwrap();
    std::fs::write(&part, b"of another file").unwrap();
    fetch(&scene, &data).unwrap();
    assert_eq!(std::fs::read(data.folder("toy").join("packed-idx3-ubyte.gz")).unwrap(), packed(6));
}

#[test]
fn a_damaged_file_is_fetched_again_and_the_others_stay() {
    let (scene, data) = scene(6);
    fetch(&scene, &data).unwrap();
    std::fs::write(data.folder("toy").join("plain.npy"), b"else").unwrap();
    let again = fetch(&scene, &data).unwrap();
    assert_eq!(again.iter().map(|file| file.from.is_some()).collect::<Vec<_>>(), [false, true]);
}

/// A gzipped tar of these members, in a folder.
fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    for (name, content) in members {
        let mut header = [0; 512];
        let name = format!("folder/{name}");
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[124..135].copy_from_slice(format!("{:011o}", content.len()).as_bytes());
        encoder.write_all(&header).unwrap();
        encoder.write_all(content).unwrap();
        encoder.write_all(&vec![0; content.len().next_multiple_of(512) - content.len()]).unwrap();
    }
    encoder.write_all(&[0; 1024]).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn files_of_an_archive_are_taken_out_of_it() {
    let digest: &'static str = sha256(CONTENT).leak();
    let file = |name| DataFile { name, bytes: CONTENT.len() as u64, sha256: digest };
    let files = vec![file("a.bin"), file("b.bin")].leak();
    let set = OfficialSet { task: "toy", mirrors: &[], files, archive: Some(("all.tar.gz", 4096)) };
    let check = |archive: &[u8], expected: Result<(), &str>| {
        let (scene, data) = scene(6);
        scene.mock.put_plain("/data/toy/all.tar.gz", archive);
        let mirror = format!("{}/data", scene.mock.endpoint());
        let fetch = || scene.hub().fetch_data(&set, &data, Some(&mirror), &mut |_| {});
        let found = fetch();
        let left = std::fs::read_dir(data.folder("toy")).map_or(0, Iterator::count);
        match expected {
            Ok(()) => {
                assert!(found.unwrap().iter().all(|file| file.from.is_some()));
                assert_eq!(left, 2, "the archive is gone");
                assert!(fetch().unwrap().iter().all(|file| file.from.is_none()));
                std::fs::write(data.folder("toy").join("b.bin"), b"damaged").unwrap();
                let from: Vec<bool> = fetch().unwrap().iter().map(|file| file.from.is_some()).collect();
                assert_eq!(from, [false, true], "what is there stays");
            }
            Err(words) => {
                let error = found.unwrap_err().to_string();
                assert!(error.contains(words), "{error}");
                assert_eq!(left, 0, "nothing is left: {words}");
            }
        }
    };
    let other: &[u8] = &[7; CONTENT.len()];
    check(&tar(&[("readme.html", b"x"), ("b.bin", CONTENT), ("a.bin", CONTENT)]), Ok(()));
    check(&tar(&[("a.bin", CONTENT)]), Err("an archive without it"));
    check(&tar(&[]), Err("`a.bin` of 31 bytes"));
    check(&tar(&[("a.bin", CONTENT), ("b.bin", other)]), Err("sha256"));
    check(b"no gzip at all", Err("a gzipped tar archive"));
    check(&tar(&[("a.bin", CONTENT)])[..40], Err("an archive without it"));
}

#[test]
fn offline_what_is_there_is_enough() {
    let (scene, data) = scene(6);
    let error = scene.offline().fetch_data(&set(), &data, None, &mut |_| {}).unwrap_err();
    assert!(matches!(error, Error::Offline { .. }));
    fetch(&scene, &data).unwrap();
    let connections = scene.mock.connections();
    scene.offline().fetch_data(&set(), &data, None, &mut |_| {}).unwrap();
    assert_eq!(scene.mock.connections(), connections);
}

#[test]
fn every_set_of_images_has_its_files_where_the_program_looks_for_them() {
    let folder = tempfile::tempdir().unwrap();
    let data = DataDir::resolve(Some(folder.path().into()));
    for (task, images) in catalogue().filter_map(|task| Some((task, task.images()?))) {
        let set = official_set(task.name).unwrap();
        std::fs::create_dir_all(data.folder(task.name)).unwrap();
        for file in set.files {
            std::fs::write(data.folder(task.name).join(file.name), b"").unwrap();
            assert_eq!(file.sha256.len(), 64);
        }
        let found = bl_tasks::locate(task.name, images, &data);
        assert!(matches!(found, bl_tasks::Availability::Official(_)), "{}: {found:?}", task.name);
        assert!(set.mirrors.iter().all(|mirror| mirror.ends_with('/')));
    }
    for (task, words, hint) in [
        ("lorenz", "its data are simulated", None),
        ("mnst", "not a data set", Some("did you mean `mnist`?")),
        ("quicksort", "not a data set", Some("`bl-adapt data list`")),
    ] {
        let error = official_set(task).unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
        let said = error.hint().unwrap_or_default();
        assert_eq!(hint.is_some(), !said.is_empty(), "{said}");
        assert!(said.contains(hint.unwrap_or_default()), "{said}");
    }
}

/// With `BL_DATA_DIR`, the pinned digests are those of the files that are there.
#[test]
fn digests_are_those_of_the_official_content() {
    let Some(root) = std::env::var_os("BL_DATA_DIR") else {
        println!("BL_DATA_DIR is not set: the digests of real files are not tested");
        return;
    };
    for task in ["mnist", "kmnist", "fashion", "kannada"] {
        let set = official_set(task).unwrap();
        let usual = official_set("mnist").unwrap(); // names of files that were packed anew
        let folder = std::path::Path::new(&root).join(task);
        for (file, name) in set.files.iter().zip(usual.files.iter().map(|file| file.name)) {
            let path = folder.join(name);
            if path.is_file() {
                file.check(&path).unwrap();
            }
        }
    }
}
