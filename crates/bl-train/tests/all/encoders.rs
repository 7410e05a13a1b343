//! Pretrained encoders: biases, a readout, or both are learned; runs are resumed to the bit; and what does not go together is refused.

#![allow(clippy::unwrap_used, reason = "a test that fails should say where")]

use std::path::Path;

use bl_core::header::AdapterKind;
use bl_core::pretrained::tiny;
use bl_core::{Adapter, Net};
use bl_tasks::{DataDir, Task};
use bl_train::{Checkpoints, Error, Method, Settings, TrainConfig, presets};

use crate::support::{accuracy, at, bytes, fit};

/// A folder with a tiny encoder and a table of texts that are told apart by a word.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("encoder")).unwrap();
    tiny::write(&folder.path().join("encoder")).unwrap();
    let words = ["the film", "some music", "it will", "play it", "tomorrow", "a b c", "rain"];
    let line = |i: usize| {
        let (class, word) = if i.is_multiple_of(2) { ("yes", "good") } else { ("no", "bad") };
        format!("{class}\t{} {word} {}\n", words[i % 7], words[(i / 7) % 7])
    };
    let lines: String = (0..98).map(line).collect();
    std::fs::write(folder.path().join("films.tsv"), format!("label\ttext\n{lines}")).unwrap();
    folder
}

fn open(folder: &Path, method: Method, change: Settings) -> Result<(Task, TrainConfig), Error> {
    let backbone = folder.join("encoder").to_string_lossy().into_owned();
    let stated = Settings { backbone: Some(backbone), method: Some(method), ..change };
    let data = DataDir { root: "/nowhere".into(), explicit: false };
    presets::open(&folder.join("films.tsv").to_string_lossy(), stated, data)
}

#[test]
fn every_method_learns_and_its_adapter_answers_as_it_was_judged() {
    let folder = folder();
    for (method, kind, epochs) in [
        (Method::Bias, AdapterKind::Bias, 60),
        (Method::BiasHead, AdapterKind::BiasHead, 60),
        (Method::Head, AdapterKind::Head, 100),
    ] {
        let change = Settings { epochs: Some(epochs), lr: Some(0.02), ..Settings::default() };
        let (task, config) = open(folder.path(), method, change).unwrap();
        assert_eq!((config.batch_size, config.val_fraction), (8, Some(0.0)), "as many texts as there are");
        let backbone = presets::backbone_for(&config, &task).unwrap().backbone;
        let fitted = fit(&backbone, &task, &config, Checkpoints::default(), None).unwrap();
        let test = accuracy(&fitted, &backbone, &task);
        assert!(
            test > 0.8, // so small an encoder cannot do all
            "{method:?}: {test}"
        );
        let adapter = Adapter::from_bytes(&bytes(&backbone, &task, &config, &fitted)).unwrap();
        assert_eq!(adapter.header.kind, kind);
        assert_eq!(adapter.parameter_count(), config.learned_parameters(backbone.spec()), "{method:?}");
        assert_eq!(adapter.header.training.as_ref().unwrap().isa, backbone.isa().to_string());
        let half = backbone.prepare(&adapter).unwrap();
        let texts = &task.what.texts().unwrap().test;
        let scores = backbone.with(&half).texts(&texts.texts).unwrap();
        let right = scores.chunks_exact(2).zip(&texts.labels).filter(|(s, l)| (s[1] > s[0]) == (**l == 1));
        assert!((right.count() as f64 / texts.len() as f64 - test).abs() < 1e-9, "{method:?}");
    }
}

#[test]
fn a_stopped_run_goes_on_to_the_same_bytes() {
    let folder = folder();
    let change = Settings { epochs: Some(4), ..Settings::default() };
    let (task, config) = open(folder.path(), Method::BiasHead, change).unwrap();
    let backbone = presets::backbone_for(&config, &task).unwrap().backbone;
    let whole = fit(&backbone, &task, &config, Checkpoints::default(), None).unwrap();
    let path = folder.path().join("checkpoint");
    assert!(fit(&backbone, &task, &config, at(&path, false), Some(3)).is_err(), "it was stopped");
    let resumed = fit(&backbone, &task, &config, at(&path, true), None).unwrap();
    assert_eq!(bytes(&backbone, &task, &config, &resumed), bytes(&backbone, &task, &config, &whole));
}

#[test]
fn what_an_encoder_does_not_take_is_refused() {
    let folder = folder();
    let refused = |method, change| {
        let (task, config) = open(folder.path(), method, change)?;
        let backbone = presets::backbone_for(&config, &task)?.backbone;
        fit(&backbone, &task, &config, Checkpoints::default(), None).map(|_| ())
    };
    let none = Settings::default;
    for (method, change, expected) in [
        (Method::Mask, none(), "the method `mask` is not defined on this backbone (pretrained encoder)"),
        (
            Method::BiasGain,
            none(),
            "the method `bias_gain` is not defined on this backbone (pretrained encoder)",
        ),
        (Method::Full, none(), "all weights of a pretrained encoder"),
        (Method::Bias, Settings { words: Some(2), ..none() }, "`words` applies to random backbones"),
        (Method::Bias, Settings { width: Some(100), ..none() }, "`width` applies to random backbones"),
        (Method::Bias, Settings { gain: Some(1.0), ..none() }, "`recurrent_gain` applies to recurrent"),
        (
            Method::Bias,
            Settings { longest: Some(17), ..none() },
            "texts may have 17 tokens, the encoder takes 16",
        ),
    ] {
        let mut error: Box<dyn std::error::Error> = refused(method, change).unwrap_err().into();
        let mut all = error.to_string();
        while let Some(source) = error.source().map(ToString::to_string) {
            all = format!("{all}: {source}");
            error = source.into();
        }
        assert!(all.contains(expected), "{expected}: {all}");
    }
    // And a random network does not take what an encoder takes.
    let stated = Settings { longest: Some(20), ..none() };
    let data = DataDir { root: "/nowhere".into(), explicit: false };
    let (task, config) = presets::open("snips", stated, data).unwrap();
    let error = presets::backbone_for(&config, &task).err().unwrap();
    assert!(error.to_string().contains("`longest` applies to pretrained encoders"), "{error}");
    let config = TrainConfig { longest: None, method: Method::Head, ..config };
    let error = presets::backbone_for(&config, &task).err().unwrap();
    assert!(error.to_string().contains("`head` is not defined on this backbone (feed-forward)"), "{error}");
}
