//! Small adapters in a folder of their own, and the program run in it.

use std::path::{Path, PathBuf};
use std::process::Command;

use bl_core::header::{AdapterKind, DatasetRecord, TaskInfo, TrainingRecord};
use bl_core::io::{Fit, InputSchema, Polarity};
use bl_core::{Adapter, Backbone, Header, Io, Parameters, Preprocessing, Spec};
use bl_tasks::{DataDir, Request, Task, metric};
use serde_json::Value;
use tempfile::TempDir;

/// A folder, which is also the home of the user who runs the program in it.
pub(crate) struct Sandbox {
    pub(crate) folder: TempDir,
}

/// What the program printed, and its exit code.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// Standard output as one JSON object, from a run that went well.
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.code, 0, "{}", self.stderr);
        serde_json::from_str(&self.stdout).unwrap()
    }
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        Self { folder: TempDir::new().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        std::fs::write(self.path(name), bytes).unwrap();
    }

    pub(crate) fn save(&self, name: &str, adapter: &Adapter) {
        adapter.save(self.path(name)).unwrap();
    }

    /// Runs a line of arguments, split at blanks.
    pub(crate) fn run(&self, line: &str) -> Ran {
        self.run_with(line, &[("HF_HUB_OFFLINE", "1".to_owned())]) // no test opens a connection by mistake
    }

    /// With variables of the environment; those of the Hub are these alone.
    pub(crate) fn run_with(&self, line: &str, environment: &[(&str, String)]) -> Ran {
        let home = self.folder.path();
        let mut command = Command::new(env!("CARGO_BIN_EXE_bl-run"));
        for name in ["BL_DATA_DIR", "BL_THREADS", "RUST_BACKTRACE", "COLUMNS", "COLORTERM"] {
            command.env_remove(name);
        }
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("HF_") {
                command.env_remove(name);
            }
        }
        command.envs(environment.iter().map(|(name, value)| (name, value)));
        command.current_dir(home).env("HOME", home).env("XDG_CACHE_HOME", home.join("cache"));
        let output = command.args(line.split_whitespace()).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ran { code: output.status.code().unwrap(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

pub(crate) fn backbone(seed: u64) -> Backbone {
    let spec = format!(
        r#"
        seed = {seed}
        input = {{ height = 28, width = 28 }}
        layers = [{{ units = 64, weights = {{ distribution = "local_normal", sigma = 4.0, norm = 1.0 }} }}]
        readout = {{ outputs = 10, weights = {{ distribution = "one_hot", value = 1.0 }} }}
        "#
    );
    Backbone::generate(&Spec::from_toml(&spec).unwrap()).unwrap()
}

const PREPROCESSING: Preprocessing = Preprocessing { mean: 0.13, std: 0.31 };

/// An untrained adapter for MNIST; other numbers give other biases.
pub(crate) fn adapter(backbone: &Backbone, number: u32) -> Adapter {
    let bias = |unit: u32| ((unit * 37 + number * 11) % 64) as f32 / 64.0 - 0.5;
    let biases = vec![(0..backbone.spec().hidden_units() as u32).map(bias).collect()];
    Adapter::new(header(backbone), Parameters::of_biases(biases)).unwrap()
}

/// As [`adapter`], with a training record and an accuracy that are true of the embedded sample.
pub(crate) fn trained(backbone: &Backbone) -> Adapter {
    let mut adapter = adapter(backbone, 0);
    let nowhere = DataDir { root: "/nowhere".into(), explicit: false };
    let task = Task::open("mnist", &Request::of(nowhere)).unwrap();
    let half = backbone.prepare(&adapter).unwrap();
    let judgement = task.kind().judge(&backbone.with(&half)).unwrap();
    let parts = task.kind().parts();
    adapter.header.metrics = vec![metric("accuracy", "test", judgement.metric("accuracy", "test").unwrap())];
    adapter.header.training = Some(TrainingRecord {
        method: "bias".into(),
        config: Value::Null,
        seed: 1,
        dataset: DatasetRecord {
            name: "mnist".into(),
            source: "sample".into(),
            train: parts.train,
            validation: 0,
            test: parts.test,
            train_sha256: parts.train_sha256,
            test_sha256: parts.test_sha256,
        },
        isa: "portable".into(),
        code: "test".into(),
    });
    adapter
}

fn header(backbone: &Backbone) -> Header {
    let task = TaskInfo {
        name: "mnist".into(),
        title: "MNIST handwritten digits".into(),
        labels: (0..10).map(|digit| digit.to_string()).collect(),
    };
    let input = InputSchema {
        height: 28,
        width: 28,
        channels: 1,
        polarity: Polarity::LightOnDark,
        fit: Fit::InkBox { side: 20 },
    };
    Header::new(AdapterKind::Bias, task, Io::Images { input, preprocessing: PREPROCESSING }, backbone)
}

/// Another form that an adapter's images are brought to.
pub(crate) fn set_fit(adapter: &mut Adapter, other: Fit) {
    let Io::Images { input, .. } = &mut adapter.header.io else { panic!("an image classifier") };
    input.fit = other;
}

/// Images of 28 x 28 with a bright stroke each.
pub(crate) fn strokes(count: usize) -> Vec<u8> {
    let stroke = |i: usize| {
        (0..28 * 28_usize).map(move |at| {
            let (y, x) = (at / 28, at % 28);
            let on = (4..24).contains(&y) && x.abs_diff(6 + (y * (i % 5)) / 6) < 2;
            if on { 255 - (i % 200) as u8 } else { 0 } // never blank
        })
    };
    (0..count).flat_map(stroke).collect()
}

pub(crate) fn idx(shape: [u32; 3], values: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, 8, 3];
    bytes.extend(shape.iter().flat_map(|size| size.to_be_bytes()));
    bytes.extend(values);
    bytes
}

pub(crate) fn npy(descr: &str, shape: &str, values: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}");
    let padding = 64 - (10 + header.len() + 1) % 64;
    let header = format!("{header}{}\n", " ".repeat(padding));
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(values);
    bytes
}

/// One line for each image, after a line of names; with a first column of labels if there are any.
pub(crate) fn csv(labels: &[u8], values: &[u8]) -> String {
    let mut text = String::new();
    if !labels.is_empty() {
        let names: Vec<String> = (0..784).map(|i| format!("p{i}")).collect();
        text = format!("label,{}\n", names.join(","));
    }
    for (i, picture) in values.chunks_exact(784).enumerate() {
        let pixels: Vec<String> = picture.iter().map(u8::to_string).collect();
        let label = labels.get(i).map_or(String::new(), |label| format!("{label},"));
        text = format!("{text}{label}{}\n", pixels.join(","));
    }
    text
}

/// A drawing as people make them: a dark stroke on white paper, larger than the network's input.
pub(crate) fn save_drawing(path: &Path) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let paper = |x: u32, y: u32| {
        let on = (20..80).contains(&y) && (60..68).contains(&x);
        image::Luma([if on { 0 } else { 255 }])
    };
    image::GrayImage::from_fn(120, 100, paper).save(path).unwrap();
}

/// A transcript with `TIME` in place of every time, for they differ from run to run.
pub(crate) fn without_times(text: &str) -> String {
    let line = |line: &str| {
        let mut words: Vec<String> = Vec::new();
        for word in line.split(' ') {
            let unit = word.trim_end_matches([',', ':']);
            let number = words.last().is_some_and(|word| word.starts_with(|c: char| c.is_ascii_digit()));
            if number && ["µs", "ms", "s"].contains(&unit) {
                words.pop();
                words.push(format!("TIME{}", &word[unit.len()..]));
            } else {
                words.push(word.to_owned());
            }
        }
        words.join(" ") + "\n"
    };
    text.lines().map(line).collect()
}
