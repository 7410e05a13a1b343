//! The methods beside biases, from the command line to the file and back.

mod support;

use support::{Home, json};

const QUICK: [&str; 8] = ["train", "--task", "mnist", "--width", "96", "--epochs", "3", "--json"];

#[test]
fn masks_and_gains_are_trained_inspected_verified_and_measured() {
    let home = Home::new();
    for (method, kind, parameters) in
        [("mask", "mask", 96), ("gain", "gain", 96), ("bias+gain", "bias_gain", 192)]
    {
        let run = home.run(&[&QUICK[..], &["--method", method, "--lr", "0.1"]].concat());
        assert_eq!(run.code, 0, "{}", run.words);
        let report = json(&run);
        assert_eq!(report["method"], kind);
        assert_eq!(report["trainable_parameters"], parameters);
        assert_eq!(report["on_units"].is_u64(), method == "mask");
        for (command, expected) in [
            (&["inspect", "mnist.safetensors"][..], format!("kind           {kind}")),
            (&["verify", "mnist.safetensors"], format!("{parameters} parameters of kind {kind}")),
            (&["eval", "--adapter", "mnist.safetensors"], "as recorded".into()),
        ] {
            let run = home.run(command);
            assert_eq!(run.code, 0, "{}", run.words);
            assert!((run.words + &run.result).contains(&expected), "{method}: {expected}");
        }
    }
}

#[test]
fn a_mask_converts_to_biases_that_measure_the_same() {
    let home = Home::new();
    let run =
        home.run(&[&QUICK[..], &["--method", "mask", "--lr", "0.1", "--out", "mask.safetensors"]].concat());
    assert_eq!(run.code, 0, "{}", run.words);
    let run = home.run(&["convert", "--to", "bias", "mask.safetensors", "--out", "bias.safetensors"]);
    assert_eq!((run.code, &*run.result), (0, "bias.safetensors\n"), "{}", run.words);
    let measured = |file: &str| json(&home.run(&["eval", "--adapter", file, "--json"]));
    let (mask, bias) = (measured("mask.safetensors"), measured("bias.safetensors"));
    for field in ["accuracy", "loss", "confusion"] {
        assert_eq!(mask[field], bias[field], "{field}");
    }
    let again = home.run(&["convert", "--to", "bias", "bias.safetensors", "--out", "again.safetensors"]);
    assert_eq!(again.code, 2);
    assert!(again.words.contains("expected `mask`") && again.words.contains("hint: "), "{}", again.words);
    assert!(!home.path("again.safetensors").exists());
}

#[test]
fn the_baseline_is_a_network_that_eval_measures_and_the_rest_refuses() {
    let home = Home::new();
    let run = home.run(&[&QUICK[..], &["--method", "full", "--out", "full.safetensors"]].concat());
    assert_eq!(run.code, 0, "{}", run.words);
    let report = json(&run);
    assert_eq!(report["trainable_parameters"], 96 * (1100 + 1 + 10), "behind the filters");
    assert_eq!(report["cache"]["mode"], "none");
    let measured = json(&home.run(&["eval", "--adapter", "full.safetensors", "--json"]));
    assert_eq!(measured["accuracy"], report["test_accuracy"]);
    for command in
        [&["inspect", "full.safetensors"][..], &["convert", "--to", "bias", "full.safetensors", "--out", "x"]]
    {
        let run = home.run(command);
        assert_eq!(run.code, 2);
        assert!(
            run.words.contains("no metadata key `bl_adapter`") && run.words.contains("hint: "),
            "{}",
            run.words
        );
    }
    let matched = [
        &["train", "--task", "mnist", "--epochs", "1", "--json", "--method", "full"][..],
        &["--match-parameters", "3200"],
    ];
    assert_eq!(json(&home.run(&matched.concat()))["width"], 3);
}

#[test]
fn settings_of_another_method_are_refused() {
    let home = Home::new();
    let check = |args: &[&str], expected: &str| {
        let run = home.run(&[&["train", "--task", "mnist"], args].concat());
        assert_eq!(run.code, 2, "{args:?}: {}", run.words);
        assert!(run.words.contains(expected) && run.words.contains("hint: "), "{args:?}: {}", run.words);
    };
    check(&["--match-parameters", "100"], "`match_parameters` is a setting of the method `full`");
    check(&["--final-temperature", "0.1"], "`final_temperature` is a setting of the method `mask`");
    check(&["--method", "full", "--match-parameters", "9", "--width", "9"], "contradict each other");
    std::fs::write(
        home.path("deep.toml"),
        r#"
        seed = 1
        input = { height = 28, width = 28 }
        layers = [{ units = 8, weights = { distribution = "normal", std = 0.1 } },
                  { units = 8, weights = { distribution = "normal", std = 0.1 } }]
        readout = { outputs = 10, weights = { distribution = "one_hot", value = 1.0 } }
        "#,
    )
    .expect("a small file");
    check(&["--backbone", "deep.toml", "--method", "mask"], "for backbones with one hidden layer");
    check(
        &["--backbone", "deep.toml", "--method", "full", "--match-parameters", "9"],
        "for one hidden layer",
    );
    assert!(!home.path("mnist.safetensors").exists());
}
