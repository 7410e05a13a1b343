//! An adapter on its backbone: what answers.

use std::path::PathBuf;
use std::sync::Arc;

use bias_adapters::bl_core::Net;
use bias_adapters::task::{Io, Read, Signal};
use bias_adapters::{Answered, Model, TextSchema, ValueSchema};
use numpy::{
    IntoPyArray, PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2, PyReadonlyArray3,
    PyUntypedArrayMethods,
};
use pyo3::prelude::*;

use crate::adapter::NativeAdapter;
use crate::backbone::NativeBackbone;
use crate::compute::compute;
use crate::errors::raised;

#[pyclass(frozen, name = "Model", module = "bias_adapters._native")]
pub(crate) struct NativeModel {
    pub(crate) model: Arc<Model>,
    adapter: Py<NativeAdapter>,
}

/// Positions `[steps, 2]`, speeds `[steps]`, and how far from the target it ends, in m.
type Movement<'py> = (Bound<'py, PyArray2<f64>>, Bound<'py, PyArray1<f64>>, f64);

#[pymethods]
impl NativeModel {
    /// An adapter on its backbone, which is generated if none is given.
    #[new]
    fn new(py: Python<'_>, adapter: Py<NativeAdapter>, backbone: Option<&NativeBackbone>) -> PyResult<Self> {
        let (parts, backbone) =
            (Arc::clone(&adapter.get().0), backbone.map(|backbone| Arc::clone(&backbone.0)));
        let model = compute(py, || {
            let backbone = match backbone {
                Some(backbone) => backbone,
                None => Arc::new(parts.generate_backbone()?),
            };
            Model::new((*parts).clone(), backbone)
        });
        Ok(Self { model: Arc::new(model.map_err(raised)?), adapter })
    }

    #[getter]
    fn adapter(&self, py: Python<'_>) -> Py<NativeAdapter> {
        self.adapter.clone_ref(py)
    }

    #[getter]
    fn backbone(&self) -> NativeBackbone {
        NativeBackbone(Arc::clone(self.model.backbone()))
    }

    #[getter]
    fn does(&self) -> &'static str {
        self.model.does()
    }

    #[getter]
    fn about(&self) -> String {
        self.model.about().sentence
    }

    #[getter]
    fn outputs(&self) -> usize {
        self.model.core().outputs()
    }

    /// Texts of a row of a classifier of texts.
    #[getter]
    fn texts(&self) -> usize {
        self.model.text_input().map_or(0, TextSchema::texts)
    }

    /// Height, width and channels of images that go in.
    #[getter]
    fn image_shape(&self) -> Option<(u32, u32, u32)> {
        self.model.input().ok().map(|input| (input.height, input.width, input.channels))
    }

    /// Columns of rows of values that go in.
    #[getter]
    fn columns(&self) -> Option<usize> {
        self.model.columns().ok().map(ValueSchema::columns)
    }

    /// Scores of 8-bit rows, which are images or rows of texts.
    fn scores<'py>(
        &self,
        py: Python<'py>,
        x: PyReadonlyArray2<'py, u8>,
    ) -> PyResult<Bound<'py, PyArray2<f32>>> {
        let rows = x.as_slice()?;
        let scores = match self.model.header().io {
            Io::Images { .. } => compute(py, || self.model.scores(rows)),
            _ => compute(py, || Ok(self.model.core().scores(rows)?)),
        };
        self.of_classes(py, scores.map_err(raised)?)
    }

    fn probabilities<'py>(
        &self,
        py: Python<'py>,
        x: PyReadonlyArray2<'py, u8>,
    ) -> PyResult<Bound<'py, PyArray2<f32>>> {
        let rows = x.as_slice()?;
        let probabilities = compute(py, || self.model.probabilities(rows)).map_err(raised)?;
        self.of_classes(py, probabilities)
    }

    fn row_scores<'py>(
        &self,
        py: Python<'py>,
        x: PyReadonlyArray2<'py, f64>,
    ) -> PyResult<Bound<'py, PyArray2<f32>>> {
        let rows = x.as_slice()?;
        let scores = compute(py, || self.model.row_scores(rows)).map_err(raised)?;
        self.of_classes(py, scores)
    }

    fn row_probabilities<'py>(
        &self,
        py: Python<'py>,
        x: PyReadonlyArray2<'py, f64>,
    ) -> PyResult<Bound<'py, PyArray2<f32>>> {
        let rows = x.as_slice()?;
        let probabilities = compute(py, || self.model.row_probabilities(rows)).map_err(raised)?;
        self.of_classes(py, probabilities)
    }

    fn estimate<'py>(
        &self,
        py: Python<'py>,
        x: PyReadonlyArray2<'py, f64>,
    ) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let rows = x.as_slice()?;
        let found = compute(py, || self.model.estimate(rows)).map_err(raised)?;
        let count = found.len() / self.model.core().outputs();
        found.into_pyarray(py).reshape([count, self.model.core().outputs()])
    }

    /// 8-bit rows of real ones, as the adapter's ranges make them.
    fn levels<'py>(
        &self,
        py: Python<'py>,
        x: PyReadonlyArray2<'py, f64>,
    ) -> PyResult<Bound<'py, PyArray2<u8>>> {
        let columns = self.model.columns().map_err(raised)?;
        let rows = columns.rows(x.as_slice()?).map_err(raised)?;
        let count = rows.len() / columns.columns();
        rows.into_pyarray(py).reshape([count, columns.columns()])
    }

    fn text_scores<'py>(
        &self,
        py: Python<'py>,
        texts: Vec<Vec<String>>,
    ) -> PyResult<Bound<'py, PyArray2<f32>>> {
        let scores = compute(py, || self.model.text_scores(&borrowed(&texts))).map_err(raised)?;
        self.of_classes(py, scores)
    }

    fn text_probabilities<'py>(
        &self,
        py: Python<'py>,
        texts: Vec<Vec<String>>,
    ) -> PyResult<Bound<'py, PyArray2<f32>>> {
        let probabilities =
            compute(py, || self.model.text_probabilities(&borrowed(&texts))).map_err(raised)?;
        self.of_classes(py, probabilities)
    }

    /// The images of a file or folder, brought to the form of the training images: names, and `[count, values]`.
    fn read_images<'py>(
        &self,
        py: Python<'py>,
        path: PathBuf,
    ) -> PyResult<(Vec<String>, Bound<'py, PyArray2<u8>>)> {
        let images = compute(py, || self.model.read_images(&path)).map_err(raised)?;
        let values = self.model.input().map_err(raised)?.len();
        let (mut names, mut pixels) = (Vec::new(), Vec::with_capacity(images.len() * values));
        for image in images {
            names.push(image.name);
            pixels.extend(image.pixels);
        }
        let pixels = pixels.into_pyarray(py).reshape([names.len(), values])?;
        Ok((names, pixels))
    }

    fn forecast<'py>(
        &self,
        py: Python<'py>,
        y: PyReadonlyArray1<'py, f64>,
    ) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let values = y.as_slice()?;
        Ok(compute(py, || self.model.forecast(values)).map_err(raised)?.into_pyarray(py))
    }

    fn free_run<'py>(
        &self,
        py: Python<'py>,
        past: PyReadonlyArray1<'py, f64>,
        steps: usize,
    ) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let values = past.as_slice()?;
        Ok(compute(py, || self.model.free_run(values, steps)).map_err(raised)?.into_pyarray(py))
    }

    fn generate<'py>(&self, py: Python<'py>, steps: usize) -> PyResult<Bound<'py, PyArray1<f64>>> {
        Ok(compute(py, || self.model.generate(steps)).map_err(raised)?.into_pyarray(py))
    }

    fn reach<'py>(&self, py: Python<'py>, target: [f64; 2]) -> PyResult<Movement<'py>> {
        let reached = compute(py, || self.model.reach(target)).map_err(raised)?;
        let positions: Vec<f64> = reached.movement.states.iter().flat_map(|state| state.position).collect();
        let positions = positions.into_pyarray(py).reshape([reached.movement.states.len(), 2])?;
        Ok((positions, reached.movement.speeds().into_pyarray(py), reached.end_error))
    }

    /// What is said of trials `[trials, time, channels]` up to their own ends: scores of classes `[classes]` each, or at each step
    /// `[steps, outputs]`.
    fn answer<'py>(
        &self,
        py: Python<'py>,
        x: PyReadonlyArray3<'py, f64>,
        lengths: Vec<usize>,
    ) -> PyResult<Vec<Bound<'py, PyArray2<f64>>>> {
        let &[_, time, channels] = x.shape() else { unreachable!("it has three axes") };
        let all = x.as_slice()?;
        let trials: Vec<&[f64]> = all
            .chunks_exact((time * channels).max(1))
            .zip(&lengths)
            .map(|(trial, steps)| &trial[..(steps * channels).min(trial.len())])
            .collect();
        let answered = compute(py, || self.model.answer(&trials)).map_err(raised)?;
        let outputs = self.model.core().outputs();
        let of_trial = |answered| {
            let values: Vec<f64> = match answered {
                Answered::Scores(scores) | Answered::ScoresOfSteps(scores) => {
                    scores.into_iter().map(f64::from).collect()
                }
                Answered::Values(values) => values,
            };
            let steps = values.len() / outputs;
            values.into_pyarray(py).reshape([steps, outputs])
        };
        answered.into_iter().map(of_trial).collect()
    }

    /// What of trials is far outside those of training, in words.
    fn unlike_training(&self, x: PyReadonlyArray2<'_, f64>) -> PyResult<Option<String>> {
        self.model.unlike_training(&[x.as_slice()?]).map_err(raised)
    }

    /// Values that go in at each step of a trial, and which steps say what class it is of: `mean`, `end`, `each`, or nothing where
    /// values come out.
    #[getter]
    fn trials(&self) -> Option<(usize, Option<&'static str>)> {
        let form = self.model.trials().ok()?;
        let word = |read| match read {
            Read::Mean => "mean",
            Read::End => "end",
            Read::Each => "each",
        };
        Some((form.widths(0).0, form.read().map(word)))
    }

    /// Steps of a recurrent network: x `[steps, inputs]` to y `[steps, outputs]`, in the network's own units.
    fn run<'py>(
        &self,
        py: Python<'py>,
        x: PyReadonlyArray2<'py, f32>,
        steps: usize,
    ) -> PyResult<Bound<'py, PyArray2<f32>>> {
        let values = x.as_slice()?;
        let net = self.model.core();
        let outputs = compute(py, || net.run(values, steps, &mut net.initial().to_vec())).map_err(raised)?;
        outputs.into_pyarray(py).reshape([steps, net.outputs()])
    }

    /// Horizon, washout, offset and unit of a forecaster.
    #[getter]
    fn signal(&self) -> Option<(usize, usize, f64, f64)> {
        match self.model.header().io.signal() {
            Ok(Signal::Forecast(signal)) => {
                Some((signal.horizon, signal.washout, signal.scale.offset, signal.scale.unit))
            }
            _ => None,
        }
    }
}

impl NativeModel {
    fn of_classes<'py>(&self, py: Python<'py>, values: Vec<f32>) -> PyResult<Bound<'py, PyArray2<f32>>> {
        let outputs = self.model.core().outputs();
        let count = values.len() / outputs;
        values.into_pyarray(py).reshape([count, outputs])
    }
}

fn borrowed(texts: &[Vec<String>]) -> Vec<Vec<&str>> {
    texts.iter().map(|texts| texts.iter().map(String::as_str).collect()).collect()
}
