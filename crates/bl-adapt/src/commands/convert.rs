//! `bl-adapt convert`: the same adapter in another form.

use std::path::Path;

use bl_cli::words::{counted, grouped};
use bl_cli::{ExitStatus, Printer};
use bl_core::header::Kind;
use bl_core::{Backbone, UnitGains, files};

use super::load::{Loaded, load};
use crate::error::Error;

/// A mask as biases: any runtime that knows biases alone gives the same answers.
pub(crate) fn to_bias(path: &Path, to: &Path, out: Printer) -> anyhow::Result<ExitStatus> {
    files::check_writable(to)?;
    let adapter = match load(path, out)? {
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
    converted.save(to)?;
    if let UnitGains::Mask(on) = &adapter.gains {
        let off = on.iter().filter(|on| !**on).count();
        out.say(format!(
            "{} of {} got a bias that no picture overcomes",
            counted(off, "unit", "units"),
            grouped(on.len())
        ));
    }
    out.result(to.display().to_string())?;
    Ok(ExitStatus::Success)
}
