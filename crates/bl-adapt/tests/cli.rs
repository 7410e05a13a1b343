//! The program as a user meets it: what it prints, where, and how it ends.

mod support;

use serde_json::Value;
use support::{Home, json};

const QUICK: [&str; 6] = ["--width", "96", "--epochs", "2", "--lr", "0.05"];

#[test]
fn training_on_the_embedded_sample_says_what_it_learned_on_and_writes_an_adapter() {
    let home = Home::new();
    let run = home.run(&[&["train", "--task", "mnist"], &QUICK[..]].concat());
    assert_eq!(run.code, 0, "{}", run.words);
    assert_eq!(run.result, "mnist.safetensors\n", "the result is the file and nothing else");
    for words in ["sample", "5000 training and 1000 test images", "96 biases", "epoch   2/2", "accuracy"] {
        assert!(run.words.contains(words), "`{words}` is not in:\n{}", run.words);
    }
    assert!(run.words.contains("warning: "), "that it is not the whole set is said loudly:\n{}", run.words);
    assert!(!home.path("mnist.safetensors.checkpoint").exists());

    for (command, expected) in [
        (&["inspect", "mnist.safetensors"][..], "MNIST"),
        (&["verify", "mnist.safetensors"], "valid: digest, 96 parameters of kind bias"),
        (&["eval", "--adapter", "mnist.safetensors"], "as recorded"),
        (&["eval", "mnist.safetensors"], "as recorded"),
    ] {
        let run = home.run(command);
        assert_eq!(run.code, 0, "{}", run.words);
        assert!((run.words + &run.result).contains(expected));
    }
}

#[test]
fn the_json_report_has_every_field_of_the_contract() {
    let home = Home::new();
    let run =
        home.run(&[&["train", "--task", "mnist", "--json", "--val-fraction", "0.1"], &QUICK[..]].concat());
    let report = json(&run);
    for field in [
        "/adapter",
        "/task",
        "/method",
        "/width",
        "/epochs",
        "/seed",
        "/test_accuracy",
        "/train_loss",
        "/trainable_parameters",
        "/total_parameters",
        "/dataset/name",
        "/dataset/train",
        "/dataset/test",
        "/dataset/source",
        "/seconds/load",
        "/seconds/backbone",
        "/seconds/cache",
        "/seconds/train",
        "/seconds/total",
        "/epoch_seconds",
        "/peak_memory_bytes",
        "/cache/mode",
        "/cache/bytes",
        "/validation_accuracy",
    ] {
        assert!(report.pointer(field).is_some_and(|value| !value.is_null()), "{field}: {report}");
    }
    assert_eq!(report["trainable_parameters"], 96);
    assert_eq!(report["total_parameters"], 96 + 96 * 1100 + 96 * 10 + 22 * 25);
    assert_eq!(report["dataset"]["source"], "sample");
    assert_eq!(report["dataset"]["train"], 4500);
    assert_eq!(report["cache"]["mode"], "cached");
}

#[test]
fn the_same_run_writes_the_same_bytes_with_any_cache_and_threads() {
    let home = Home::new();
    let bytes = |more: &[&str]| {
        let run =
            home.run(&[&["train", "--task", "mnist", "--out", "x/a.safetensors"], &QUICK[..], more].concat());
        assert_eq!(run.code, 0, "{}", run.words);
        std::fs::read(home.path("x/a.safetensors")).expect("it was written")
    };
    let first = bytes(&[]);
    assert_eq!(first, bytes(&["--threads", "1"]));
    assert_eq!(first, bytes(&["--threads", "3", "--cache-memory", "1MiB"]));
    assert_ne!(first, bytes(&["--seed", "2"]));
}

#[test]
fn a_backbone_file_stands_for_its_spec() {
    let home = Home::new();
    let new = ["backbone", "new", "--width", "96", "--out", "b.safetensors"];
    let fingerprint = home.run(&new).result;
    assert!(fingerprint.starts_with("sha256:"));
    assert_eq!(home.run(&["backbone", "verify", "b.safetensors"]).result, format!("valid: {fingerprint}"));
    let shown = json(&home.run(&["backbone", "show", "b.safetensors", "--json"]));
    assert_eq!(shown["fingerprint"], fingerprint.trim());

    let train = |more: &[&str]| {
        let base = ["train", "--task", "mnist", "--epochs", "1", "--json"];
        json(&home.run(&[&base[..], more].concat()))
    };
    let from_file = train(&["--backbone", "b.safetensors"]);
    let from_spec = train(&["--width", "96"]);
    assert_eq!(from_file["backbone"], fingerprint.trim());
    assert_eq!(from_file["test_accuracy"], from_spec["test_accuracy"]);

    let other_width = home.run(&["train", "--task", "mnist", "--backbone", "b.safetensors", "--width", "64"]);
    assert_eq!(other_width.code, 2);
    assert!(other_width.words.contains("96 units, but `width` asks for 64"), "{}", other_width.words);
}

#[test]
fn a_backbone_file_that_was_tampered_with_does_not_verify() {
    let home = Home::new();
    home.run(&["backbone", "new", "--width", "64", "--out", "b.safetensors"]);
    let path = home.path("b.safetensors");
    let mut bytes = std::fs::read(&path).expect("it was written");
    *bytes.last_mut().expect("it is not empty") ^= 1;
    std::fs::write(&path, bytes).expect("a small file");
    let run = home.run(&["backbone", "verify", "b.safetensors"]);
    assert_eq!(run.code, 1);
    assert!(run.result.starts_with("not valid: "), "{}", run.result);
}

#[test]
fn accuracy_below_the_least_is_a_negative_result() {
    let home = Home::new();
    let all = [&["train", "--task", "mnist", "--min-accuracy", "1.0"], &QUICK[..]].concat();
    assert_eq!(home.run(&all).code, 1);
    assert!(home.path("mnist.safetensors").exists());
    let eval = ["eval", "--adapter", "mnist.safetensors", "--min-accuracy", "0.01", "--json"];
    let run = home.run(&eval);
    assert_eq!(run.code, 0);
    assert_eq!(json(&run)["confusion"].as_array().map(Vec::len), Some(10));
}

#[test]
fn precedence_is_default_file_environment_flag() {
    let home = Home::new();
    std::fs::write(home.path("c.toml"), "epochs = 3\nseed = 7\nlr = 0.01\n").expect("a small file");
    let args = ["train", "--task", "mnist", "--width", "64", "--config", "c.toml", "--epochs", "1", "--json"];
    let run = home.run_with(&args, &[("BL_SEED", "8"), ("BL_EPOCHS", "2")]);
    let report = json(&run);
    assert_eq!((&report["epochs"], &report["seed"]), (&Value::from(1), &Value::from(8)));
    let header = json(&home.run(&["inspect", "mnist.safetensors", "--json"]));
    let config = &header["training"]["config"];
    assert_eq!(config["lr"], 0.01);
    assert_eq!(config["schedule"], "cosine", "the default, from configs/tasks/mnist.toml");
}

#[test]
fn data_list_and_info_name_every_task() {
    let home = Home::new();
    let rows = json(&home.run(&["data", "list", "--json"]));
    let names: Vec<&str> =
        rows.as_array().into_iter().flatten().filter_map(|row| row["task"].as_str()).collect();
    let pictures = ["mnist", "kmnist", "fashion", "kannada", "ethiopic", "vai", "osmanya", "nko", "cifar10"];
    let in_time = ["cosine", "vanderpol", "lorenz", "rossler", "mackeyglass", "reach"];
    let texts = ["snips", "clinc150", "banking77", "sst2", "trec", "languages"];
    let trials = ["japanesevowels", "italypowerdemand", "gunpoint", "osuleaf"];
    let (cognitive, others): (Vec<&str>, Vec<&str>) =
        names.into_iter().partition(|name| name.starts_with("cognitive/"));
    assert_eq!(others, [&pictures[..], &texts, &trials, &in_time].concat());
    assert_eq!(cognitive.len(), 20);
    let info = json(&home.run(&["data", "info", "vai", "--json"]));
    assert_eq!(info["source"], "generated");
    assert_eq!(info["labels"].as_array().map(Vec::len), Some(10));
}

#[test]
fn a_folder_of_ones_own_can_be_learned() {
    let home = Home::new();
    home.bars("letters", 30);
    let run = home.run(&["train", "--task", "./letters", "--width", "2000", "--epochs", "100", "--json"]);
    let report = json(&run);
    assert_eq!(report["dataset"]["source"], "folder");
    assert_eq!(report["adapter"], "letters.safetensors");
    assert!(report["test_accuracy"].as_f64() > Some(0.9), "{report}");
    let header = json(&home.run(&["inspect", "letters.safetensors", "--json"]));
    assert_eq!(header["task"]["labels"], serde_json::json!(["across", "down"]));
    assert_eq!(header["backbone"]["spec"]["readout"]["outputs"], 2);
}

#[test]
fn a_licence_is_written_into_the_adapter() {
    let home = Home::new();
    let base = ["train", "--task", "mnist", "--width", "64", "--epochs", "1", "--out", "a.safetensors"];
    assert_eq!(home.run(&[&base[..], &["--license", "CC-BY-SA-3.0"]].concat()).code, 0);
    let text = home.run(&["inspect", "--json", "a.safetensors"]).result;
    assert!(text.contains("CC-BY-SA-3.0"), "{text}");
    let nonsense = home.run(&[&base[..], &["--license", "my own; see\nbelow"]].concat());
    assert!(nonsense.code == 2 && nonsense.words.contains("SPDX"), "{}", nonsense.words);
    let network = home.run(&[&base[..], &["--license", "MIT", "--method", "full"]].concat());
    assert!(network.code == 2 && network.words.contains("no place for it"), "{}", network.words);
}
