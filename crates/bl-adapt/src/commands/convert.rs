//! `bl-adapt convert`: the same adapter in another form.

use bl_cli::words::{counted, grouped};
use bl_cli::{ExitStatus, Printer};
use bl_core::header::Kind;
use bl_core::{Backbone, Encoding, UnitGains, files};
use serde::Serialize;

use super::load::{Loaded, load};
use super::loss::{self, Bytes, Loss};
use crate::cli::ConvertArgs;
use crate::error::Error;

/// Field names are part of the command line's contract.
#[derive(Serialize)]
struct Report<'a> {
    adapter: String,
    out: String,
    /// Whether the file was written: not, if more was lost than `--max-loss` allows.
    written: bool,
    encoding: &'static str,
    bytes: Bytes,
    /// Null if the task's data are not at hand.
    measured: Option<&'a Loss>,
}

pub(crate) fn run(args: &ConvertArgs, out: Printer) -> anyhow::Result<ExitStatus> {
    files::check_writable(&args.out)?;
    let loaded = load(&args.adapter, out)?;
    match args.to.encoding() {
        Some(encoding) => encode(args, loaded, encoding, out),
        None => to_bias(args, loaded, out),
    }
}

/// Rounds the values, and measures what that costs.
fn encode(
    args: &ConvertArgs,
    loaded: Loaded,
    encoding: Encoding,
    out: Printer,
) -> anyhow::Result<ExitStatus> {
    let is = match &loaded {
        Loaded::Pictures(adapter) => adapter.encoding(),
        Loaded::Time(adapter) => adapter.encoding(),
    };
    if is == encoding {
        return Err(Error::SameEncoding { path: args.adapter.clone(), encoding }.into());
    }
    let in_file = |error: bl_core::Error| error.in_file(&args.adapter);
    let (before, loss, mut encoded) = match loaded {
        Loaded::Pictures(adapter) => {
            let encoded = adapter.encoded(encoding).map_err(in_file)?;
            let loss = loss::open_pictures(&adapter, &args.own).and_then(|task| {
                let backbone = Backbone::generate(&adapter.header.backbone.spec)?;
                Loss::of_pictures(&task, &backbone, [&adapter, &encoded])
            });
            (adapter.to_bytes()?.len(), loss, Loaded::Pictures(Box::new(encoded)))
        }
        Loaded::Time(adapter) => {
            let encoded = adapter.encoded(encoding).map_err(in_file)?;
            let loss = loss::open_in_time(&adapter, &args.own)
                .and_then(|own| Loss::in_time(&own, &adapter.generate_backbone()?, [&adapter, &encoded]));
            (adapter.to_bytes()?.len(), loss, Loaded::Time(Box::new(encoded)))
        }
    };
    let loss = match loss {
        Ok(loss) => Some(loss),
        Err(error) if args.max_loss.is_some() => return Err(error.context(Error::NoLoss)),
        Err(error) => {
            loss::unmeasured(&error, out);
            None
        }
    };
    let figures = loss.as_ref().map_or_else(Vec::new, Loss::figures);
    match &mut encoded {
        Loaded::Pictures(adapter) => adapter.header.metrics = figures,
        Loaded::Time(adapter) => adapter.header.metrics = figures,
    }
    let bytes = match &encoded {
        Loaded::Pictures(adapter) => adapter.to_bytes()?,
        Loaded::Time(adapter) => adapter.to_bytes()?,
    };
    let report = Report {
        adapter: args.adapter.display().to_string(),
        out: args.out.display().to_string(),
        written: !exceeds(args.max_loss, loss.as_ref())?,
        encoding: encoding.name(),
        bytes: Bytes { before, after: bytes.len() },
        measured: loss.as_ref(),
    };
    if report.written {
        files::write_atomically(&args.out, &bytes)?;
    }
    print(&report, out)?;
    Ok(if report.written { ExitStatus::Success } else { ExitStatus::Negative })
}

fn exceeds(most: Option<f64>, loss: Option<&Loss>) -> Result<bool, Error> {
    match (most, loss) {
        (Some(most), Some(loss)) => Ok(loss.points().ok_or(Error::NoPoints)? > most),
        _ => Ok(false),
    }
}

fn print(report: &Report, out: Printer) -> anyhow::Result<()> {
    if let Some(loss) = report.measured {
        loss.say(out);
    }
    out.say(report.bytes.words());
    if out.is_json() {
        out.json(report)
    } else if report.written {
        out.result(&report.out)
    } else {
        out.result("not written: the loss is above `--max-loss`")
    }
}

/// A mask as biases: any runtime that knows biases alone gives the same answers.
fn to_bias(args: &ConvertArgs, loaded: Loaded, out: Printer) -> anyhow::Result<ExitStatus> {
    if args.max_loss.is_some() {
        return Err(Error::Exact.into());
    }
    let path = &args.adapter;
    let adapter = match loaded {
        Loaded::Pictures(adapter) => adapter,
        Loaded::Time(adapter) => {
            let kind = adapter.header.kind;
            return Err(match kind {
                Kind::Mask => Error::MaskInTime.into(),
                _ => bl_core::Error::NoBiasForm { kind }.in_file(path).into(),
            });
        }
    };
    let backbone = Backbone::generate(&adapter.header.backbone.spec)?;
    let converted = adapter.to_bias(&backbone)?;
    converted.save(&args.out)?;
    if let UnitGains::Mask(on) = &adapter.gains {
        let off = on.iter().filter(|on| !**on).count();
        out.say(format!(
            "{} of {} got a bias that no picture overcomes",
            counted(off, "unit", "units"),
            grouped(on.len())
        ));
    }
    out.result(args.out.display().to_string())?;
    Ok(ExitStatus::Success)
}
