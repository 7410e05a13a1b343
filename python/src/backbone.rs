//! Frozen weights.

use std::path::PathBuf;
use std::sync::Arc;

use bias_adapters::Backbone;
use bias_adapters::bl_core::{Lattice, Mlp, Spec};
use bias_adapters::bl_train::presets::{self, Source};
use numpy::{IntoPyArray, PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray2};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::compute::compute;
use crate::errors::{input, raised, raised_of_file};

#[pyclass(frozen, name = "Backbone", module = "bias_adapters._native")]
pub(crate) struct NativeBackbone(pub(crate) Arc<Backbone>);

/// Name, shape, integers, and what a step of them is worth.
type Weights<'py> = (String, Bound<'py, PyArray2<i8>>, Bound<'py, PyArray1<f32>>);

#[pymethods]
impl NativeBackbone {
    /// The text of a spec, as TOML or as JSON.
    #[staticmethod]
    fn of_spec(py: Python<'_>, text: &str) -> PyResult<Self> {
        let spec = spec(text)?;
        generate(py, &spec)
    }

    /// The name of one that the package brings along, or a file.
    #[staticmethod]
    fn find(py: Python<'_>, name: &str, width: Option<u32>) -> PyResult<Self> {
        let found = compute(py, || presets::find(name)).map_err(raised)?;
        match (found, width) {
            (Source::Spec(mut spec), width) => {
                if let Some(width) = width {
                    spec.set_width(width);
                }
                generate(py, &spec)
            }
            (Source::File(backbone), None) => Ok(Self(Arc::new(*backbone))),
            (Source::Encoder(_), _) => Err(input(
                "encoder",
                format!("expected a backbone of random weights, found the pretrained encoder `{name}`"),
                "give it to `train` as `backbone`; adapters of it are loaded as others are",
            )),
            (Source::File(_), Some(width)) => Err(input(
                "width_of_file",
                format!("expected no `width` beside a backbone file, found {width}"),
                "leave `width` out, or generate a backbone of that width from a spec",
            )),
        }
    }

    #[staticmethod]
    fn of_bytes(py: Python<'_>, bytes: &[u8]) -> PyResult<Self> {
        compute(py, || Backbone::from_bytes(bytes)).map(|b| Self(Arc::new(b))).map_err(raised_of_file)
    }

    #[staticmethod]
    fn names() -> Vec<&'static str> {
        presets::backbone_names().collect()
    }

    fn to_bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let bytes = compute(py, || self.0.to_bytes()).map_err(raised)?;
        Ok(PyBytes::new(py, &bytes))
    }

    fn save(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        compute(py, || self.0.save(path)).map_err(raised)
    }

    #[getter]
    fn fingerprint(&self) -> String {
        self.0.fingerprint().to_string()
    }

    #[getter]
    fn family(&self) -> &'static str {
        self.0.spec().family_name()
    }

    #[getter]
    fn spec_json(&self) -> PyResult<String> {
        json(self.0.spec())
    }

    #[getter]
    fn isa(&self) -> String {
        self.0.isa().to_string()
    }

    #[getter]
    fn layers(&self) -> Vec<usize> {
        self.0.spec().layers()
    }

    #[getter]
    fn inputs(&self) -> usize {
        self.0.mlp().map_or_else(|_| self.0.rnn().map_or(0, |rnn| rnn.input().columns), Mlp::inputs)
    }

    #[getter]
    fn outputs(&self) -> usize {
        self.0.mlp().map_or_else(|_| self.0.rnn().map_or(0, |rnn| rnn.readout().rows), Mlp::outputs)
    }

    /// All matrices by name.
    fn lattices<'py>(&self, py: Python<'py>) -> PyResult<Vec<Weights<'py>>> {
        let matrices = self.0.matrices().into_iter();
        matrices.map(|(name, matrix)| weights(py, name, matrix.into_owned())).collect()
    }

    /// r₀ of a recurrent backbone.
    fn initial<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray1<f32>>> {
        let initial = self.0.rnn().map_err(raised)?.initial().to_vec();
        Ok(initial.into_pyarray(py))
    }

    /// `[rows, inputs]` to `[rows, units]`
    fn preactivations<'py>(
        &self,
        py: Python<'py>,
        x: PyReadonlyArray2<'py, u8>,
    ) -> PyResult<Bound<'py, PyArray2<f32>>> {
        let mlp = self.0.mlp().map_err(raised)?;
        let rows = x.as_slice()?;
        let values = compute(py, || {
            let p = mlp.preactivations(rows)?;
            Ok((0..p.rows()).flat_map(|row| p.row_f32(row)).collect::<Vec<f32>>())
        });
        let values = values.map_err(|error: bias_adapters::bl_core::Error| raised(error))?;
        let count = values.len() / mlp.units().max(1);
        values.into_pyarray(py).reshape([count, mlp.units()])
    }

    /// What the front end makes of images, `[rows, inputs]` to `[rows, features]`; the images themselves without one.
    fn features<'py>(
        &self,
        py: Python<'py>,
        x: PyReadonlyArray2<'py, u8>,
    ) -> PyResult<Bound<'py, PyArray2<u8>>> {
        let mlp = self.0.mlp().map_err(raised)?;
        let rows = x.as_slice()?;
        let count = rows.len() / mlp.inputs();
        let Some(front) = mlp.front() else {
            return rows.to_vec().into_pyarray(py).reshape([count, mlp.inputs()]);
        };
        let values = compute(py, || front.features(mlp.isa(), rows)).map_err(raised)?;
        let width = values.len() / count.max(1);
        values.into_pyarray(py).reshape([count, width])
    }
}

fn weights(py: Python<'_>, name: String, matrix: Lattice) -> PyResult<Weights<'_>> {
    let Lattice { q, scales, rows, columns } = matrix;
    Ok((name, q.into_pyarray(py).reshape([rows, columns])?, scales.into_pyarray(py)))
}

fn generate(py: Python<'_>, spec: &Spec) -> PyResult<NativeBackbone> {
    let backbone = compute(py, || Backbone::generate(spec)).map_err(raised)?;
    Ok(NativeBackbone(Arc::new(backbone)))
}

fn spec(text: &str) -> PyResult<Spec> {
    if !text.trim_start().starts_with('{') {
        return Spec::from_toml(text).map_err(raised);
    }
    let spec: Spec = serde_json::from_str(text)
        .map_err(|error| input("spec_syntax", format!("backbone spec cannot be read: {error}"), ""))?;
    spec.validate().map_err(raised)?;
    Ok(spec)
}

pub(crate) fn json(value: &impl serde::Serialize) -> PyResult<String> {
    serde_json::to_string(value).map_err(|error| input("json", error, ""))
}
