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
    let opened = kinds::of_one_type(models::open(&args.model.adapter, out)?, out)?;
    check(args, &opened)?;
    let models = models::on_backbones(opened, args.model.backbone.as_deref(), out)?;
    let kind = kinds::of(&models[0]);
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
        let kind = kinds::kind(&adapter.adapter.header.io);
        given.check_count(opened.len(), kind.single())?;
        if let Some((option, hint)) = kind.misfits(&given).into_iter().find(|(option, _)| given.has(option)) {
            let adapter = adapter.name.clone();
            return Err(Error::Unsupported { option, adapter, task: kind.name(), hint }.into());
        }
    }
    if let Some(path) = &args.sequence.plot {
        drawing::check_path(path)?;
    }
    let takes_words = opened.iter().all(|adapter| kinds::kind(&adapter.adapter.header.io).takes_words());
    match args.predict.input.iter().find(|path| !takes_words && !path.exists()) {
        Some(path) => Err(Error::NoSuchInput { path: path.clone() }.into()),
        None => Ok(()),
    }
}
