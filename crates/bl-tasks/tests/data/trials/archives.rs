//! Archives of arrays (`.npz`).

use std::io::Write as _;
use std::path::Path;

use bl_core::io::Read;
use bl_tasks::Request;
use bl_tasks::trials::Goals;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use proptest::prelude::*;

use super::{content, fault, open, request};
use crate::files::{floats, npy, write};

/// An entry of an archive: its name, and the bytes of an NPY file.
type Entry<'a> = (&'a str, Vec<u8>);

/// A ZIP file as numpy writes it, stored or deflated.
fn npz(entries: &[Entry], deflated: bool) -> Vec<u8> {
    let (mut file, mut list) = (Vec::new(), Vec::new());
    for (name, bytes) in entries {
        let name = format!("{name}.npy");
        let packed = if deflated {
            let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        } else {
            bytes.clone()
        };
        let mut sum = flate2::Crc::new();
        sum.update(bytes);
        let mut about = Vec::new();
        for number in [20_u16, 0, if deflated { 8 } else { 0 }, 0, 0] {
            about.extend(number.to_le_bytes());
        }
        for number in [sum.sum(), packed.len() as u32, bytes.len() as u32] {
            about.extend(number.to_le_bytes());
        }
        about.extend((name.len() as u16).to_le_bytes());
        about.extend([0, 0]);
        let at = file.len() as u32;
        file.extend(b"PK\x03\x04");
        file.extend(&about);
        file.extend(name.as_bytes());
        file.extend(packed);
        list.extend(b"PK\x01\x02\x14\0");
        list.extend(about);
        list.extend([0; 10]);
        list.extend(at.to_le_bytes());
        list.extend(name.as_bytes());
    }
    let begin = file.len() as u32;
    file.extend(&list);
    file.extend(b"PK\x05\x06\0\0\0\0");
    file.extend([(entries.len() as u16).to_le_bytes(), (entries.len() as u16).to_le_bytes()].concat());
    file.extend((list.len() as u32).to_le_bytes());
    file.extend(begin.to_le_bytes());
    file.extend([0, 0]);
    file
}

fn array(name: &str, shape: &[usize], values: &[f64]) -> Entry<'static> {
    let sizes: String = shape.iter().map(|size| format!("{size},")).collect();
    (Box::leak(name.to_owned().into_boxed_str()), npy("'<f8'", &format!("({sizes})"), &floats(values)))
}

fn texts<'a>(name: &'a str, values: &[&str]) -> Entry<'a> {
    let longest = values.iter().map(|text| text.chars().count()).max().unwrap();
    let letters = |text: &str| {
        let mut letters: Vec<u32> = text.chars().map(u32::from).collect();
        letters.resize(longest, 0);
        letters.into_iter().flat_map(u32::to_le_bytes).collect::<Vec<u8>>()
    };
    let bytes: Vec<u8> = values.iter().flat_map(|text| letters(text)).collect();
    (name, npy(&format!("'<U{longest}'"), &format!("({},)", values.len()), &bytes))
}

/// Eight trials of three steps and two channels.
fn inputs() -> Entry<'static> {
    array("inputs", &[8, 3, 2], &(0..48).map(|i| f64::from(i * i % 17)).collect::<Vec<_>>())
}

fn labels(values: &[f64; 8]) -> Entry<'static> {
    array("labels", &[8], values)
}

fn in_file<T>(entries: &[Entry], then: impl Fn(&Path) -> T) -> T {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npz");
    write(&path, &npz(entries, true));
    then(&path)
}

fn said(entries: &[Entry]) -> String {
    in_file(entries, |path| fault(path, &request()))
}

fn notice(entries: &[Entry]) -> String {
    in_file(entries, |path| open(path, &request()).unwrap().0.notice.unwrap_or_default())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn trials_are_their_own_steps_whatever_fills_them_up(
        lengths in prop::collection::vec(1..5_usize, 2..7),
        seed in 0..1000_usize,
        deflated: bool,
        filled_with in prop::sample::select(vec![0.0, f64::NAN, 1e300]),
    ) {
        let (time, channels) = (5, 2);
        let value = |trial: usize, at: usize| ((trial * 31 + at * 7 + seed) % 97) as f64;
        let all: Vec<f64> = (0..lengths.len())
            .flat_map(|trial| (0..time * channels).map(move |at| (trial, at)))
            .map(|(trial, at)| if at < lengths[trial] * channels { value(trial, at) } else { filled_with })
            .collect();
        let names: Vec<&str> = (0..lengths.len()).map(|trial| ["left", "rechts"][trial % 2]).collect();
        let steps: Vec<f64> = lengths.iter().map(|steps| *steps as f64).collect();
        let entries = [
            array("inputs", &[lengths.len(), time, channels], &all),
            texts("labels", &names),
            array("lengths", &[lengths.len()], &steps),
            texts("input_names", &["x", "y"]),
        ];
        let folder = tempfile::tempdir().unwrap();
        for half in ["train", "test"] {
            write(folder.path().join(format!("{half}.npz")), &npz(&entries, deflated));
        }
        let (_, trials) = open(folder.path(), &request()).unwrap();
        prop_assert_eq!(&trials.form.inputs[1].name, "y");
        for half in [trials.train(), trials.test()] {
            let (found, inputs, classes) = content(half.trials, &trials.labels);
            prop_assert_eq!(&found, &lengths);
            prop_assert_eq!(&classes, &names);
            for (trial, inputs) in inputs.into_iter().enumerate() {
                let own: Vec<f64> = (0..lengths[trial] * channels).map(|at| value(trial, at)).collect();
                prop_assert_eq!(inputs, own);
            }
        }
    }
}

#[test]
fn an_order_of_bytes_or_of_axes_changes_nothing() {
    let plain = in_file(&[inputs(), labels(&[0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0])], |path| {
        open(path, &request()).unwrap().1
    });
    let values: Vec<f64> = (0..48).map(|i| f64::from(i * i % 17)).collect();
    let big: Vec<u8> = values.iter().flat_map(|x| x.to_be_bytes()).collect();
    let turned: Vec<u8> = (0..2)
        .flat_map(|c| (0..3).flat_map(move |t| (0..8).map(move |n| (n * 3 + t) * 2 + c)))
        .flat_map(|at| (values[at] as f32).to_le_bytes())
        .collect();
    let fortran = String::from_utf8_lossy(&npy("'<f4'", "(8, 3, 2)", &[])).into_owned();
    assert!(fortran.contains("False"));
    let mut fortran = npy("'<f4'", "(8, 3, 2)", &turned);
    let at = fortran.windows(5).position(|part| part == b"False").unwrap();
    fortran[at..at + 5].copy_from_slice(b"True ");
    for inputs in [npy("'>f8'", "(8, 3, 2)", &big), fortran] {
        let entries = [("inputs", inputs), ("labels", npy("'|b1'", "(8,)", &[0, 1, 0, 1, 0, 1, 0, 1]))];
        let other = in_file(&entries, |path| open(path, &request()).unwrap().1);
        assert_eq!(other.train().trials, plain.train().trials);
        assert_eq!(other.labels, plain.labels);
    }
}

#[test]
fn labels_are_names_and_never_shifted() {
    let from_one = [inputs(), labels(&[1.0, 2.0, 3.0, 1.0, 2.0, 3.0, 1.0, 2.0])];
    let (task, trials) = in_file(&from_one, |path| open(path, &request()).unwrap());
    assert_eq!(trials.labels, ["1", "2", "3"]);
    assert!(
        task.notice
            .unwrap()
            .contains("the labels are not 0 to 2: the 3 labels there are name the classes, from `1` to `3`")
    );
    let gaps = [inputs(), labels(&[-1.0, 7.0, 7.0, -1.0, 100.0, 7.0, 100.0, 7.0])];
    assert_eq!(in_file(&gaps, |path| open(path, &request()).unwrap().1.labels), ["-1", "7", "100"]);
    let named =
        [inputs(), labels(&[0.0, 2.0, 0.0, 1.0, 1.0, 0.0, 2.0, 1.0]), texts("label_names", &["c", "a", "b"])];
    let (task, trials) = in_file(&named, |path| open(path, &request()).unwrap());
    assert_eq!(trials.labels, ["c", "a", "b"]);
    assert!(!task.notice.unwrap().contains("labels"));
}

#[test]
fn a_part_of_the_file_is_held_out_in_order() {
    let alternate = [inputs(), labels(&[0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0]), array("era", &[1], &[3.0])];
    let (task, trials) = in_file(&alternate, |path| open(path, &request()).unwrap());
    let notice = task.notice.unwrap();
    assert!(notice.contains("not used: `era`"), "{notice}");
    assert!(notice.contains("the last fifth of the trials of each class is held out, 2 of 8"), "{notice}");
    let Goals::Classes(of_test) = trials.test().trials.goals() else { panic!() };
    assert_eq!(of_test, &[0, 1]);
    let one = [inputs(), labels(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0])];
    assert!(said(&one).contains("expected at least two trials of a class"));
}

#[test]
fn targets_are_of_steps_or_of_the_last_one() {
    let mask = array("mask", &[8, 3], &[1.0, 0.0, 1.0].repeat(8));
    let mut all = vec![0.5; 48];
    all[4] = f64::NAN;
    let entries = [inputs(), array("targets", &[8, 3, 2], &all), mask.clone()];
    assert!(
        notice(&entries).contains("1 of 32 values of `targets` are missing (NaN): they are not asked for")
    );
    let weights = |entries: &[Entry]| {
        in_file(entries, |path| {
            let (_, trials) = open(path, &request()).unwrap();
            let Goals::Values { variables, weights, .. } = trials.train().trials.goals() else { panic!() };
            (*variables, weights[..6].to_vec())
        })
    };
    assert_eq!(weights(&entries), (2, vec![1.0, 1.0, 0.0, 0.0, 0.0, 1.0]));
    let last = [inputs(), array("targets", &[8, 2], &[0.5; 16])];
    assert_eq!(weights(&last), (2, vec![0.0, 0.0, 0.0, 0.0, 1.0, 1.0]));
    assert_eq!(weights(&[inputs(), array("targets", &[8, 3], &[0.5; 24])]).0, 1);
    assert!(
        said(&[inputs(), array("targets", &[8], &[0.5; 8]), mask.clone()])
            .contains("`mask` says which steps count")
    );
    let of_steps = [inputs(), array("labels", &[8, 3], &[0.0, -9.0, 1.0].repeat(8)), mask];
    let (_, trials) = in_file(&of_steps, |path| open(path, &request()).unwrap());
    assert_eq!((trials.form.read(), trials.labels), (Some(Read::Each), vec!["0".to_owned(), "1".to_owned()]));
    let mean = Request { read: Some(Read::Mean), ..request() };
    let found = in_file(&of_steps, |path| fault(path, &mean));
    assert!(
        found.contains("expected `each`, for every step has a class for `--read`, found `mean`"),
        "{found}"
    );
}

#[test]
fn arrays_that_do_not_belong_together_are_named() {
    let good = || labels(&[0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0]);
    let with = |name: &'static str, shape: &[usize], values: &[f64]| {
        said(&[inputs(), good(), array(name, shape, values)])
    };
    let of =
        |name: &'static str, shape: &[usize], values: &[f64]| said(&[inputs(), array(name, shape, values)]);
    let mut holed = vec![1.0; 48];
    holed[13] = f64::NAN;
    let mut endless = vec![1.0; 48];
    endless[47] = f64::INFINITY;
    for (found, expected) in [
        (said(&[good()]), "`x.npz`: expected an array `inputs`, found `labels`"),
        (said(&[inputs()]), "expected `labels` or `targets`, found `inputs`"),
        (with("targets", &[8, 3], &[0.0; 24]), "expected `labels` or `targets`, found both"),
        (
            said(&[array("inputs", &[48], &[0.0; 48]), good()]),
            "`inputs`: expected [trials, time, channels] or [trials, time], found the shape [48]",
        ),
        (
            of("labels", &[7], &[0.0; 7]),
            "`labels`: expected [trials], [8] here, or [trials, time], [8, 3], found the shape [7]",
        ),
        (of("targets", &[3, 8], &[0.0; 24]), "`targets`: expected [trials, time, outputs], [8, 3, …] here"),
        (
            with("lengths", &[8], &[4.0; 8]),
            "`lengths`: expected whole numbers from 1 to 3, the time axis of `inputs`, found 4 at [0]",
        ),
        (with("lengths", &[8], &[0.0; 8]), "found 0 at [0]"),
        (with("lengths", &[2], &[1.0; 2]), "`lengths`: expected [trials], [8] here, found the shape [2]"),
        (
            with("mask", &[8, 3], &[1.0; 24]),
            "`mask` says which steps count, and `labels` of whole trials have no steps",
        ),
        (
            said(&[inputs(), array("targets", &[8, 3], &[0.0; 24]), array("mask", &[3, 8], &[1.0; 24])]),
            "`mask`: expected [trials, time], [8, 3] here",
        ),
        (
            said(&[inputs(), array("targets", &[8, 3], &[0.0; 24]), array("mask", &[8, 3], &[0.0; 24])]),
            "trial 0 asks for nothing",
        ),
        (
            said(&[inputs(), array("targets", &[8, 3], &[0.0; 24]), array("mask", &[8, 3], &[-1.0; 24])]),
            "found a weight of -1",
        ),
        (of("labels", &[8], &[0.5; 8]), "`labels`: expected a whole number or a text, found 0.5 at [0]"),
        (of("labels", &[8], &[1.0; 8]), "expected 2 to 256 classes, found 1"),
        (of("targets", &[8, 3, 2], &endless), "`targets`: expected numbers, or NaN, found inf at [7, 2, 1]"),
        (
            said(&[array("inputs", &[8, 3, 2], &holed), good()]),
            "trial 2, step 0, channel 1: found NaN, expected a number",
        ),
        (said(&[array("inputs", &[8, 3, 2], &endless), good()]), "trial 7, step 2, channel 1: found inf"),
        (
            said(&[inputs(), good(), texts("input_names", &["a"])]),
            "`input_names`: expected 2 names, found the shape [1]",
        ),
        (
            said(&[inputs(), good(), array("label_names", &[2], &[0.0, 1.0])]),
            "`label_names`: expected names, found numbers",
        ),
        (
            said(&[
                inputs(),
                labels(&[1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 2.0]),
                texts("label_names", &["a", "b"]),
            ]),
            "expected 0 to 1, a place among `label_names`, found 2 at [1]",
        ),
        (
            said(&[
                inputs(),
                texts("labels", &["a", "b", "a", "c", "a", "b", "a", "b"]),
                texts("label_names", &["a", "b"]),
            ]),
            "expected one of `label_names`, found `c` at [3]",
        ),
        (
            said(&[("inputs", npy("'|O'", "(8,)", &[0; 64])), good()]),
            "`x.npz`, array `inputs`: expected numbers or texts, found Python objects",
        ),
        (
            said(&[("inputs", npy("'<c8'", "(8,)", &[0; 64])), good()]),
            "array `inputs`: expected values of type",
        ),
        (said(&[texts("inputs", &["a", "b"]), good()]), "`inputs`: expected numbers, found texts"),
    ] {
        assert!(found.contains(expected), "expected `{expected}`, found `{found}`");
    }
}

#[test]
fn channels_that_say_nothing_and_values_that_stand_for_none_are_named() {
    let mut values: Vec<f64> = (0..80).flat_map(|i| [f64::from(i * i % 17), 4.0]).collect();
    values[60] = -9999.0;
    let entries = [array("inputs", &[8, 10, 2], &values), labels(&[0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0])];
    let notice = notice(&entries);
    assert!(notice.contains("the input `1` has the same value throughout training"), "{notice}");
    assert!(notice.contains("input `0`: found -9999, more than 10 interquartile ranges"), "{notice}");
}

#[test]
fn a_damaged_archive_says_what_is_wrong_and_takes_no_memory() {
    let good = npz(&[inputs(), labels(&[0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0])], true);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npz");
    let check = |bytes: &[u8], expected: &str| {
        write(&path, bytes);
        let found = fault(&path, &request());
        assert!(found.contains(expected), "expected `{expected}`, found `{found}`");
    };
    check(b"", "expected an archive of arrays (`.npz`), found an empty file");
    check(b"\x93NUMPY\x01\0", "found an NPY array");
    check(&good[..good.len() / 2], "the archive is damaged");
    check(&good[..good.len() - 30], "the archive is damaged");
    // Whatever byte is wrong: a fault or the same content, and never a panic.
    write(&path, &good);
    let (_, whole) = open(&path, &request()).unwrap();
    for at in 0..good.len() {
        let mut bytes = good.clone();
        bytes[at] ^= 0x55;
        write(&path, &bytes);
        if let Ok((_, trials)) = open(&path, &request()) {
            assert_eq!(trials.train().trials, whole.train().trials, "byte {at}");
        }
    }
    // A small file that promises much.
    let promise = npy("'<f8'", "(1000000, 1000000, 8)", &[0; 64]);
    check(&npz(&[("inputs", promise)], true), "bytes of memory");
    let more = npy("'<f8'", "(1000, 1000, 8)", &[0; 64]);
    check(&npz(&[("inputs", more)], true), "the header promises 64000000 bytes of values, found 64");
}

#[test]
fn a_million_steps_are_a_trial() {
    let steps = 1_000_000;
    let values: Vec<u8> = (0..2 * steps).map(|i| (i % 251) as u8).collect();
    let entries =
        [("inputs", npy("'|u1'", &format!("(2, {steps})"), &values)), array("targets", &[2], &[1.0, 2.0])];
    let (_, trials) = in_file(&entries, |path| open(path, &request()).unwrap());
    assert_eq!((trials.train().trials.lengths(), trials.test().trials.len()), ((steps, steps), 1));
}

#[test]
fn halves_of_other_channels_or_classes_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let alternate = || labels(&[0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0]);
    let halves = |test: &[Entry]| {
        write(folder.path().join("train.npz"), &npz(&[inputs(), alternate()], false));
        write(folder.path().join("test.npz"), &npz(test, false));
        fault(folder.path(), &request())
    };
    let narrow = array("inputs", &[8, 3], &[0.0; 24]);
    let found = halves(&[narrow, alternate()]);
    assert!(
        found.contains("the training trials have 2 channels and a class each, the test trials 1 channels"),
        "{found}"
    );
    let found = halves(&[inputs(), labels(&[0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 2.0])]);
    assert!(found.contains("no training trial is of the class `2`"), "{found}");
    let found = halves(&[inputs(), array("targets", &[8, 3], &[0.0; 24])]);
    assert!(found.contains("the test trials 2 channels and 1 targets at each step"), "{found}");
}
