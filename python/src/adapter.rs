//! What a task adds to a backbone.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bias_adapters::Adapter;
use bias_adapters::bl_core::{Parameters, UnitGains};
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::backbone::{NativeBackbone, json};
use crate::compute::compute;
use crate::errors::{input, raised, raised_of_file};

#[pyclass(frozen, name = "Adapter", module = "bias_adapters._native")]
pub(crate) struct NativeAdapter(pub(crate) Arc<Adapter>);

#[pymethods]
impl NativeAdapter {
    /// A file, or `org/name@revision` on the Hub.
    #[staticmethod]
    fn load(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        let adapter = compute(py, || bias_adapters::load_adapter(&path)).map_err(raised_of_file)?;
        Ok(Self(Arc::new(adapter)))
    }

    #[staticmethod]
    fn of_bytes(bytes: &[u8]) -> PyResult<Self> {
        Adapter::from_bytes(bytes).map(|adapter| Self(Arc::new(adapter))).map_err(raised_of_file)
    }

    fn to_bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(py, &self.0.to_bytes().map_err(raised)?))
    }

    fn save(&self, path: &str) -> PyResult<()> {
        self.0.save(Path::new(path)).map_err(raised)
    }

    /// The header, as JSON.
    #[getter]
    fn header_json(&self) -> PyResult<String> {
        json(&self.0.header)
    }

    #[getter]
    fn parameter_count(&self) -> usize {
        self.0.parameter_count()
    }

    #[getter]
    fn encoding(&self) -> &'static str {
        self.0.encoding().name()
    }

    fn biases<'py>(&self, py: Python<'py>) -> Vec<Bound<'py, PyArray1<f32>>> {
        self.0.parameters.biases.iter().map(|bias| bias.clone().into_pyarray(py)).collect()
    }

    fn gains<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyArray1<f32>>> {
        let factors = self.0.parameters.gains.factors();
        (!factors.is_empty()).then(|| factors.into_pyarray(py))
    }

    fn initial<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyArray1<f32>>> {
        self.0.parameters.initial.clone().map(|state| state.into_pyarray(py))
    }

    /// The same adapter with other values; how it was trained and what it was worth are left out, for they are of the old ones.
    fn with_values(
        &self,
        biases: Vec<PyReadonlyArray1<'_, f32>>,
        gains: Option<PyReadonlyArray1<'_, f32>>,
        initial: Option<PyReadonlyArray1<'_, f32>>,
    ) -> PyResult<Self> {
        let mut header = self.0.header.clone();
        (header.training, header.metrics) = (None, Vec::new());
        let gains = match (&self.0.parameters.gains, gains) {
            (UnitGains::Learned(_), Some(gains)) => UnitGains::Learned(gains.as_array().to_vec()),
            (old, None) => old.clone(),
            (_, Some(_)) => {
                let found = header.kind;
                let message = format!("expected an adapter that learns gains, found one of kind `{found}`");
                return Err(input("gains_of_other_kind", message, "leave `gains` out"));
            }
        };
        let biases = biases.iter().map(|bias| bias.as_array().to_vec()).collect();
        let initial =
            initial.map(|state| state.as_array().to_vec()).or_else(|| self.0.parameters.initial.clone());
        let parameters = Parameters { biases, gains, initial, ..self.0.parameters.clone() };
        let adapter = Adapter::new(header, parameters).map_err(raised)?;
        Ok(Self(Arc::new(adapter)))
    }

    fn generate_backbone(&self, py: Python<'_>) -> PyResult<NativeBackbone> {
        let backbone = compute(py, || self.0.generate_backbone()).map_err(raised)?;
        Ok(NativeBackbone(Arc::new(backbone)))
    }
}
