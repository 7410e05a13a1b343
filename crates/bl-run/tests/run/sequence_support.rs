//! Small recurrent adapters that have learned nothing, with true records.

use bl_core::header::{AdapterKind, DatasetRecord, TaskInfo, TrainingRecord};
use bl_core::{Adapter, Backbone, Header, Parameters, Spec};
use bl_tasks::{DataDir, Request, Source, Task};
use serde_json::json;

use crate::support::Sandbox;

pub(crate) const UNITS: usize = 24;

/// Of a task by name, or of the file `series.csv` in the sandbox with the column `kwh`.
pub(crate) fn save(sandbox: &Sandbox, task: &str, name: &str) {
    adapter(sandbox, task, 1).save(sandbox.path(name)).unwrap();
}

/// Another number gives other biases.
pub(crate) fn adapter(sandbox: &Sandbox, name: &str, number: usize) -> Adapter {
    let users_own = name == "series";
    let nowhere = DataDir { root: "/nowhere".into(), explicit: false };
    let request = Request {
        column: users_own.then(|| "kwh".into()),
        horizon: users_own.then_some(4),
        washout: users_own.then_some(10),
        ..Request::of(nowhere)
    };
    let file = sandbox.path("series.csv").display().to_string();
    let task = Task::open(if users_own { &file } else { name }, &request).unwrap();
    let (inputs, outputs) = task.kind().io().signal().unwrap().widths(task.kind().labels().len());
    let backbone = Backbone::generate(&spec(inputs, outputs)).unwrap();
    let biases = (0..UNITS).map(|unit| ((unit * 7 + number * 3) % 11) as f32 / 50.0 - 0.1).collect();
    let parameters = Parameters::of_biases(vec![biases]);
    let mut adapter = Adapter::new(header(&task, &backbone), parameters).unwrap();
    let half = backbone.prepare(&adapter).unwrap();
    adapter.header.metrics = task.kind().judge(&backbone.with(&half)).unwrap().metrics;
    adapter
}

fn spec(inputs: usize, outputs: usize) -> Spec {
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
    Spec::from_toml(&text).unwrap()
}

fn header(task: &Task, backbone: &Backbone) -> Header {
    let parts = task.kind().parts();
    let info = TaskInfo {
        name: task.name.clone(),
        title: task.title.clone(),
        labels: task.kind().labels().to_vec(),
    };
    let training = TrainingRecord {
        method: "bias".into(),
        config: if task.source == Source::File { json!({ "column": "kwh" }) } else { json!({}) },
        seed: 1,
        dataset: DatasetRecord {
            name: task.name.clone(),
            source: task.source.to_string(),
            train: parts.train,
            validation: 0,
            test: parts.test,
            train_sha256: parts.train_sha256,
            test_sha256: parts.test_sha256,
        },
        isa: "portable".into(),
        code: "test".into(),
    };
    Header { training: Some(training), ..Header::new(AdapterKind::Bias, info, task.kind().io(), backbone) }
}

/// A wave of so many samples in the column `kwh`.
pub(crate) fn series(samples: usize) -> String {
    let line = |t: usize| format!("{t},{:.3}\n", 20.0 + 8.0 * (t as f64 / 4.0).sin());
    std::iter::once("hour,kwh\n".to_owned()).chain((0..samples).map(line)).collect()
}
