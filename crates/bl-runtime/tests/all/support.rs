//! Small adapters of two kinds, as files.

use bl_core::header::{BackboneRef, FORMAT, Kind, Mode, TaskInfo, VERSION};
use bl_core::recurrent::{
    FEATURE, Forecast, RecurrentAdapter, RecurrentBackbone, RecurrentHeader, RecurrentRef, RecurrentSpec,
    SeriesScale, Signal, SignalTask,
};
use bl_core::schema::{Fit, InputSchema, Polarity};
use bl_core::{Backbone, BackboneSpec, BiasAdapter, Header, Preprocessing, UnitGains};
use bl_runtime::{Limits, Runtime};

pub(crate) const PIXELS: usize = 20;
pub(crate) const UNITS: usize = 100;

pub(crate) fn spec(seed: u64) -> BackboneSpec {
    BackboneSpec::from_toml(&format!(
        r#"
        seed = {seed}
        input = {{ height = 4, width = 5 }}
        layers = [{{ units = {UNITS}, weights = {{ distribution = "normal", std = 0.5 }} }}]
        readout = {{ outputs = 3, weights = {{ distribution = "one_hot", value = 0.5 }} }}
        "#
    ))
    .unwrap()
}

pub(crate) fn header(spec: &BackboneSpec) -> Header {
    Header {
        format: FORMAT.to_owned(),
        version: VERSION,
        requires: Vec::new(),
        kind: Kind::Bias,
        mode: Mode::Replace,
        base_bias: None,
        task: TaskInfo {
            name: "three".into(),
            title: "Three classes".into(),
            labels: ["a", "b", "c"].map(String::from).to_vec(),
        },
        input: InputSchema { height: 4, width: 5, channels: 1, polarity: Polarity::AsIs, fit: Fit::Whole },
        preprocessing: Preprocessing { mean: 0.2, std: 0.5 },
        backbone: BackboneRef {
            fingerprint: Backbone::generate(spec).unwrap().fingerprint(),
            spec: spec.clone(),
        },
        training: None,
        metrics: Vec::new(),
        license: None,
    }
}

/// Biases without pattern, others for each `which`.
pub(crate) fn biases(which: usize) -> Vec<f32> {
    (0..UNITS).map(|unit| ((unit * 31 + which * 7919) as f32 * 0.618).sin()).collect()
}

/// An adapter's file.
pub(crate) fn file(seed: u64, which: usize) -> Vec<u8> {
    adapter(seed, which).to_bytes().unwrap()
}

pub(crate) fn adapter(seed: u64, which: usize) -> BiasAdapter {
    BiasAdapter::new(header(&spec(seed)), vec![biases(which)]).unwrap()
}

pub(crate) fn masked(seed: u64) -> Vec<u8> {
    let base = bl_core::BaseBias { half_width: 0.1, mean: 0.0, seed: 1 };
    let header = Header { kind: Kind::Mask, base_bias: Some(base), ..header(&spec(seed)) };
    let on = (0..UNITS).map(|unit| unit % 3 > 0).collect();
    let adapter = BiasAdapter::with_gains(header, vec![base.draw(0, UNITS)], UnitGains::Mask(on)).unwrap();
    adapter.to_bytes().unwrap()
}

pub(crate) fn picture(which: usize) -> Vec<u8> {
    (0..PIXELS).map(|pixel| ((pixel * 97 + which * 13 + 5) % 256) as u8).collect()
}

/// A forecaster's file.
pub(crate) fn forecaster() -> Vec<u8> {
    let spec = RecurrentSpec::from_toml(
        r#"
        kind = "rnn"
        seed = 1
        units = 16
        recurrent = { gain = 1.0, weights = { distribution = "normal", std = 1.0 } }
        input = { values = 1, weights = { distribution = "uniform", half_width = 1.0 } }
        readout = { outputs = 1, divided_by = "sqrt_units", weights = { distribution = "normal", std = 1.0 } }
        "#,
    )
    .unwrap();
    let header = RecurrentHeader {
        format: FORMAT.to_owned(),
        version: VERSION,
        requires: vec![FEATURE.to_owned()],
        kind: Kind::Bias,
        mode: Mode::Replace,
        learned_state: false,
        base_bias: None,
        task: SignalTask { name: "wave".into(), title: "A wave".into() },
        signal: Signal::Forecast(Forecast {
            variable: "x".into(),
            horizon: 2,
            washout: 5,
            spacing: None,
            scale: SeriesScale { offset: 1.0, unit: 2.0 },
            lyapunov: None,
        }),
        backbone: RecurrentRef {
            fingerprint: RecurrentBackbone::generate(&spec).unwrap().fingerprint(),
            spec,
        },
        training: None,
        metrics: Vec::new(),
        license: None,
    };
    RecurrentAdapter::new(header, vec![0.1; 16], UnitGains::One, None).unwrap().to_bytes().unwrap()
}

pub(crate) fn runtime() -> Runtime {
    Runtime::new(Limits::default())
}
