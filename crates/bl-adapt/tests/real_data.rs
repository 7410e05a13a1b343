//! The official sets through the command that a user types. Without `BL_DATA_DIR` there are none, which is said,
//! and is a failure where `CI=true`.

mod support;

use std::path::{Path, PathBuf};

use support::{Home, json};

#[expect(clippy::print_stderr, reason = "a test that does not run must say so")]
fn data() -> Option<PathBuf> {
    let data = std::env::var_os("BL_DATA_DIR").map(|dir| std::path::absolute(dir).expect("a path"));
    let in_ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
    assert!(data.is_some() || !in_ci, "CI=true, but BL_DATA_DIR is not set: real data would go untested");
    if data.is_none() {
        eprintln!("not run: BL_DATA_DIR is not set, only embedded data are tested");
    }
    data
}

fn train(home: &Home, data: &Path, task: &str, more: &[&str]) -> serde_json::Value {
    let data = data.to_str().expect("a plain path");
    let base = ["train", "--task", task, "--data-dir", data, "--width", "3000", "--json"];
    let run = home.run(&[&base[..], more].concat());
    assert_eq!(run.code, 0, "{}", run.words);
    json(&run)
}

#[test]
fn two_official_sets_are_learned_on_one_backbone() {
    let Some(data) = data() else { return };
    let home = Home::new();
    let mnist = train(&home, &data, "mnist", &["--epochs", "4"]);
    let kmnist = train(&home, &data, "kmnist", &["--epochs", "4"]);
    assert_eq!(mnist["backbone"], kmnist["backbone"]);
    for (report, least) in [(&mnist, 0.85), (&kmnist, 0.5)] {
        assert_eq!(report["dataset"]["source"], "official");
        assert_eq!(report["dataset"]["train"], 60_000);
        assert_eq!(report["dataset"]["test"], 10_000);
        assert!(report["test_accuracy"].as_f64() > Some(least), "{report}");
    }
}

#[test]
fn a_small_cache_budget_changes_nothing_but_the_time() {
    let Some(data) = data() else { return };
    let home = Home::new();
    let cached = train(&home, &data, "fashion", &["--epochs", "1", "--out", "a.safetensors"]);
    let little = ["--epochs", "1", "--out", "b.safetensors", "--cache-memory", "100MiB"];
    let recomputed = train(&home, &data, "fashion", &little);
    assert_eq!(
        (&cached["cache"]["mode"], &recomputed["cache"]["mode"]),
        (&"cached".into(), &"recomputed".into())
    );
    let bytes = |name| std::fs::read(home.path(name)).expect("it was written");
    assert_eq!(bytes("a.safetensors"), bytes("b.safetensors"));
}
