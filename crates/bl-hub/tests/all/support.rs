//! A hub, a cache of its own, and small adapters.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bl_core::header::{AdapterKind, DatasetRecord, Metric, TaskInfo, TrainingRecord};
use bl_core::io::{Fit, Forecast, InputSchema, Polarity, SeriesScale, Signal};
use bl_core::{Adapter, Backbone, Header, Io, Parameters, Preprocessing, Spec};
use bl_hub::{Environment, Hub, PushOptions, RepoName, Retry, Target};
use bl_mock_hub::MockHub;
use tempfile::TempDir;

pub(crate) const TOKEN: &str = "hf_secret";
pub(crate) const REPO: &str = "ada/bars";

/// A hub and a home whose cache is empty.
pub(crate) struct Scene {
    pub(crate) mock: MockHub,
    pub(crate) home: TempDir,
}

impl Scene {
    pub(crate) fn new() -> Self {
        Self { mock: MockHub::start(), home: TempDir::new().unwrap() }
    }

    /// A scene whose hub has an adapter. Returns the adapter's bytes and the commit, too.
    pub(crate) fn with_adapter() -> (Self, Vec<u8>, String) {
        let scene = Self::new();
        let bytes = adapter().to_bytes().unwrap();
        scene.hub().push(&scene.plan(&bytes)).unwrap();
        let commit = scene.pulled_commit();
        std::fs::remove_dir_all(scene.cache()).unwrap();
        (scene, bytes, commit)
    }

    fn pulled_commit(&self) -> String {
        self.pull(REPO).unwrap().commit.to_string()
    }

    pub(crate) fn plan(&self, bytes: &[u8]) -> bl_hub::Plan {
        let file = self.write("adapter.safetensors", bytes);
        self.hub().plan_adapter(&file, &repo(REPO), &PushOptions::default()).unwrap()
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.home.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    pub(crate) fn cache(&self) -> PathBuf {
        self.home.path().join("hub")
    }

    pub(crate) fn hub(&self) -> Hub {
        self.hub_with(&[])
    }

    pub(crate) fn offline(&self) -> Hub {
        self.hub_with(&[("HF_HUB_OFFLINE", "yes")])
    }

    pub(crate) fn hub_with(&self, variables: &[(&str, &str)]) -> Hub {
        Hub::with_retry(self.environment(variables), quick(3))
    }

    pub(crate) fn environment(&self, variables: &[(&str, &str)]) -> Environment {
        let endpoint = self.mock.endpoint();
        let lookup = |name: &str| -> Option<OsString> {
            if let Some((_, value)) = variables.iter().find(|(known, _)| *known == name) {
                return Some((*value).into());
            }
            match name {
                "HF_ENDPOINT" => Some(endpoint.clone().into()),
                "HF_HOME" => Some(self.home.path().into()),
                "HF_TOKEN" => Some(TOKEN.into()),
                "HF_HUB_DOWNLOAD_TIMEOUT" | "HF_HUB_ETAG_TIMEOUT" => Some("5".into()),
                _ => None,
            }
        };
        Environment::from_lookup(lookup, None).unwrap()
    }

    pub(crate) fn pull(&self, target: &str) -> Result<bl_hub::Pulled, bl_hub::Error> {
        self.hub().pull(&target.parse::<Target>().unwrap(), &mut |_| {})
    }

    /// Files of the cache, but for locks.
    pub(crate) fn cached_files(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        walk(&self.cache(), &mut files);
        files.retain(|path| !path.components().any(|part| part.as_os_str() == ".locks"));
        files.sort();
        files
    }
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_type().unwrap().is_dir() {
            walk(&entry.path(), files);
        } else {
            files.push(entry.path());
        }
    }
}

pub(crate) fn repo(name: &str) -> RepoName {
    name.parse().unwrap()
}

/// Attempts that follow each other at once.
pub(crate) fn quick(attempts: u32) -> Retry {
    Retry { attempts, first_wait: Duration::from_millis(1), longest_wait: Duration::from_secs(2) }
}

pub(crate) fn backbone() -> Backbone {
    of_spec(
        r#"
        seed = 5
        input = { height = 2, width = 2 }
        layers = [{ units = 300, weights = { distribution = "normal", std = 0.5 } }]
        readout = { outputs = 2, weights = { distribution = "one_hot", value = 1.0 } }
        "#,
    )
}

pub(crate) fn recurrent_backbone() -> Backbone {
    of_spec(
        r#"
        kind = "rnn"
        seed = 5
        units = 30
        recurrent = { gain = 1.4, weights = { distribution = "normal", std = 1.0 } }
        input = { values = 1, weights = { distribution = "uniform", half_width = 1.0 } }
        readout = { outputs = 1, divided_by = "sqrt_units", weights = { distribution = "normal", std = 1.0 } }
        "#,
    )
}

fn of_spec(spec: &str) -> Backbone {
    Backbone::generate(&Spec::from_toml(spec).unwrap()).unwrap()
}

/// An adapter with everything in its header that a card speaks of.
pub(crate) fn adapter() -> Adapter {
    let input = InputSchema { height: 2, width: 2, channels: 1, polarity: Polarity::AsIs, fit: Fit::Whole };
    let io = Io::Images { input, preprocessing: Preprocessing { mean: 0.5, std: 0.25 } };
    let task = TaskInfo {
        name: "bars".into(),
        title: "Two bars | <b>".into(),
        labels: vec!["across".into(), "down_*".into()],
    };
    let dataset = DatasetRecord {
        name: "mnist".into(),
        source: "sample".into(),
        train: 5000,
        validation: 0,
        test: 1000,
        train_sha256: "0".repeat(64),
        test_sha256: "f".repeat(64),
    };
    let header = Header {
        training: Some(TrainingRecord {
            method: "bias".into(),
            config: serde_json::json!({ "epochs": 20, "lr": 0.02 }),
            seed: 1,
            dataset,
            isa: "avx2".into(),
            code: "bl-adapt 0.1.0".into(),
        }),
        metrics: vec![
            Metric { name: "accuracy".into(), split: "test".into(), value: 0.9812 },
            Metric { name: "loss".into(), split: "test".into(), value: 0.000_000_1 },
        ],
        license: Some("CC0-1.0".into()),
        ..Header::new(AdapterKind::Bias, task, io, &backbone())
    };
    Adapter::new(header, biases(300)).unwrap()
}

/// A forecaster whose variable has a name that Markdown could misread.
pub(crate) fn forecaster() -> Adapter {
    let forecast = Forecast {
        variable: "<b>x|y</b>".into(),
        horizon: 3,
        washout: 10,
        spacing: None,
        scale: SeriesScale { offset: 0.0, unit: 1.0 },
        lyapunov: None,
        learned: None,
    };
    let io = Io::Signal { signal: Signal::Forecast(forecast), learned_state: false };
    let task = TaskInfo { name: "waves".into(), title: "Waves".into(), labels: vec![] };
    let header = Header::new(AdapterKind::Bias, task, io, &recurrent_backbone());
    Adapter::new(header, biases(30)).unwrap()
}

fn biases(units: u16) -> Parameters {
    Parameters::of_biases(vec![(0..units).map(|i| f32::from(i) / f32::from(units)).collect()])
}
