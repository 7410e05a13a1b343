//! The samples of FORMAT.md are what the program computes.

use std::path::Path;

use bl_core::text::hex;
use bl_core::{Adapter, Backbone, Encoding, Net, Parameters, Spec, UnitGains, canonical, container};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::{ADAPTER, bytes, read};

/// The fenced block that follows `<!-- sample: name -->`.
fn sample(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../FORMAT.md");
    let document = std::fs::read_to_string(path).expect("FORMAT.md");
    let start = document.split_once(&format!("<!-- sample: {name} -->\n```")).expect(name).1;
    let body = start.split_once('\n').expect("the line of the fence").1;
    body.split_once("\n```").expect("a closing fence").0.to_owned()
}

/// Samples of a family have a prefix.
struct Family(&'static str);

const FAMILIES: [Family; 2] = [Family(""), Family("recurrent ")];

impl Family {
    fn text(&self, name: &str) -> String {
        sample(&format!("{}{name}", self.0))
    }

    fn json(&self, name: &str) -> Value {
        serde_json::from_str(&self.text(name)).expect(name)
    }

    fn backbone(&self) -> Backbone {
        let spec = Spec::from_toml(&self.text("spec")).expect("a valid spec");
        Backbone::generate(&spec).expect("a small backbone")
    }

    fn adapter(&self) -> Adapter {
        let mut header = self.json("header");
        header.as_object_mut().expect("an object").remove("digest");
        let header: bl_core::Header = serde_json::from_value(header).expect("a header");
        let parameters = match header.base_bias {
            None => Parameters::of_biases(vec![vec![0.5, -0.25, 0.125]]),
            Some(base) => Parameters {
                biases: vec![base.draw(0, 3)],
                gains: UnitGains::Learned(vec![0.5, 1.25, -0.75]),
                initial: Some(vec![0.25, 0.0, -0.5]),
                head: None,
            },
        };
        Adapter::new(header, parameters).expect("header and values fit")
    }
}

fn bits(values: &[f32]) -> Value {
    json!(values.iter().map(|x| format!("{:08x}", x.to_bits())).collect::<Vec<_>>())
}

fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

#[test]
fn a_spec_has_this_canonical_text_this_fingerprint_and_these_weights() {
    for family in FAMILIES {
        let backbone = family.backbone();
        assert_eq!(canonical::to_string(backbone.spec()).expect("JSON"), family.text("canonical"));
        assert_eq!(backbone.fingerprint().to_string(), family.text("fingerprint"));
        let mut weights = family.json("weights");
        let expected = weights.as_object_mut().expect("an object");
        for (name, matrix) in backbone.matrices() {
            let rows: Vec<&[i8]> = matrix.q.chunks(matrix.columns).collect();
            assert_eq!(expected.remove(&name), Some(json!({ "q": rows, "scale": bits(&matrix.scales) })));
        }
        if let Ok(rnn) = backbone.rnn() {
            assert_eq!(expected.remove("initial.state"), Some(bits(rnn.initial())));
        }
        assert!(expected.is_empty(), "{expected:?}");
    }
}

#[test]
fn an_adapter_is_this_file() {
    for family in FAMILIES {
        let (adapter, expected) = (family.adapter(), family.json("results"));
        let bytes = bytes(&adapter);
        let (header, _) = container::read(ADAPTER, &bytes).expect("a file");
        assert_eq!(header, family.json("header"));
        assert_eq!(expected["file_sha256"], sha256(&bytes));
        let again = read(&bytes);
        assert_eq!(again, adapter);
        assert_eq!(crate::support::bytes(&again), bytes);
        assert!(again.unknown_fields().is_empty());
    }
}

#[test]
fn an_adapter_computes_these_outputs() {
    for family in FAMILIES {
        let (backbone, adapter, expected) = (family.backbone(), family.adapter(), family.json("results"));
        let half = backbone.prepare(&adapter).expect("its own backbone");
        let net = backbone.with(&half);
        let numbers = |name: &str| serde_json::from_value::<Vec<f64>>(expected[name].clone()).expect(name);
        let (found, scores, away) = if let Ok(mlp) = backbone.mlp() {
            let pixels: Vec<u8> = serde_json::from_value(expected["pixels"].clone()).expect("pixels");
            let p = mlp.preactivations(&pixels).expect("one image");
            let bits: Vec<String> = p.row(0).iter().map(|bits| format!("{bits:04x}")).collect();
            assert_eq!(expected["p"], json!(bits));
            (net.scores(&pixels), numbers("logits"), 1e-6)
        } else {
            assert_eq!(expected["b"], bits(&adapter.parameters.biases[0]));
            let x: Vec<f32> = numbers("x").into_iter().map(|x| x as f32).collect();
            (net.run(&x, x.len(), &mut net.initial().to_vec()), numbers("y"), 4e-3)
        };
        let found = found.expect("shapes agree");
        assert_eq!(found.len(), scores.len());
        for (found, expected) in found.iter().zip(scores) {
            assert!((f64::from(*found) - expected).abs() < away, "{found}, FORMAT.md has {expected}");
        }
    }
}

/// The tensors of a file as hexadecimal bytes, its features and its digest.
fn form(adapter: &Adapter) -> Value {
    let bytes = bytes(adapter);
    assert_eq!(read(&bytes), *adapter);
    let (header, tensors) = container::read(ADAPTER, &bytes).expect("a file");
    let tensors: serde_json::Map<_, _> =
        tensors.tensors().into_iter().map(|(name, tensor)| (name, hex(tensor.data()).into())).collect();
    json!({ "requires": header["requires"], "tensors": tensors, "file_sha256": sha256(&bytes) })
}

#[test]
fn the_same_adapter_in_other_forms_has_these_bytes() {
    let mut adapter = FAMILIES[0].adapter();
    adapter.header.metrics.clear();
    let few = adapter.pruned(&[true, false, true]).expect("one layer");
    let encoded = |adapter: &Adapter, to| form(&adapter.encoded(to).expect("within range"));
    let expected = json!({
        "f16": encoded(&adapter, Encoding::F16),
        "i8": encoded(&adapter, Encoding::I8),
        "few": form(&few),
        "few i8": encoded(&few, Encoding::I8),
    });
    assert_eq!(FAMILIES[0].json("forms"), expected, "{expected}");
}
