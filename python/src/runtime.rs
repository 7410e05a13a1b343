//! Many adapters by name, over the backbones that they share.

use std::sync::{Mutex, PoisonError};

use bias_adapters::Error;
use bias_adapters::bl_runtime::{Expect, Limits, Query, Runtime, Scratch, predict_batch};
use numpy::PyReadonlyArray2;
use pyo3::prelude::*;

use crate::adapter::NativeAdapter;
use crate::compute::compute;
use crate::errors::{Sort, exception, raised};

#[pyclass(frozen, name = "Runtime", module = "bias_adapters._native")]
pub(crate) struct NativeRuntime {
    runtime: Runtime,
    scratch: Mutex<Scratch>,
}

#[pymethods]
impl NativeRuntime {
    #[new]
    fn new() -> Self {
        Self { runtime: Runtime::new(Limits::default()), scratch: Mutex::default() }
    }

    /// Lets a name stand for an adapter from now on; `expected` is the version that it must stand for, or an empty text for none.
    /// Returns the version.
    fn publish(
        &self,
        py: Python<'_>,
        name: &str,
        adapter: &NativeAdapter,
        expected: Option<&str>,
    ) -> PyResult<String> {
        let published = compute(py, || {
            let version = self.runtime.prepare(&adapter.0.to_bytes()?)?;
            let expect = match expected {
                None => Expect::Anything,
                Some("") => Expect::Nothing,
                Some(text) => match self.runtime.get(name)?.id() {
                    id if id.to_string() == text => Expect::Version(id),
                    found => return Ok(Err(found)),
                },
            };
            self.runtime.publish(name, &version, expect)?;
            Ok(Ok(version.id().to_string()))
        });
        match published.map_err(|error: Error| raised(error))? {
            Ok(version) => Ok(version),
            Err(found) => {
                let expected = expected.unwrap_or_default();
                let message = format!("adapter `{name}` is version {found}, expected {expected}");
                let hint = "it was replaced in the meantime: look at what is loaded now, and try again";
                Err(exception(Sort::Version, &message, "other_version", Some(hint)))
            }
        }
    }

    fn unload(&self, name: &str) -> PyResult<()> {
        self.runtime.unload(name).map(drop).map_err(raised)
    }

    /// Names and versions.
    fn list(&self) -> Vec<(String, String)> {
        self.runtime.list().into_iter().map(|(name, version)| (name, version.id().to_string())).collect()
    }

    fn labels(&self, name: &str) -> PyResult<Vec<String>> {
        Ok(self.runtime.get(name).map_err(raised)?.model().header.task.labels.clone())
    }

    #[getter]
    fn resident_bytes(&self) -> usize {
        self.runtime.resident_bytes()
    }

    /// Scores of each query `(row, name)`: the frozen half of a row is computed once for each backbone.
    fn scores(
        &self,
        py: Python<'_>,
        x: PyReadonlyArray2<'_, u8>,
        queries: Vec<(usize, String)>,
    ) -> PyResult<Vec<Vec<f32>>> {
        let width = x.as_array().ncols().max(1);
        let rows: Vec<&[u8]> = x.as_slice()?.chunks_exact(width).collect();
        let answered = compute(py, || {
            // What a name stands for now, and to the end of this batch.
            let named = queries.iter().map(|(row, name)| Ok((*row, self.runtime.get(name)?)));
            let versions = named.collect::<Result<Vec<_>, Error>>()?;
            let queries: Vec<Query<'_>> = versions
                .iter()
                .map(|(image, version)| Query { image: *image, model: version.model() })
                .collect();
            let mut scratch = self.scratch.lock().unwrap_or_else(PoisonError::into_inner);
            Ok(predict_batch(&rows, &queries, &mut scratch)?)
        });
        answered.map_err(|error: Error| raised(error))
    }
}
