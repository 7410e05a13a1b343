//! Tasks of arrays, and training on them.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bias_adapters::bl_core::io::ValueSchema;
use bias_adapters::bl_tasks::{DataDir, Split};
use bias_adapters::bl_train::{self, Fitted, presets};
use bias_adapters::task::{Names, SeriesPlan, Targets, Task, of_images, of_rows_in, of_series, of_trials};
use bias_adapters::{
    Adapter, Backbone, Checkpoints, EpochReport, Error, Halves, Progress, Run, Settings, train_in,
};
use numpy::{IntoPyArray, PyArray1, PyArray4, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::adapter::NativeAdapter;
use crate::backbone::{NativeBackbone, json};
use crate::compute::{compute, in_pool};
use crate::errors::{input, raised};
use crate::trials;

/// Something to learn.
#[pyclass(frozen, name = "Task", module = "bias_adapters._native")]
pub(crate) struct NativeTask(Arc<Task>);

type Images<'py> = (PyReadonlyArray2<'py, u8>, PyReadonlyArray1<'py, u8>);
type Part<'py> = (Bound<'py, PyArray4<u8>>, Bound<'py, PyArray1<u8>>);
type Rows<'py> = (PyReadonlyArray2<'py, f64>, PyReadonlyArray1<'py, f64>);

#[pymethods]
impl NativeTask {
    /// A task of the catalogue, or a folder or file.
    #[staticmethod]
    fn open(py: Python<'_>, name: &str, settings: &str, data_dir: Option<PathBuf>) -> PyResult<Self> {
        let settings = read(settings)?;
        let opened = compute(py, || presets::open(name, settings, DataDir::resolve(data_dir)));
        Ok(Self(Arc::new(opened.map_err(raised)?.0)))
    }

    #[staticmethod]
    fn images(
        py: Python<'_>,
        name: &str,
        labels: Vec<String>,
        shape: (usize, usize, usize),
        train: Images<'_>,
        test: Option<Images<'_>>,
    ) -> PyResult<Self> {
        let split = |(rows, labels): &Images<'_>| -> PyResult<Split> {
            let (height, width, channels) = shape;
            let (images, labels) = (rows.as_slice()?.to_vec(), labels.as_slice()?.to_vec());
            Ok(Split { images, labels, height, width, channels })
        };
        let (train, test) = (split(&train)?, test.as_ref().map(split).transpose()?);
        let task = compute(py, || of_images(name, labels, train, test)).map_err(raised)?;
        Ok(Self(Arc::new(task)))
    }

    /// Rows of real values; numbers without `is_of_classes`. `ranges` are those of the `columns`, one of `all`, or 0 to 255 of `bytes`.
    #[staticmethod]
    fn rows(
        py: Python<'_>,
        name: &str,
        labels: Vec<String>,
        is_of_classes: bool,
        ranges: &str,
        train: Rows<'_>,
        test: Option<Rows<'_>>,
    ) -> PyResult<Self> {
        let columns = train.0.as_array().ncols();
        let (rows, numbers) = (train.0.as_slice()?, train.1.as_slice()?);
        let (test_rows, test_numbers) = match &test {
            Some((rows, numbers)) => (rows.as_slice()?, numbers.as_slice()?),
            None => (&[][..], &[][..]),
        };
        let task = compute(py, || {
            let input = ValueSchema::of_rows(rows, columns)?;
            let input = match ranges {
                "bytes" => ValueSchema { low: vec![0.0; columns], high: vec![255.0; columns], target: None },
                "all" => input.of_one_range(),
                _ => input,
            };
            let classes = |numbers: &[f64]| numbers.iter().map(|y| *y as u8).collect::<Vec<_>>();
            let (train, test) = (classes(numbers), classes(test_numbers));
            let (train, test) = if is_of_classes {
                (Targets::Classes(&train), Targets::Classes(&test))
            } else {
                (Targets::Numbers(numbers), Targets::Numbers(test_numbers))
            };
            of_rows_in(name, labels, input, (rows, train), Some((test_rows, test)))
        });
        Ok(Self(Arc::new(task.map_err(raised)?)))
    }

    #[staticmethod]
    fn series(
        py: Python<'_>,
        name: &str,
        values: PyReadonlyArray1<'_, f64>,
        plan: (usize, usize, usize),
        window: Option<usize>,
        spacing: Option<f64>,
    ) -> PyResult<Self> {
        let values = values.as_slice()?.to_vec();
        let (horizon, washout, test) = plan;
        let plan = SeriesPlan { horizon, washout, test, window, spacing };
        let task = compute(py, || of_series(name, values, &plan)).map_err(raised)?;
        Ok(Self(Arc::new(task)))
    }

    /// Trials: inputs `[trials, time, channels]` and lengths, with the class of each, or values `[trials, time, outputs]` of NaN where
    /// nothing is asked and weights `[trials, time, outputs]`.
    #[staticmethod]
    fn trials(
        py: Python<'_>,
        name: &str,
        labels: Vec<String>,
        read: &str,
        train: trials::Arrays<'_>,
        test: Option<trials::Arrays<'_>>,
    ) -> PyResult<Self> {
        let (train, test) = (trials::owned(&train)?, test.as_ref().map(trials::owned).transpose()?);
        let read = trials::read_of(read);
        let task = compute(py, || {
            let test = test.map(trials::of_arrays).transpose()?;
            of_trials(name, labels, &Names::default(), read, trials::of_arrays(train)?, test)
        });
        Ok(Self(Arc::new(task.map_err(raised)?)))
    }

    #[getter]
    fn summary(&self) -> String {
        self.0.kind().summary()
    }

    #[getter]
    fn notice(&self) -> Option<String> {
        self.0.notice.clone()
    }

    /// The classes of a task of images.
    #[getter]
    fn labels(&self) -> Vec<String> {
        self.0.kind().labels().to_vec()
    }

    /// The images of a task, to train on or held out: `[count, height, width, channels]`, and their classes.
    fn part<'py>(&self, py: Python<'py>, is_held_out: bool) -> PyResult<Part<'py>> {
        let Some(images) = self.0.images() else {
            let found = self.0.kind().summary();
            return Err(input("not_images", format!("expected a task of images, found {found}"), ""));
        };
        let split = if is_held_out { &images.test } else { &images.train };
        let [height, width, channels] = split.shape();
        let rows = split.images.clone().into_pyarray(py).reshape([split.len(), height, width, channels])?;
        Ok((rows, split.labels.clone().into_pyarray(py)))
    }
}

/// Frozen halves that runs on the same data and backbone share.
#[pyclass(frozen, name = "Halves", module = "bias_adapters._native")]
pub(crate) struct NativeHalves(Halves);

#[pymethods]
impl NativeHalves {
    #[new]
    fn new(max_bytes: u64) -> Self {
        Self(Halves::new(max_bytes))
    }

    #[getter]
    fn bytes(&self) -> u64 {
        self.0.bytes()
    }

    fn clear(&self) {
        self.0.clear();
    }
}

/// What came of a run.
#[pyclass(frozen, name = "Trained", module = "bias_adapters._native")]
pub(crate) struct NativeTrained {
    adapter: Arc<Adapter>,
    backbone: Arc<Backbone>,
    config: String,
    fitted: Fitted,
    warnings: Vec<String>,
}

#[pymethods]
impl NativeTrained {
    #[getter]
    fn adapter(&self) -> NativeAdapter {
        NativeAdapter(Arc::clone(&self.adapter))
    }

    #[getter]
    fn backbone(&self) -> NativeBackbone {
        NativeBackbone(Arc::clone(&self.backbone))
    }

    /// The settings of the run with nothing left open, as JSON.
    #[getter]
    fn config(&self) -> &str {
        &self.config
    }

    /// Mean loss, accuracy and seconds of each epoch.
    #[getter]
    fn epochs(&self) -> Vec<(f64, f64, f64)> {
        self.fitted.epochs.iter().map(|epoch| (epoch.loss, epoch.accuracy, epoch.seconds)).collect()
    }

    #[getter]
    fn warnings(&self) -> Vec<String> {
        self.warnings.clone()
    }
}

/// Trains an adapter. `progress` is called with a dict after every epoch; what it raises ends the run.
#[pyfunction]
#[pyo3(signature = (task, settings, progress, checkpoint, resume, cache_memory, halves))]
#[expect(clippy::too_many_arguments, reason = "named arguments of Python")]
pub(crate) fn train(
    py: Python<'_>,
    task: &NativeTask,
    settings: &str,
    progress: Option<Py<PyAny>>,
    checkpoint: Option<PathBuf>,
    resume: bool,
    cache_memory: Option<u64>,
    halves: Option<&NativeHalves>,
) -> PyResult<NativeTrained> {
    let settings = read(settings)?;
    let checkpoints = Checkpoints { path: checkpoint, resume };
    let run = Run { checkpoints, cache_memory, halves: halves.map(|halves| &halves.0) };
    let mut watch = Watch { callback: progress, failed: None, warnings: Vec::new(), looked: Instant::now() };
    let task = Arc::clone(&task.0);
    let trained = py.detach(|| in_pool(|| train_in(&task, settings, run, &mut watch)));
    let trained = trained.map_err(|error| stopped(py, error, watch.failed.take()))?;
    if let Some(error) = watch.failed {
        return Err(error);
    }
    Ok(NativeTrained {
        config: json(&trained.config)?,
        adapter: Arc::new(trained.adapter),
        backbone: trained.backbone,
        fitted: trained.fitted,
        warnings: watch.warnings,
    })
}

fn read(settings: &str) -> PyResult<Settings> {
    serde_json::from_str(settings)
        .map_err(|error| input("unknown_setting", format!("settings cannot be used: {error}"), ""))
}

/// A run that was stopped ends as Python ends; where its checkpoint is stands in a note.
fn stopped(py: Python<'_>, error: Error, failed: Option<PyErr>) -> PyErr {
    let Some(failed) = failed else { return raised(error) };
    let kept = match &error {
        Error::Train(error) => match &**error {
            bl_train::Error::Interrupted { checkpoint: Some(path), .. }
            | bl_train::Error::InterruptedElsewhere { kept: path, .. } => Some(path.clone()),
            _ => None,
        },
        _ => None,
    };
    if let Some(path) = kept {
        let note = format!("the checkpoint is `{}`: train again with `resume=True` to go on", path.display());
        let _ = failed.value(py).setattr("checkpoint", path);
        let _ = failed.value(py).setattr("__notes__", [note]); // as `add_note`, which Python 3.10 has not
    }
    failed
}

/// Passes progress on to Python, and looks whether it wants to stop.
struct Watch {
    callback: Option<Py<PyAny>>,
    failed: Option<PyErr>,
    warnings: Vec<String>,
    looked: Instant,
}

/// From one look for Ctrl-C to the next.
const PATIENCE: Duration = Duration::from_millis(100);

impl Progress for Watch {
    fn step(&mut self, _: u32, _: u32, _: f64) -> ControlFlow<()> {
        if self.failed.is_none() && self.looked.elapsed() >= PATIENCE {
            #[expect(
                clippy::redundant_closure_for_method_calls,
                reason = "the method is of one lifetime, not of any"
            )]
            let looked = Python::attach(|py| py.check_signals());
            self.failed = looked.err();
            self.looked = Instant::now();
        }
        if self.failed.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn epoch(&mut self, report: &EpochReport) {
        let Some(callback) = &self.callback else { return };
        self.failed = self.failed.take().or_else(|| Python::attach(|py| tell(py, callback, report)).err());
    }

    fn warn(&mut self, words: &str) {
        self.warnings.push(words.to_owned());
    }
}

fn tell(py: Python<'_>, callback: &Py<PyAny>, report: &EpochReport) -> PyResult<()> {
    let told = PyDict::new(py);
    told.set_item("epoch", report.epoch)?;
    told.set_item("epochs", report.epochs)?;
    told.set_item("train_loss", report.train_loss)?;
    told.set_item("train_accuracy", report.train_accuracy)?;
    told.set_item("validation_accuracy", report.validation_accuracy)?;
    told.set_item("validation_loss", report.validation_loss)?;
    told.set_item("seconds", report.seconds)?;
    callback.call1(py, (told,))?;
    Ok(())
}
