//! Small adapters as files, and what the library says of them.

use bl_core::header::{AdapterKind, TaskInfo};
use bl_core::io::{Fit, Forecast, InputSchema, Polarity, Reach, SeriesScale, Signal};
use bl_core::{Adapter, Backbone, Header, Io, Parameters, Preprocessing, Spec};

pub(crate) const SIDE: usize = 8;
pub(crate) const PIXELS: usize = SIDE * SIDE;

/// An adapter for images of 8 x 8.
#[derive(Clone, Copy)]
pub(crate) struct Small {
    /// Of the backbone.
    pub(crate) seed: u64,
    /// Other numbers give other biases.
    pub(crate) which: usize,
    pub(crate) classes: usize,
    /// Not a multiple of 8, so that bits of units need a last byte that is not full.
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

    pub(crate) fn spec(&self) -> Spec {
        let Self { seed, units, classes, .. } = self;
        Spec::from_toml(&format!(
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
        let task = TaskInfo {
            name: "shapes".into(),
            title: "Shapes".into(),
            labels: (0..self.classes).map(|class| format!("shape {class}")).collect(),
        };
        let io = Io::Images { input: self.input(), preprocessing: Preprocessing { mean: 0.2, std: 0.5 } };
        Header::new(AdapterKind::Bias, task, io, &Backbone::generate(&self.spec()).unwrap())
    }

    /// Biases without pattern.
    pub(crate) fn adapter(&self) -> Adapter {
        let bias = |unit: usize| ((unit * 31 + self.which * 7919) as f32 * 0.618).sin();
        let biases = vec![(0..self.units).map(bias).collect()];
        Adapter::new(self.header(), Parameters::of_biases(biases)).unwrap()
    }

    pub(crate) fn file(&self) -> Vec<u8> {
        self.adapter().to_bytes().unwrap()
    }

    /// What the library says of each image.
    pub(crate) fn scores(&self, images: &[Vec<u8>]) -> Vec<Vec<f32>> {
        let backbone = Backbone::generate(&self.spec()).unwrap();
        let half = backbone.prepare(&self.adapter()).unwrap();
        let (mlp, half) = backbone.with(&half).mlp().unwrap();
        let one = |image: &Vec<u8>| mlp.logits(&mlp.preactivations(image).unwrap(), 0..1, half).unwrap();
        images.iter().map(one).collect()
    }
}

/// Pixels without pattern.
pub(crate) fn image_of(which: usize) -> Vec<u8> {
    (0..PIXELS).map(|pixel| ((pixel * 97 + which * 13 + pixel * pixel * which) % 256) as u8).collect()
}

pub(crate) fn images(count: usize) -> Vec<Vec<u8>> {
    (0..count).map(image_of).collect()
}

/// The first 16 digits of SHA-256 of a file: its version.
pub(crate) fn version(file: &[u8]) -> String {
    let runtime = bl_runtime::Runtime::new(bl_runtime::Limits::default());
    runtime.prepare(file).unwrap().id().short()
}

/// An adapter of a small recurrent network.
pub(crate) fn recurrent(signal: Signal) -> Adapter {
    recurrent_of(16, signal)
}

/// An adapter of a recurrent network of so many units.
pub(crate) fn recurrent_of(units: usize, signal: Signal) -> Adapter {
    recurrent_in(units, signal, &[])
}

/// One with classes.
pub(crate) fn recurrent_with(signal: Signal, labels: &[&str]) -> Adapter {
    recurrent_in(16, signal, labels)
}

fn recurrent_in(units: usize, signal: Signal, labels: &[&str]) -> Adapter {
    let (inputs, outputs) = signal.widths(labels.len());
    let spec = Spec::from_toml(&format!(
        r#"
        kind = "rnn"
        seed = 1
        units = {units}
        recurrent = {{ gain = 0.9, weights = {{ distribution = "normal", std = 1.0 }} }}
        input = {{ values = {inputs}, weights = {{ distribution = "uniform", half_width = 1.0 }} }}
        readout = {{ outputs = {outputs}, divided_by = "sqrt_units", weights = {{ distribution = "normal", std = 1.0 }} }}
        initial_state = {{ how = "uniform", half_width = 0.5 }}
        "#
    ))
    .unwrap();
    let task = TaskInfo {
        name: "wave".into(),
        title: "A wave".into(),
        labels: labels.iter().map(ToString::to_string).collect(),
    };
    let io = Io::Signal { signal, learned_state: false };
    let header = Header::new(AdapterKind::Bias, task, io, &Backbone::generate(&spec).unwrap());
    let biases = (0..units).map(|unit| (unit as f32 * 0.7).sin() * 0.2).collect();
    Adapter::new(header, Parameters::of_biases(vec![biases])).unwrap()
}

const SCALE: SeriesScale = SeriesScale { offset: 1.0, unit: 2.0 };

pub(crate) const FORECAST: (usize, usize) = (2, 5); // horizon and washout

pub(crate) fn forecaster() -> Adapter {
    let (horizon, washout) = FORECAST;
    let variable = "x".into();
    recurrent(Signal::Forecast(Forecast {
        variable,
        horizon,
        washout,
        spacing: None,
        scale: SCALE,
        lyapunov: None,
        learned: None,
    }))
}

pub(crate) fn generator() -> Adapter {
    generator_of(16)
}

pub(crate) fn generator_of(units: usize) -> Adapter {
    recurrent_of(
        units,
        Signal::Generate { variable: "x".into(), steps: 30, spacing: Some(0.5), scale: SCALE },
    )
}

pub(crate) const REACH: Reach = Reach { steps: 20, dt: 0.01, mass: 1.0, lag: 0.04, distance: 0.1, unit: 0.1 };

pub(crate) fn reacher() -> Adapter {
    recurrent(Signal::Reach(REACH))
}
