//! Small recurrent backbones and adapters of every kind.

use bl_core::header::{FORMAT, Kind, Metric, Mode, VERSION};
use bl_core::recurrent::{
    FEATURE, Forecast, Lyapunov, Reach, RecurrentAdapter, RecurrentBackbone, RecurrentHeader, RecurrentRef,
    RecurrentSpec, SeriesScale, Signal, SignalTask,
};
use bl_core::{BaseBias, Encoding, UnitGains};

use crate::support::{ANYWHERE, Draw};

/// A spec as TOML, with a leak and a state of its own.
pub(crate) fn text(units: u32, inputs: u32, outputs: u32) -> String {
    format!(
        r#"
        kind = "rnn"
        seed = 1
        alpha = 0.25
        beta = 0.75
        units = {units}
        recurrent = {{ gain = 1.2, weights = {{ distribution = "normal", std = 1.0 }} }}
        input = {{ values = {inputs}, weights = {{ distribution = "uniform", half_width = 1.0 }} }}
        readout = {{ outputs = {outputs}, divided_by = "sqrt_units", weights = {normal} }}
        initial_state = {{ how = "uniform", half_width = 0.5 }}
        "#,
        normal = ANYWHERE[1],
    )
}

pub(crate) fn spec(units: u32, inputs: u32, outputs: u32) -> RecurrentSpec {
    RecurrentSpec::from_toml(&text(units, inputs, outputs)).expect("a valid spec")
}

pub(crate) fn generate(spec: &RecurrentSpec) -> RecurrentBackbone {
    RecurrentBackbone::generate(spec).expect("a valid spec")
}

/// Without a leak and from a state of 0.
pub(crate) fn plain(units: u32) -> RecurrentSpec {
    let text = format!(
        r#"
        kind = "rnn"
        seed = 1
        units = {units}
        recurrent = {{ gain = 1.0, weights = {{ distribution = "normal", std = 1.0 }} }}
        input = {{ values = 0, weights = {{ distribution = "uniform", half_width = 1.0 }} }}
        readout = {{ outputs = 1, divided_by = "units", weights = {{ distribution = "normal", std = 1.0 }} }}
        "#
    );
    RecurrentSpec::from_toml(&text).expect("a valid spec")
}

pub(crate) fn generator() -> Signal {
    let scale = SeriesScale { offset: 0.5, unit: 2.0 };
    Signal::Generate { variable: "cosine".into(), steps: 5, spacing: None, scale }
}

pub(crate) fn forecaster() -> Signal {
    Signal::Forecast(Forecast {
        variable: "x".into(),
        horizon: 3,
        washout: 2,
        spacing: Some(0.01),
        scale: SeriesScale { offset: -1.5, unit: 7.9 },
        lyapunov: Some(Lyapunov { exponent: 0.9056, source: "somebody".into() }),
    })
}

pub(crate) fn reacher() -> Signal {
    Signal::Reach(Reach { steps: 9, dt: 0.01, mass: 1.0, lag: 0.04, distance: 0.07, unit: 1.0 })
}

/// The signal that a backbone's widths fit.
pub(crate) fn signal(backbone: &RecurrentBackbone) -> Signal {
    match (backbone.spec().input.values, backbone.spec().readout.outputs) {
        (0, 1) => generator(),
        (1, 1) => forecaster(),
        _ => reacher(),
    }
}

pub(crate) fn header(backbone: &RecurrentBackbone) -> RecurrentHeader {
    RecurrentHeader {
        format: FORMAT.to_owned(),
        version: VERSION,
        requires: vec![FEATURE.to_owned()],
        kind: Kind::Bias,
        mode: Mode::Replace,
        learned_state: false,
        base_bias: None,
        task: SignalTask { name: "waves".into(), title: "Waves".into() },
        signal: signal(backbone),
        backbone: RecurrentRef { fingerprint: backbone.fingerprint(), spec: backbone.spec().clone() },
        training: None,
        metrics: vec![Metric { name: "free_run_r2".into(), split: "test".into(), value: 0.9375 }],
        license: Some("MIT".into()),
    }
}

/// An adapter of each kind, half of them with a state of their own.
pub(crate) fn every_kind(backbone: &RecurrentBackbone) -> [RecurrentAdapter; 4] {
    let (units, mut draw) = (backbone.units(), Draw::new(3));
    let base = BaseBias { half_width: 0.25, mean: 0.5, seed: 7 };
    let on: Vec<bool> = draw.units(units).iter().map(|x| *x > 0.0).collect();
    let (own, gains, state) = (draw.units(units), draw.units(units), draw.units(units));
    let of = |kind, base_bias, biases: &[f32], gains, initial: Option<&[f32]>| {
        let header =
            RecurrentHeader { kind, base_bias, learned_state: initial.is_some(), ..header(backbone) };
        RecurrentAdapter::new(header, biases.to_vec(), gains, initial.map(<[f32]>::to_vec))
            .expect("header and values fit")
    };
    let drawn = base.draw(0, units);
    [
        of(Kind::Bias, None, &own, UnitGains::One, None),
        of(Kind::Mask, Some(base), &drawn, UnitGains::Mask(on), Some(&state)),
        of(Kind::Gain, Some(base), &drawn, UnitGains::Learned(gains.clone()), None),
        of(Kind::BiasGain, None, &own, UnitGains::Learned(gains), Some(&state)),
    ]
}

/// Adapters of each kind that has values, in each encoding.
pub(crate) fn every_form(backbone: &RecurrentBackbone) -> Vec<RecurrentAdapter> {
    let [bias, _, gain, both] = every_kind(backbone);
    let forms = |adapter: RecurrentAdapter| {
        [Encoding::F16, Encoding::I8].map(|to| adapter.encoded(to).expect("within range"))
    };
    [bias, gain, both].into_iter().flat_map(forms).collect()
}

/// A bias adapter for a forecaster of 9 units.
pub(crate) fn small() -> RecurrentAdapter {
    let [bias, ..] = every_kind(&generate(&spec(9, 1, 1)));
    bias
}
