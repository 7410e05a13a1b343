//! What is said of adapters and backbones before they run.

use std::path::Path;

use bl_cli::Printer;
use bl_cli::words::{counted, duration, grouped, printable};
use bl_core::header::AdapterKind;
use bl_core::{Adapter, Encoding, Spec, UnitGains};

use super::{Frozen, Loaded, Origin, groups};

pub(super) fn warn_of_unknown(path: &Path, adapter: &Adapter, out: Printer) {
    let unknown = adapter.unknown_fields();
    if !unknown.is_empty() {
        let fields = unknown.iter().map(|field| printable(field)).collect::<Vec<_>>().join("`, `");
        out.warn(format!(
            "`{}` has header fields that this program does not know and ignores: `{fields}`",
            path.display()
        ));
    }
}

pub(super) fn say_verified<'a>(
    adapters: impl ExactSizeIterator<Item = (&'a Path, &'a Adapter)>,
    out: Printer,
) {
    let several = adapters.len() > 1;
    let mut whose = "of each".to_owned();
    for (path, adapter) in adapters {
        let task = &adapter.header.task;
        let classes = match task.labels.len() {
            0 => String::new(),
            classes => format!(", {}", counted(classes, "class", "classes")),
        };
        let path = printable(&path.to_string_lossy());
        out.say(format!("adapter      {path}: {}{classes}", printable(&task.title)));
        if !several {
            whose = format!("of {}", content(adapter));
        }
    }
    out.say(format!("verified     digest, shapes and finite values {whose}"));
}

pub(super) fn say_backbones(all: &[Loaded], out: Printer) {
    let groups = groups(all);
    for group in &groups {
        let names: Vec<&str> = group.iter().map(|loaded| loaded.name.as_str()).collect();
        let whose = if groups.len() > 1 { format!("of {}: ", names.join(", ")) } else { String::new() };
        out.say(format!("backbone     {whose}{}", verified(&group[0].frozen)));
    }
}

/// How a backbone was had and verified.
fn verified(frozen: &Frozen) -> String {
    let Frozen { backbone, origin, seconds } = frozen;
    let how = match origin {
        Origin::Generated => format!("generated from seed {}", backbone.spec().seed()),
        Origin::File => "read".to_owned(),
    };
    let (units, short) = (units(backbone.spec()), backbone.fingerprint().short());
    format!("{units}, {how} in {}: sha256:{short}… as stated", duration(*seconds))
}

/// How wide a backbone is: `1,000 + 500 hidden units (feed-forward)`.
pub(crate) fn units(spec: &Spec) -> String {
    if spec.has_head() {
        return spec.summary();
    }
    let layers: Vec<String> = spec.layers().into_iter().map(grouped).collect();
    format!("{} hidden units ({})", layers.join(" + "), spec.family_name())
}

/// What an adapter holds.
fn content(adapter: &Adapter) -> String {
    let parameters = &adapter.parameters;
    let all = parameters.biases.iter().map(Vec::len).sum();
    let units = adapter.kept().map_or(all, |kept| kept.iter().filter(|kept| **kept).count());
    let values = match (&parameters.gains, adapter.header.kind) {
        (UnitGains::One, AdapterKind::Head) => "a readout".to_owned(),
        (UnitGains::One, AdapterKind::BiasHead) => {
            format!("{} and a readout", counted(units, "bias", "biases"))
        }
        (UnitGains::One, _) => counted(units, "bias", "biases"),
        (UnitGains::Mask(on), _) => {
            let count = on.iter().filter(|on| **on).count();
            format!("a mask, {} of {} ON", grouped(count), counted(units, "unit", "units"))
        }
        (UnitGains::Learned(_), AdapterKind::BiasGain) => {
            format!("{} with gains", counted(units, "bias", "biases"))
        }
        (UnitGains::Learned(_), _) => counted(units, "gain", "gains"),
    };
    let state = if parameters.initial.is_some() { " and the initial state" } else { "" };
    let encoding = match adapter.encoding() {
        Encoding::F32 => String::new(),
        encoding => format!(" as {encoding}"),
    };
    let pruned =
        if adapter.kept().is_some() { format!(", pruned from {}", grouped(all)) } else { String::new() };
    format!("{values}{state}{encoding}{pruned}")
}
