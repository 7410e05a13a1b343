//! Studies as a user meets them.

mod support;

use support::{Home, json};

#[test]
fn a_study_on_the_embedded_sample_writes_its_files_and_goes_on_from_them() {
    let home = Home::new();
    let run = home.run(&["study", "fig2", "--quick", "--seeds", "1"]);
    assert_eq!(run.code, 0, "{}", run.words);
    assert_eq!(run.result.trim_end(), "results/fig2/quick.png");
    for words in ["study fig2", "paper  0.934 ± 0.001", "unlike the paper: 1 seed rather than 5"] {
        assert!(run.words.contains(words), "`{words}` is not in:\n{}", run.words);
    }
    for file in ["quick.json", "quick.csv", "quick.svg", "quick.png"] {
        assert!(home.path("results/fig2").join(file).exists(), "{file}");
    }
    let summary = std::fs::read_to_string(home.path("results/STUDY.md")).expect("STUDY.md");
    assert!(summary.contains("## fig2: ") && summary.contains("mnist (sample)"), "{summary}");

    let judged = home.run(&["study", "fig2", "--quick", "--seeds", "1", "--from-results", "--json"]);
    assert_eq!(judged.code, 0, "{}", judged.words);
    let (report, criterion) = (json(&judged), "the two intervals overlap");
    assert!(report["judged"].is_null(), "its runs are those of `results/runs`");
    assert_eq!(report["findings"][0]["criterion"], criterion);
    assert_eq!(report["seeds"], 1);

    let again = home.run(&["study", "fig2c", "--quick", "--seeds", "1", "--json"]);
    assert_eq!(again.code, 0, "{}", again.words);
    assert!(again.words.contains("3 of 3 runs are finished already"), "{}", again.words);
    let report = json(&again);
    assert_eq!(report["study"], "fig2c");
    assert_eq!(report["runs"].as_array().expect("a list").len(), 3);
    let summary = std::fs::read_to_string(home.path("results/STUDY.md")).expect("STUDY.md");
    assert!(summary.contains("## fig2: ") && summary.contains("## fig2c: "), "{summary}");
}

#[test]
fn kept_results_are_judged_again_without_their_runs() {
    let home = Home::new();
    let arguments = ["study", "figE2c", "--quick", "--seeds", "1", "--json"];
    let first = json(&home.run(&arguments));
    std::fs::remove_dir_all(home.path("results/runs")).expect("runs were kept");
    let again = home.run(&[&arguments[..], &["--from-results"]].concat());
    assert!(again.words.contains("9 of 9 runs are finished already"), "{}", again.words);
    assert!(!home.path("results/runs").exists(), "nothing was trained");
    let again = json(&again);
    for field in ["findings", "table", "runs", "date", "sources", "cost"] {
        assert_eq!(again[field], first[field], "{field}");
    }
    assert!(first["judged"].is_null() && again["judged"].is_string());
}

#[test]
fn what_cannot_be_studied_is_said_before_any_work() {
    let home = Home::new();
    let check = |args: &[&str], expected: &[&str]| {
        let run = home.run(&[&["study"], args].concat());
        assert_eq!(run.code, 2, "{args:?}: {}", run.words);
        assert_eq!(run.result, "", "{args:?}");
        for words in expected {
            assert!(run.words.contains(words), "{args:?}: `{words}` is not in:\n{}", run.words);
        }
    };
    check(&["fig2bb"], &["unknown study `fig2bb`", "did you mean `fig2", "known are `fig1a`"]);
    check(&["fig2", "--quick", "--full"], &["cannot be used with"]);
    check(&["fig2", "--seeds", "0"], &["`seeds` is 0, expected a value from 1 to 100"]);
    check(&["fig2", "--from-results"], &["results/fig2/quick.json", "without `--from-results`"]);
    check(&["fig1a", "--quick"], &["fashion", "hint: "]); // no data, and none is embedded
    assert!(!home.path("results").exists());

    let old = r#"{ "format": "bl-study-result", "version": 0 }"#;
    let half = r#"{ "format": "bl-study-result", "version": 1, "study": "fig2", "fin"#;
    let folder = home.path("results/fig2");
    std::fs::create_dir_all(&folder).expect("a folder");
    for (content, expected) in [
        (old, "has format version 0, this program writes version 1"),
        (half, "is damaged"),
        ("not JSON", "is damaged"),
    ] {
        std::fs::write(folder.join("quick.json"), content).expect("a small file");
        check(&["fig2", "--seeds", "1"], &[expected, "hint: ", "quick.json"]);
        assert_eq!(std::fs::read_to_string(folder.join("quick.json")).expect("it is there"), content);
    }
    assert!(!home.path("results/runs").exists(), "nothing was run for results that cannot be written");
}

#[test]
fn the_list_names_every_study() {
    let home = Home::new();
    let names = json(&home.run(&["study", "list", "--json"]));
    let expected = [
        "fig1a",
        "fig1b",
        "fig1c",
        "fig2",
        "fig2b",
        "fig2c",
        "fig3ab",
        "fig3cd",
        "fig4",
        "fig4c",
        "fig5",
        "figE2a",
        "figE2b",
        "figE2c",
        "figE2d",
        "figE2e",
        "figE3",
        "figE4",
        "figE5",
        "time",
        "cognitive",
        "theory",
    ];
    assert_eq!(names, serde_json::json!(expected));
    let words = home.run(&["study", "list"]).result;
    assert!(expected.iter().all(|name| words.contains(name)), "{words}");
}
