//! The real data sets, where `BL_DATA_DIR` says they are.

use std::io::{self, Write};

use bl_tasks::{DataDir, Source};

use crate::files::open_task;

/// The folder of the real sets. Without one these tests have nothing to say, which must not pass
/// unseen: it fails where it counts (`CI=true`) and is printed elsewhere.
#[expect(clippy::explicit_write, reason = "`eprintln!` is shown of failed tests only")]
pub(crate) fn real_data() -> Option<DataDir> {
    let named = std::env::var_os("BL_DATA_DIR");
    if named.is_none() {
        assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "BL_DATA_DIR is not set in CI");
        writeln!(io::stderr(), "BL_DATA_DIR is not set: tested on embedded and generated data only").unwrap();
    }
    named.map(|root| DataDir::resolve(Some(root.into())))
}

#[test]
fn the_official_sets_have_their_counts_and_content() {
    fn check(data: &DataDir, task: &str, train: &str, test: &str) {
        let task = open_task(task, data).unwrap();
        assert_eq!((task.source, task.notice), (Source::Official, None), "{}", task.name);
        assert_eq!((task.train.len(), task.test.len()), (60_000, 10_000), "{}", task.name);
        assert_eq!([task.train.sha256(), task.test.sha256()], [train, test], "{}", task.name);
    }
    let Some(data) = real_data() else { return };
    // python: hashlib.sha256(struct.pack("<III", 28, 28, n) + labels + pixels)
    check(
        &data,
        "mnist",
        "0657ceb686cf0738c81455a663dc59fe64661d2a003b9c16cd272a26fb333def",
        "6244a7e5feff90ccd141d45e64fe90897074456f96c3e3fecb800090de687cb8",
    );
    check(
        &data,
        "kmnist",
        "5c887fab7514d82da1ec4e0ada73a128c445033b0c34d5ab96ca14828c1c3cca",
        "6ceecf9722aac86f3fe9333124d7923a90bb0eb5aa8e08b1b6cafff9bcfe74fb",
    );
    check(
        &data,
        "fashion",
        "022b4060a53d042f9a76e119ec5bb6832f2c86796098fb1b9fe4974bca1e90bf",
        "940d784bf8bbeedcad3760842c0bdc20489f1cc1e676299dee213f86a352e6f4",
    );
    check(
        &data,
        "kannada",
        "13947cb933971377fa4ccd09f9de67f04694ae4ac78b7c19e1ee130eb0a1733e",
        "06980070b7e9ddbd115427d172ff3fdaf37032acf6ed68f3b9523eda2414c200",
    );
}

#[test]
fn the_embedded_sample_is_the_beginning_of_the_official_set() {
    let Some(data) = real_data() else { return };
    let official = open_task("mnist", &data).unwrap();
    let sample = open_task("mnist", &DataDir { root: "/nowhere".into(), explicit: false }).unwrap();
    assert_eq!(sample.train, official.train.take(5000));
    assert_eq!(sample.test, official.test.take(1000));
}

#[test]
fn mean_and_deviation_are_the_ones_everybody_knows() {
    let Some(data) = real_data() else { return };
    let (mean, std) = open_task("mnist", &data).unwrap().train.pixel_mean_std();
    assert!((mean - 0.1307).abs() < 5e-5 && (std - 0.3081).abs() < 5e-5, "{mean} {std}");
}
