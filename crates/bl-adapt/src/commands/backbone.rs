//! `bl-adapt backbone`: make, show and verify the frozen weights.

use std::path::{Path, PathBuf};
use std::time::Instant;

use bl_cli::{ExitStatus, Printer};
use bl_core::recurrent::RecurrentBackbone;
use bl_core::{Backbone, Lattice, canonical};
use bl_train::presets::{self, AnyBackbone, BackboneSource, RecurrentSource};
use serde::Serialize;

use super::{backbone_time, hub, push};
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
    let mut spec = match presets::any_backbone(name)? {
        AnyBackbone::Pictures(BackboneSource::Spec(spec)) => spec,
        AnyBackbone::Time(RecurrentSource::Spec(mut spec)) => {
            spec.units = width.unwrap_or(spec.units);
            spec.seed = seed.unwrap_or(spec.seed);
            return backbone_time::new(&spec, path, out);
        }
        _ => return Err(Error::NotASpec { name: name.to_owned() }.into()),
    };
    spec.layers.iter_mut().for_each(|layer| layer.units = width.unwrap_or(layer.units));
    spec.seed = seed.unwrap_or(spec.seed);
    let begin = Instant::now();
    let backbone = Backbone::generate(&spec)?;
    let seconds = begin.elapsed().as_secs_f64();
    backbone.save(path)?;
    print_new(&describe(&backbone)?, seconds, path, out)
}

pub(super) fn print_new(
    about: &Description,
    seconds: f64,
    path: &Path,
    out: Printer,
) -> anyhow::Result<ExitStatus> {
    out.say(format!("generated  {} weights in {seconds:.3} s", about.frozen_weights));
    if out.is_json() {
        out.json(about)?;
    } else {
        out.say(format!("wrote      {}", path.display()));
        out.result(&about.fingerprint)?;
    }
    Ok(ExitStatus::Success)
}

/// A file with the weights: the one that was named, or one generated into `folder`.
fn weights(name: &str, folder: &Path) -> anyhow::Result<PathBuf> {
    let path = folder.join("backbone.safetensors");
    match presets::any_backbone(name)? {
        AnyBackbone::Pictures(BackboneSource::Spec(spec)) => Backbone::generate(&spec)?.save(&path)?,
        AnyBackbone::Time(RecurrentSource::Spec(spec)) => RecurrentBackbone::generate(&spec)?.save(&path)?,
        AnyBackbone::Pictures(BackboneSource::File(_)) | AnyBackbone::Time(RecurrentSource::File(_)) => {
            return Ok(name.into());
        }
    }
    Ok(path)
}

fn show(name: &str, out: Printer) -> anyhow::Result<ExitStatus> {
    let backbone = match presets::any_backbone(name)? {
        AnyBackbone::Pictures(BackboneSource::Spec(spec)) => Backbone::generate(&spec)?,
        AnyBackbone::Pictures(BackboneSource::File(backbone)) => *backbone,
        AnyBackbone::Time(RecurrentSource::Spec(spec)) => {
            return backbone_time::show(&RecurrentBackbone::generate(&spec)?, out);
        }
        AnyBackbone::Time(RecurrentSource::File(backbone)) => return backbone_time::show(&backbone, out),
    };
    print(&describe(&backbone)?, &backbone.spec().to_toml()?, out)
}

pub(super) fn print(about: &Description, spec: &str, out: Printer) -> anyhow::Result<ExitStatus> {
    if out.is_json() {
        out.json(about)?;
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
    out.result(spec.trim_end())?;
    Ok(ExitStatus::Success)
}

/// Content against the stated fingerprint (in `load`), then against what the spec generates.
fn verify(path: &Path, out: Printer) -> anyhow::Result<ExitStatus> {
    let backbone = match Backbone::load(path) {
        Ok(backbone) => backbone,
        Err(error @ bl_core::Error::Read { .. }) => return Err(error.into()),
        Err(error) if presets::is_of_time(&error) => return backbone_time::verify(path, out),
        Err(error) => {
            out.result(format!("not valid: {error}"))?;
            return Ok(ExitStatus::Negative);
        }
    };
    let generated = Backbone::generate(backbone.spec())?;
    if generated.fingerprint() != backbone.fingerprint() {
        let (found, expected) = (backbone.fingerprint(), generated.fingerprint());
        out.result(format!("not valid: file has {found}, its spec generates {expected}"))?;
        return Ok(ExitStatus::Negative);
    }
    out.result(format!("valid: {}", backbone.fingerprint()))?;
    Ok(ExitStatus::Success)
}

#[derive(Serialize)]
pub(super) struct Description {
    pub(super) fingerprint: String,
    pub(super) frozen_weights: usize,
    pub(super) hidden_units: usize,
    pub(super) matrices: Vec<MatrixDescription>,
    pub(super) spec: serde_json::Value,
}

#[derive(Serialize)]
pub(super) struct MatrixDescription {
    name: String,
    rows: usize,
    columns: usize,
    mean: f64,
    std: f64,
    zeros: f64,
}

fn describe(backbone: &Backbone) -> anyhow::Result<Description> {
    let mut matrices = vec![describe_matrix("hidden.0.weight", &backbone.first_lattice())];
    for (depth, matrix) in (1..).zip(backbone.deeper_lattices()) {
        matrices.push(describe_matrix(&format!("hidden.{depth}.weight"), matrix));
    }
    matrices.push(describe_matrix("readout.weight", backbone.readout_lattice()));
    Ok(Description {
        fingerprint: backbone.fingerprint().to_string(),
        frozen_weights: backbone.spec().frozen_weights(),
        hidden_units: backbone.spec().hidden_units(),
        matrices,
        spec: serde_json::to_value(backbone.spec())?,
    })
}

pub(super) fn describe_matrix(name: &str, matrix: &Lattice) -> MatrixDescription {
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
