//! `bl-run --adapter FILE …`: adapters at work.

use bl_cli::{ExitStatus, Printer};

use super::{set_threads, show};
use crate::cli::RunArgs;
use crate::drawing;
use crate::error::Error;
use crate::kinds;
use crate::models;

pub(crate) fn run(args: &RunArgs, out: Printer) -> anyhow::Result<ExitStatus> {
    set_threads(args.model.threads)?;
    let opened = models::open(&args.model.adapter, out)?;
    check(args, &opened)?;
    let models = models::on_backbones(opened, args.model.backbone.as_deref(), out)?;
    let kind = kinds::kind(&models[0].model.header.io);
    if args.asks() {
        return kind.predict(args, &models, out);
    }
    let compared = if models.len() > 1 { kind.compare(args, &models, out)? } else { None };
    compared.map_or_else(|| show::all(args, &models, out), Ok)
}

/// What is wrong with the arguments is said before anything takes time.
fn check(args: &RunArgs, opened: &[models::Opened]) -> anyhow::Result<()> {
    let given = args.given();
    for adapter in opened {
        let kind = adapter.kind();
        given.check_count(opened.len(), kind.single())?;
        given.check(&adapter.name, &*kind)?;
    }
    if let Some(path) = &args.sequence.plot {
        drawing::check_path(path)?;
    }
    match args.predict.input.iter().find(|path| !path.exists()) {
        Some(path) => Err(Error::NoSuchInput { path: path.clone() }.into()),
        None => Ok(()),
    }
}
