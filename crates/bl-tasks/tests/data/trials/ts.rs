//! `.ts` files of UEA and UCR.

use std::fmt::Write as _;
use std::path::Path;

use bl_core::io::Read;
use bl_tasks::trials::Goals;
use bl_tasks::{Request, Source};
use proptest::prelude::*;

use super::{Content, content, fault, open, request};
use crate::files::{gzip, write};

const HEADER: &str = "# a remark\n@problemName x\n@timeStamps false\n@missing false\n@univariate false\n@dimensions 2\n\
                      @equalLength false\n@classLabel true b a 10\n@data\n";

/// Trials of two dimensions as a file has them.
fn file((lengths, inputs, labels): &Content) -> String {
    let mut text = HEADER.to_owned();
    for ((steps, inputs), label) in lengths.iter().zip(inputs).zip(labels) {
        for channel in 0..2 {
            let cells: Vec<String> = (0..*steps).map(|step| inputs[2 * step + channel].to_string()).collect();
            write!(text, "{}:", cells.join(",")).unwrap();
        }
        writeln!(text, "{label}").unwrap();
    }
    text
}

fn some_trials() -> impl Strategy<Value = Content> {
    let trial = (1..6_usize, 0..3_usize).prop_flat_map(|(steps, class)| {
        (
            Just(steps),
            prop::collection::vec(-1e3..1e3_f64, 2 * steps),
            Just(["b", "a", "10"][class].to_owned()),
        )
    });
    prop::collection::vec(trial, 1..9).prop_map(|trials| {
        let (mut lengths, mut inputs, mut labels) = (Vec::new(), Vec::new(), Vec::new());
        for (steps, values, label) in trials {
            lengths.push(steps);
            inputs.push(values);
            labels.push(label);
        }
        (lengths, inputs, labels)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn what_a_file_says_is_what_is_opened(
        train in some_trials(), test in some_trials(), packed: bool, as_file: bool, crlf: bool
    ) {
        // A class of the test half alone cannot be learned.
        prop_assume!(test.2.iter().all(|label| train.2.contains(label)));
        let folder = tempfile::tempdir().unwrap();
        let path = |half: &str| folder.path().join(format!("X_{half}.ts{}", if packed { ".gz" } else { "" }));
        for (half, content) in [("TRAIN", &train), ("TEST", &test)] {
            let text = if crlf { file(content).replace('\n', "\r\n") } else { file(content) };
            let bytes = if packed { gzip(text.as_bytes()) } else { text.into_bytes() };
            write(path(half), &bytes);
        }
        let opened = if as_file { path("TEST") } else { folder.path().to_owned() };
        let (task, trials) = open(&opened, &request()).unwrap();
        prop_assert_eq!(&trials.labels, &["b", "a", "10"], "in the header's order");
        prop_assert_eq!(task.source, if as_file { Source::File } else { Source::Folder });
        prop_assert_eq!(content(trials.train().trials, &trials.labels), train);
        prop_assert_eq!(content(trials.test().trials, &trials.labels), test);
    }
}

/// What opening a training file of this text says.
fn said(text: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("X.ts");
    write(&path, text.as_bytes());
    fault(&path, &request())
}

#[test]
fn a_wrong_line_is_named_with_what_was_expected_and_found() {
    let after = |lines: &str| said(&format!("{HEADER}1,2:3,4:a\n{lines}\n"));
    let header = |from: &str, to: &str| said(&format!("{}1,2:3,4:a\n", HEADER.replace(from, to)));
    for (found, expected) in [
        (
            after("1,2:a"),
            "`X.ts`, line 11: expected 2 dimensions and a class, with colons between them, found 2 in all",
        ),
        (after("1:2:3:a"), "line 11: expected 2 dimensions and a class"),
        (after("1,2:3:a"), "line 11: dimension 2 has 1 values, expected 2, as dimension 1 has"),
        (after("1,?:3,4:a"), "line 11: dimension 1, value 2: expected a number, found `?`, a missing value"),
        (after("1,2:NaN,4:a"), "dimension 2, value 1: expected a number, found `NaN`, a missing value"),
        (after("1,2:inf,4:a"), "dimension 2, value 1: expected a number, found `inf`"),
        (after("1,2:3,:a"), "dimension 2, value 2: expected a number, found nothing, a missing value"),
        (after("1,2:3,x4:a"), "found `x4`"),
        (after("1,2:3,4:c"), "line 11: expected one of the classes b, a, 10, found `c`"),
        (
            header("@timeStamps false", "@timeStamps true"),
            "line 3: expected trials without time stamps, found `@timeStamps true`",
        ),
        (
            header("@equalLength false", "@equalLength maybe"),
            "expected `@equalLength true` or `@equalLength false`, found `maybe`",
        ),
        (
            header("@dimensions 2", "@dimensions none"),
            "expected a whole number above 0 after `@dimensions`, found `none`",
        ),
        (
            header("@equalLength false", "@equalLength true\n@seriesLength 3"),
            "dimension 1 has 2 values, expected 3, as `@seriesLength` says",
        ),
        (
            header("@classLabel true b a 10", "@classLabel false"),
            "expected `@classLabel true` with the classes, or `@targetLabel true`",
        ),
        (header("@data\n", ""), "line 9: expected a line of the header such as `@data`, found `1,2:3,4:a`"),
        (said(HEADER), "expected `@data` and trials after it, found the end of the file"),
        (said(""), "expected `@data` and trials after it"),
        (said(&HEADER.replace('\n', "\r")), "expected lines that end in a line feed"),
        (said("\u{feff}@problemName x\n"), "expected `@data` and trials after it"),
    ] {
        assert!(found.contains(expected), "expected `{expected}`, found `{found}`");
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("X_TRAIN.ts");
    let wide: Vec<u8> = HEADER.encode_utf16().flat_map(u16::to_le_bytes).collect();
    write(&path, &wide);
    assert_eq!(fault(&path, &request()), "`X_TRAIN.ts`: expected UTF-8 text, found UTF-16LE");
    write(&path, b"\x89PNG\r\n\x1a\n");
    assert!(fault(&path, &request()).contains("a PNG image"));
}

#[test]
fn halves_that_differ_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let [train, test] = ["X_TRAIN.ts", "X_TEST.ts"].map(|name| folder.path().join(name));
    write(&train, format!("{HEADER}1,2:3,4:a\n1,2:3,4:b\n").as_bytes());
    let other = |lines: &str, header: &str| {
        write(&test, format!("{header}{lines}").as_bytes());
        fault(&train, &request())
    };
    let found = other("1,2:3,4:10\n", HEADER);
    assert!(found.contains("X_TEST.ts`: no training trial is of the class `10`"), "{found}");
    let found = other("1,2:a\n", &HEADER.replace("@dimensions 2", "@dimensions 1"));
    assert!(
        found.contains("the training trials have 2 channels and a class each, the test trials 1 channels"),
        "{found}"
    );
    // Another order of the same classes is the same classes.
    write(&test, format!("{}1,2:3,4:a\n", HEADER.replace("b a 10", "10 a b")).as_bytes());
    let (_, trials) = open(&train, &request()).unwrap();
    assert_eq!(content(trials.test().trials, &trials.labels).2, ["a"]);
}

#[test]
fn a_number_for_each_trial_is_a_target_at_its_last_step() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("flow.ts");
    let header = "@univariate true\n@targetlabel true\n@data\n";
    write(&path, format!("{header}1,2,3:0.5\n4,5:-1\n1,1:2\n").as_bytes());
    let (task, trials) = open(&path, &request()).unwrap();
    let notice = task.notice.unwrap();
    assert!(notice.contains("asked for at its last step") && notice.contains("the last fifth"), "{notice}");
    let Goals::Values { variables: 1, values, weights } = trials.train().trials.goals() else { panic!() };
    assert_eq!((&**values, &**weights), (&[0.0, 0.0, 0.5, 0.0, -1.0][..], &[0.0, 0.0, 1.0, 0.0, 1.0][..]));
    assert_eq!(trials.form.variables()[0].name, "target");
    write(&path, format!("{header}1,2,3:half\n").as_bytes());
    assert!(
        fault(&path, &request())
            .contains("expected the number that is to be learned in the last place, found `half`")
    );
}

#[test]
fn classes_without_a_list_are_in_order_and_read_as_asked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("X.ts");
    let lines: String = (0..20).map(|i| format!("{i},1,2:{}\n", [10, 9, -1][i % 3])).collect();
    write(&path, format!("@univariate true\n@classLabel true\n@data\n{lines}").as_bytes());
    for read in [Read::Mean, Read::End, Read::Each] {
        let (_, trials) = open(&path, &Request { read: Some(read), ..request() }).unwrap();
        assert_eq!(trials.labels, ["-1", "9", "10"]);
        assert_eq!(trials.form.read(), Some(read));
        assert_eq!(
            (trials.train().trials.len(), trials.test().trials.len()),
            (17, 3),
            "a fifth of each class"
        );
    }
}

#[test]
fn the_official_sets_have_their_sizes() {
    let Some(data) = crate::official::real_data() else { return };
    for (name, sizes, channels, lengths, classes) in [
        ("japanesevowels", (270, 370), 12, (7, 26), 9),
        ("italypowerdemand", (67, 1029), 1, (24, 24), 2),
        ("gunpoint", (50, 150), 1, (150, 150), 2),
        ("osuleaf", (200, 242), 1, (427, 427), 6),
    ] {
        let (task, trials) = open(Path::new(name), &Request::of(data.clone())).unwrap();
        assert_eq!((&*task.name, task.source, &task.notice), (name, Source::Official, &None));
        let (train, test) = (trials.train().trials, trials.test().trials);
        assert_eq!(((train.len(), test.len()), train.channels()), (sizes, channels), "{name}");
        assert_eq!((train.lengths(), trials.labels.len()), (lengths, classes), "{name}");
    }
}
