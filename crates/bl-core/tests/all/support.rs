#![allow(missing_docs, unreachable_pub, reason = "for the tests alone")]
//! Small backbones and adapters, and random numbers for the tests.

use bl_core::container::{self, Tensor};
use bl_core::header::{BackboneRef, FORMAT, Kind, Metric, Mode, TaskInfo, VERSION};
use bl_core::schema::{Fit, InputSchema, Polarity};
use bl_core::{Backbone, BackboneSpec, BaseBias, BiasAdapter, Encoding, Header, Preprocessing, UnitGains};
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use serde_json::Value;

/// Every distribution that any layer may have.
pub const ANYWHERE: [&str; 5] = [
    r#"{ distribution = "uniform", half_width = 0.5 }"#,
    r#"{ distribution = "normal", std = 0.25 }"#,
    r#"{ distribution = "mixture", mean = 0.5, std = 0.125 }"#,
    r#"{ distribution = "rademacher", value = 0.25 }"#,
    r#"{ distribution = "sparse", density = 0.25, std = 0.5 }"#,
];
pub const LOCAL_NORMAL: &str = r#"{ distribution = "local_normal", sigma = 1.5, norm = 1.0 }"#;
pub const ONE_HOT: &str = r#"{ distribution = "one_hot", value = 0.5 }"#;

pub fn first_layer() -> impl Iterator<Item = &'static str> {
    ANYWHERE.into_iter().chain([LOCAL_NORMAL])
}

pub fn readouts() -> impl Iterator<Item = &'static str> {
    ANYWHERE.into_iter().chain([ONE_HOT])
}

/// A spec as TOML: pictures of 4 x 3 x 2, the given hidden layers, three outputs.
pub fn spec_text(seed: u64, layers: &[(u32, &str)], readout: &str) -> String {
    let layers: Vec<String> =
        layers.iter().map(|(units, weights)| format!("{{ units = {units}, weights = {weights} }}")).collect();
    format!(
        "seed = {seed}\n\
         input = {{ height = 4, width = 3, channels = 2 }}\n\
         layers = [{}]\n\
         readout = {{ outputs = 3, weights = {readout} }}\n",
        layers.join(", ")
    )
}

pub fn spec(seed: u64, layers: &[(u32, &str)], readout: &str) -> BackboneSpec {
    BackboneSpec::from_toml(&spec_text(seed, layers, readout)).expect("a valid spec")
}

pub fn generate(spec: &BackboneSpec) -> Backbone {
    Backbone::generate(spec).expect("weights within f16's range")
}

pub fn header(backbone: &Backbone) -> Header {
    let spec = backbone.spec();
    Header {
        format: FORMAT.to_owned(),
        version: VERSION,
        requires: Vec::new(),
        kind: Kind::Bias,
        base_bias: None,
        mode: Mode::Replace,
        task: TaskInfo {
            name: "three".to_owned(),
            title: "Three classes".to_owned(),
            labels: (0..backbone.outputs()).map(|class| format!("class {class}")).collect(),
        },
        input: InputSchema {
            height: spec.input.height,
            width: spec.input.width,
            channels: spec.input.channels,
            polarity: Polarity::AsIs,
            fit: Fit::InkBox { side: 2 },
        },
        preprocessing: Preprocessing { mean: 0.4, std: 0.3 },
        backbone: BackboneRef { fingerprint: backbone.fingerprint(), spec: spec.clone() },
        training: None,
        metrics: vec![Metric { name: "accuracy".to_owned(), split: "test".to_owned(), value: 0.9375 }],
        license: Some("MIT".to_owned()),
    }
}

/// An adapter with random biases.
pub fn adapter(backbone: &Backbone, seed: u64) -> BiasAdapter {
    let mut draw = Draw::new(seed);
    let biases = backbone.spec().layers.iter().map(|layer| draw.units(layer.units as usize)).collect();
    BiasAdapter::new(header(backbone), biases).expect("header and biases fit")
}

/// An adapter of each kind for a backbone of one hidden layer.
pub fn every_kind(backbone: &Backbone) -> [BiasAdapter; 4] {
    let units = backbone.units();
    let (base, mut draw) = (BaseBias { half_width: 0.25, mean: 0.0, seed: 7 }, Draw::new(3));
    let on: Vec<bool> = draw.units(units).iter().map(|x| *x > 0.0).collect();
    let (own, gains) = (vec![draw.units(units)], draw.units(units));
    let of = |kind, base_bias, biases, gains| {
        let header = Header { kind, base_bias, ..header(backbone) };
        BiasAdapter::with_gains(header, biases, gains).expect("header and values fit")
    };
    let drawn = vec![base.draw(0, units)];
    [
        of(Kind::Bias, None, own.clone(), UnitGains::One),
        of(Kind::Mask, Some(base), drawn.clone(), UnitGains::Mask(on)),
        of(Kind::Gain, Some(base), drawn, UnitGains::Learned(gains.clone())),
        of(Kind::BiasGain, None, own, UnitGains::Learned(gains)),
    ]
}

/// Adapters of each kind in each form that it has: encoded, pruned, and both.
pub fn every_form(backbone: &Backbone) -> Vec<BiasAdapter> {
    let [bias, _, gain, both] = every_kind(backbone);
    let keep: Vec<bool> = (0..backbone.units()).map(|unit| unit % 3 != 1).collect();
    let forms = |adapter: BiasAdapter| {
        let pruned = adapter.pruned(&keep).expect("one layer");
        let encoded = [&adapter, &pruned].map(|adapter| {
            [Encoding::F16, Encoding::I8].map(|to| adapter.encoded(to).expect("within range"))
        });
        [pruned].into_iter().chain(encoded.into_iter().flatten())
    };
    [bias, gain, both].into_iter().flat_map(forms).collect()
}

/// Two hidden layers of 5 and 4 units.
pub fn small_backbone() -> Backbone {
    generate(&spec(1, &[(5, LOCAL_NORMAL), (4, ANYWHERE[0])], ONE_HOT))
}

pub fn small_adapter() -> BiasAdapter {
    adapter(&small_backbone(), 1)
}

/// A file taken apart: its header without the digest, and its tensors.
pub struct Parts {
    key: &'static str,
    pub header: Value,
    pub tensors: Vec<(String, Tensor)>,
}

impl Parts {
    pub fn of(key: &'static str, bytes: &[u8]) -> Self {
        let (mut header, tensors) = container::read(key, bytes).expect("a good file");
        header.as_object_mut().expect("an object").remove("digest");
        let tensors = tensors
            .tensors()
            .into_iter()
            .map(|(name, view)| {
                let (dtype, shape, bytes) = (view.dtype(), view.shape().to_vec(), view.data().to_vec());
                (name, Tensor { dtype, shape, bytes })
            })
            .collect();
        let mut parts = Self { key, header, tensors };
        parts.tensors.sort_by(|(a, _), (b, _)| a.cmp(b)); // the order of the layers, which the digest follows
        parts
    }

    pub fn tensor(&mut self, name: &str) -> &mut Tensor {
        &mut self.tensors.iter_mut().find(|(n, _)| n == name).expect(name).1
    }

    /// A file with the right digest: only what was changed on purpose is wrong.
    pub fn sealed(self) -> Vec<u8> {
        container::write_sealed(self.key, self.header, &self.tensors).expect("tensors fit their shapes")
    }

    pub fn unsealed(self) -> Vec<u8> {
        container::write(self.key, &self.header, &self.tensors).expect("tensors fit their shapes")
    }
}

/// A safetensors file from its JSON and its data.
pub fn file(json: &str, data: &[u8]) -> Vec<u8> {
    let padded = format!("{json:<width$}", width = json.len().next_multiple_of(8));
    assert!(json.is_ascii(), "the width counts characters");
    [&(padded.len() as u64).to_le_bytes(), padded.as_bytes(), data].concat()
}

/// The JSON and the data of a safetensors file.
pub fn split(bytes: &[u8]) -> (String, &[u8]) {
    let (len, rest) = bytes.split_first_chunk::<8>().expect("a good file");
    let (json, data) = rest.split_at(u64::from_le_bytes(*len) as usize);
    (std::str::from_utf8(json).expect("JSON").trim_end().to_owned(), data)
}

pub struct Draw(ChaCha8Rng);

impl Draw {
    pub fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// Uniform in [-1, 1).
    pub fn unit(&mut self) -> f32 {
        (self.0.next_u32() >> 8) as f32 / (1 << 23) as f32 - 1.0
    }

    pub fn units(&mut self, len: usize) -> Vec<f32> {
        (0..len).map(|_| self.unit()).collect()
    }

    pub fn bytes(&mut self, len: usize) -> Vec<u8> {
        let mut bytes = vec![0; len];
        self.0.fill_bytes(&mut bytes);
        bytes
    }
}
