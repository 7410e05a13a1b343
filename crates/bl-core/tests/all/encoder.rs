//! Adapters of pretrained encoders: their files, what runs, and encoders that are not theirs.

#![allow(clippy::unwrap_used, reason = "a test that fails should say where")]

use std::path::Path;

use bl_core::header::{AdapterKind, TaskInfo};
use bl_core::io::{TextSchema, TokenSchema};
use bl_core::pretrained::{self, tiny};
use bl_core::{
    Adapter, Backbone, Encoding, Error, Head, Header, Io, Net, Parameters, Preprocessing, Spec, UnitGains,
};

const KINDS: [AdapterKind; 3] = [AdapterKind::Bias, AdapterKind::BiasHead, AdapterKind::Head];

fn io(longest: u32) -> Io {
    let input = TextSchema::Tokens(TokenSchema { longest, texts: 1 });
    Io::Text { input, preprocessing: Preprocessing::NONE }
}

fn spec(folder: &Path) -> Spec {
    let encoder = pretrained::load(folder).unwrap();
    let mut spec = Spec::from(pretrained::spec_of(&encoder).unwrap());
    spec.fit(&io(16), 3).unwrap();
    spec
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    tiny::write(folder.path()).unwrap();
    folder
}

fn wave(count: usize, phase: f32) -> Vec<f32> {
    (0..count).map(|i| 0.3 * libm::sinf(i as f32 + phase)).collect()
}

fn adapter(backbone: &Backbone, kind: AdapterKind) -> Adapter {
    let spec = backbone.spec();
    let biases = spec.layers().into_iter().enumerate().map(|(i, width)| wave(width, i as f32)).collect();
    let (outputs, size) = spec.bert().unwrap().head();
    let head = Head { weights: wave(outputs * size, 0.5), bias: wave(outputs, 0.7) };
    let parameters = Parameters {
        biases: if kind == AdapterKind::Head { Vec::new() } else { biases },
        gains: UnitGains::One,
        initial: None,
        head: (kind != AdapterKind::Bias).then_some(head),
    };
    let labels = ["x", "y", "z"].map(String::from).into();
    let task = TaskInfo { name: "words".into(), title: "Words".into(), labels };
    Adapter::new(Header::new(kind, task, io(16), backbone), parameters).unwrap()
}

fn scores(backbone: &Backbone, adapter: &Adapter) -> Vec<f32> {
    let half = backbone.prepare(adapter).unwrap();
    let texts = ["play some jazz", "it will rain", "the unknown \u{2603}"].map(|text| vec![text.to_owned()]);
    backbone.with(&half).texts(&texts).unwrap()
}

#[test]
fn files_give_the_adapter_back_and_run_the_same() {
    let folder = folder();
    let backbone = Backbone::generate(&spec(folder.path())).unwrap();
    for kind in KINDS {
        let adapter = adapter(&backbone, kind);
        let bytes = adapter.to_bytes().unwrap();
        let read = Adapter::from_bytes(&bytes).unwrap();
        assert_eq!((&read, read.to_bytes().unwrap()), (&adapter, bytes));
        assert_eq!(read.header.requires, ["bert", "text"]);
        let again = read.generate_backbone().unwrap(); // found, by content
        let expected = scores(&backbone, &adapter);
        assert_eq!((scores(&again, &read), expected.len()), (expected.clone(), 9), "{kind}");
        for encoding in [Encoding::F16, Encoding::I8] {
            let small = adapter.encoded(encoding).unwrap();
            let read = Adapter::from_bytes(&small.to_bytes().unwrap()).unwrap();
            assert_eq!(read, small);
            let close = scores(&backbone, &read).into_iter().zip(&expected).all(|(a, b)| (a - b).abs() < 0.1);
            assert!(close, "{kind} {encoding:?}");
        }
    }
    let spec = backbone.spec();
    assert_eq!(Spec::from_toml(&spec.to_toml().unwrap()).unwrap(), *spec);
    let first = format!("{:?}", spec.bias_names()[..2].to_vec());
    assert_eq!(first, r#"["embeddings.LayerNorm.bias", "encoder.layer.0.attention.self.query.bias"]"#);
}

#[test]
fn what_an_adapter_holds_is_what_its_kind_says() {
    let folder = folder();
    let backbone = Backbone::generate(&spec(folder.path())).unwrap();
    let all = adapter(&backbone, AdapterKind::BiasHead);
    let change = |kind, change: &dyn Fn(&mut Parameters)| {
        let mut parameters = all.parameters.clone();
        change(&mut parameters);
        Adapter::new(Header { kind, ..all.header.clone() }, parameters).unwrap_err().to_string()
    };
    for (kind, edit, expected) in [
        (AdapterKind::Bias, (|_| {}) as fn(&mut Parameters), "has a readout of its own"),
        (AdapterKind::Mask, |_| {}, "kind `mask` is not defined on this backbone"),
        (AdapterKind::Head, |_| {}, "bias vectors"),
        (AdapterKind::BiasHead, |p| p.head = None, "has no readout of its own"),
        (AdapterKind::BiasHead, |p| p.head.as_mut().unwrap().bias.push(0.0), "`head.bias` has 4 values"),
        (AdapterKind::BiasHead, |p| p.head.as_mut().unwrap().weights[0] = f32::NAN, "`head.weight` is NaN"),
        (AdapterKind::BiasHead, |p| p.biases[3].clear(), "bias vectors"),
    ] {
        let found = change(kind, &edit);
        assert!(found.contains(expected), "{expected}: {found}");
    }
}

#[test]
fn another_encoder_or_tokenizer_is_refused_by_name() {
    let own = folder();
    let wanted = spec(own.path());
    let Spec::Bert(of_wanted) = &wanted else { panic!("an encoder") };
    // Another encoder under the same tokenizer and sizes: a digest of nothing that is there.
    let mut other = of_wanted.clone();
    other.encoder = format!("sha256:{}", "0".repeat(64)).parse().unwrap();
    let refused = Backbone::generate(&Spec::Bert(other)).map(|_| ()).unwrap_err();
    assert!(matches!(refused, Error::OtherEncoder { .. }), "{refused}");
    let mut other = of_wanted.clone();
    other.tokenizer = other.encoder;
    let refused = Backbone::generate(&Spec::Bert(other)).map(|_| ()).unwrap_err();
    assert!(matches!(refused, Error::EncoderNotFound { .. }), "{refused}");
    assert!(refused.hint().unwrap().contains("BL_ENCODERS"));
    // More tokens than it takes, and a task of other texts.
    assert!(matches!(wanted.check_fits(&io(17), 3), Err(Error::Longest { found: 17, most: 16 })));
    assert!(matches!(wanted.check_fits(&io(16), 4), Err(Error::LabelCount { labels: 4, outputs: 3 })));
    let mlp = Spec::from_toml(
        "seed = 1\ninput = { height = 1, width = 4 }\nlayers = [{ units = 4, weights = { distribution = \"normal\", std = 1.0 } }]\nreadout = { outputs = 3, weights = { distribution = \"normal\", std = 1.0 } }",
    );
    assert!(mlp.unwrap().check_fits(&io(16), 3).is_err());
}
