//! The cache: its layout, what it answers without a connection, and what it does not trust.

use std::path::Path;

use bl_hub::{Error, Target};

use crate::support::{REPO, Scene, adapter};

fn target(text: &str) -> Target {
    text.parse().unwrap()
}

#[test]
fn the_layout_is_the_one_that_other_tools_know() {
    let (scene, bytes, commit) = Scene::with_adapter();
    let pulled = scene.pull(REPO).unwrap();
    let root = scene.cache().join("models--ada--bars");
    assert_eq!(pulled.path, root.join("snapshots").join(&commit).join("adapter_model.safetensors"));
    assert_eq!(std::fs::read_to_string(root.join("refs/main")).unwrap(), commit);
    let link = std::fs::read_link(&pulled.path).unwrap();
    assert_eq!(link, Path::new("../../blobs").join(bl_mock_hub::sha256(&bytes)));
    let config = std::fs::read_link(pulled.path.with_file_name("adapter_config.json")).unwrap();
    let of_config = scene.mock.file(REPO, "adapter_config.json").unwrap();
    assert_eq!(config, Path::new("../../blobs").join(bl_mock_hub::git_blob_sha1(&of_config)));
    assert_eq!((pulled.bytes, pulled.from_cache), (bytes.len() as u64, false));
    let incomplete =
        scene.cached_files().into_iter().filter(|path| path.to_string_lossy().contains("incomplete"));
    assert_eq!(incomplete.count(), 0);
}

#[test]
fn files_that_a_commit_lacks_are_noted() {
    let scene = Scene::new();
    let commit = scene.mock.put(REPO, &[("adapter_model.safetensors", &adapter().to_bytes().unwrap())]);
    scene.pull(REPO).unwrap();
    let missing = scene.cache().join("models--ada--bars/.no_exist").join(commit);
    assert!(missing.join("adapter_config.json").is_file() && missing.join("README.md").is_file());
}

/// A cache that has everything is not written to: it may be read-only.
#[test]
fn what_is_there_is_not_written_again() {
    let (scene, bytes, _) = Scene::with_adapter();
    std::fs::remove_dir_all(scene.cache()).ok();
    scene.pull(REPO).unwrap();
    let look = || {
        let of = |path: std::path::PathBuf| {
            let about = path.symlink_metadata().unwrap();
            (path, about.modified().unwrap(), about.len())
        };
        let folder = |name: &str| of(scene.cache().join("models--ada--bars").join(name));
        let folders = ["refs", "snapshots", "blobs"].map(folder);
        (scene.cached_files().into_iter().map(of).collect::<Vec<_>>(), folders)
    };
    let before = look();
    std::thread::sleep(std::time::Duration::from_millis(20));
    let pulled = scene.pull(REPO).unwrap(); // a branch: the Hub is asked where it stands
    assert!(!pulled.from_cache);
    assert_eq!(std::fs::read(pulled.path).unwrap(), bytes);
    assert_eq!(look(), before);
}

/// Without links a snapshot has the files themselves, and there need be no blobs: so other tools leave it.
#[test]
fn a_cache_without_links_is_used_as_it_is() {
    let (scene, bytes, commit) = Scene::with_adapter();
    let pulled = scene.pull(REPO).unwrap();
    let snapshot = pulled.path.parent().unwrap().to_owned();
    for entry in std::fs::read_dir(&snapshot).unwrap() {
        let path = entry.unwrap().path();
        let content = std::fs::read(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        std::fs::write(&path, content).unwrap();
    }
    std::fs::remove_dir_all(scene.cache().join("models--ada--bars/blobs")).unwrap();
    let gets = || scene.mock.requests().iter().filter(|request| request.method == "GET").count();
    let before = gets();
    let again = scene.pull(REPO).unwrap();
    assert_eq!((again.path, again.commit.to_string()), (pulled.path.clone(), commit));
    assert_eq!(gets(), before, "nothing is fetched again");
    std::fs::write(&pulled.path, b"garbage").unwrap();
    scene.pull(REPO).unwrap();
    assert_eq!(std::fs::read(&pulled.path).unwrap(), bytes, "what is damaged is fetched again");
}

#[test]
fn offline_nothing_is_connected_to() {
    let (scene, bytes, commit) = Scene::with_adapter();
    let error = scene.offline().pull(&target(REPO), &mut |_| {}).unwrap_err();
    let cache = scene.cache().display().to_string();
    for words in ["HF_HUB_OFFLINE", &cache, REPO] {
        assert!(error.to_string().contains(words), "`{words}` is not in: {error}");
    }
    scene.pull(REPO).unwrap();
    let connections = scene.mock.connections();
    for name in [REPO.to_owned(), format!("{REPO}@main"), format!("{REPO}@{commit}")] {
        let pulled = scene.offline().pull(&target(&name), &mut |_| {}).unwrap();
        assert_eq!(std::fs::read(&pulled.path).unwrap(), bytes);
        assert_eq!((pulled.commit.to_string(), pulled.from_cache), (commit.clone(), true));
    }
    let error = scene.offline().pull(&target("ada/bars@v2"), &mut |_| {}).unwrap_err();
    assert!(matches!(error, Error::Offline { .. }));
    assert!(matches!(scene.offline().search(&bl_hub::Query::default()), Err(Error::Offline { .. })));
    assert_eq!(scene.mock.connections(), connections, "no connection was opened");
}

#[test]
fn a_commit_needs_no_connection_and_a_branch_is_looked_up() {
    let (scene, _, first) = Scene::with_adapter();
    scene.pull(REPO).unwrap();
    let connections = scene.mock.connections();
    assert!(scene.pull(&format!("{REPO}@{first}")).unwrap().from_cache);
    assert_eq!(scene.mock.connections(), connections);

    let second = scene.mock.put(REPO, &[("README.md", b"# Another card")]);
    let pulled = scene.pull(REPO).unwrap();
    assert_eq!(pulled.commit.to_string(), second, "the branch moved on");
    let blob =
        |request: &&bl_mock_hub::Request| request.method == "GET" && request.path.ends_with(".safetensors");
    assert_eq!(scene.mock.requests().iter().filter(blob).count(), 2, "what is there is not fetched again");
}

#[test]
fn what_was_changed_on_the_disk_is_not_used() {
    let (scene, bytes, commit) = Scene::with_adapter();
    let path = scene.pull(REPO).unwrap().path;
    let blob = std::fs::canonicalize(&path).unwrap();
    std::fs::write(&blob, &bytes[..bytes.len() - 1]).unwrap();
    let error = scene.offline().pull(&target(REPO), &mut |_| {}).unwrap_err();
    assert!(matches!(error, Error::DamagedCache { .. }), "{error:?}");
    assert!(error.hint().unwrap().contains("delete"));
    let pulled = scene.pull(&format!("{REPO}@{commit}")).unwrap();
    assert_eq!(std::fs::read(pulled.path).unwrap(), bytes, "it was fetched again");
}

#[test]
fn a_config_that_disagrees_with_the_header_is_an_error() {
    let (scene, bytes, _) = Scene::with_adapter();
    let config = String::from_utf8(scene.mock.file(REPO, "adapter_config.json").unwrap()).unwrap();
    for (from, to, words) in [
        ("0.9812", "0.9912", "disagrees with the adapter's header in `metrics`"),
        ("\"kind\": \"bias\"", "\"kind\": \"mask\"", "in `kind`: expected \"bias\", found \"mask\""),
        ("\"BIAS_LEARNING\"", "\"LORA\"", "type `LORA`"),
        ("\"version\": 1", "\"other\": 1", "in `version`: expected 1, found nothing"),
        ("{", "[", "adapter_config.json"),
    ] {
        let changed = config.replacen(from, to, 1);
        assert_ne!(changed, config);
        scene.mock.put(REPO, &[("adapter_config.json", changed.as_bytes())]);
        let error = scene.pull(REPO).unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
        assert!(scene.cached_files().is_empty(), "{words}");
    }
    let spaced = config.replace("  ", "      ").replacen('{', "{\"mine\": [1],", 1);
    scene.mock.put(REPO, &[("adapter_config.json", spaced.as_bytes())]);
    let pulled = scene.pull(REPO).expect("other white space and fields of one's own do no harm");
    assert_eq!(std::fs::read(pulled.path).unwrap(), bytes);
}

#[test]
fn what_is_no_adapter_is_not_kept() {
    let scene = Scene::new();
    let mut damaged = adapter().to_bytes().unwrap();
    *damaged.last_mut().unwrap() ^= 1;
    for bytes in [&b"not safetensors"[..], &damaged] {
        scene.mock.put(REPO, &[("adapter_model.safetensors", bytes)]);
        let error = scene.pull(REPO).unwrap_err();
        assert!(matches!(error, Error::NotAnAdapter { .. }), "{error:?}");
        assert!(scene.cached_files().is_empty());
    }
}

#[test]
fn adapters_in_the_cache_are_listed_and_those_of_others_skipped() {
    let (scene, bytes, commit) = Scene::with_adapter();
    assert!(scene.offline().list().unwrap().is_empty());
    scene.pull(REPO).unwrap();
    let other = scene.cache().join("models--eve--lora/snapshots").join("a".repeat(40));
    std::fs::create_dir_all(&other).unwrap();
    std::fs::write(other.join("adapter_model.safetensors"), b"\x02\0\0\0\0\0\0\0{}").unwrap();
    std::fs::create_dir_all(scene.cache().join("models--x/snapshots")).unwrap();
    let all = scene.offline().list().unwrap();
    assert_eq!(all.len(), 1);
    let content = all[0].content.as_ref().unwrap();
    assert_eq!((all[0].repo.as_str(), all[0].commit.to_string()), (REPO, commit));
    assert_eq!(all[0].revisions, ["main"]);
    assert_eq!((content.task.as_str(), content.kind.as_str()), ("bars", "bias"));
    assert_eq!(
        (content.bytes, content.backbone),
        (bytes.len() as u64, adapter().header.backbone.fingerprint)
    );
    // One of ours that is damaged from its beginning on is named, not passed over.
    let blob = std::fs::canonicalize(&all[0].path).unwrap();
    std::fs::write(blob, b"version https://git-lfs.github.com/spec/v1\n").unwrap();
    let all = scene.offline().list().unwrap();
    assert_eq!(all.len(), 1);
    assert!(all[0].content.as_ref().unwrap_err().to_string().contains("Git LFS pointer"));
}

/// A pipe that somebody has put into the cache is not waited for.
#[cfg(unix)]
#[test]
fn what_is_no_plain_file_is_not_opened() {
    let (scene, bytes, commit) = Scene::with_adapter();
    let pulled = scene.pull(REPO).unwrap();
    let make_pipe = |path: &Path| {
        let _ = std::fs::remove_file(path);
        let made = std::process::Command::new("mkfifo").arg(path).status().unwrap();
        assert!(made.success());
    };
    make_pipe(&pulled.path);
    let all = scene.offline().list().unwrap();
    assert_eq!(all.len(), 1, "its config says that it is one of ours");
    assert!(all[0].content.as_ref().unwrap_err().to_string().contains("not a plain file"));
    make_pipe(&pulled.path.with_file_name("adapter_config.json"));
    assert!(scene.offline().list().unwrap().is_empty());
    let main = scene.cache().join("models--ada--bars/refs/main");
    make_pipe(&main);
    assert!(scene.offline().list().unwrap().is_empty());
    let error = scene.pull(REPO).unwrap_err().to_string();
    assert!(error.contains("refs/main`: it is neither a file nor new"), "{error}");
    std::fs::remove_file(&main).unwrap();
    assert_eq!(std::fs::read(scene.pull(REPO).unwrap().path).unwrap(), bytes);
    assert_eq!(std::fs::read_to_string(main).unwrap(), commit);
}
