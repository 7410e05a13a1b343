//! Small adapters of two kinds, as files.

use bl_core::header::{AdapterKind, TaskInfo};
use bl_core::io::{Fit, Forecast, InputSchema, Polarity, SeriesScale, Signal};
use bl_core::{Adapter, Backbone, BaseBias, Header, Io, Parameters, Preprocessing, Spec, UnitGains};
use bl_runtime::{Limits, Runtime};

pub(crate) const PIXELS: usize = 20;
pub(crate) const UNITS: usize = 100;

pub(crate) fn spec(seed: u64) -> Spec {
    Spec::from_toml(&format!(
        r#"
        seed = {seed}
        input = {{ height = 4, width = 5 }}
        layers = [{{ units = {UNITS}, weights = {{ distribution = "normal", std = 0.5 }} }}]
        readout = {{ outputs = 3, weights = {{ distribution = "one_hot", value = 0.5 }} }}
        "#
    ))
    .unwrap()
}

pub(crate) fn header(spec: &Spec) -> Header {
    let task = TaskInfo {
        name: "three".into(),
        title: "Three classes".into(),
        labels: ["a", "b", "c"].map(String::from).to_vec(),
    };
    let io = Io::Images {
        input: InputSchema { height: 4, width: 5, channels: 1, polarity: Polarity::AsIs, fit: Fit::Whole },
        preprocessing: Preprocessing { mean: 0.2, std: 0.5 },
    };
    Header::new(AdapterKind::Bias, task, io, &Backbone::generate(spec).unwrap())
}

/// Biases without pattern, others for each `which`.
pub(crate) fn biases(which: usize) -> Vec<f32> {
    (0..UNITS).map(|unit| ((unit * 31 + which * 7919) as f32 * 0.618).sin()).collect()
}

/// An adapter's file.
pub(crate) fn file(seed: u64, which: usize) -> Vec<u8> {
    adapter(seed, which).to_bytes().unwrap()
}

pub(crate) fn adapter(seed: u64, which: usize) -> Adapter {
    Adapter::new(header(&spec(seed)), Parameters::of_biases(vec![biases(which)])).unwrap()
}

pub(crate) fn masked(seed: u64) -> Vec<u8> {
    let base = BaseBias { half_width: 0.1, mean: 0.0, seed: 1 };
    let header = Header { kind: AdapterKind::Mask, base_bias: Some(base), ..header(&spec(seed)) };
    let on = (0..UNITS).map(|unit| unit % 3 > 0).collect();
    let biases = Parameters::of_biases(vec![base.draw(0, UNITS)]);
    let adapter = Adapter::new(header, Parameters { gains: UnitGains::Mask(on), ..biases }).unwrap();
    adapter.to_bytes().unwrap()
}

pub(crate) fn image(which: usize) -> Vec<u8> {
    (0..PIXELS).map(|pixel| ((pixel * 97 + which * 13 + 5) % 256) as u8).collect()
}

pub(crate) fn recurrent_spec() -> Spec {
    Spec::from_toml(
        r#"
        kind = "rnn"
        seed = 1
        units = 16
        recurrent = { gain = 1.0, weights = { distribution = "normal", std = 1.0 } }
        input = { values = 1, weights = { distribution = "uniform", half_width = 1.0 } }
        readout = { outputs = 1, divided_by = "sqrt_units", weights = { distribution = "normal", std = 1.0 } }
        "#,
    )
    .unwrap()
}

/// A forecaster's file.
pub(crate) fn forecaster() -> Vec<u8> {
    let task = TaskInfo { name: "wave".into(), title: "A wave".into(), labels: Vec::new() };
    let signal = Signal::Forecast(Forecast {
        variable: "x".into(),
        horizon: 2,
        washout: 5,
        spacing: None,
        scale: SeriesScale { offset: 1.0, unit: 2.0 },
        lyapunov: None,
        learned: None,
    });
    let io = Io::Signal { signal, learned_state: false };
    let backbone = Backbone::generate(&recurrent_spec()).unwrap();
    let header = Header::new(AdapterKind::Bias, task, io, &backbone);
    Adapter::new(header, Parameters::of_biases(vec![vec![0.1; 16]])).unwrap().to_bytes().unwrap()
}

pub(crate) fn runtime() -> Runtime {
    Runtime::new(Limits::default())
}
