//! A pretrained encoder as backbone, from the folder to an adapter that is inspected, measured again and pushed. The encoder is a tiny
//! random one: it stands in for shapes.

mod support;

use bl_core::pretrained::tiny;
use support::{Home, json};

fn home() -> Home {
    let home = Home::new();
    std::fs::create_dir(home.path("encoder")).expect("a temporary folder");
    tiny::write(&home.path("encoder")).expect("a temporary folder");
    let line = |i: usize| {
        let (class, word) = if i.is_multiple_of(2) { ("yes", "good") } else { ("no", "bad") };
        format!("{class}\tthe {word} film {}\n", ["rain", "jazz", "play", "some"][i % 4])
    };
    let lines: String = (0..60).map(line).collect();
    std::fs::write(home.path("films.tsv"), format!("label\ttext\n{lines}")).expect("a small file");
    home
}

#[test]
fn an_adapter_is_trained_inspected_and_measured_again() {
    let home = home();
    for (method, kind, parameters) in
        [("bias", "bias", 144), ("bias+head", "bias_head", 162), ("head", "head", 18)]
    {
        let args = ["train", "--task", "./films.tsv", "--backbone", "encoder", "--method", method, "--json"];
        let report = json(&home.run(&[&args[..], &["--lr", "0.02", "--epochs", "60"]].concat()));
        let train = report["train_accuracy"].as_f64(); // so small an encoder cannot do all
        assert!(train > Some(0.7), "{method}: {report}");
        assert_eq!(report["trainable_parameters"], parameters, "{method}");
        let header = json(&home.run(&["inspect", "films.safetensors", "--json"]));
        assert_eq!((&header["kind"], &header["text"]["how"]), (&kind.into(), &"tokens".into()));
        assert_eq!(header["requires"], serde_json::json!(["bert", "text"]));
        // The folder of the encoder is remembered.
        let eval = home.run(&["eval", "films.safetensors", "--task", "./films.tsv"]);
        assert!(eval.words.contains("all metrics are as recorded"), "{method}: {}", eval.words);
        assert_eq!(home.run(&["verify", "films.safetensors"]).code, 0);
        let small = home.run(&["convert", "films.safetensors", "--to", "f16", "--out", "small.safetensors"]);
        assert_eq!(small.code, 0, "{}", small.words);
        let list = home.run(&["list", "."]);
        assert!(list.result.contains("films"), "{}", list.result);
    }
    // Elsewhere it is not known, until it is named.
    std::fs::remove_dir_all(home.path("cache")).expect("it is there");
    let lost = home.run(&["eval", "films.safetensors", "--task", "./films.tsv"]);
    assert!(lost.code == 2 && lost.words.contains("BL_ENCODERS"), "{}", lost.words);
    let named = home.run_with(
        &["eval", "films.safetensors", "--task", "./films.tsv"],
        &[("BL_ENCODERS", &home.path("encoder").to_string_lossy())],
    );
    assert_eq!(named.code, 0, "{}", named.words);
}

/// As with n-grams: training and measuring leave out what answering refuses, and say so.
#[test]
fn texts_of_which_nothing_is_known_are_left_out_and_counted() {
    let home = home();
    for (unknown, backbone) in [("\u{2603}", "encoder"), ("…", "encoder"), ("…", "text")] {
        let mut lines = std::fs::read_to_string(home.path("films.tsv")).expect("it is there");
        for (class, count) in [("yes", 6), ("no", 7)] {
            lines.extend((0..count).map(|_| format!("{class}\t{unknown}\n")));
        }
        std::fs::write(home.path("odd.tsv"), lines).expect("a small file");
        let of = ["--epochs", "2", "--backbone", backbone];
        let run = home.run(&[&["train", "--task", "./odd.tsv"], &of[..]].concat());
        assert!(run.code == 0 && run.words.contains("left out: 13 texts without a word"), "{}", run.words);
        let eval = home.run(&["eval", "odd.safetensors", "--task", "./odd.tsv"]);
        for words in ["left out: 13 texts without a word", "all metrics are as recorded"] {
            assert!(eval.words.contains(words), "{unknown} {backbone}: {}", eval.words);
        }
    }
}

#[test]
fn what_is_no_encoder_or_does_not_fit_is_said() {
    let home = home();
    std::fs::create_dir(home.path("pickle")).expect("a temporary folder");
    let copy = |name: &str| std::fs::copy(home.path("encoder").join(name), home.path("pickle").join(name));
    copy("config.json").and_then(|_| copy("tokenizer.json")).expect("small files");
    std::fs::write(home.path("pickle").join("pytorch_model.bin"), "x").expect("a small file");
    let train = ["train", "--task", "./films.tsv", "--backbone"];
    for (args, expected) in [
        (&["pickle"][..], "only a pickle, which can run code and is never read"),
        (&["."], "cannot read `./config.json`"),
        (&["encoder", "--words", "1"], "`words` applies to random backbones"),
        (&["encoder", "--width", "100"], "`width` applies to random backbones"),
        (&["encoder", "--method", "mask"], "`mask` is not defined on this backbone"),
        (&["encoder", "--method", "full"], "all weights of a pretrained encoder"),
        (&["encoder", "--longest", "100"], "texts may have 100 tokens, the encoder takes 16"),
        (&["text", "--longest", "100"], "`longest` applies to pretrained encoders"),
        (&["text", "--method", "head"], "`head` is not defined on this backbone"),
    ] {
        let run = home.run(&[&train[..], args].concat());
        assert!(run.code == 2 && run.words.contains(expected), "{args:?}: {}", run.words);
    }
    let image = home.run(&["train", "--task", "mnist", "--backbone", "encoder"]);
    assert!(image.code == 2 && image.words.contains("does not fit"), "{}", image.words);
}
