//! Texts: the embedded sample, tables and folders of a user's own, and what is wrong with them.

mod support;

use std::fmt::Write as _;

use support::{Home, json};

const SMALL: [&str; 4] = ["--width", "4000", "--epochs", "10"];

/// Lines of two classes with cells that need quotation marks.
fn table(home: &Home, name: &str, separator: char) {
    let mut lines = format!("stars{separator}body\n");
    for i in 0..30 {
        let text = if i % 2 == 0 { "a good, fine film" } else { "a bad, dull film" };
        let quoted = if separator == ',' { format!("\"{text} {i}\"") } else { format!("{text} {i}") };
        let _ = writeln!(lines, "{}{separator}{quoted}", ["high", "low"][i % 2]);
    }
    std::fs::write(home.path(name), lines).expect("a small file");
}

#[test]
fn the_sample_is_learned_and_measured_again() {
    let home = Home::new();
    let run = home.run(&[&["train", "--task", "snips", "--json"][..], &SMALL].concat());
    let report = json(&run);
    assert_eq!(report["dataset"]["source"], "sample");
    assert!(report["test_accuracy"].as_f64() > Some(0.8), "{report}");
    let header = json(&home.run(&["inspect", "snips.safetensors", "--json"]));
    assert_eq!(header["requires"], serde_json::json!(["text"]));
    assert_eq!(header["text"]["how"], "ngrams");
    let eval = home.run(&["eval", "snips.safetensors"]);
    assert!(eval.words.contains("the test set and all metrics are as recorded"), "{}", eval.words);
    let other =
        home.run(&["train", "--task", "snips", "--characters", "0", "--out", "o.safetensors", "--quiet"]);
    assert_eq!(other.code, 0, "{}", other.words);
    for method in ["mask", "gain", "bias+gain", "full"] {
        let args =
            ["train", "--task", "snips", "--method", method, "--width", "60", "--epochs", "2", "--quiet"];
        let run = home.run(&[&args[..], &["--out", "m.safetensors"]].concat());
        assert_eq!(run.code, 0, "{method}: {}", run.words);
    }
}

#[test]
fn tables_and_folders_of_ones_own_are_learned_and_found_again() {
    let home = Home::new();
    table(&home, "r.csv", ',');
    table(&home, "r.tsv", '\t');
    let columns = ["--text", "body", "--label", "stars", "--json"];
    let digests = ["./r.csv", "./r.tsv"].map(|name| {
        let run = home.run(&[&["train", "--task", name][..], &SMALL, &columns].concat());
        let report = json(&run);
        assert_eq!(report["test_accuracy"].as_f64(), Some(1.0), "{report}");
        report["dataset"]["train_sha256"].clone()
    });
    assert_eq!(digests[0], digests[1], "the same texts");
    let eval = home.run(&["eval", "r.safetensors", "--task", "./r.tsv"]);
    assert!(eval.words.contains("all metrics are as recorded"), "{}", eval.words);
    let unnamed = home.run(&["eval", "r.safetensors"]);
    assert!(unnamed.code == 2 && unnamed.words.contains("--task"), "{}", unnamed.words);

    for (half, count) in [("train", 12), ("test", 4)] {
        for (class, text) in [("up", "more and more of it"), ("down", "less than ever before")] {
            let folder = home.path("moves").join(half).join(class);
            std::fs::create_dir_all(&folder).expect("a temporary folder");
            for i in 0..count {
                std::fs::write(folder.join(format!("{i}.txt")), format!("{text} {half} {i}")).expect("small");
            }
        }
    }
    std::fs::write(home.path("moves/train/up/odd.txt"), [0xff, 0xfe, 0x41]).expect("small");
    std::fs::write(home.path("moves/train/up/empty.txt"), " …\n").expect("small");
    let run = home.run(&[&["train", "--task", "./moves"][..], &SMALL].concat());
    for words in
        ["24 training and 8 test texts", "`up/odd.txt` (not UTF-8)", "1 texts without a word", "100.00 %"]
    {
        assert!(run.words.contains(words), "{words}: {}", run.words);
    }
    let eval = home.run(&["eval", "moves.safetensors"]);
    assert!(eval.words.contains("all metrics are as recorded"), "{}", eval.words);
}

#[test]
fn what_is_no_table_of_texts_is_refused_with_what_to_do() {
    let home = Home::new();
    let mut many = "label,text\n".to_owned();
    for i in 0..514 {
        let _ = writeln!(many, "l{},a b {i}", i / 2);
    }
    for (content, expected) in [
        ("label,text\nx,one\nx,two\n".as_bytes(), "all texts have the label `x`"),
        (many.as_bytes(), "257 labels, expected at most 256"),
        (b"label,text\nx,one, two\ny,three\n", "line 2: expected 2 columns, found 3"),
        (b"label,text\nx,one\n,two\n", "line 3: the label is empty"),
        (b"label,text\nx,\xe9t\xe9\n", "line 2: not UTF-8"),
        (b"label,text\n", "there is no line with a text"),
        (b"label,text\nx,...\ny,!\nx,?\ny,-\n", "there is no line with a text"),
        (b"label,text\nx,one\ny,two\n", "every label has a single text"),
    ] {
        std::fs::write(home.path("t.csv"), content).expect("a small file");
        let run = home.run(&[&["train", "--task", "./t.csv"][..], &SMALL].concat());
        assert_eq!(run.code, 2, "{expected}");
        assert!(run.words.contains(expected), "{expected}: {}", run.words);
        assert!(!home.path("t.safetensors").exists());
    }
    table(&home, "r.csv", ',');
    for (more, expected) in [
        (&["--text", "title"][..], "there is no column `title`, only `stars`, `body`"),
        (&["--text", "body"], "expected a column of labels"),
        (
            &["--text", "body", "--label", "stars", "--column", "stars"],
            "is no series, it has no column `stars`",
        ),
        (&["--text", "body", "--label", "stars", "--sort"], "there is nothing to sort or fill"),
        (&["--text", "body", "--label", "stars", "--horizon", "2"], "applies to forecasting tasks"),
        (&["--text", "body", "--label", "stars", "--size", "8"], "applies to tasks of images"),
        (&["--text", "body", "--label", "stars", "--characters", "5-3"], "expected lengths from 1 to 8"),
        (
            &["--text", "body", "--label", "stars", "--characters", "0", "--words", "0"],
            "is 0, expected a value from 1 to 16",
        ),
    ] {
        let run = home.run(&[&["train", "--task", "./r.csv"][..], &SMALL, more].concat());
        assert_eq!(run.code, 2, "{more:?}: {}", run.words);
        assert!(run.words.contains(expected), "{expected}: {}", run.words);
    }
    let run = home.run(&["train", "--task", "mnist", "--words", "2"]);
    assert!(run.code == 2 && run.words.contains("applies to tasks of texts"), "{}", run.words);
}
