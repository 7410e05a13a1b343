//! `bl-adapt backbone`: make, show and verify the frozen weights.

use std::path::{Path, PathBuf};
use std::time::Instant;

use bl_cli::{ExitStatus, Printer};
use bl_core::pretrained;
use bl_core::{Backbone, Lattice, canonical, files};
use bl_train::presets::{self, Source};
use serde::Serialize;

use super::inspect::{not_valid, verdict};
use super::{hub, push};
use crate::cli::BackboneCommand;
use crate::error::Error;

pub(crate) fn run(command: BackboneCommand, out: Printer) -> anyhow::Result<ExitStatus> {
    match command {
        BackboneCommand::New { spec, width, seed, out: path } => new(&spec, width, seed, &path, out),
        BackboneCommand::Show { backbone } => show(&hub::backbone(&backbone, out)?, out),
        BackboneCommand::Verify { file } => verify(&file, out),
        BackboneCommand::Push { backbone, spec_only, commit } => {
            let folder = tempfile::tempdir()?;
            let file = weights(&backbone, folder.path())?;
            push::backbone(&file, spec_only, &commit, out)
        }
    }
}

fn new(
    name: &str,
    width: Option<u32>,
    seed: Option<u64>,
    path: &Path,
    out: Printer,
) -> anyhow::Result<ExitStatus> {
    let Source::Spec(mut spec) = presets::find(name)? else {
        return Err(Error::NotASpec { name: name.to_owned() }.into());
    };
    if let Some(units) = width {
        spec.set_width(units);
    }
    if let Some(seed) = seed {
        spec.set_seed(seed);
    }
    files::check_out(path)?;
    let begin = Instant::now();
    let backbone = Backbone::generate(&spec)?;
    let seconds = begin.elapsed().as_secs_f64();
    backbone.save(path)?;
    let about = describe(&backbone)?;
    out.say(format!("generated  {} weights in {seconds:.3} s", about.frozen_weights));
    if out.is_json() {
        out.json(&about)?;
    } else {
        out.say(format!("wrote      {}", path.display()));
        out.result(&about.fingerprint)?;
    }
    Ok(ExitStatus::Success)
}

/// A file with the weights: the one that was named, or one generated into `folder`.
fn weights(name: &str, folder: &Path) -> anyhow::Result<PathBuf> {
    let path = folder.join("backbone.safetensors");
    match presets::find(name)? {
        Source::Spec(spec) => Backbone::generate(&spec)?.save(&path)?,
        Source::File(_) => return Ok(name.into()),
        Source::Encoder(_) => return Err(Error::NotASpec { name: name.to_owned() }.into()),
    }
    Ok(path)
}

fn show(name: &str, out: Printer) -> anyhow::Result<ExitStatus> {
    let backbone = match presets::find(name)? {
        Source::Spec(spec) => Backbone::generate(&spec)?,
        Source::File(backbone) => *backbone,
        Source::Encoder(encoder) => Backbone::generate(&pretrained::spec_of(&encoder)?.into())?,
    };
    let about = describe(&backbone)?;
    if out.is_json() {
        out.json(&about)?;
        return Ok(ExitStatus::Success);
    }
    out.result(format!("fingerprint  {}", about.fingerprint))?;
    out.result(format!("weights      {} on an 8-bit lattice", about.frozen_weights))?;
    for matrix in &about.matrices {
        out.result(format!(
            "  {:<18} {:>6} × {:<6} mean {:+.5}  SD {:.5}  zeros {:.1} %",
            matrix.name,
            matrix.rows,
            matrix.columns,
            matrix.mean,
            matrix.std,
            100.0 * matrix.zeros
        ))?;
    }
    out.result(format!("canonical    {}", canonical::text(&about.spec)))?;
    out.result(String::new())?;
    out.results(backbone.spec().to_toml()?.trim_end().lines())?;
    Ok(ExitStatus::Success)
}

/// Content against the stated fingerprint (in `load`), then against what the spec generates.
fn verify(path: &Path, out: Printer) -> anyhow::Result<ExitStatus> {
    let checked = Backbone::load(path);
    let checked =
        checked.and_then(|backbone| Ok((Backbone::generate(backbone.spec())?.fingerprint(), backbone)));
    let (expected, backbone) = match checked {
        Ok(checked) => checked,
        Err(error) => return not_valid(error, out),
    };
    let found = backbone.fingerprint();
    if found != expected {
        return verdict(false, format!("not valid: file has {found}, its spec generates {expected}"), out);
    }
    verdict(true, format!("valid: {found}"), out)
}

#[derive(Serialize)]
struct Description {
    fingerprint: String,
    frozen_weights: usize,
    hidden_units: usize,
    matrices: Vec<MatrixDescription>,
    spec: serde_json::Value,
}

#[derive(Serialize)]
struct MatrixDescription {
    name: String,
    rows: usize,
    columns: usize,
    mean: f64,
    std: f64,
    zeros: f64,
}

fn describe(backbone: &Backbone) -> anyhow::Result<Description> {
    let matrices = backbone.matrices();
    let some = matrices.iter().filter(|(_, matrix)| !matrix.q.is_empty()); // a generator has no input
    Ok(Description {
        fingerprint: backbone.fingerprint().to_string(),
        frozen_weights: backbone.spec().frozen_weights(),
        hidden_units: backbone.spec().hidden_units(),
        matrices: some.map(|(name, matrix)| describe_matrix(name, matrix)).collect(),
        spec: serde_json::to_value(backbone.spec())?,
    })
}

fn describe_matrix(name: &str, matrix: &Lattice) -> MatrixDescription {
    let weights = matrix.weights();
    let count = weights.len() as f64;
    let mean = weights.iter().map(|&w| f64::from(w)).sum::<f64>() / count;
    let variance = weights.iter().map(|&w| (f64::from(w) - mean).powi(2)).sum::<f64>() / count;
    MatrixDescription {
        name: name.to_owned(),
        rows: matrix.rows,
        columns: matrix.columns,
        mean,
        std: variance.sqrt(),
        zeros: matrix.q.iter().filter(|&&q| q == 0).count() as f64 / count,
    }
}
