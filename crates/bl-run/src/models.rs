//! An adapter with the backbone that it runs on.

use std::path::Path;
use std::time::Instant;

use bl_cli::Printer;
use bl_cli::time::{About, kind};
use bl_cli::words::{counted, duration, grouped, printable};
use bl_core::recurrent::{Adapted, RecurrentBackbone, RecurrentHeader};
use bl_core::{Encoding, UnitGains};
use serde::Serialize;

use crate::adapters::InTime;
use crate::backbones::Origin;
use crate::error::Error;

/// Verified and ready to run.
pub(crate) struct Model<'a> {
    pub(crate) in_time: &'a InTime,
    pub(crate) backbone: RecurrentBackbone,
    origin: Origin,
    seconds: f64,
}

/// The backbone for scripts.
#[derive(Serialize)]
pub(crate) struct BackboneReport {
    fingerprint: String,
    units: usize,
    origin: Origin,
    seconds: f64,
}

impl<'a> Model<'a> {
    /// Generates the backbone, or reads it from a `file`, and says what was verified.
    pub(crate) fn load(in_time: &'a InTime, file: Option<&Path>, out: Printer) -> anyhow::Result<Self> {
        let header = &in_time.adapter.header;
        out.say(format!(
            "adapter      {}: {}",
            printable(&in_time.path.to_string_lossy()),
            printable(&header.task.title)
        ));
        out.say(format!("verified     digest, shapes and finite values of {}", content(in_time)));
        let start = Instant::now();
        let (backbone, origin) = match file {
            Some(path) => (RecurrentBackbone::load(path)?, Origin::File),
            None => (generate(in_time)?, Origin::Generated),
        };
        let seconds = start.elapsed().as_secs_f64();
        in_time.adapter.on(&backbone)?; // another backbone is an error
        let spec = backbone.spec();
        let how = match origin {
            Origin::Generated => format!("generated from seed {}", spec.seed),
            Origin::File => "read".to_owned(),
        };
        out.say(format!(
            "backbone     {} recurrent units, {how} in {}: sha256:{}… as stated",
            grouped(spec.units as usize),
            duration(seconds),
            backbone.fingerprint().short()
        ));
        Ok(Self { in_time, backbone, origin, seconds })
    }

    pub(crate) fn header(&self) -> &'a RecurrentHeader {
        &self.in_time.adapter.header
    }

    pub(crate) fn about(&self) -> About<'a> {
        self.header().into()
    }

    pub(crate) fn path(&self) -> String {
        self.in_time.path.display().to_string()
    }

    /// What it does, in words.
    pub(crate) fn kind(&self) -> &'static str {
        kind(&self.header().signal)
    }

    pub(crate) fn net(&self) -> Result<Adapted<'_>, bl_core::Error> {
        self.in_time.adapter.on(&self.backbone)
    }

    pub(crate) fn backbone_report(&self) -> BackboneReport {
        BackboneReport {
            fingerprint: self.backbone.fingerprint().to_string(),
            units: self.backbone.units(),
            origin: self.origin,
            seconds: self.seconds,
        }
    }
}

fn generate(in_time: &InTime) -> anyhow::Result<RecurrentBackbone> {
    in_time.adapter.generate_backbone().map_err(|error| match error {
        bl_core::Error::BackboneMismatch { expected, found, .. } => {
            Error::Regenerated { adapter: in_time.path.display().to_string(), expected, found }.into()
        }
        error => error.into(),
    })
}

/// What an adapter holds.
fn content(in_time: &InTime) -> String {
    let adapter = &in_time.adapter;
    let units = adapter.biases.len();
    let learned = match &adapter.gains {
        UnitGains::One => counted(units, "bias", "biases"),
        UnitGains::Mask(on) => {
            let count = on.iter().filter(|on| **on).count();
            format!("a mask, {} of {} ON", grouped(count), counted(units, "unit", "units"))
        }
        UnitGains::Learned(_) if adapter.header.base_bias.is_some() => counted(units, "gain", "gains"),
        UnitGains::Learned(_) => format!("{} with gains", counted(units, "bias", "biases")),
    };
    let state = if adapter.initial.is_some() { " and of a first state" } else { "" };
    match adapter.encoding() {
        Encoding::F32 => format!("{learned}{state}"),
        encoding => format!("{learned}{state}, as {encoding}"),
    }
}
