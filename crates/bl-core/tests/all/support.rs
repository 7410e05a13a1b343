#![allow(missing_docs, unreachable_pub, reason = "for the tests alone")]
//! Small backbones of each family with adapters of every kind and form, and random numbers for the tests.

mod files;
mod specs;

use bl_core::header::{AdapterKind, Metric, TaskInfo};
use bl_core::io::{
    Channel, Fit, Forecast, InputSchema, Lyapunov, Output, Polarity, Reach, Read, SeriesScale, Signal, Trials,
};
use bl_core::{
    Adapter, Backbone, BaseBias, Encoding, Front, Half, Header, Io, Lattice, Mlp, MlpSpec, Net, Parameters,
    Prepared, Preprocessing, Spec, UnitGains,
};
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

pub use files::*;
pub use specs::*;

pub fn generate<S: Clone + Into<Spec>>(spec: &S) -> Backbone {
    Backbone::generate(&spec.clone().into()).expect("weights within f16's range")
}

/// One hidden layer.
pub fn shallow(units: u32) -> Backbone {
    generate(&spec(1, &[(units, LOCAL_NORMAL)], ONE_HOT))
}

/// One hidden layer behind a front end.
pub fn behind_filters(units: u32) -> Backbone {
    let front = Some(Front::Conv { filters: 5, size: 3, grid: 2 });
    generate(&MlpSpec { front, ..spec(1, &[(units, LOCAL_NORMAL)], ONE_HOT) })
}

/// Two hidden layers of 5 and 4 units.
pub fn small_backbone() -> Backbone {
    generate(&spec(1, &[(5, LOCAL_NORMAL), (4, ANYWHERE[0])], ONE_HOT))
}

pub fn recurrent(units: u32) -> Backbone {
    generate(&rnn(units, 1, 1))
}

/// Small backbones of every shape that an adapter's file can have.
pub fn backbones() -> [Backbone; 8] {
    [
        shallow(9),
        behind_filters(9),
        small_backbone(),
        recurrent(9),
        generate(&rnn(9, 2, 2)),
        generate(&rnn(9, 3, 2)),
        generate(&rnn(9, 3, 4)),
        generate(&plain(3)),
    ]
}

pub fn mlp(backbone: &Backbone) -> &Mlp {
    backbone.mlp().expect("feed-forward")
}

pub fn matrix(backbone: &Backbone, name: &str) -> Lattice {
    let mut all = backbone.matrices().into_iter();
    all.find(|(own, _)| own == name).expect(name).1.into_owned()
}

pub fn units(backbone: &Backbone) -> usize {
    backbone.spec().layers()[0]
}

/// Values of one image.
pub fn inputs(backbone: &Backbone) -> usize {
    mlp(backbone).inputs()
}

pub fn prepare(backbone: &Backbone, adapter: &Adapter) -> Prepared {
    match backbone.prepare(adapter).expect("its own backbone") {
        Half::Mlp(half) => half,
        _ => panic!("another network"),
    }
}

/// Scores of images.
pub fn scores(backbone: &Backbone, adapter: &Adapter, pixels: &[u8]) -> Vec<f32> {
    let half = backbone.prepare(adapter).expect("its own backbone");
    backbone.with(&half).scores(pixels).expect("whole images")
}

/// What an adapter says of some random input, and the state that is left.
pub fn answers(backbone: &Backbone, adapter: &Adapter) -> [Vec<u32>; 2] {
    const STEPS: usize = 20;
    let mut draw = Draw::new(9);
    let half = backbone.prepare(adapter).expect("its own backbone");
    let net = backbone.with(&half);
    let mut state = net.initial().to_vec();
    let y = match backbone.spec() {
        Spec::Mlp(_) => net.scores(&draw.bytes(STEPS * net.inputs())),
        Spec::Rnn(_) => net.run(&draw.units(STEPS * net.inputs()), STEPS, &mut state),
        Spec::Bert(_) => panic!("encoders have tests of their own"),
    };
    [y.expect("shapes agree"), state].map(|values| bits(&values))
}

pub fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|x| x.to_bits()).collect()
}

pub fn generator() -> Signal {
    let scale = SeriesScale { offset: 0.5, unit: 2.0 };
    Signal::Generate { variable: "cosine".into(), steps: 5, spacing: None, scale }
}

pub fn forecaster() -> Signal {
    Signal::Forecast(Forecast {
        variable: "x".into(),
        horizon: 3,
        washout: 2,
        spacing: Some(0.01),
        scale: SeriesScale { offset: -1.5, unit: 7.9 },
        lyapunov: Some(Lyapunov { exponent: 0.9056, source: "somebody".into() }),
        learned: None,
    })
}

/// Trials of three channels, two of which are of one kind.
pub fn trials(output: Output) -> Signal {
    let inputs = vec![channel("temperature", 1), channel("wind", 2)];
    Signal::Trials(Trials { inputs, output, horizon: 0, washout: 3, spacing: None, longest: 17 })
}

pub fn channel(name: &str, values: usize) -> Channel {
    Channel {
        name: name.into(),
        values,
        scale: SeriesScale { offset: 10.0, unit: 2.5 },
        low: -4.0,
        high: 31.5,
    }
}

pub fn reacher() -> Signal {
    Signal::Reach(Reach { steps: 9, dt: 0.01, mass: 1.0, lag: 0.04, distance: 0.07, unit: 1.0 })
}

pub fn images(input: InputSchema, mean: f64, std: f64) -> Io {
    Io::Images { input, preprocessing: Preprocessing { mean, std } }
}

/// What the inputs and outputs of a backbone fit.
pub fn io(backbone: &Backbone) -> Io {
    match backbone.spec() {
        Spec::Mlp(spec) => {
            let bl_core::InputShape { height, width, channels } = spec.input;
            let (polarity, fit) = (Polarity::AsIs, Fit::InkBox { side: height.max(width).min(2) });
            images(InputSchema { height, width, channels, polarity, fit }, 0.4, 0.3)
        }
        Spec::Rnn(spec) => {
            let signal = match spec.widths() {
                (0, 1) => generator(),
                (1, 1) => forecaster(),
                (3, 2) => trials(Output::Classes { read: Read::End }),
                (3, _) => trials(Output::Values { variables: vec![channel("a", 1), channel("b", 3)] }),
                _ => reacher(),
            };
            Io::Signal { signal, learned_state: false }
        }
        Spec::Bert(_) => panic!("encoders have tests of their own"),
    }
}

pub fn set_preprocessing(header: &mut Header, mean: f64, std: f64) {
    let (input, _) = header.io.images().expect("images");
    header.io = images(*input, mean, std);
}

pub fn set_learned_state(header: &mut Header, learned: bool) {
    match &mut header.io {
        Io::Signal { learned_state, .. } => *learned_state = learned,
        Io::Images { .. } | Io::Text { .. } | Io::Values { .. } => panic!("no signal"),
    }
}

pub fn header(backbone: &Backbone) -> Header {
    let classes = match io(backbone).signal() {
        Ok(signal) if signal.has_classes() => backbone.rnn().map_or(0, |rnn| rnn.spec().widths().1),
        Ok(_) => 0,
        Err(_) => backbone.mlp().map_or(0, Mlp::outputs),
    };
    let task = TaskInfo {
        name: "three".to_owned(),
        title: "Three classes, or waves".to_owned(),
        labels: (0..classes).map(|class| format!("class {class}")).collect(),
    };
    let mut header = Header::new(AdapterKind::Bias, task, io(backbone), backbone);
    header.metrics = vec![Metric { name: "accuracy".to_owned(), split: "test".to_owned(), value: 0.9375 }];
    header.license = Some("MIT".to_owned());
    header
}

/// A bias adapter with random values.
pub fn adapter(backbone: &Backbone, seed: u64) -> Adapter {
    let mut draw = Draw::new(seed);
    let biases = backbone.spec().layers().into_iter().map(|units| draw.units(units)).collect();
    Adapter::new(header(backbone), Parameters::of_biases(biases)).expect("header and biases fit")
}

pub fn small_adapter() -> Adapter {
    adapter(&small_backbone(), 1)
}

/// An adapter of each kind for a backbone of one layer; where there are states, mask and biases with gains have their
/// own.
pub fn every_kind(backbone: &Backbone) -> [Adapter; 4] {
    let (units, mut draw) = (units(backbone), Draw::new(3));
    let has_state = backbone.rnn().is_ok();
    let base = BaseBias { half_width: 0.25, mean: if has_state { 0.5 } else { 0.0 }, seed: 7 };
    let on: Vec<bool> = draw.units(units).iter().map(|x| *x > 0.0).collect();
    let (own, gains, state) = (draw.units(units), draw.units(units), draw.units(units));
    let of = |kind, base_bias, bias: &[f32], gains, learned: bool| {
        let mut header = Header { kind, base_bias, ..header(backbone) };
        let initial = (learned && has_state).then(|| state.clone());
        if initial.is_some() {
            set_learned_state(&mut header, true);
        }
        let parameters = Parameters { biases: vec![bias.to_vec()], gains, initial, head: None };
        Adapter::new(header, parameters).expect("header and values fit")
    };
    let drawn = base.draw(0, units);
    [
        of(AdapterKind::Bias, None, &own, UnitGains::One, false),
        of(AdapterKind::Mask, Some(base), &drawn, UnitGains::Mask(on), true),
        of(AdapterKind::Gain, Some(base), &drawn, UnitGains::Learned(gains.clone()), false),
        of(AdapterKind::BiasGain, None, &own, UnitGains::Learned(gains), true),
    ]
}

/// Adapters of each kind in each form that it has: encoded, pruned, and both.
pub fn every_form(backbone: &Backbone) -> Vec<Adapter> {
    let [bias, _, gain, both] = every_kind(backbone);
    let keep: Vec<bool> = (0..units(backbone)).map(|unit| unit % 3 != 1).collect();
    let forms = |adapter: Adapter| {
        let pruned = backbone.mlp().is_ok().then(|| adapter.pruned(&keep).expect("one layer"));
        let encoded: Vec<Adapter> =
            [Some(&adapter), pruned.as_ref()].into_iter().flatten().flat_map(encoded).collect();
        pruned.into_iter().chain(encoded)
    };
    [bias, gain, both].into_iter().flat_map(forms).collect()
}

pub fn encoded(adapter: &Adapter) -> [Adapter; 2] {
    [Encoding::F16, Encoding::I8].map(|to| adapter.encoded(to).expect("within range"))
}

/// Adapters of every kind and form that a backbone can have.
pub fn every_adapter(backbone: &Backbone) -> Vec<Adapter> {
    if backbone.spec().layers().len() == 1 {
        return every_kind(backbone).into_iter().chain(every_form(backbone)).collect();
    }
    let bias = adapter(backbone, 1);
    encoded(&bias).into_iter().chain([bias]).collect()
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
