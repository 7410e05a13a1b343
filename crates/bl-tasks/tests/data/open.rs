//! Where a task's data comes from, and what is said when it does not.

use std::path::Path;

use bl_tasks::{Availability, DataDir, Fallback, Source, catalogue, locate};

use crate::files::{floats, gzip, idx, npy, open_task, pixels, write, write_idx_set};

fn named(root: &Path) -> DataDir {
    DataDir::resolve(Some(root.to_owned()))
}

fn default_at(root: &Path) -> DataDir {
    DataDir { root: root.to_owned(), explicit: false }
}

fn error(task: &str, data: &DataDir) -> (String, String) {
    let error = open_task(task, data).unwrap_err();
    (error.to_string(), error.hint().unwrap_or_default())
}

#[test]
fn without_data_a_task_is_embedded_or_generated_or_an_error() {
    let nowhere = default_at(Path::new("/nowhere"));
    for info in catalogue().filter(|info| info.images().is_some()) {
        let expected = match info.name {
            "mnist" => Some((Source::Sample, Availability::Sample, 5_000, 1_000)),
            "ethiopic" | "vai" | "osmanya" | "nko" => {
                Some((Source::Generated, Availability::Generated, 10_000, 2_000))
            }
            _ => None,
        };
        if let Some((source, availability, train, test)) = expected {
            let task = open_task(info.name, &nowhere).unwrap();
            assert_eq!((task.source, task.train.len(), task.test.len()), (source, train, test));
            assert_eq!((task.train.height, task.train.width, task.train.pixels()), (28, 28, 784));
            assert_eq!(locate(info.name, info.images().unwrap(), &nowhere), availability);
            assert!(
                task.notice.unwrap().contains("official"),
                "it is said that this is not the official set"
            );
        } else {
            let (message, hint) = error(info.name, &nowhere);
            assert!(
                message.starts_with(&format!(
                    "no data of `{}`: `/nowhere/{}` has none of ",
                    info.name, info.name
                ))
            );
            assert!(hint.contains(info.home) && hint.contains("BL_DATA_DIR"), "{hint}");
            assert_eq!(
                locate(info.name, info.images().unwrap(), &nowhere),
                Availability::Missing { looked_in: nowhere.folder(info.name) }
            );
        }
    }
}

#[test]
fn a_named_data_folder_must_have_the_task() {
    let root = tempfile::tempdir().unwrap();
    for info in catalogue().filter(|info| info.images().is_some()) {
        let (message, hint) = error(info.name, &named(root.path()));
        let first = if info.name == "cifar10" { "data_batch_1.bin" } else { "train-images-idx3-ubyte" };
        assert!(message.contains(first), "it lists what was looked for: {message}");
        assert!(hint.contains("puts the official files from"), "{hint}");
        let fallback = info.images().unwrap().fallback;
        assert_eq!(hint.contains("drop `--data-dir`"), fallback.is_some(), "{hint}");
        let made =
            format!("`bl-adapt data generate {} --data-dir {}` makes", info.name, root.path().display());
        assert_eq!(hint.contains(&made), fallback == Some(Fallback::Generator), "{hint}");
    }
    let missing = root.path().join("none");
    let (message, hint) = error("mnist", &named(&missing));
    assert_eq!(message, format!("the data folder `{}` does not exist", missing.display()));
    assert!(hint.contains(&missing.join("mnist").display().to_string()), "{hint}");
}

#[test]
fn half_a_set_is_an_error_even_where_a_sample_could_stand_in() {
    let root = tempfile::tempdir().unwrap();
    write_idx_set(&root.path().join("mnist"), 28, 20, 10);
    std::fs::remove_file(root.path().join("mnist/t10k-labels-idx1-ubyte")).unwrap();
    for data in [named(root.path()), default_at(root.path())] {
        let (message, _) = error("mnist", &data);
        let folder = root.path().join("mnist");
        assert_eq!(
            message,
            format!("the data in `{}` is incomplete: missing `t10k-labels-idx1-ubyte`", folder.display())
        );
    }
}

#[test]
fn fewer_images_than_the_official_set_are_a_sample() {
    let root = tempfile::tempdir().unwrap();
    write_idx_set(&root.path().join("fashion"), 28, 20, 10);
    let task = open_task("fashion", &named(root.path())).unwrap();
    assert_eq!(task.source, Source::Sample);
    let notice = task.notice.unwrap();
    assert!(notice.ends_with("hold 20 + 10 images, the official set has 60,000 + 10,000"), "{notice}");
    assert_eq!(task.train.image(1), &pixels(20 * 784, 5)[784..2 * 784]);
    assert_eq!(task.labels[9], "Ankle boot");
}

#[test]
fn every_usual_name_is_found() {
    fn check(task: &str, [a, b, c, d]: [&str; 4]) {
        let root = tempfile::tempdir().unwrap();
        let file = |name: &str, bytes: &[u8]| {
            let packed = Path::new(name).extension().is_some_and(|extension| extension == "gz");
            write(root.path().join(task).join(name), &if packed { gzip(bytes) } else { bytes.to_vec() });
        };
        file(a, &idx(&[3, 28, 28], &pixels(3 * 784, 1)));
        file(b, &idx(&[3], &[0, 1, 2]));
        file(c, &idx(&[2, 28, 28], &pixels(2 * 784, 2)));
        file(d, &idx(&[2], &[3, 4]));
        let task = open_task(task, &named(root.path())).unwrap();
        assert_eq!((task.train.labels, task.test.labels), (vec![0, 1, 2], vec![3, 4]));
        assert_eq!(task.test.images, pixels(2 * 784, 2));
    }
    check(
        "mnist",
        [
            "train-images-idx3-ubyte",
            "train-labels-idx1-ubyte",
            "t10k-images-idx3-ubyte",
            "t10k-labels-idx1-ubyte",
        ],
    );
    check(
        "kmnist",
        [
            "train-images.idx3-ubyte",
            "train-labels.idx1-ubyte",
            "t10k-images.idx3-ubyte",
            "t10k-labels.idx1-ubyte",
        ],
    );
    check(
        "mnist",
        [
            "train-images.idx3-ubyte.gz",
            "train-labels-idx1-ubyte",
            "t10k-images-idx3-ubyte.gz",
            "t10k-labels.idx1-ubyte",
        ],
    );
    check(
        "kannada",
        [
            "X_kannada_MNIST_train-idx3-ubyte.gz",
            "y_kannada_MNIST_train-idx1-ubyte.gz",
            "X_kannada_MNIST_test-idx3-ubyte.gz",
            "y_kannada_MNIST_test-idx1-ubyte.gz",
        ],
    );
}

/// Writes a small set with the names and types of Afro-MNIST.
fn write_npy_set(folder: &Path, prefix: &str) {
    for (half, count) in [("train", 4), ("test", 2)] {
        let images: Vec<f64> = pixels(count * 784, 3).into_iter().map(f64::from).collect();
        let labels: Vec<u8> = (0..count as i32).flat_map(i32::to_le_bytes).collect();
        write(
            folder.join(format!("{prefix}_MNIST_X_{half}.npy")),
            &npy("'<f8'", &format!("({count}, 28, 28)"), &floats(&images)),
        );
        write(
            folder.join(format!("{prefix}_MNIST_y_{half}.npy")),
            &npy("'<i4'", &format!("({count},)"), &labels),
        );
    }
}

#[test]
fn afro_mnist_is_official_as_npy_and_regenerated_as_idx() {
    for (task, prefix) in [("ethiopic", "Ethiopic"), ("vai", "Vai"), ("osmanya", "Osmanya"), ("nko", "NKo")] {
        let root = tempfile::tempdir().unwrap();
        let info = catalogue().find(|info| info.name == task).unwrap();
        write_idx_set(&root.path().join(task), 28, 20, 10);
        let opened = open_task(task, &default_at(root.path())).unwrap();
        assert_eq!(opened.source, Source::Generated);
        assert_eq!(
            opened.notice.unwrap(),
            "regenerated in the manner of Afro-MNIST, not the official files: 20 + 10 images"
        );
        assert!(matches!(
            locate(info.name, info.images().unwrap(), &named(root.path())),
            Availability::Regenerated(_)
        ));

        write_npy_set(&root.path().join(task), prefix); // both are there: the official ones count
        let opened = open_task(task, &named(root.path())).unwrap();
        assert_eq!(opened.train.images, pixels(4 * 784, 3));
        assert_eq!(opened.test.labels, [0, 1]);
        assert_eq!(opened.source, Source::Sample, "four images are not all of it");
        assert!(matches!(
            locate(info.name, info.images().unwrap(), &named(root.path())),
            Availability::Official(_)
        ));
    }
}

#[test]
fn files_that_do_not_belong_together_are_an_error() {
    fn check(file: &str, bytes: &[u8], expected: &str) {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("mnist");
        write_idx_set(&folder, 28, 20, 10);
        write(folder.join(file), bytes);
        let (message, _) = error("mnist", &named(root.path()));
        assert_eq!(message.replace(&format!("{}/", folder.display()), ""), expected);
    }
    check(
        "train-labels-idx1-ubyte",
        &idx(&[19], &[0; 19]),
        "`train-images-idx3-ubyte` has 20 images, but `train-labels-idx1-ubyte` has 19 labels",
    );
    check(
        "t10k-labels-idx1-ubyte",
        &idx(&[10], &[0, 9, 10, 0, 0, 0, 0, 0, 0, 255]),
        "`t10k-labels-idx1-ubyte`: expected labels from 0 to 9, found 10 at index 2",
    );
    check(
        "t10k-images-idx3-ubyte",
        &idx(&[10, 14, 56], &[0; 7840]),
        "`t10k-images-idx3-ubyte`: expected images of height 28 and width 28, found height 14 and width 56",
    );
    check(
        "t10k-images-idx3-ubyte",
        &idx(&[10], &[0; 10]),
        "`t10k-images-idx3-ubyte`: expected 3 or 4 dimensions (images), found 1",
    );
    let root = tempfile::tempdir().unwrap();
    write_idx_set(&root.path().join("mnist"), 8, 20, 10);
    let (message, _) = error("mnist", &named(root.path()));
    assert!(
        message.ends_with("expected images of height 28 and width 28, found height 8 and width 8"),
        "{message}"
    );
}

#[test]
fn an_unknown_name_is_answered_with_the_nearest() {
    fn check(name: &str, hint: &str) {
        let (message, found) = error(name, &default_at(Path::new("/nowhere")));
        assert!(message.starts_with(&format!("unknown task `{name}`, expected one of `mnist`, `kmnist`, ")));
        assert_eq!(found, hint, "{name}");
    }
    check("mnsit", "did you mean `mnist`?");
    check("MNIST", "did you mean `mnist`?");
    check("fashion-mnist", "did you mean `fashion`?");
    check("ethiopian", "did you mean `ethiopic`?");
    check("xyz", "a folder of your own is named by its path, as in `./xyz`");
}

#[test]
fn a_task_says_where_it_is_from_in_snake_case() {
    for (source, name) in [
        (Source::Official, "official"),
        (Source::Sample, "sample"),
        (Source::Generated, "generated"),
        (Source::Folder, "folder"),
    ] {
        assert_eq!(source.to_string(), name);
    }
}
