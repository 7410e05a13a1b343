//! A small random encoder: its gradient is the difference quotient, texts do not see each other, and wrong folders are named.

#![allow(clippy::unwrap_used, reason = "a test that fails should say where")]

use std::collections::HashMap;
use std::path::Path;

use bl_bert::{Biases, Config, Encoder, Error, Tokens};
use safetensors::tensor::{Dtype, TensorView, serialize_to_file};
use serde_json::json;

const SIZE: usize = 8;
const INNER: usize = 12;

/// Numbers around 0 without pattern, the same for the same name.
fn values(name: &str, count: usize, spread: f32) -> Vec<f32> {
    let mut state = name.bytes().fold(7_u64, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte.into()));
    let mut draw = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1_u64 << 24) as f32 - 0.5
    };
    (0..count).map(|_| 2.0 * spread * draw()).collect()
}

fn config() -> serde_json::Value {
    json!({
        "model_type": "bert", "vocab_size": 20, "hidden_size": SIZE, "num_hidden_layers": 2, "num_attention_heads": 2,
        "intermediate_size": INNER, "hidden_act": "gelu", "max_position_embeddings": 10, "type_vocab_size": 2,
        "layer_norm_eps": 1e-12, "architectures": ["BertModel"]
    })
}

fn tensors() -> Vec<(String, Vec<usize>)> {
    let mut all = vec![
        ("embeddings.word_embeddings.weight".to_owned(), vec![20, SIZE]),
        ("embeddings.position_embeddings.weight".to_owned(), vec![10, SIZE]),
        ("embeddings.token_type_embeddings.weight".to_owned(), vec![2, SIZE]),
        ("embeddings.LayerNorm.weight".to_owned(), vec![SIZE]),
    ];
    for layer in 0..2 {
        for (name, shape) in [
            ("attention.self.query", vec![SIZE, SIZE]),
            ("attention.self.key", vec![SIZE, SIZE]),
            ("attention.self.value", vec![SIZE, SIZE]),
            ("attention.output.dense", vec![SIZE, SIZE]),
            ("attention.output.LayerNorm", vec![SIZE]),
            ("intermediate.dense", vec![INNER, SIZE]),
            ("output.dense", vec![SIZE, INNER]),
            ("output.LayerNorm", vec![SIZE]),
        ] {
            all.push((format!("encoder.layer.{layer}.{name}.weight"), shape));
        }
    }
    let config: Config = serde_json::from_value(config()).unwrap();
    all.extend(Biases::names(&config).into_iter().map(|(name, width)| (name, vec![width])));
    all
}

fn write(folder: &Path, change: impl Fn(&str, Vec<usize>) -> Option<(String, Vec<usize>)>) {
    std::fs::write(folder.join("config.json"), config().to_string()).unwrap();
    let mut bytes: HashMap<String, (Vec<usize>, Vec<u8>)> = HashMap::new();
    for (name, shape) in tensors() {
        let Some((name, shape)) = change(&name, shape) else { continue };
        let mean = if name.contains("LayerNorm.weight") { 1.0 } else { 0.0 };
        let values = values(&name, shape.iter().product(), 0.5).into_iter().map(|x| x + mean);
        bytes.insert(name, (shape, values.flat_map(f32::to_le_bytes).collect()));
    }
    let views = bytes.iter().map(|(name, (shape, bytes))| {
        (name.clone(), TensorView::new(Dtype::F32, shape.clone(), bytes).unwrap())
    });
    serialize_to_file(views, None, &folder.join("model.safetensors")).unwrap();
}

fn encoder() -> Encoder {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), |name, shape| Some((name.to_owned(), shape)));
    Encoder::load(folder.path()).unwrap()
}

fn texts() -> Vec<Tokens> {
    [&[1, 5, 3][..], &[2], &[7, 7, 19, 0, 4, 11, 3]].map(|ids| Tokens::single(ids.to_vec())).into()
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
    let towards = values("towards", 3 * SIZE, 1.0);
    let loss = |biases: &Biases| {
        let vectors = encoder.read_to_learn(&texts(), biases).unwrap().vectors;
        vectors.iter().zip(&towards).map(|(v, t)| f64::from(v * t)).sum::<f64>()
    };
    let biases = encoder.biases().clone();
    let read = encoder.read_to_learn(&texts(), &biases).unwrap();
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
    let together = encoder.read(&texts(), &sets).unwrap();
    for (i, (text, set)) in texts().into_iter().zip(sets).enumerate() {
        let alone = encoder.read(&[text], &[set]).unwrap();
        near(&alone, &together[i * SIZE..][..SIZE]);
    }
    near(&encoder.read_to_learn(&texts(), &other).unwrap().vectors[SIZE..], &together[SIZE..]);
}

#[test]
fn a_pair_differs_from_its_texts_in_a_row_and_wrong_tokens_are_named() {
    let encoder = encoder();
    let own = [encoder.biases()];
    let plain = Tokens::single(vec![1, 2, 3]);
    let pair = Tokens { types: vec![0, 0, 1], ..plain.clone() };
    assert_ne!(encoder.read(&[plain], &own).unwrap(), encoder.read(&[pair], &own).unwrap());
    for (tokens, expected) in [
        (Tokens::single(vec![]), "text 0 has 0 tokens, expected 1 to 10"),
        (Tokens::single(vec![1; 11]), "text 0 has 11 tokens"),
        (Tokens::single(vec![20]), "token 20 of text 0 is not one of 20"),
        (Tokens { ids: vec![1], types: vec![2] }, "token 2 of text 0 is not one of 2"),
    ] {
        assert!(encoder.read(&[tokens], &own).unwrap_err().to_string().starts_with(expected), "{expected}");
    }
    assert!(matches!(encoder.read(&texts(), &own), Err(Error::Sets { texts: 3, found: 1 })));
}

/// Makes something wrong with a folder.
type Prepare = Box<dyn Fn(&Path)>;

#[test]
fn folders_that_are_no_encoder_are_named_for_what_they_are() {
    let load = |prepare: &dyn Fn(&Path)| {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), |name, shape| Some((name.to_owned(), shape)));
        prepare(folder.path());
        Encoder::load(folder.path()).map(|encoder| encoder.fingerprint().to_owned())
    };
    let usual = load(&|_| {}).unwrap();
    assert_eq!(usual, encoder().fingerprint());
    let prefixed = load(&|folder| write(folder, |name, shape| Some((format!("bert.{name}"), shape))));
    assert_ne!(prefixed.unwrap(), usual, "values follow the names in this test");
    let set = |key: &'static str, value: serde_json::Value| {
        move |folder: &Path| {
            let mut config = config();
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
        (Box::new(set("vocab_size", json!(21))), "has shape [20, 8], the configuration says [21, 8]"),
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
