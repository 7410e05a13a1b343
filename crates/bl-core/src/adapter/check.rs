//! What must hold of an adapter wherever it comes from.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Adapter;
use super::base_bias::BaseBias;
use super::encoding::Encoding;
use super::form::{DROPPED, FEATURES};
use super::form_error::FormError;
use super::header::{AdapterKind, FORMAT, Header, Metric, VERSION};
use super::parameters::UnitGains;
use super::values::{GAIN, HEAD, STATE};
use crate::error::Error;

/// Bytes of the name of a class.
const MAX_LABEL: usize = 1024;

/// Checks header and parameters, each and together.
pub(crate) fn check(adapter: &Adapter) -> Result<(), Error> {
    let header = &adapter.header;
    check_version(&serde_json::json!({
        "format": header.format, "version": header.version, "requires": header.requires
    }))?;
    let spec = &header.backbone.spec;
    adapter.form.check_stated(&header.requires, &header.features())?;
    check_encoding(header.kind, adapter.form.encoding)?;
    spec.validate()?;
    header.io.validate()?;
    check_kind(header)?;
    check_biases(adapter)?;
    check_gains(adapter)?;
    check_initial(adapter)?;
    check_head(adapter)?;
    check_kept(adapter)?;
    check_labels(&header.task.labels)?;
    spec.check_fits(&header.io, header.task.labels.len())?;
    check_metrics(&header.metrics)
}

/// Format, version, and features that a reader must know; before anything else is looked at.
pub(crate) fn check_version(header: &Value) -> Result<(), Error> {
    let format = header.get("format").and_then(Value::as_str).unwrap_or("none");
    if format != FORMAT {
        return Err(Error::NotAnAdapter { found: format.to_owned() });
    }
    let version = header.get("version").and_then(Value::as_u64).unwrap_or(0);
    if version != u64::from(VERSION) {
        return Err(Error::UnknownVersion { found: version, known: VERSION });
    }
    let mut features =
        header.get("requires").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    match features.find(|feature| !FEATURES.contains(feature)) {
        Some(feature) => Err(Error::UnknownFeature { feature: feature.to_owned() }),
        None => Ok(()),
    }
}

/// Which kinds are defined for one hidden layer alone, and which have drawn biases.
pub(crate) fn check_kind(header: &Header) -> Result<(), Error> {
    let (kind, spec) = (header.kind, &header.backbone.spec);
    let layers = spec.layers().len();
    if kind.has_head() != (spec.has_head() && kind != AdapterKind::Bias) {
        return Err(Error::KindOfFamily { kind, family: spec.family_name() });
    }
    if kind != AdapterKind::Bias && !kind.has_head() && layers != 1 {
        return Err(Error::OneLayerKind { kind, layers });
    }
    match header.base_bias {
        None if kind.draws_biases() => Err(Error::NoBaseBias { kind }),
        Some(_) if !kind.draws_biases() => Err(Error::UnwantedBaseBias { kind }),
        Some(base) if !(0.0..=1e30).contains(&base.half_width) => {
            Err(Error::OutOfRange { what: "half_width", found: base.half_width, min: 0.0, max: 1e30 })
        }
        Some(base) if !(-1e30..=1e30).contains(&base.mean) => {
            Err(Error::OutOfRange { what: "mean", found: base.mean, min: -1e30, max: 1e30 })
        }
        _ => Ok(()),
    }
}

fn check_biases(adapter: &Adapter) -> Result<(), Error> {
    let biases = &adapter.parameters.biases;
    let (expected, names) = (adapter.header.bias_widths(), adapter.header.backbone.spec.bias_names());
    let found: Vec<usize> = biases.iter().map(Vec::len).collect();
    if expected != found {
        return Err(Error::BiasWidths { expected, found });
    }
    let is_drawn = |base: BaseBias, layer: usize, bias: &[f32]| {
        adapter.form.gather(&base.draw(layer, bias.len())) == adapter.form.gather(bias)
    };
    for (layer, bias) in biases.iter().enumerate() {
        finite(bias, || names[layer].clone())?;
        if adapter.header.base_bias.is_some_and(|base| !is_drawn(base, layer, bias)) {
            return Err(Error::OtherBaseBias { layer });
        }
    }
    Ok(())
}

fn check_gains(adapter: &Adapter) -> Result<(), Error> {
    let expected = adapter.parameters.biases.first().map_or(0, Vec::len);
    let found = match (&adapter.parameters.gains, adapter.header.kind) {
        (UnitGains::One, AdapterKind::Bias | AdapterKind::BiasHead | AdapterKind::Head) => expected,
        (UnitGains::Mask(on), AdapterKind::Mask) => on.len(),
        (UnitGains::Learned(gains), AdapterKind::Gain | AdapterKind::BiasGain) => {
            finite(gains, || GAIN.to_owned())?;
            gains.len()
        }
        (_, kind) => return Err(Error::GainsOfOtherKind { kind }),
    };
    if found == expected { Ok(()) } else { Err(Error::GainWidth { expected, found }) }
}

fn check_initial(adapter: &Adapter) -> Result<(), Error> {
    let learned = adapter.header.io.has_learned_state();
    let expected = adapter.parameters.biases.first().map_or(0, Vec::len);
    match &adapter.parameters.initial {
        Some(state) if learned && state.len() == expected => finite(state, || STATE.to_owned()),
        Some(state) if learned => Err(Error::StateWidth { expected, found: state.len() }),
        None if !learned => Ok(()),
        _ => Err(Error::StateOfOtherKind { learned }),
    }
}

/// A readout of its own is there if the kind says so, and of the backbone's shape.
fn check_head(adapter: &Adapter) -> Result<(), Error> {
    let kind = adapter.header.kind;
    match &adapter.parameters.head {
        None if !kind.has_head() => Ok(()),
        Some(head) if kind.has_head() => {
            let (outputs, size) = adapter.header.backbone.spec.bert()?.head();
            for ((values, expected), name) in
                [(&head.weights, outputs * size), (&head.bias, outputs)].into_iter().zip(HEAD)
            {
                finite(values, || name.to_owned())?;
                if values.len() != expected {
                    return Err(Error::HeadWidth { name, expected, found: values.len() });
                }
            }
            Ok(())
        }
        _ => Err(Error::HeadOfOtherKind { kind }),
    }
}

/// A mask has no values that could be rounded.
pub(crate) fn check_encoding(kind: AdapterKind, encoding: Encoding) -> Result<(), Error> {
    match kind {
        AdapterKind::Mask if encoding != Encoding::F32 => Err(FormError::MaskEncoding { encoding }.into()),
        _ => Ok(()),
    }
}

/// What can be pruned at all.
pub(crate) fn check_prunable(header: &Header) -> Result<(), Error> {
    let spec = &header.backbone.spec;
    let layers = spec.layers().len();
    if !spec.family().is_bounded() {
        return Err(Error::Unbounded { what: "prune the adapter", family: spec.family_name() });
    }
    if layers != 1 {
        return Err(FormError::PrunedLayers { layers }.into());
    }
    if header.kind == AdapterKind::Mask { Err(FormError::PrunedMask.into()) } else { Ok(()) }
}

/// Whether a pruned adapter has some unit left, and nothing of those that it has not.
fn check_kept(adapter: &Adapter) -> Result<(), Error> {
    let Some(kept) = &adapter.form.kept else { return Ok(()) };
    check_prunable(&adapter.header)?;
    let bias = &adapter.parameters.biases[0];
    let (expected, found) = (bias.len(), kept.len());
    if expected != found {
        return Err(FormError::KeptWidth { expected, found }.into());
    }
    if !kept.contains(&true) {
        return Err(FormError::NothingKept.into());
    }
    let gain = |unit: usize| match &adapter.parameters.gains {
        UnitGains::Learned(gains) => gains[unit],
        _ => 0.0,
    };
    let is_off = |unit: usize| bias[unit] == DROPPED && gain(unit) == 0.0;
    match (0..found).find(|&unit| !kept[unit] && !is_off(unit)) {
        None => Ok(()),
        Some(unit) => Err(FormError::PrunedUnit { unit }.into()),
    }
}

/// Every answer repeats the name of a class: it is one, no other class has it, and it is not endless. A task with other
/// classes cannot become an adapter.
pub fn check_labels(labels: &[String]) -> Result<(), Error> {
    if let Some(class) = labels.iter().position(|label| label.len() > MAX_LABEL) {
        return Err(Error::LongLabel { class, found: labels[class].len(), max: MAX_LABEL });
    }
    if let Some(class) = labels.iter().position(|label| label.trim().is_empty()) {
        return Err(Error::NoLabel { class });
    }
    let mut seen = BTreeMap::new();
    for (class, label) in labels.iter().enumerate() {
        if let Some(first) = seen.insert(label, class) {
            return Err(Error::SameLabel { first, class, label: label.clone() });
        }
    }
    Ok(())
}

fn check_metrics(metrics: &[Metric]) -> Result<(), Error> {
    match metrics.iter().find(|metric| !metric.value.is_finite()) {
        None => Ok(()),
        Some(Metric { name, split, value }) => {
            Err(Error::BadMetric { name: name.clone(), split: split.clone(), value: *value })
        }
    }
}

fn finite(values: &[f32], name: impl Fn() -> String) -> Result<(), Error> {
    match values.iter().position(|x| !x.is_finite()) {
        None => Ok(()),
        Some(unit) => Err(Error::NotFinite { name: name(), unit, value: values[unit] }),
    }
}
