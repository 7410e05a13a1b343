//! The command line's contract: the fields of what every command prints with `--json`, and the flags that it takes.

mod support;
#[path = "support/transcript.rs"]
mod transcript;

use std::path::{Path, PathBuf};

use bl_mock_hub::MockHub;
use support::Home;
use transcript::{Differences, check_flags, shape};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts")
}

/// Runs commands one after another in one home, and compares each that has a name with its transcript.
struct Scene {
    home: Home,
    hub: MockHub,
    differences: Differences,
}

impl Scene {
    fn new() -> Self {
        Self { home: Home::new(), hub: MockHub::start(), differences: Differences::default() }
    }

    fn step(&mut self, name: &str, line: &str) {
        let mut args: Vec<&str> = line.split_whitespace().collect();
        args.push("--json");
        let endpoint = self.hub.endpoint();
        let online = [("HF_HUB_OFFLINE", "0"), ("HF_ENDPOINT", &*endpoint), ("HF_TOKEN", "hf_secret")];
        let run = self.home.run_with(&args, &online);
        assert_eq!(run.code, 0, "{line}: {}", run.words);
        self.differences.compare(&folder(), name, &shape(&run.result));
    }
}

const WAVE: &str = "wave.csv";

/// A series of one's own, in a text file.
fn wave(home: &Home) {
    let lines = (0..400).map(|t| format!("{t},{:.3}\n", 20.0 + 8.0 * (f64::from(t) / 4.0).sin()));
    let text: String = std::iter::once("hour,kwh\n".to_owned()).chain(lines).collect();
    std::fs::write(home.path(WAVE), text).expect("a small file");
}

#[test]
fn commands_about_images() {
    let mut scene = Scene::new();
    scene.home.bars("bars", 10);
    let mut step = |name: &str, line: &str| scene.step(name, line);
    step("train-images", "train --task mnist --width 32 --epochs 1 --out a.safetensors");
    step(
        "train-images-validation",
        "train --task mnist --width 32 --epochs 1 --val-fraction 0.1 --seed 2 --out b.safetensors",
    );
    step(
        "train-images-mask",
        "train --task mnist --method mask --width 32 --epochs 1 --out mask.safetensors",
    );
    step(
        "train-images-full",
        "train --task mnist --method full --width 16 --epochs 1 --out full.safetensors",
    );
    step(
        "train-images-folder",
        "train --task ./bars --width 32 --epochs 1 --license MIT --out bars.safetensors",
    );
    step("eval-images", "eval --adapter a.safetensors");
    step("eval-images-network", "eval --adapter full.safetensors");
    step("eval-images-folder", "eval --adapter bars.safetensors --task ./bars");
    step("inspect-images", "inspect a.safetensors");
    step("inspect-images-mask", "inspect mask.safetensors");
    step("verify-images", "verify a.safetensors");
    step("convert-images", "convert --to f16 a.safetensors --out half.safetensors");
    step("convert-images-mask", "convert --to bias mask.safetensors --out unmasked.safetensors");
    step("prune-images", "prune a.safetensors --threshold 0.0001 --out few.safetensors");
    step("inspect-images-pruned", "inspect few.safetensors");
    step("blend-images", "blend a.safetensors=0.5 b.safetensors=0.5 --out blend.safetensors");
    step("data-info-images", "data info mnist");
    step("data-info-images-folder", "data info ./bars");
    step("backbone-new-images", "backbone new --width 32 --out backbone.safetensors");
    step("backbone-show-images", "backbone show backbone.safetensors");
    step("backbone-verify-images", "backbone verify backbone.safetensors");
    scene.differences.assert_none();
}

#[test]
fn commands_about_tasks_in_time() {
    let mut scene = Scene::new();
    wave(&scene.home);
    let mut step = |name: &str, line: &str| scene.step(name, line);
    let quick = "--width 16 --epochs 1 --gain 0.5";
    step("train-forecast", &format!("train --task lorenz --stride 512 {quick} --out forecast.safetensors"));
    step(
        "train-forecast-mask",
        &format!(
            "train --task lorenz --stride 512 {quick} --method mask --learn-state --out mask.safetensors"
        ),
    );
    step(
        "train-forecast-full",
        &format!("train --task lorenz --stride 512 {quick} --method full --out full.safetensors"),
    );
    step(
        "train-forecast-file",
        &format!("train --task {WAVE} --column kwh --horizon 4 --washout 10 {quick} --out wave.safetensors"),
    );
    step("train-generate", &format!("train --task vanderpol {quick} --out generate.safetensors"));
    step("train-reach", &format!("train --task reach {quick} --out reach.safetensors"));
    step("eval-forecast", "eval --adapter forecast.safetensors");
    step("eval-forecast-network", "eval --adapter full.safetensors");
    step("eval-forecast-file", &format!("eval --adapter wave.safetensors --task {WAVE}"));
    step("eval-generate", "eval --adapter generate.safetensors");
    step("eval-reach", "eval --adapter reach.safetensors");
    step("inspect-forecast", "inspect forecast.safetensors");
    step("inspect-forecast-mask", "inspect mask.safetensors");
    step("inspect-generate", "inspect generate.safetensors");
    step("inspect-reach", "inspect reach.safetensors");
    step("verify-forecast", "verify forecast.safetensors");
    step("convert-forecast", "convert --to i8 forecast.safetensors --out byte.safetensors");
    step("blend-forecast", "blend forecast.safetensors=0.5 byte.safetensors=0.5 --out blend.safetensors");
    step("data-info-forecast", "data info lorenz");
    step("data-info-forecast-file", &format!("data info {WAVE} --column kwh"));
    step("data-info-generate", "data info vanderpol");
    step("data-info-reach", "data info reach");
    step("backbone-new-forecast", "backbone new --spec series --width 16 --out backbone.safetensors");
    step("backbone-show-forecast", "backbone show backbone.safetensors");
    step("backbone-verify-forecast", "backbone verify backbone.safetensors");
    scene.differences.assert_none();
}

#[test]
fn commands_about_both() {
    let mut scene = Scene::new();
    let mut step = |name: &str, line: &str| scene.step(name, line);
    step("train-images", "train --task mnist --width 32 --epochs 1 --out all/a.safetensors");
    step("train-reach", "train --task reach --width 16 --epochs 1 --gain 0.5 --out all/reach.safetensors");
    step("list", "list all");
    step("data-list", "data list");
    step("push-images-dry-run", "push all/a.safetensors ada/images --dry-run");
    step("push-reach-dry-run", "push all/reach.safetensors ada/reach --dry-run");
    step("push-images", "push all/a.safetensors ada/images --no-picture");
    step("push-reach", "push all/reach.safetensors ada/reach --no-picture");
    step("backbone-push-images-dry-run", "backbone push images ada/backbone --spec-only --dry-run");
    step("backbone-push-reach-dry-run", "backbone push reach ada/backbone --spec-only --dry-run");
    step("pull-images", "pull ada/images");
    step("pull-reach", "pull ada/reach");
    step("search", "search");
    step("list-pulled", "list");
    step("study-list", "study list");
    step("study", "study fig2c --quick --seeds 1");
    scene.differences.assert_none();
}

#[test]
fn every_flag_that_was_ever_taken_is_taken() {
    let home = Home::new();
    let commands: [&[&str]; 21] = [
        &[],
        &["train"],
        &["eval"],
        &["inspect"],
        &["verify"],
        &["study"],
        &["convert"],
        &["prune"],
        &["blend"],
        &["backbone", "new"],
        &["backbone", "show"],
        &["backbone", "verify"],
        &["backbone", "push"],
        &["data", "list"],
        &["data", "info"],
        &["data", "fetch"],
        &["data", "generate"],
        &["push"],
        &["pull"],
        &["search"],
        &["list"],
    ];
    check_flags(&folder().join("flags.txt"), &commands, |args| {
        let run = home.run(args);
        run.result + &run.words
    });
}
