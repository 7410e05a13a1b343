//! A user's own folder as a task.

use std::path::Path;

use bl_core::io::{Fit, Polarity};
use bl_tasks::{DataDir, Source};
use image::ImageFormat;

use crate::files::{Opened, encoded, grey, idx, open_task, png, write, write_idx_set};

fn open(path: &Path) -> Result<Opened, String> {
    let data = DataDir { root: "/nowhere".into(), explicit: false };
    let root = format!("{}/", path.display());
    open_task(&path.display().to_string(), &data).map_err(|error| error.to_string().replace(&root, ""))
}

#[test]
fn idx_files_are_taken_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    write_idx_set(folder.path(), 9, 30, 20);
    let task = open(folder.path()).unwrap();
    assert_eq!((task.source, task.train.len(), task.test.len()), (Source::Folder, 30, 20));
    assert_eq!((task.input.height, task.input.width), (9, 9));
    assert_eq!(task.labels, ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    assert_eq!(task.notice, None);
    assert_eq!(task.name, folder.path().file_name().unwrap().to_string_lossy());

    write(folder.path().join("t10k-labels-idx1-ubyte"), &idx(&[20], &[200; 20]));
    assert_eq!(open(folder.path()).unwrap().labels.len(), 201);
    std::fs::remove_file(folder.path().join("train-images-idx3-ubyte")).unwrap();
    assert!(open(folder.path()).unwrap_err().ends_with("is incomplete: missing `train-images-idx3-ubyte`"));
}

#[test]
fn every_sixth_image_of_a_class_is_for_testing() {
    let folder = tempfile::tempdir().unwrap();
    for (class, count) in [("cat", 13), ("ant", 6), ("bee", 2), ("dog", 1)] {
        for i in 0..count {
            write(folder.path().join(class).join(format!("{i:02}.png")), &png(10, 8, i * 10));
        }
    }
    write(folder.path().join("cat/.DS_Store"), b"junk");
    write(folder.path().join("cat/Thumbs.db"), b"junk");
    write(folder.path().join(".git/config"), b"junk");
    let task = open(folder.path()).unwrap();
    assert_eq!(task.labels, ["ant", "bee", "cat", "dog"]);
    assert_eq!(task.test.labels, [0, 1, 2, 2]);
    let shades: Vec<u8> = (0..4).map(|i| task.test.image(i)[0]).collect();
    assert_eq!(shades, [50, 10, 50, 110]); // the 6th; the 2nd of two; the 6th and the 12th
    assert_eq!(task.train.labels, [0, 0, 0, 0, 0, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3]);
    assert_eq!((task.input.height, task.input.width), (8, 10), "all have one size of at most 64: kept");
    assert_eq!((task.input.polarity, task.input.fit), (Polarity::AsIs, Fit::Whole));
    let notice = task.notice.unwrap();
    assert!(notice.ends_with("every 6th image of a class is kept for testing, 4 of 22"), "{notice}");
}

#[test]
fn train_and_test_folders_are_kept_apart() {
    let folder = tempfile::tempdir().unwrap();
    for class in ["10", "9", "-1"] {
        let shade = class.parse::<i32>().unwrap() as u8;
        write(folder.path().join("train").join(class).join("a.png"), &png(65, 65, shade));
        let jpeg = encoded(&grey(30, 60, |_, _| shade), ImageFormat::Jpeg);
        write(folder.path().join("test").join(class).join("b.jpg"), &jpeg);
    }
    let task = open(folder.path()).unwrap();
    assert_eq!(task.labels, ["-1", "9", "10"], "numbers are sorted as numbers");
    assert_eq!((task.train.labels.clone(), task.test.labels.clone()), (vec![0, 1, 2], vec![0, 1, 2]));
    assert_eq!(task.notice, None);
    assert_eq!((task.train.height, task.train.width), (28, 28), "sizes differ: brought to 28 x 28");
    assert_eq!(task.train.image(1), [9; 784], "as they are: nothing is inverted");
    assert_eq!(task.test.image(0), [255; 784]);
}

#[test]
fn a_folder_that_cannot_be_used_says_why() {
    fn check(files: &[(&str, &[u8])], expected: &str) {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in files {
            write(folder.path().join(name), bytes);
        }
        let error = open(folder.path()).unwrap_err();
        let error = error.replace(&folder.path().display().to_string(), "FOLDER");
        assert_eq!(error, expected);
    }
    let picture = &*png(5, 5, 9);
    check(&[], "the folder `FOLDER` has no images");
    check(&[("a/1.png", picture)], "`FOLDER` has 1 classes, expected 2 to 256");
    check(&[("a/1.png", picture), ("b/.hidden", b"")], "the folder `b` has no images");
    check(
        &[("a/1.png", picture), ("b/1.png", picture)],
        "`FOLDER` has a single image per class, none is left for testing",
    );
    check(
        &[("a/1.png", picture), ("b/1.png", picture), ("notes.txt", b"x")],
        "expected only folders, one per class, found the file `notes.txt`",
    );
    check(
        &[("a/1.png", picture), ("a/2.txt", b"hello world"), ("b/1.png", picture)],
        "`a/2.txt`: expected a PNG or JPEG image, found a file that starts with `hello wo`",
    );
    check(
        &[("a/1.png", picture), ("a/c/1.png", picture), ("b/1.png", picture)],
        "expected only images, found the folder `a/c`",
    );
    check(
        &[("a/1.png", picture), ("a/2.png", picture), ("b/1.png", &picture[..60])],
        "`b/1.png`: the image cannot be decoded: unexpected end of file",
    );
    check(
        &[
            ("train/a/1.png", picture),
            ("train/b/1.png", picture),
            ("test/a/1.png", picture),
            ("test/c/1.png", picture),
        ],
        "`train` and `test` beside it have different classes: only one of them has `b`",
    );
    let many: Vec<String> = (0..257).map(|class| format!("{class}/1.png")).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|name| (name.as_str(), picture)).collect();
    check(&many, "`FOLDER` has 257 classes, expected 2 to 256");
}

#[test]
fn a_path_that_is_no_folder_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    assert!(open(&folder.path().join("none")).unwrap_err().starts_with("cannot read `"));
    write(folder.path().join("file"), b"x");
    assert!(open(&folder.path().join("file")).unwrap_err().starts_with("expected a folder, found a file: `"));
}
