//! A file is replaced whole or not at all, and nothing is left lying about.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::small_adapter;
use bl_core::{Error, files};

const OLD: &[u8] = b"what was there before";

/// A folder with an existing file.
fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("adapter.safetensors");
    fs::write(&path, OLD).expect("written");
    (folder, path)
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
}

/// The old file is as it was, alone in its folder.
#[track_caller]
fn check_untouched(path: &Path) {
    assert_eq!(fs::read(path).expect("still there"), OLD);
    assert_eq!(names(path.parent().expect("a folder")), ["adapter.safetensors"]);
}

#[test]
fn an_existing_file_is_replaced_and_readable_by_others() {
    let (folder, path) = folder();
    let opened = fs::File::open(&path).expect("the old file");
    small_adapter().save(&path).expect("a writable folder");
    assert_eq!(std::io::read_to_string(opened).expect("still open").as_bytes(), OLD, "not written over");
    assert_eq!(fs::read(&path).expect("saved"), small_adapter().to_bytes().expect("a good adapter"));
    assert_eq!(names(folder.path()), ["adapter.safetensors"]);
    assert_eq!(fs::metadata(&path).expect("saved").permissions().mode() & 0o777, 0o644);
    files::check_writable(&path).expect("writable");
    assert_eq!(names(folder.path()), ["adapter.safetensors"], "checking leaves nothing");
}

#[test]
fn an_adapter_that_cannot_be_written_leaves_the_old_one() {
    let (_folder, path) = folder();
    let mut adapter = small_adapter();
    adapter.parameters.biases[0][0] = f32::NAN;
    assert!(matches!(adapter.save(&path), Err(Error::NotFinite { .. })));
    check_untouched(&path);
}

#[test]
fn a_folder_in_the_place_of_the_file_is_an_error() {
    let (folder, path) = folder();
    let occupied = folder.path().join("folder");
    fs::create_dir(&occupied).expect("a folder");
    assert!(matches!(small_adapter().save(&occupied), Err(Error::Write { .. })));
    let error = files::check_writable(&occupied).expect_err("a folder");
    assert_eq!(error.hint().as_deref(), Some("name a file, not a folder"));
    fs::remove_dir(&occupied).expect("still a folder, and empty");
    check_untouched(&path);
}

#[test]
fn a_file_in_the_place_of_the_folder_is_an_error() {
    let (_folder, path) = folder();
    let below = path.join("adapter.safetensors");
    assert!(matches!(small_adapter().save(&below), Err(Error::Write { .. })));
    assert!(matches!(files::check_writable(&below), Err(Error::Write { .. })));
    check_untouched(&path);
}

#[test]
fn a_read_only_folder_leaves_the_old_file() {
    let (folder, path) = folder();
    let set =
        |mode| fs::set_permissions(folder.path(), fs::Permissions::from_mode(mode)).expect("our folder");
    set(0o555);
    let ignored = fs::write(folder.path().join("probe"), b"").is_ok();
    let (saved, checked) = (small_adapter().save(&path), files::check_writable(&path));
    set(0o755);
    if ignored {
        eprintln!("SKIPPED: this user may write to read-only folders");
        return;
    }
    for result in [saved, checked] {
        let error = result.expect_err("a read-only folder");
        assert_eq!(error.hint().as_deref(), Some("name a place that you may write to"));
    }
    check_untouched(&path);
}

/// What a full disk does: no file may become larger than 4 KiB. A process that ignores the signal gets an
/// error from its write instead, and a signal that the shell ignores stays ignored in what it runs.
#[test]
fn a_disk_that_fills_up_leaves_the_old_file() {
    const CHILD: &str = "BL_TEST_CHILD_WRITES";
    const LARGE: usize = 64 << 10;
    if let Some(path) = std::env::var_os(CHILD) {
        let error = files::write_atomically(Path::new(&path), &vec![0; LARGE]).expect_err("no room");
        assert!(matches!(error, Error::Write { .. }), "{error}");
        return;
    }
    let (_folder, path) = folder();
    let output = Command::new("sh")
        .args(["-c", r#"trap "" XFSZ; ulimit -f 8; exec "$0" --exact "$1""#])
        .arg(std::env::current_exe().expect("this program"))
        .arg("atomic_writing::a_disk_that_fills_up_leaves_the_old_file")
        .env(CHILD, &path)
        .output()
        .expect("a shell");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
    check_untouched(&path);
}

#[test]
fn large_files_are_not_read() {
    let (_folder, path) = folder();
    let len = OLD.len() as u64;
    assert_eq!(files::read_capped(&path, len).expect("just small enough"), OLD);
    let error = files::read_capped(&path, len - 1).expect_err("too large").to_string();
    assert!(error.ends_with("has 21 bytes, at most 20 are read"), "{error}");
}
