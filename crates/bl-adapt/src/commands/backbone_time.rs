//! `bl-adapt backbone` for recurrent ones.

use std::path::Path;
use std::time::Instant;

use bl_cli::{ExitStatus, Printer};
use bl_core::Lattice;
use bl_core::recurrent::{RecurrentBackbone, RecurrentSpec};

use super::backbone::{Description, describe_matrix, print, print_new};

pub(super) fn new(spec: &RecurrentSpec, path: &Path, out: Printer) -> anyhow::Result<ExitStatus> {
    let begin = Instant::now();
    let backbone = RecurrentBackbone::generate(spec)?;
    let seconds = begin.elapsed().as_secs_f64();
    backbone.save(path)?;
    print_new(&describe(&backbone)?, seconds, path, out)
}

pub(super) fn show(backbone: &RecurrentBackbone, out: Printer) -> anyhow::Result<ExitStatus> {
    print(&describe(backbone)?, &backbone.spec().to_toml()?, out)
}

pub(super) fn verify(path: &Path, out: Printer) -> anyhow::Result<ExitStatus> {
    let backbone = match RecurrentBackbone::load(path) {
        Ok(backbone) => backbone,
        Err(error) => {
            out.result(format!("not valid: {error}"))?;
            return Ok(ExitStatus::Negative);
        }
    };
    let (found, expected) =
        (backbone.fingerprint(), RecurrentBackbone::generate(backbone.spec())?.fingerprint());
    if found != expected {
        out.result(format!("not valid: file has {found}, its spec generates {expected}"))?;
        return Ok(ExitStatus::Negative);
    }
    out.result(format!("valid: {found}"))?;
    Ok(ExitStatus::Success)
}

fn describe(backbone: &RecurrentBackbone) -> anyhow::Result<Description> {
    let matrices: [(&str, &Lattice); 3] = [
        ("recurrent.weight", backbone.recurrent()),
        ("input.weight", backbone.input()),
        ("readout.weight", backbone.readout()),
    ];
    let some = matrices.into_iter().filter(|(_, matrix)| !matrix.q.is_empty()); // a generator has no input
    Ok(Description {
        fingerprint: backbone.fingerprint().to_string(),
        frozen_weights: backbone.spec().frozen_weights(),
        hidden_units: backbone.units(),
        matrices: some.map(|(name, matrix)| describe_matrix(name, matrix)).collect(),
        spec: serde_json::to_value(backbone.spec())?,
    })
}
