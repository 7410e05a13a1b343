//! Every adapter of the folder `adapters/` still does what its header says, through the command that a user types.

mod support;

use std::path::{Path, PathBuf};

use serde_json::Value;
use support::{Home, json};

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../adapters");
    let entries = std::fs::read_dir(folder).expect("the folder of trained adapters");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "safetensors"));
    files.sort();
    files
}

/// Sets that the program makes: the same everywhere.
const MADE: [&str; 4] = ["ethiopic", "vai", "osmanya", "nko"];

#[test]
fn recorded_figures_are_measured_again() {
    let home = Home::new();
    let data = std::env::var("BL_DATA_DIR").ok().map(|dir| std::path::absolute(dir).expect("a path"));
    let in_ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
    assert!(data.is_some() || !in_ci, "CI=true, but BL_DATA_DIR is not set: the adapters would go untested");
    let files = files();
    assert!(files.len() >= 13, "{files:?}");
    for file in &files {
        let adapter = file.to_str().expect("a plain path");
        let task = file.file_stem().and_then(|stem| stem.to_str()).expect("a plain name");
        let made = MADE.contains(&task).then(|| {
            let run = home.run(&["data", "generate", task, "--data-dir", "made"]);
            assert_eq!(run.code, 0, "{task}: {}", run.words);
            home.path("made")
        });
        let data = made.as_ref().or(data.as_ref());
        let mut args = vec!["eval", "--json", "--adapter", adapter];
        args.extend(data.iter().flat_map(|data| ["--data-dir", data.to_str().expect("a plain path")]));
        let run = home.run(&args);
        if data.is_none() && run.code == 2 && run.words.contains("--data-dir") {
            not_run(adapter); // a set that is not embedded
            continue;
        }
        assert_eq!(run.code, 0, "{adapter}: {}", run.words);
        let report = json(&run);
        match report.get("accuracy") {
            Some(accuracy) => check_pictures(adapter, accuracy, &report),
            None => check_in_time(adapter, &report),
        }
    }
}

#[test]
fn the_table_is_that_of_the_headers_and_every_adapter_has_its_card() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../adapters");
    let readme = std::fs::read_to_string(folder.join("README.md")).expect("a page");
    let list = Home::new().run(&["list", folder.to_str().expect("a plain path"), "--markdown"]);
    assert_eq!(list.code, 0, "{}", list.words);
    assert!(readme.contains(&list.result), "adapters/describe.sh writes it again:\n{}", list.result);
    let mut bytes = 0;
    for file in files() {
        bytes += file.metadata().expect("a file").len();
        let name = file.file_stem().expect("a name");
        let card =
            std::fs::read_to_string(folder.join("cards").join(name).join("README.md")).expect("a card");
        assert!(card.contains("library_name: bias-adapters"), "{name:?}");
    }
    assert!(bytes < 6 << 20, "{bytes} bytes in all, expected less than 6 MiB");
}

#[expect(clippy::print_stderr, reason = "a test that does not run must say so")]
fn not_run(adapter: &str) {
    eprintln!("not run: {adapter}, its data are not embedded and BL_DATA_DIR is not set");
}

fn check_pictures(adapter: &str, accuracy: &Value, report: &Value) {
    let number = |value: &Value| value.as_f64().expect("a number");
    let (measured, recorded) = (number(accuracy), number(&report["recorded_accuracy"]));
    if report["same_test_set"] == true {
        assert!((measured - recorded).abs() < 1e-12, "{adapter}: {measured}, recorded {recorded}");
    } else {
        assert!(std::env::var_os("BL_DATA_DIR").is_none(), "{adapter}: not the test set of its record");
        // The embedded sample, or digits of another font: far above chance, not more.
        assert!(measured > 0.5, "{adapter}: {measured}, recorded {recorded}");
    }
}

fn check_in_time(adapter: &str, report: &Value) {
    assert_eq!(report["as_recorded"], true, "{adapter}");
    let compared = report["compared"].as_array().expect("figures");
    assert!(!compared.is_empty(), "{adapter}");
    for figure in compared {
        let name = figure["name"].as_str().expect("a name");
        let number = |of: &str| figure[of].as_f64().expect("a number");
        let (measured, recorded) = (number("measured"), number("recorded"));
        let close = (measured - recorded).abs() <= 1e-9 * recorded.abs();
        assert!(close, "{adapter}: {name} {measured}, recorded {recorded}: the same on every machine");
    }
}
