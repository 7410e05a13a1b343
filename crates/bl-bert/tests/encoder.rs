//! A small random encoder: its gradient is the difference quotient, texts do not see each other, and wrong folders are named.

#![allow(clippy::unwrap_used, reason = "a test that fails should say where")]

use std::path::Path;

use bl_bert::{Biases, Encoder, Error, Tokens, tiny};
use serde_json::json;

const SIZE: usize = 8;

fn write(folder: &Path, change: impl Fn(String, Vec<usize>) -> Option<(String, Vec<usize>)>) {
    tiny::write(folder).unwrap();
    let tensors = tiny::tensors().into_iter().filter_map(|(name, shape)| change(name, shape));
    tiny::write_tensors(folder, tensors.collect()).unwrap();
}

fn encoder() -> Encoder {
    let folder = tempfile::tempdir().unwrap();
    tiny::write(folder.path()).unwrap();
    Encoder::load(folder.path(), 1 << 30).unwrap()
}

fn texts() -> Vec<Tokens> {
    [&[1, 5, 3][..], &[2], &[7, 7, 19, 0, 4, 11, 3]].map(|ids| Tokens::single(ids.to_vec())).into()
}

fn refs(texts: &[Tokens]) -> Vec<&Tokens> {
    texts.iter().collect()
}

fn near(a: &[f32], b: &[f32]) {
    assert_eq!(a.len(), b.len());
    for (a, b) in a.iter().zip(b) {
        assert!((a - b).abs() < 1e-5, "{a} {b}");
    }
}

#[test]
fn the_gradient_at_every_bias_is_the_difference_quotient() {
    let encoder = encoder();
    let towards: Vec<f32> = tiny::values("towards", 3 * SIZE).into_iter().map(|x| 2.0 * x).collect();
    let loss = |biases: &Biases| {
        let vectors = encoder.read_to_learn(&refs(&texts()), biases).unwrap().vectors;
        vectors.iter().zip(&towards).map(|(v, t)| f64::from(v * t)).sum::<f64>()
    };
    let biases = encoder.biases().clone();
    let read = encoder.read_to_learn(&refs(&texts()), &biases).unwrap();
    let gradient = encoder.back(&read.kept, &towards).unwrap();
    let names = Biases::names(encoder.config());
    for (place, (name, width)) in names.iter().enumerate() {
        for unit in 0..*width {
            let step = 1e-2_f32;
            let shifted = |by: f32| {
                let mut vectors = biases.vectors().to_vec();
                vectors[place][unit] += by;
                loss(&Biases::new(encoder.config(), vectors).unwrap())
            };
            let slope = (shifted(step) - shifted(-step)) / f64::from(2.0 * step);
            let found = f64::from(gradient.vectors()[place][unit]);
            assert!((slope - found).abs() < 3e-3 * (1.0 + slope.abs()), "{name} {unit}: {slope} {found}");
        }
    }
}

#[test]
fn texts_of_other_tasks_in_the_batch_change_nothing() {
    let encoder = encoder();
    let mut other = encoder.biases().clone();
    other.vectors_mut().flatten().for_each(|value| *value *= -0.5);
    let sets = [encoder.biases(), &other, &other];
    let together = encoder.read(&refs(&texts()), &sets).unwrap();
    for (i, (text, set)) in texts().into_iter().zip(sets).enumerate() {
        let alone = encoder.read(&[&text], &[set]).unwrap();
        near(&alone, &together[i * SIZE..][..SIZE]);
    }
    near(&encoder.read_to_learn(&refs(&texts()), &other).unwrap().vectors[SIZE..], &together[SIZE..]);
}

#[test]
fn a_pair_differs_from_its_texts_in_a_row_and_wrong_tokens_are_named() {
    let encoder = encoder();
    let own = [encoder.biases()];
    let plain = Tokens::single(vec![1, 2, 3]);
    let pair = Tokens { types: vec![0, 0, 1], ..plain.clone() };
    assert_ne!(encoder.read(&[&plain], &own).unwrap(), encoder.read(&[&pair], &own).unwrap());
    for (tokens, expected) in [
        (Tokens::single(vec![]), "text 0 has 0 tokens, expected 1 to 16"),
        (Tokens::single(vec![1; 17]), "text 0 has 17 tokens"),
        (Tokens::single(vec![67]), "token 67 of text 0 is not one of 67"),
        (Tokens { ids: vec![1], types: vec![2] }, "token 2 of text 0 is not one of 2"),
    ] {
        assert!(encoder.read(&[&tokens], &own).unwrap_err().to_string().starts_with(expected), "{expected}");
    }
    assert!(matches!(encoder.read(&refs(&texts()), &own), Err(Error::Sets { texts: 3, found: 1 })));
}

/// Makes something wrong with a folder.
type Prepare = Box<dyn Fn(&Path)>;

#[test]
fn folders_that_are_no_encoder_are_named_for_what_they_are() {
    let load = |prepare: &dyn Fn(&Path)| {
        let folder = tempfile::tempdir().unwrap();
        tiny::write(folder.path()).unwrap();
        prepare(folder.path());
        Encoder::load(folder.path(), 1 << 30).map(|encoder| encoder.fingerprint().to_owned())
    };
    let usual = load(&|_| {}).unwrap();
    assert_eq!(usual, encoder().fingerprint());
    let prefixed = load(&|folder| write(folder, |name, shape| Some((format!("bert.{name}"), shape))));
    assert_ne!(prefixed.unwrap(), usual, "values follow the names in this test");
    let set = |key: &'static str, value: serde_json::Value| {
        move |folder: &Path| {
            let mut config = tiny::config();
            config[key] = value.clone();
            std::fs::write(folder.join("config.json"), config.to_string()).unwrap();
        }
    };
    let text = |name: &'static str, text: &'static str| {
        move |folder: &Path| std::fs::write(folder.join(name), text).unwrap()
    };
    let cases: Vec<(Prepare, &str)> = vec![
        (Box::new(set("model_type", json!("gpt2"))), "`model_type` is `gpt2`, expected `bert`"),
        (Box::new(set("hidden_act", json!("relu"))), "`hidden_act` is `relu`"),
        (Box::new(set("num_attention_heads", json!(3))), "`hidden_size` 8 is not a multiple of 3"),
        (Box::new(set("vocab_size", json!(68))), "has shape [67, 8], the configuration says [68, 8]"),
        (
            Box::new(set("num_hidden_layers", json!(3))),
            "no tensor `encoder.layer.2.attention.self.query.weight`",
        ),
        (Box::new(set("vocab_size", json!(0))), "`vocab_size` is 0, expected 1 to"),
        (Box::new(text("config.json", "{}")), "is not the configuration of a BERT encoder"),
        (
            Box::new(text("model.safetensors", "version https://git-lfs.github.com/spec/v1\n")),
            "is a Git LFS pointer",
        ),
        (Box::new(text("model.safetensors", "nothing of the kind")), "is not a safetensors file"),
        (
            Box::new(|folder: &Path| {
                std::fs::rename(folder.join("model.safetensors"), folder.join("pytorch_model.bin")).unwrap();
            }),
            "only a pickle, which can run code and is never read",
        ),
    ];
    for (prepare, expected) in cases {
        let error = load(&*prepare).unwrap_err().to_string();
        assert!(error.contains(expected), "{expected}: {error}");
    }
}
