//! `bl-adapt convert`: the same adapter in another form.

use bl_cli::words::{counted, grouped};
use bl_cli::{ExitStatus, Printer};
use bl_core::{Adapter, Encoding, UnitGains, files};
use serde::Serialize;

use super::cost::{self, Bytes, Cost};
use super::load::load;
use crate::cli::ConvertArgs;
use crate::error::Error;

/// Field names are part of the command line's contract.
#[derive(Serialize)]
struct Report<'a> {
    adapter: String,
    out: String,
    /// Whether the file was written: not, if more was lost than `--max-drop` allows.
    written: bool,
    encoding: &'static str,
    bytes: Bytes,
    /// Null if the task's data are not at hand.
    measured: Option<&'a Cost>,
}

pub(crate) fn run(args: &ConvertArgs, out: Printer) -> anyhow::Result<ExitStatus> {
    files::check_out(&args.out)?;
    let adapter = load(&args.adapter, out)?;
    match args.to.encoding() {
        Some(encoding) => encode(args, &adapter, encoding, out),
        None => to_bias(args, &adapter, out),
    }
}

/// Rounds the values, and measures what that costs.
fn encode(
    args: &ConvertArgs,
    adapter: &Adapter,
    encoding: Encoding,
    out: Printer,
) -> anyhow::Result<ExitStatus> {
    if adapter.encoding() == encoding {
        return Err(Error::SameEncoding { path: args.adapter.clone(), encoding }.into());
    }
    let mut encoded = adapter.encoded(encoding).map_err(|error| error.in_file(&args.adapter))?;
    let cost = cost::own_task(adapter, &args.own).map_err(anyhow::Error::from).and_then(|own| {
        if let Some(likeness) = &own.likeness {
            out.likeness(&format!("`{}`", own.task.name), likeness);
            if let Some(found) = likeness.words().filter(|_| args.max_drop.is_some()) {
                return Err(Error::Unlike { task: own.task.name, found }.into());
            }
        }
        Cost::measure(&own, &adapter.generate_backbone()?, [adapter, &encoded])
    });
    let cost = match cost {
        Ok(cost) => Some(cost),
        Err(error) if args.max_drop.is_some() => return Err(error.context(Error::NoDrop)),
        Err(error) => {
            cost::unmeasured(&error, out);
            None
        }
    };
    encoded.header.metrics = cost.as_ref().map_or_else(Vec::new, Cost::metrics);
    let bytes = encoded.to_bytes()?;
    let report = Report {
        adapter: args.adapter.display().to_string(),
        out: args.out.display().to_string(),
        written: !exceeds(args.max_drop, cost.as_ref())?,
        encoding: encoding.name(),
        bytes: Bytes { before: adapter.to_bytes()?.len(), after: bytes.len() },
        measured: cost.as_ref(),
    };
    if report.written {
        files::write_atomically(&args.out, &bytes)?;
    }
    print(&report, out)?;
    Ok(if report.written { ExitStatus::Success } else { ExitStatus::Negative })
}

fn exceeds(most: Option<f64>, cost: Option<&Cost>) -> Result<bool, Error> {
    match (most, cost) {
        (Some(most), Some(cost)) => Ok(cost.points().ok_or(Error::NoPoints)? > most),
        _ => Ok(false),
    }
}

fn print(report: &Report, out: Printer) -> anyhow::Result<()> {
    if let Some(cost) = report.measured {
        cost.say(out);
    }
    out.say(report.bytes.words());
    if out.is_json() {
        out.json(report)
    } else if report.written {
        out.result(&report.out)
    } else {
        out.result("not written: the drop is above `--max-drop`")
    }
}

/// A mask as biases: any runtime that knows biases alone gives the same answers.
fn to_bias(args: &ConvertArgs, adapter: &Adapter, out: Printer) -> anyhow::Result<ExitStatus> {
    if args.max_drop.is_some() {
        return Err(Error::Exact.into());
    }
    let in_file = |error: bl_core::Error| error.in_file(&args.adapter);
    let converted = adapter.to_bias(&adapter.generate_backbone()?).map_err(in_file)?;
    converted.save(&args.out)?;
    if let UnitGains::Mask(on) = &adapter.parameters.gains {
        let off = on.iter().filter(|on| !**on).count();
        out.say(format!(
            "{} of {} are now disabled by a large negative bias",
            grouped(off),
            counted(on.len(), "unit", "units")
        ));
    }
    out.result(args.out.display().to_string())?;
    Ok(ExitStatus::Success)
}
