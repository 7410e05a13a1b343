//! Small adapters as files, and what the library says of them.

use bl_core::header::{BackboneRef, FORMAT, Kind, Mode, TaskInfo, VERSION};
use bl_core::recurrent::{
    FEATURE, Forecast, Reach, RecurrentAdapter, RecurrentBackbone, RecurrentHeader, RecurrentRef,
    RecurrentSpec, SeriesScale, Signal, SignalTask,
};
use bl_core::schema::{Fit, InputSchema, Polarity};
use bl_core::{Backbone, BackboneSpec, BiasAdapter, Header, Preprocessing, UnitGains};

pub(crate) const SIDE: usize = 8;
pub(crate) const PIXELS: usize = SIDE * SIDE;

/// An adapter for pictures of 8 x 8.
#[derive(Clone, Copy)]
pub(crate) struct Small {
    /// Of the backbone.
    pub(crate) seed: u64,
    /// Other numbers give other biases.
    pub(crate) which: usize,
    pub(crate) classes: usize,
    /// No multiple of 8, so that bits of units need a last byte that is not full.
    pub(crate) units: usize,
    pub(crate) fit: Fit,
}

impl Default for Small {
    fn default() -> Self {
        Self { seed: 1, which: 0, classes: 3, units: 101, fit: Fit::Whole }
    }
}

impl Small {
    pub(crate) fn number(which: usize) -> Self {
        Self { which, ..Self::default() }
    }

    pub(crate) fn spec(&self) -> BackboneSpec {
        let Self { seed, units, classes, .. } = self;
        BackboneSpec::from_toml(&format!(
            r#"
            seed = {seed}
            input = {{ height = {SIDE}, width = {SIDE} }}
            layers = [{{ units = {units}, weights = {{ distribution = "normal", std = 0.5 }} }}]
            readout = {{ outputs = {classes}, weights = {{ distribution = "one_hot", value = 0.5 }} }}
            "#
        ))
        .unwrap()
    }

    pub(crate) fn input(&self) -> InputSchema {
        let side = SIDE as u32;
        InputSchema { height: side, width: side, channels: 1, polarity: Polarity::LightOnDark, fit: self.fit }
    }

    pub(crate) fn header(&self) -> Header {
        let spec = self.spec();
        Header {
            format: FORMAT.to_owned(),
            version: VERSION,
            requires: Vec::new(),
            kind: Kind::Bias,
            mode: Mode::Replace,
            base_bias: None,
            task: TaskInfo {
                name: "shapes".into(),
                title: "Shapes".into(),
                labels: (0..self.classes).map(|class| format!("shape {class}")).collect(),
            },
            input: self.input(),
            preprocessing: Preprocessing { mean: 0.2, std: 0.5 },
            backbone: BackboneRef { fingerprint: Backbone::generate(&spec).unwrap().fingerprint(), spec },
            training: None,
            metrics: Vec::new(),
            license: None,
        }
    }

    /// Biases without pattern.
    pub(crate) fn adapter(&self) -> BiasAdapter {
        let bias = |unit: usize| ((unit * 31 + self.which * 7919) as f32 * 0.618).sin();
        BiasAdapter::new(self.header(), vec![(0..self.units).map(bias).collect()]).unwrap()
    }

    pub(crate) fn file(&self) -> Vec<u8> {
        self.adapter().to_bytes().unwrap()
    }

    /// What the library says of each picture.
    pub(crate) fn scores(&self, images: &[Vec<u8>]) -> Vec<Vec<f32>> {
        let backbone = Backbone::generate(&self.spec()).unwrap();
        let prepared = backbone.prepare(&self.adapter()).unwrap();
        let one = |image: &Vec<u8>| {
            backbone.logits(&backbone.preactivations(image).unwrap(), 0..1, &prepared).unwrap()
        };
        images.iter().map(one).collect()
    }
}

/// Pixels without pattern.
pub(crate) fn picture(which: usize) -> Vec<u8> {
    (0..PIXELS).map(|pixel| ((pixel * 97 + which * 13 + pixel * pixel * which) % 256) as u8).collect()
}

pub(crate) fn pictures(count: usize) -> Vec<Vec<u8>> {
    (0..count).map(picture).collect()
}

/// The first 16 digits of SHA-256 of a file: its version.
pub(crate) fn version(file: &[u8]) -> String {
    let runtime = bl_runtime::Runtime::new(bl_runtime::Limits::default());
    runtime.prepare(file).unwrap().id().short()
}

/// An adapter of a small recurrent network.
pub(crate) fn recurrent(signal: Signal) -> RecurrentAdapter {
    let (inputs, outputs) = signal.widths();
    let spec = RecurrentSpec::from_toml(&format!(
        r#"
        kind = "rnn"
        seed = 1
        units = 16
        recurrent = {{ gain = 0.9, weights = {{ distribution = "normal", std = 1.0 }} }}
        input = {{ values = {inputs}, weights = {{ distribution = "uniform", half_width = 1.0 }} }}
        readout = {{ outputs = {outputs}, divided_by = "sqrt_units", weights = {{ distribution = "normal", std = 1.0 }} }}
        initial_state = {{ how = "uniform", half_width = 0.5 }}
        "#
    ))
    .unwrap();
    let backbone = RecurrentBackbone::generate(&spec).unwrap();
    let header = RecurrentHeader {
        format: FORMAT.to_owned(),
        version: VERSION,
        requires: vec![FEATURE.to_owned()],
        kind: Kind::Bias,
        mode: Mode::Replace,
        learned_state: false,
        base_bias: None,
        task: SignalTask { name: "wave".into(), title: "A wave".into() },
        signal,
        backbone: RecurrentRef { fingerprint: backbone.fingerprint(), spec },
        training: None,
        metrics: Vec::new(),
        license: None,
    };
    let biases = (0..16).map(|unit| (unit as f32 * 0.7).sin() * 0.2).collect();
    RecurrentAdapter::new(header, biases, UnitGains::One, None).unwrap()
}

const SCALE: SeriesScale = SeriesScale { offset: 1.0, unit: 2.0 };

pub(crate) const FORECAST: (usize, usize) = (2, 5); // horizon and washout

pub(crate) fn forecaster() -> RecurrentAdapter {
    let (horizon, washout) = FORECAST;
    let variable = "x".into();
    recurrent(Signal::Forecast(Forecast {
        variable,
        horizon,
        washout,
        spacing: None,
        scale: SCALE,
        lyapunov: None,
    }))
}

pub(crate) fn generator() -> RecurrentAdapter {
    recurrent(Signal::Generate { variable: "x".into(), steps: 30, spacing: Some(0.5), scale: SCALE })
}

pub(crate) const REACH: Reach = Reach { steps: 20, dt: 0.01, mass: 1.0, lag: 0.04, distance: 0.1, unit: 0.1 };

pub(crate) fn reacher() -> RecurrentAdapter {
    recurrent(Signal::Reach(REACH))
}
