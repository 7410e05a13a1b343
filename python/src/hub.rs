//! The Hugging Face Hub.

use std::path::PathBuf;

use bias_adapters::bl_hub::{Environment, Error, Hub, PushOptions, Pushed, Target};
use pyo3::prelude::*;

use crate::compute::compute;
use crate::errors::raised;

/// Downloads and verifies: the file in the cache, and the commit.
#[pyfunction]
pub(crate) fn pull(py: Python<'_>, name: &str) -> PyResult<(PathBuf, String)> {
    let pulled = compute(py, || {
        let target: Target = name.parse()?;
        Hub::new(Environment::of_process()?).pull(&target, &mut |_| {})
    });
    let pulled = pulled.map_err(|error: Error| raised(error))?;
    Ok((pulled.path, pulled.commit.to_string()))
}

/// Sends an adapter file with its card: names and sizes of the files, the commit, and its page.
#[pyfunction]
#[expect(clippy::type_complexity, reason = "what Python unpacks")]
#[expect(clippy::too_many_arguments, reason = "named arguments of Python")]
pub(crate) fn push(
    py: Python<'_>,
    path: PathBuf,
    repo: &str,
    revision: &str,
    message: Option<String>,
    private: bool,
    create_pr: bool,
    dry_run: bool,
) -> PyResult<(Vec<(&'static str, usize)>, Option<String>, Option<String>)> {
    let sent = compute(py, || {
        let options = PushOptions {
            revision: revision.parse()?,
            message,
            private,
            create_pr,
            dry_run,
            ..PushOptions::default()
        };
        let hub = Hub::new(Environment::of_process()?);
        let plan = hub.plan_adapter(&path, &repo.parse()?, &options)?;
        let files = plan.files.iter().map(|(name, bytes)| (*name, bytes.len())).collect();
        if dry_run {
            return Ok((files, None, None));
        }
        Ok(match hub.push(&plan)? {
            Pushed::Unchanged(commit) => (files, Some(commit.to_string()), None),
            Pushed::Committed { commit, url } => (files, commit.map(|commit| commit.to_string()), url),
        })
    });
    sent.map_err(|error: Error| raised(error))
}
