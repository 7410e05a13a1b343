//! Sharing adapters, as a user meets it.

#![expect(clippy::unwrap_used, reason = "a test that fails should say where")]

mod support;

use std::path::Path;

use bl_mock_hub::{Fault, MockHub};
use support::{Home, Run, json};

/// A home with a small adapter, and a hub.
struct Scene {
    home: Home,
    hub: MockHub,
}

impl Scene {
    fn new() -> Self {
        let scene = Self { home: Home::new(), hub: MockHub::start() };
        let quick = ["--width", "96", "--epochs", "1", "--out", "mnist.safetensors"];
        let run = scene.home.run(&[&["train", "--task", "mnist"], &quick[..]].concat());
        assert_eq!(run.code, 0, "{}", run.words);
        scene
    }

    /// Runs the program with the hub and a token.
    fn run(&self, args: &[&str]) -> Run {
        let endpoint = self.hub.endpoint();
        let online = [("HF_HUB_OFFLINE", "0"), ("HF_ENDPOINT", &endpoint), ("HF_TOKEN", "hf_secret")];
        let run = self.home.run_with(args, &online);
        assert!(!run.words.contains("hf_secret") && !run.result.contains("hf_secret"));
        run
    }

    fn done(&self, args: &[&str]) -> Run {
        let run = self.run(args);
        assert_eq!(run.code, 0, "{}\n{}", run.words, run.result);
        run
    }

    fn read(&self, name: impl AsRef<Path>) -> Vec<u8> {
        std::fs::read(self.home.path("").join(name)).unwrap()
    }
}

#[test]
fn a_dry_run_shows_exactly_what_a_push_sends() {
    let scene = Scene::new();
    let push = ["push", "mnist.safetensors", "ada/mnist"];
    let run = scene.done(&[&push[..], &["--dry-run", "--out", "card"]].concat());
    assert_eq!(run.result, "card\n");
    for words in ["repository ada/mnist@main is new", "README.md", "sample.png", "nothing was sent"] {
        assert!(run.words.contains(words), "`{words}` is not in:\n{}", run.words);
    }
    assert_eq!(scene.hub.commits("ada/mnist"), 0);
    assert!(scene.hub.requests().iter().all(|request| request.method == "GET" || request.method == "HEAD"));
    let shown = scene.done(&[&push[..], &["--dry-run"]].concat());
    for words in
        ["== README.md\n---\nlibrary_name: bias-adapters\n", "== adapter_config.json", "BIAS_LEARNING"]
    {
        assert!(shown.result.contains(words), "`{words}` is not in:\n{}", shown.result);
    }

    let run = scene.done(&push);
    assert!(run.result.starts_with("ada/mnist@"), "{}", run.result);
    let names = ["adapter_model.safetensors", "adapter_config.json", "README.md", "sample.png"];
    for name in names {
        assert_eq!(
            scene.hub.file("ada/mnist", name).unwrap(),
            scene.read(Path::new("card").join(name)),
            "{name}"
        );
    }
    assert!(scene.read("card/sample.png").starts_with(b"\x89PNG"));
    let again = scene.done(&push);
    assert!(again.words.contains("nothing was sent"), "{}", again.words);
    assert_eq!(again.result, run.result);
    let report = json(&scene.done(&[&push[..], &["--json", "--message", "x"]].concat()));
    assert_eq!(
        (report["unchanged"].as_bool(), report["files"].as_array().map(Vec::len)),
        (Some(true), Some(4))
    );
}

#[test]
fn what_was_pushed_is_pulled_found_listed_and_used_by_name() {
    let scene = Scene::new();
    scene.done(&["push", "mnist.safetensors", "ada/mnist", "--no-picture", "--private"]);
    assert_eq!(scene.hub.is_private("ada/mnist"), Some(true));
    let run = scene.done(&["pull", "ada/mnist", "--out", "pulled.safetensors"]);
    assert_eq!(run.result, "pulled.safetensors\n");
    assert_eq!(scene.read("pulled.safetensors"), scene.read("mnist.safetensors"));
    let backbone =
        json(&scene.done(&["pull", "ada/mnist", "--json"]))["backbone"].as_str().unwrap().to_owned();
    for args in
        [&["search"][..], &["search", "--backbone", &backbone], &["search", "--task", "mnist"], &["list"]]
    {
        let run = scene.done(args);
        assert!(
            run.result.contains("ada/mnist") && run.result.contains(&backbone[7..19]),
            "{args:?}: {}",
            run.result
        );
    }
    assert_eq!(scene.done(&["search", "--task", "none"]).result, "");

    // From here on there is no connection.
    let connections = scene.hub.connections();
    for (args, expected) in [
        (&["inspect", "ada/mnist"][..], "MNIST"),
        (&["verify", "ada/mnist"], "valid: digest, 96 parameters"),
        (&["eval", "--adapter", "ada/mnist"], "as recorded"),
        (&["list"], "ada/mnist"),
    ] {
        let run = scene.home.run_with(args, &[("HF_ENDPOINT", &scene.hub.endpoint())]);
        assert_eq!(run.code, 0, "{}", run.words);
        assert!((run.words + &run.result).contains(expected), "{args:?}");
    }
    let run = scene.home.run(&["pull", "ada/other"]);
    assert_eq!(run.code, 2);
    for words in ["HF_HUB_OFFLINE", "cache/huggingface/hub", "hint: unset `HF_HUB_OFFLINE`"] {
        assert!(run.words.contains(words), "`{words}` is not in: {}", run.words);
    }
    assert_eq!(scene.hub.connections(), connections);
}

#[test]
fn a_push_that_cannot_be_says_why() {
    let scene = Scene::new();
    let mut damaged = scene.read("mnist.safetensors");
    *damaged.last_mut().unwrap() ^= 1;
    std::fs::write(scene.home.path("d.safetensors"), damaged).unwrap();
    let check = |args: &[&str], words: &[&str]| {
        let run = scene.run(args);
        assert_eq!(run.code, 2, "{}", run.words);
        for words in words {
            assert!(run.words.contains(words), "`{words}` is not in: {}", run.words);
        }
    };
    check(&["push", "d.safetensors", "ada/mnist"], &["digest"]);
    check(
        &["push", "mnist.safetensors", "mnist"],
        &["`mnist` is not a valid repository name", "hint: names look like"],
    );
    check(&["push", "mnist.safetensors", "ada/../x"], &["is not a valid repository name"]);
    check(&["push", "mnist.safetensors", "ada/mnist", "--revision", "../x"], &["is not a valid revision"]);
    scene.hub.set(Fault::Status(403));
    check(&["push", "mnist.safetensors", "ada/mnist"], &["403", "hint: the token needs permission"]);
    assert_eq!(scene.hub.commits("ada/mnist"), 0);
}

#[test]
fn backbones_are_shared_and_trained_on_by_name() {
    let scene = Scene::new();
    scene.done(&["backbone", "new", "--width", "64", "--out", "net.safetensors"]);
    scene.done(&["backbone", "push", "net.safetensors", "ada/net"]);
    scene.done(&["backbone", "push", "images", "ada/images", "--spec-only"]);
    assert!(scene.hub.file("ada/images", "model.safetensors").is_none());
    assert_eq!(scene.hub.file("ada/net", "model.safetensors").unwrap(), scene.read("net.safetensors"));
    let shown = scene.done(&["backbone", "show", "ada/net"]).result;
    assert_eq!(shown, scene.done(&["backbone", "show", "net.safetensors"]).result);
    for (name, width) in [("ada/net", "64"), ("ada/images", "48")] {
        let args = [
            "train",
            "--task",
            "mnist",
            "--epochs",
            "1",
            "--backbone",
            name,
            "--width",
            width,
            "--out",
            "a.safetensors",
        ];
        scene.done(&args);
        let config = scene.done(&["inspect", "a.safetensors"]).result;
        assert!(
            config.contains(&format!("\"backbone\":\"{name}@")),
            "the commit is part of the record: {config}"
        );
        assert!(!config.contains("snapshots"), "no path of this machine is: {config}");
    }
}

#[test]
fn official_files_are_fetched_from_a_mirror() {
    let scene = Scene::new();
    let mirror = format!("{}/data", scene.hub.endpoint());
    let args = ["data", "fetch", "kmnist", "--data-dir", "data", "--mirror", &mirror];
    let run = scene.run(&args);
    assert_eq!(run.code, 2);
    assert!(run.words.contains("404") && run.words.contains("licence: CC BY-SA 4.0"), "{}", run.words);
    scene.hub.put_plain("/data/kmnist/train-images-idx3-ubyte.gz", b"another file");
    let run = scene.run(&args);
    assert!(run.words.contains("after unpacking"), "{}", run.words);
    assert!(!scene.home.path("data").join("kmnist").exists());
    assert!(scene.run(&["data", "fetch", "lorenz"]).words.contains("no files to fetch"));

    let Some(root) = std::env::var_os("BL_DATA_DIR") else {
        println!("BL_DATA_DIR is not set: no real files are fetched");
        return;
    };
    for name in [
        "train-images-idx3-ubyte.gz",
        "train-labels-idx1-ubyte.gz",
        "t10k-images-idx3-ubyte.gz",
        "t10k-labels-idx1-ubyte.gz",
    ] {
        let bytes = std::fs::read(Path::new(&root).join("kmnist").join(name)).unwrap();
        scene.hub.put_plain(&format!("/data/kmnist/{name}"), &bytes);
    }
    scene.hub.set(Fault::Dropped { times: 1, ranges: true });
    let report = json(&scene.done(&[&args[..], &["--json"]].concat()));
    assert_eq!(report.as_array().map(Vec::len), Some(4));
    assert_eq!(scene.done(&["data", "info", "kmnist", "--data-dir", "data", "--json"]).code, 0);
    let again = scene.done(&args);
    assert_eq!(again.result, "4 files in data, 0 of them new\n");
}
