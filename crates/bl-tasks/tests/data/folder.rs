//! A user's own folder as a task.

use std::path::Path;

use bl_core::io::{Fit, Polarity};
use bl_tasks::{DataDir, Kind as _, Request, Source, Task, What};
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageBuffer, ImageEncoder as _, ImageFormat, Luma};

use crate::files::{Opened, encoded, grey, gzip, idx, open_task, pixels, png, write, write_idx_set};

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
    let error = open(folder.path()).unwrap_err();
    assert_eq!(
        error,
        "`t10k-labels-idx1-ubyte`: label 200 at index 0 is of no training image, so it cannot be learned"
    );
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
    assert!(notice.contains("every 6th image of a class is kept for testing, 4 of 22; "), "{notice}");
    assert!(
        notice.ends_with("the class `dog` has no image to test on: the accuracy says nothing of it"),
        "{notice}"
    );
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
    assert!(
        task.notice.unwrap().starts_with("the images of `-1` are not like"),
        "all white, the others black"
    );
    assert_eq!((task.train.height, task.train.width), (28, 28), "sizes differ: brought to 28 x 28");
    assert_eq!(task.train.image(1), [9; 784], "as they are: nothing is inverted");
    assert_eq!(task.test.image(0), [255; 784]);
    write(folder.path().join("README.md"), b"of these");
    write(folder.path().join("val/9/c.png"), &png(65, 65, 9));
    let notice = open(folder.path()).unwrap().notice.unwrap();
    assert!(notice.starts_with("beside `train` and `test`, `val` is not used; `--val-fraction`"), "{notice}");
}

/// The four files of a set under these names, with labels of so many training and test images.
fn write_set(folder: &Path, names: [&str; 4], train: &[u8], test: &[u8]) {
    for (half, labels) in [(0, train), (2, test)] {
        let count = labels.len() as u32;
        let mut bytes = [idx(&[count, 3, 3], &pixels(9 * labels.len(), half)), idx(&[count], labels)];
        if Path::new(names[0]).extension().is_some_and(|extension| extension == "gz") {
            bytes = bytes.map(|bytes| gzip(&bytes));
        }
        write(folder.join(names[half]), &bytes[0]);
        write(folder.join(names[half + 1]), &bytes[1]);
    }
}

const LETTERS: [&str; 4] = [
    "emnist-letters-train-images-idx3-ubyte.gz",
    "emnist-letters-train-labels-idx1-ubyte.gz",
    "emnist-letters-test-images-idx3-ubyte.gz",
    "emnist-letters-test-labels-idx1-ubyte.gz",
];

#[test]
fn a_set_of_other_names_is_found_by_their_words() {
    let folder = tempfile::tempdir().unwrap();
    write_set(folder.path(), LETTERS, &[1, 2, 1, 2], &[2, 1]);
    write(folder.path().join("emnist-letters-mapping.txt"), b"1 65 97\n");
    let task = open(folder.path()).unwrap();
    assert_eq!(
        (task.labels, task.train.labels, task.test.labels),
        (vec!["1".into(), "2".into()], vec![0, 1, 0, 1], vec![1, 0])
    );
    assert_eq!(
        task.notice.unwrap(),
        "the labels are not 0 to 1: the 2 labels there are name the classes, from `1` to `2`"
    );

    let digits = LETTERS.map(|name| name.replace("letters", "digits"));
    write_set(folder.path(), digits.each_ref().map(|name| &**name), &[0, 1], &[0, 1]);
    assert!(
        open(folder.path()).unwrap_err().ends_with("holds several sets: `emnist-digits`, `emnist-letters`")
    );
    std::fs::remove_file(folder.path().join(&digits[3])).unwrap();
    assert_eq!(open(folder.path()).unwrap().labels, ["1", "2"]);
    std::fs::remove_file(folder.path().join(LETTERS[2])).unwrap();
    assert!(open(folder.path()).unwrap_err().ends_with("is incomplete: missing `test labels`"));
}

#[test]
fn the_classes_are_the_labels_there_are() {
    let folder = tempfile::tempdir().unwrap();
    let usual = [
        "train-images-idx3-ubyte",
        "train-labels-idx1-ubyte",
        "t10k-images-idx3-ubyte",
        "t10k-labels-idx1-ubyte",
    ];
    write_set(folder.path(), usual, &[0, 255, 0, 255], &[255]);
    let task = open(folder.path()).unwrap();
    assert_eq!((&*task.labels, &*task.test.labels), (&["0".to_owned(), "255".to_owned()][..], &[1][..]));
    let notice = task.notice.unwrap();
    assert!(notice.contains("from `0` to `255`; the class `0` has no image to test on"), "{notice}");
    write_set(folder.path(), usual, &[7, 7], &[7]);
    assert!(open(folder.path()).unwrap_err().ends_with("has 1 class, expected 2 to 256"));
}

#[test]
fn an_adapter_of_more_classes_measures_on_those_there_are() {
    let folder = tempfile::tempdir().unwrap();
    let usual = [
        "train-images-idx3-ubyte",
        "train-labels-idx1-ubyte",
        "t10k-images-idx3-ubyte",
        "t10k-labels-idx1-ubyte",
    ];
    write_set(folder.path(), usual, &[1, 2], &[2]);
    let data = DataDir { root: "/nowhere".into(), explicit: false };
    let mut task = Task::open(folder.path().to_str().unwrap(), &Request::of(data)).unwrap();
    let What::Images(images) = &mut task.what else { panic!("no images") };
    let (io, labels) = (images.io(), ["0", "1", "2"].map(String::from));
    images.adopt(&io, &labels).unwrap();
    assert_eq!(
        (&*images.labels, &*images.train.labels, &*images.test.labels),
        (&labels[..], &[1, 2][..], &[2][..])
    );
    assert!(images.adopt(&io, &["a", "b", "c", "d"].map(String::from)).is_err());
}

#[test]
fn a_class_of_one_image_is_learned_and_not_tested() {
    for first in [1, 2] {
        let folder = tempfile::tempdir().unwrap();
        for (class, count, shade) in [("a", first, 90), ("b", 3 - first, 180)] {
            (0..count).for_each(|i| write(folder.path().join(format!("{class}/{i}.png")), &png(4, 4, shade)));
        }
        let task = open(folder.path()).unwrap();
        assert_eq!((task.train.len(), task.test.len()), (2, 1));
        let class = if first == 1 { "a" } else { "b" };
        assert!(task.notice.unwrap().contains(&format!("the class `{class}` has no image to test on")));
    }
}

#[test]
fn what_is_lost_and_guessed_of_images_is_said() {
    fn notice(of: impl Fn(usize, u32, u32) -> DynamicImage) -> String {
        let folder = tempfile::tempdir().unwrap();
        for (class, name) in ["green", "red"].into_iter().enumerate() {
            for i in 0..2 {
                let path = folder.path().join(name).join(format!("{i}.png"));
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                of(class, i, i).save(path).unwrap();
            }
        }
        open(folder.path()).unwrap().notice.unwrap()
    }
    let dot = |x, y, i| (x, y) == (i, i);
    let said =
        notice(|_, i, _| ImageBuffer::from_fn(6, 6, |x, y| Luma([u16::from(dot(x, y, i)) * 100])).into());
    assert!(
        said.contains("2 of 2 training images: the samples have 16 bits, and the largest is 100"),
        "{said}"
    );
}

#[test]
fn images_of_16_bits_are_read_by_one_rule() {
    let folder = tempfile::tempdir().unwrap();
    for (class, most) in [("a", 4000_u16), ("b", 400)] {
        for i in 0..2 {
            let path = folder.path().join(class).join(format!("{i}.png"));
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            let value = |x, _| Luma([if (x + i) % 2 == 0 { most } else { 0 }]); // no ink
            ImageBuffer::from_fn(6, 6, value).save(path).unwrap();
        }
    }
    let task = open(folder.path()).unwrap();
    assert_eq!((task.train.image(0)[0], task.train.image(1)[0]), (249, 25));
    let notice = task.notice.unwrap();
    assert!(notice.contains("as 12 bits: 2 of 4 use 2 bits fewer or less, and are dark"), "{notice}");
    assert!(notice.contains("values to 4095 taken as 12 bits"), "{notice}");
}

#[test]
fn a_half_or_a_class_that_is_inverted_is_said() {
    let notice = |shade: &dyn Fn(&str, &str) -> u8| {
        let folder = tempfile::tempdir().unwrap();
        for half in ["train", "test"] {
            for class in ["a", "b", "c"] {
                let path = folder.path().join(half).join(class).join("1.png");
                let ground = shade(half, class);
                write(
                    path,
                    &encoded(
                        // A pattern up to the border, which is no ink.
                        &grey(9, 9, |x, _| if x % 3 == 0 { ground.abs_diff(120) } else { ground }),
                        ImageFormat::Png,
                    ),
                );
            }
        }
        open(folder.path()).unwrap().notice.unwrap_or_default()
    };
    assert_eq!(notice(&|_, _| 20), "");
    let test = notice(&|half, _| if half == "test" { 235 } else { 20 });
    assert!(test.starts_with("the test images are not like the training images: expected a mean"), "{test}");
    let class = notice(&|_, class| if class == "b" { 235 } else { 20 });
    assert!(class.starts_with("the images of `b` are not like those of the other classes"), "{class}");
}

#[test]
fn pictures_that_are_turned_have_their_upright_size() {
    let folder = tempfile::tempdir().unwrap();
    for class in ["a", "b"] {
        for i in 0..2 {
            // One is stored upright, the other is to be turned by a quarter.
            let mut bytes = Vec::new();
            let mut encoder = JpegEncoder::new(&mut bytes);
            let (width, height) = if i == 0 { (12, 8) } else { (8, 12) };
            if i == 1 {
                encoder
                    .set_exif_metadata(
                        b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0".to_vec(),
                    )
                    .unwrap();
            }
            encoder.encode_image(&grey(width, height, |x, y| (x * y) as u8)).unwrap();
            write(folder.path().join(class).join(format!("{i}.jpg")), &bytes);
        }
    }
    let task = open(folder.path()).unwrap();
    assert_eq!((task.input.height, task.input.width), (8, 12));
}

#[test]
fn a_table_of_pixels_with_labels_is_images() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("digits.csv");
    let lines = (0..12).map(|i| format!("{},0,{i},255,3\n", 1 + i % 2));
    let text = format!("label,1x1,1x2,2x1,2x2\n{}", lines.collect::<String>());
    write(&path, text.as_bytes());
    let task = open(&path).unwrap();
    assert_eq!(
        (task.source, &*task.name, task.labels),
        (Source::File, "digits", vec!["1".into(), "2".into()])
    );
    assert_eq!((task.train.height, task.train.width, task.train.len(), task.test.len()), (2, 2, 10, 2));
    assert_eq!((task.test.image(0), &*task.test.labels), (&[0, 10, 255, 3][..], &[0, 1][..]));
    assert!(
        task.notice.unwrap().starts_with("a table of pixels is taken for images of 2 × 2: every 6th image")
    );
    write(&path, b"label,kwh\n1,2\n");
    assert!(open(&path).unwrap_err().contains("expected one column, or the name of one"));
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
    check(&[("a/1.png", picture)], "`FOLDER` has 1 class, expected 2 to 256");
    check(&[("a/1.png", picture), ("b/.hidden", b"")], "the folder `b` has no images");
    check(
        &[("a/1.png", picture), ("b/1.png", picture)],
        "`FOLDER` has a single image per class, none is left for testing",
    );
    check(
        &[("a/1.png", picture), ("b/1.png", picture), ("c.png", picture)],
        "expected only folders, one per class, found the file `c.png`",
    );
    check(
        &[("a/1.png", picture), ("a/c/1.png", picture), ("b/1.png", picture)],
        "expected only images of a class, found the folder `a/c`",
    );
    check(
        &[("images/a/1.png", picture), ("images/b/1.png", picture)],
        "expected the folders of the classes in `FOLDER`, found them one level deeper, in `images`",
    );
    check(
        &[
            ("a/1.png", picture),
            ("a/2.png", picture),
            ("b/1.png", &picture[..60]),
            ("b/2.png", &picture[..60]),
        ],
        "2 files cannot be used:\n\
         `b/1.png`: the image cannot be decoded: unexpected end of file\n\
         `b/2.png`: the image cannot be decoded: unexpected end of file",
    );
    check(
        &[
            ("a/1.png", picture),
            ("b/1.png", b"version https://git-lfs.github.com/spec/v1\n"),
            ("b/2.png", b""),
            ("notes.txt", b"x"),
        ],
        "2 files cannot be used:\n\
         `b/1.png`: expected a PNG, JPEG, WebP, BMP, GIF or TIFF image, found a Git LFS pointer, not the file itself\n\
         `b/2.png`: expected a PNG, JPEG, WebP, BMP, GIF or TIFF image, found an empty file",
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

#[cfg(unix)]
#[test]
fn a_pipe_in_a_folder_is_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a/1.png", "a/2.png", "b/1.png"] {
        write(folder.path().join(name), &png(5, 5, name.as_bytes()[0]));
    }
    let make_pipe = |name: &str| std::process::Command::new("mkfifo").arg(folder.path().join(name)).status();
    assert!(make_pipe("b/2.png").unwrap().success());
    let notice = open(folder.path()).unwrap().notice.unwrap();
    assert!(notice.contains("b/2.png`: it is not a plain file"), "{notice}");
    // Nor is one that is named like a file of a set.
    let sets = tempfile::tempdir().unwrap();
    let pipe = sets.path().join("train-images-idx3-ubyte");
    assert!(std::process::Command::new("mkfifo").arg(pipe).status().unwrap().success());
    assert!(open(sets.path()).is_err());
}

#[test]
fn a_path_that_is_no_folder_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    assert!(open(&folder.path().join("none")).unwrap_err().starts_with("cannot read `"));
    write(folder.path().join("file"), b"x");
    let error = open(&folder.path().join("file")).unwrap_err();
    assert!(error.starts_with("expected a folder of images or a text file with a series"), "{error}");
    assert!(error.ends_with("a file that starts with `x`"), "{error}");
}
