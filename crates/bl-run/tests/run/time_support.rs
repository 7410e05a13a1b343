//! Small recurrent adapters that have learned nothing, with true records.

use bl_core::UnitGains;
use bl_core::header::{DatasetRecord, FORMAT, Kind, Mode, TrainingRecord, VERSION};
use bl_core::recurrent::{
    FEATURE, RecurrentAdapter, RecurrentBackbone, RecurrentHeader, RecurrentRef, RecurrentSpec, SignalTask,
};
use bl_tasks::time::{Request, TimeTask, judge};
use serde_json::json;

use crate::support::Sandbox;

pub(crate) const UNITS: usize = 24;

/// Of a task by name, or of the file `series.csv` in the sandbox with the column `kwh`.
pub(crate) fn save(sandbox: &Sandbox, task: &str, name: &str) {
    adapter(sandbox, task, 1).save(&sandbox.path(name)).unwrap();
}

/// Another number gives other biases.
pub(crate) fn adapter(sandbox: &Sandbox, name: &str, number: usize) -> RecurrentAdapter {
    let users_own = name == "series";
    let request = Request {
        column: users_own.then(|| "kwh".into()),
        horizon: users_own.then_some(4),
        washout: users_own.then_some(10),
        window: None,
    };
    let file = sandbox.path("series.csv").display().to_string();
    let task = TimeTask::open(if users_own { &file } else { name }, &request).unwrap();
    let (inputs, outputs) = task.signal().widths();
    let backbone = RecurrentBackbone::generate(&spec(inputs, outputs)).unwrap();
    let biases = (0..UNITS).map(|unit| ((unit * 7 + number * 3) % 11) as f32 / 50.0 - 0.1).collect();
    let mut adapter = RecurrentAdapter::new(header(&task, &backbone), biases, UnitGains::One, None).unwrap();
    adapter.header.metrics = judge(&task, &adapter.on(&backbone).unwrap()).unwrap().metrics();
    adapter
}

fn spec(inputs: usize, outputs: usize) -> RecurrentSpec {
    let text = format!(
        r#"
        kind = "rnn"
        seed = 3
        units = {UNITS}
        recurrent = {{ gain = 0.5, weights = {{ distribution = "normal", std = 1.0 }} }}
        input = {{ values = {inputs}, weights = {{ distribution = "uniform", half_width = 1.0 }} }}
        readout = {{ outputs = {outputs}, divided_by = "sqrt_units", weights = {{ distribution = "normal", std = 1.0 }} }}
        "#
    );
    RecurrentSpec::from_toml(&text).unwrap()
}

fn header(task: &TimeTask, backbone: &RecurrentBackbone) -> RecurrentHeader {
    let ((train, test), (train_sha256, test_sha256)) = (task.halves(), task.digests());
    RecurrentHeader {
        format: FORMAT.into(),
        version: VERSION,
        requires: vec![FEATURE.into()],
        kind: Kind::Bias,
        mode: Mode::Replace,
        learned_state: false,
        base_bias: None,
        task: SignalTask { name: task.name.clone(), title: task.title.clone() },
        signal: task.signal(),
        backbone: RecurrentRef { fingerprint: backbone.fingerprint(), spec: backbone.spec().clone() },
        training: Some(TrainingRecord {
            method: "bias".into(),
            config: if task.source == "file" { json!({ "column": "kwh" }) } else { json!({}) },
            seed: 1,
            dataset: DatasetRecord {
                name: task.name.clone(),
                source: task.source.into(),
                train: train.len(),
                validation: 0,
                test: test.len(),
                train_sha256,
                test_sha256,
            },
            isa: "portable".into(),
            code: "test".into(),
        }),
        metrics: vec![],
        license: None,
    }
}

/// A wave of so many samples in the column `kwh`.
pub(crate) fn series(samples: usize) -> String {
    let line = |t: usize| format!("{t},{:.3}\n", 20.0 + 8.0 * (t as f64 / 4.0).sin());
    std::iter::once("hour,kwh\n".to_owned()).chain((0..samples).map(line)).collect()
}
