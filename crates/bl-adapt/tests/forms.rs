//! Encoded, pruned and blended adapters, from the command line to the file and back, on the embedded sample.

mod support;

use serde_json::Value;
use support::{Home, json};

const QUICK: [&str; 8] = ["train", "--task", "mnist", "--width", "96", "--epochs", "3", "--json"];

/// A home with an adapter of biases.
fn trained(extra: &[&str]) -> Home {
    let home = Home::new();
    let run = home.run(&[&QUICK[..], extra].concat());
    assert_eq!(run.code, 0, "{}", run.words);
    home
}

fn len(home: &Home, file: &str) -> u64 {
    std::fs::metadata(home.path(file)).expect(file).len()
}

fn value(metrics: &Value, name: &str) -> f64 {
    let all = metrics.as_array().expect("a list");
    all.iter().find(|metric| metric["name"] == name).expect(name)["value"].as_f64().expect("a number")
}

#[test]
fn an_encoded_adapter_has_the_figures_that_were_measured_for_it() {
    for (method, to) in [("bias", "f16"), ("bias", "i8"), ("gain", "f16"), ("bias+gain", "i8")] {
        let home = trained(&["--method", method]);
        let run = home.run(&["convert", "--to", to, "mnist.safetensors", "--out", "x.safetensors"]);
        assert_eq!((run.code, &*run.result), (0, "x.safetensors\n"), "{}", run.words);
        assert!(
            (run.words.contains("drop         ") || run.words.contains("gain         "))
                && !run.words.contains("warning"),
            "{}",
            run.words
        );
        assert!(len(&home, "x.safetensors") < len(&home, "mnist.safetensors"));

        let report = json(&home.run(&["convert", "--to", to, "mnist.safetensors", "--out", "y", "--json"]));
        assert_eq!(std::fs::read(home.path("x.safetensors")).ok(), std::fs::read(home.path("y")).ok());
        assert_eq!((&report["encoding"], &report["written"]), (&Value::from(to), &Value::from(true)));
        assert_eq!(report["bytes"]["after"], len(&home, "y"));
        let header = json(&home.run(&["inspect", "x.safetensors", "--json"]));
        assert_eq!(header["metrics"], report["measured"]["after"]);
        assert_eq!(
            (&header["encoding"], &header["requires"]),
            (&Value::from(to), &serde_json::json!(["conv", to]))
        );
        let measured = json(&home.run(&["eval", "--adapter", "x.safetensors", "--json"]));
        assert_eq!(measured["accuracy"], value(&header["metrics"], "accuracy"));
        let before = json(&home.run(&["eval", "--adapter", "mnist.safetensors", "--json"]));
        assert_eq!(before["accuracy"], value(&report["measured"]["before"], "accuracy"));
        let points = 100.0 * (before["accuracy"].as_f64().unwrap() - measured["accuracy"].as_f64().unwrap());
        assert!((report["measured"]["points"].as_f64().unwrap() - points).abs() < 1e-9);

        for (command, expected) in [
            (["inspect", "x.safetensors"], format!("encoding       {to}")),
            (["verify", "x.safetensors"], format!(" as {to}, feed-forward backbone")),
        ] {
            let run = home.run(&command);
            assert!(run.code == 0 && run.result.contains(&expected), "{expected}: {}", run.result);
        }
        let again = home.run(&["convert", "--to", to, "x.safetensors", "--out", "again.safetensors"]);
        assert!(
            again.code == 2 && again.words.contains(&format!("is already stored as {to}")),
            "{}",
            again.words
        );
        // As f32 the rounded values give the same answers.
        let run = home.run(&["convert", "--to", "f32", "x.safetensors", "--out", "back.safetensors"]);
        assert_eq!(run.code, 0, "{}", run.words);
        let back = json(&home.run(&["eval", "--adapter", "back.safetensors", "--json"]));
        assert_eq!((&back["accuracy"], &back["loss"]), (&measured["accuracy"], &measured["loss"]));
    }
}

#[test]
fn what_was_not_measured_is_not_claimed() {
    let home = Home::new();
    home.idx("data/kmnist", 40, 28, 28);
    let train = ["train", "--task", "kmnist", "--width", "32", "--epochs", "1", "--data-dir", "data"];
    assert_eq!(home.run(&train).code, 0);
    let to_f16 = ["convert", "--to", "f16", "kmnist.safetensors", "--out", "x.safetensors"];
    let metrics = || json(&home.run(&["inspect", "x.safetensors", "--json"]))["metrics"].clone();

    let run = home.run(&to_f16); // without the data
    assert_eq!(run.code, 0, "{}", run.words);
    assert!(run.words.contains("warning: could not measure what is lost"), "{}", run.words);
    assert_eq!(metrics(), Value::Array(Vec::new()));
    let run = home.run(&[&to_f16[..], &["--max-loss", "1"]].concat());
    assert_eq!(run.code, 2, "{}", run.words);
    assert!(
        run.words.contains("`--max-drop` needs the drop") && run.words.contains("hint: "),
        "{}",
        run.words
    );

    home.idx("other/kmnist", 20, 28, 28);
    let run = home.run(&[&to_f16[..], &["--data-dir", "other", "--json"]].concat());
    assert!(run.words.contains("this test set is not the one recorded at training"), "{}", run.words);
    assert_eq!(json(&run)["measured"]["as_recorded"], false);
    assert_eq!(metrics(), Value::Array(Vec::new()));

    let run = home.run(&[&to_f16[..], &["--data-dir", "data"]].concat());
    assert!(!run.words.contains("warning"), "{}", run.words);
    assert_eq!(metrics().as_array().map(Vec::len), Some(2));
}

#[test]
fn more_loss_than_allowed_is_a_negative_result_and_writes_nothing() {
    let home = trained(&[]);
    let convert = ["convert", "--to", "i8", "mnist.safetensors", "--out", "x.safetensors", "--max-loss"];
    let run = home.run(&[&convert[..], &["-100", "--json"]].concat());
    assert_eq!((run.code, &json(&run)["written"]), (1, &Value::from(false)), "{}", run.words);
    assert!(!home.path("x.safetensors").exists());
    let run = home.run(&[&convert[..6], &["--max-loss=-100"]].concat());
    assert_eq!((run.code, run.result.starts_with("not written")), (1, true), "{}", run.words);
    assert_eq!(home.run(&[&convert[..], &["100"]].concat()).code, 0);
}

#[test]
fn a_pruned_adapter_of_dead_units_measures_the_same_and_composes_with_encodings() {
    let home = trained(&["--bias-init", "3"]);
    let run = home.run(&["prune", "mnist.safetensors", "--out", "dead.safetensors", "--json"]);
    assert_eq!(run.code, 0, "{}", run.words);
    assert!(run.words.contains("judged on    all 5,000 training images of mnist (sample)"), "{}", run.words);
    assert_eq!(run.words.lines().filter(|line| line.starts_with("data ")).count(), 1, "{}", run.words);
    let report = json(&run);
    assert_eq!(
        (&report["judged_on"]["as_recorded"], &report["units"]),
        (&Value::from(true), &Value::from(96))
    );
    assert!(report["one_picture"]["compact_us"].as_f64().unwrap() > 0.0);
    let measured = |file: &str| json(&home.run(&["eval", "--adapter", file, "--json"]));
    let kept = report["kept"].as_u64().unwrap();
    assert!(kept < 96, "biases far below zero: some unit is dead");
    for field in ["accuracy", "loss", "confusion"] {
        assert_eq!(measured("mnist.safetensors")[field], measured("dead.safetensors")[field], "{field}");
    }
    let run = home.run(&["inspect", "dead.safetensors"]);
    assert!(run.result.contains(&format!("pruned         {kept} of 96 units are left")), "{}", run.result);
    assert_eq!(json(&home.run(&["inspect", "dead.safetensors", "--json"]))["kept_units"], kept);

    let few = ["prune", "dead.safetensors", "--out", "few.safetensors", "--threshold", "0.05", "--json"];
    let few = json(&home.run(&few));
    assert_eq!(
        (&few["units"], &few["dropped"]["variance_at_most"]),
        (&Value::from(kept), &Value::from(0.05))
    );
    assert!(few["kept"].as_u64().unwrap() < kept);
    let run = home.run(&["convert", "--to", "i8", "few.safetensors", "--out", "small.safetensors"]);
    assert_eq!(run.code, 0, "{}", run.words);
    let run = home.run(&["verify", "small.safetensors"]);
    assert!(
        run.result.contains(&format!("{} parameters of kind bias as i8, pruned", few["kept"])),
        "{}",
        run.result
    );

    let check = |args: &[&str], expected: &str| {
        let run = home.run(args);
        assert_eq!(run.code, 2, "{args:?}: {}", run.words);
        assert!(run.words.contains(expected) && run.words.contains("hint: "), "{args:?}: {}", run.words);
    };
    check(&["prune", "small.safetensors", "--out", "x"], "whose units share scales");
    check(&["prune", "mnist.safetensors", "--out", "x", "--threshold=-1"], "`--threshold` is -1");
    check(&["prune", "mnist.safetensors", "--out", "x", "--threshold", "1e9"], "no unit would be kept");
    assert!(!home.path("x").exists());
}

#[test]
fn masks_have_no_values_but_their_biases_do_once_off_units_are_pruned() {
    let home = trained(&["--method", "mask", "--lr", "0.1"]);
    let check = |args: &[&str], expected: &str| {
        let run = home.run(&[args, &["--out", "x"]].concat());
        assert_eq!(run.code, 2, "{args:?}: {}", run.words);
        assert!(run.words.contains(expected) && run.words.contains("hint: "), "{args:?}: {}", run.words);
    };
    check(&["convert", "--to", "f16", "mnist.safetensors"], "kind `mask` has no values to write as f16");
    check(&["convert", "--to", "bias", "mnist.safetensors", "--max-loss", "1"], "loses nothing");
    check(&["prune", "mnist.safetensors"], "kind `mask` cannot be pruned");
    check(&["blend", "mnist.safetensors=1"], "there is nothing between to blend");
    assert_eq!(
        home.run(&["convert", "--to", "bias", "mnist.safetensors", "--out", "bias.safetensors"]).code,
        0
    );
    check(&["convert", "--to", "i8", "bias.safetensors"], "i8 is for values from -65504 to 65504");
    assert_eq!(home.run(&["prune", "bias.safetensors", "--out", "few.safetensors"]).code, 0);
    let run = home.run(&["convert", "--to", "f16", "few.safetensors", "--out", "half.safetensors"]);
    assert_eq!(run.code, 0, "{}", run.words);
}

#[test]
fn a_blend_says_what_it_is_and_gives_its_parts_at_its_ends() {
    let home = trained(&[]);
    let run = home.run(&[&QUICK[..], &["--seed", "2", "--out", "b.safetensors"]].concat());
    assert_eq!(run.code, 0, "{}", run.words);
    let blend = |a: &str, b: &str| {
        let (a, b) = (format!("mnist.safetensors={a}"), format!("b.safetensors={b}"));
        home.run(&["blend", &a, &b, "--out", "c.safetensors", "--json"])
    };
    let measured = |file: &str| json(&home.run(&["eval", "--adapter", file, "--json"]));
    for (a, b, end) in [("1", "0", "mnist.safetensors"), ("0", "1", "b.safetensors")] {
        let run = blend(a, b);
        assert_eq!(run.code, 0, "{}", run.words);
        assert!(run.words.contains("warning: blending gives no accuracy guarantee"), "{}", run.words);
        assert_eq!(measured("c.safetensors")["loss"], measured(end)["loss"]);
    }
    let report = json(&blend("1.5", "-0.5"));
    assert_eq!(report["title"], "Blend of 1.5 × mnist.safetensors + -0.5 × b.safetensors");
    let header = json(&home.run(&["inspect", "c.safetensors", "--json"]));
    assert_eq!(header["task"]["title"], report["title"]);
    assert_eq!((&header["training"], &header["metrics"]), (&Value::Null, &Value::Array(Vec::new())));
    let run = home.run(&["eval", "--adapter", "c.safetensors"]);
    assert!(
        run.code == 0 && run.result.contains("accuracy") && !run.words.contains("own figures"),
        "{}",
        run.words
    );
    let run = home.run(&["convert", "--to", "f16", "c.safetensors", "--out", "half.safetensors"]);
    assert!(run.words.contains("no training record to compare"), "{}", run.words);

    let check = |parts: &[&str], expected: &str| {
        let run = home.run(&[&["blend"], parts, &["--out", "x"]].concat());
        assert_eq!(run.code, 2, "{parts:?}: {}", run.words);
        assert!(run.words.contains(expected), "{parts:?}: {}", run.words);
    };
    check(&["mnist.safetensors=1", "b.safetensors=-1"], "have the sum 0");
    check(&["mnist.safetensors"], "expected FILE=WEIGHT");
    check(&["mnist.safetensors=much"], "weight `much` is not a finite number");
    let run =
        home.run(&["train", "--task", "mnist", "--width", "64", "--epochs", "1", "--out", "w.safetensors"]);
    assert_eq!(run.code, 0, "{}", run.words);
    check(
        &["mnist.safetensors=1", "w.safetensors=1"],
        "`mnist.safetensors` and `w.safetensors` cannot be blended",
    );
}

#[test]
fn labels_of_a_blend_of_two_tasks_are_those_of_the_largest_weight() {
    let home = trained(&[]);
    let train = ["train", "--task", "vai", "--width", "96", "--epochs", "1"];
    assert_eq!(home.run(&train).code, 0);
    let run = home.run(&[
        "blend",
        "mnist.safetensors=0.4",
        "vai.safetensors=0.6",
        "--out",
        "c.safetensors",
        "--json",
    ]);
    assert_eq!(run.code, 0, "{}", run.words);
    assert!(run.words.contains("`mnist.safetensors` has other labels"), "{}", run.words);
    assert_eq!(json(&run)["task"], "vai");
}

#[test]
fn recurrent_adapters_are_encoded_and_blended_and_never_pruned() {
    let home = Home::new();
    let train = ["train", "--task", "lorenz", "--width", "64", "--epochs", "2", "--gain", "0.5"];
    let run = home.run(&train);
    assert_eq!(run.code, 0, "{}", run.words);
    for to in ["f16", "i8"] {
        let run =
            home.run(&["convert", "--to", to, "lorenz.safetensors", "--out", "x.safetensors", "--json"]);
        assert_eq!(run.code, 0, "{}", run.words);
        let header = json(&home.run(&["inspect", "x.safetensors", "--json"]));
        assert_eq!(header["metrics"], json(&run)["measured"]["after"]);
        assert_eq!(header["requires"], serde_json::json!(["recurrent", to]));
        let run = home.run(&["eval", "--adapter", "x.safetensors"]);
        assert!(run.code == 0 && run.words.contains("all metrics are as recorded"), "{}", run.words);
        assert!(home.run(&["inspect", "x.safetensors"]).result.contains(&format!("encoding       {to}")));
        assert!(home.run(&["verify", "x.safetensors"]).result.contains(&format!(" as {to}, recurrent")));
    }
    let run = home.run(&["blend", "lorenz.safetensors=1", "x.safetensors=0", "--out", "c.safetensors"]);
    assert_eq!(run.code, 0, "{}", run.words);
    let run = home.run(&["prune", "lorenz.safetensors", "--out", "y"]);
    assert_eq!(run.code, 2);
    assert!(run.words.contains("cannot prune the adapter") && run.words.contains("hint: "), "{}", run.words);
}
