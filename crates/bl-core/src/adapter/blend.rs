//! Blends: a weighted sum of adapters of one backbone.
//!
//! ```text
//! b = Σ_k w_k b_k     m = Σ_k w_k m_k     μ = Σ_k w_k μ_k / Σ_k w_k     σ likewise
//! ```
//!
//! Nothing promises that a point between two solutions is one: measure it.

use std::fmt::Display;

use super::check::check;
use super::form::Form;
use super::form_error::FormError;
use super::header::{AdapterKind, Header, TaskInfo};
use super::parameters::{Head, Parameters, UnitGains};
use super::{Adapter, BaseBias};
use crate::error::Error;

/// One of the adapters that are blended.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    /// For errors and for the title, such as its file's.
    pub name: &'a str,
    /// What is blended.
    pub adapter: &'a Adapter,
    /// Its weight, which may be negative.
    pub weight: f64,
}

impl Adapter {
    /// The weighted sum of adapters of one backbone and one kind. A weight of 1 beside weights of 0 gives the adapter's
    /// own values to the bit.
    ///
    /// Labels and what goes in are those of the largest weight; learned states are blended too. Metrics, the training
    /// record, and a licence that is not everyone's are left out. The values are written as f32. Pruned adapters must
    /// have the same units, and adapters of signals equal signals.
    pub fn blend(parts: &[Part<'_>]) -> Result<Self, Error> {
        let (sum, first, most) = check_weights(parts)?;
        parts.iter().try_for_each(|other| check_alike(first, other))?;
        let largest = &most.adapter.header;
        let weighted: Vec<_> =
            parts.iter().map(|part| (part.weight / sum, &part.adapter.header.io)).collect();
        let header = Header {
            io: largest.io.blended(&weighted),
            task: TaskInfo { title: title(parts), ..largest.task.clone() },
            training: None,
            metrics: Vec::new(),
            license: common(parts.iter().map(|part| &part.adapter.header.license)),
            ..largest.clone()
        };
        let mut blend = Self {
            parameters: parameters(parts, &first.adapter.parameters, header.kind),
            form: Form { kept: first.adapter.form.kept.clone(), ..Form::default() },
            header,
            unknown: Vec::new(),
        };
        blend.form.turn_off(&mut blend.parameters.biases[0]);
        let features = blend.header.features();
        blend.form.state_in(&mut blend.header.requires, &features);
        check(&blend)?;
        Ok(blend)
    }
}

/// The sum of the weights, the first part, and the one of the largest weight.
fn check_weights<'p, 'a>(parts: &'p [Part<'a>]) -> Result<(f64, &'p Part<'a>, &'p Part<'a>), Error> {
    let first = parts.first().ok_or(FormError::NoParts)?;
    let sum: f64 = parts.iter().map(|part| part.weight).sum();
    if !sum.is_finite() || sum.abs() < 1e-9 {
        return Err(FormError::WeightSum { sum }.into());
    }
    let most = parts.iter().fold(first, |most, part| if part.weight > most.weight { part } else { most });
    Ok((sum, first, most))
}

/// Whether two parts can be blended: the first thing in which they differ is named.
fn check_alike(first: &Part<'_>, other: &Part<'_>) -> Result<(), Error> {
    let equal = |what: &'static str, one: &dyn Display, two: &dyn Display| -> Result<(), Error> {
        let values = [one.to_string(), two.to_string()];
        if values[0] == values[1] {
            return Ok(());
        }
        let (first, other) = (first.name.to_owned(), other.name.to_owned());
        Err(FormError::Unlike { first, other, what, values: Box::new(values) }.into())
    };
    let [one, two] = [&first.adapter.header, &other.adapter.header];
    equal("backbones", &one.backbone.fingerprint, &two.backbone.fingerprint)?;
    equal("kinds", &one.kind, &two.kind)?;
    if two.kind == AdapterKind::Mask {
        return Err(FormError::BlendKind { name: other.name.to_owned(), kind: two.kind }.into());
    }
    let base = |base: Option<BaseBias>| format!("{base:?}");
    equal("drawn biases", &base(one.base_bias), &base(two.base_bias))?;
    for ((what, one), (_, two)) in one.io.unblended().iter().zip(two.io.unblended()) {
        equal(what, one, &two)?;
    }
    if first.adapter.kept() == other.adapter.kept() {
        return Ok(());
    }
    let (first_name, other_name) = (first.name.to_owned(), other.name.to_owned());
    let values = Box::new([first, other].map(units_of));
    Err(FormError::Unlike { first: first_name, other: other_name, what: "units left by pruning", values }
        .into())
}

fn units_of(part: &Part<'_>) -> String {
    let units = part.adapter.parameters.biases.first().map_or(0, Vec::len);
    format!("{} of {units}", part.adapter.form.count(units))
}

fn parameters(parts: &[Part<'_>], first: &Parameters, kind: AdapterKind) -> Parameters {
    let bias = |layer: usize| vector(parts, |p| &p.biases[layer]);
    let gains = vector(parts, |p| match &p.gains {
        UnitGains::Learned(gains) => gains,
        UnitGains::One | UnitGains::Mask(_) => &[],
    });
    let initial = first.initial.as_ref();
    Parameters {
        // What is drawn has no weights.
        biases: if kind.draws_biases() {
            first.biases.clone()
        } else {
            (0..first.biases.len()).map(bias).collect()
        },
        gains: if gains.is_empty() { UnitGains::One } else { UnitGains::Learned(gains) },
        initial: initial.map(|_| vector(parts, |p| p.initial.as_deref().unwrap_or_default())),
        head: first.head.as_ref().map(|_| Head {
            weights: vector(parts, |p| p.head.as_ref().map_or(&[], |head| &head.weights)),
            bias: vector(parts, |p| p.head.as_ref().map_or(&[], |head| &head.bias)),
        }),
    }
}

/// Σ weight · value, with nothing added for a weight of 0: even the sign of a zero stays.
pub(crate) fn weighted(terms: impl Iterator<Item = (f64, f64)>) -> f64 {
    let terms = terms.filter(|(weight, _)| *weight != 0.0).map(|(weight, value)| weight * value);
    terms.reduce(|sum, term| sum + term).unwrap_or(0.0)
}

fn vector<'a>(parts: &[Part<'a>], of: impl Fn(&'a Parameters) -> &'a [f32]) -> Vec<f32> {
    let vectors: Vec<_> = parts.iter().map(|part| (part.weight, of(&part.adapter.parameters))).collect();
    let units = vectors.iter().map(|(_, values)| values.len()).min().unwrap_or(0);
    (0..units).map(|i| weighted(vectors.iter().map(|(w, v)| (*w, f64::from(v[i])))) as f32).collect()
}

fn title(parts: &[Part<'_>]) -> String {
    let parts: Vec<String> = parts.iter().map(|part| format!("{} × {}", part.weight, part.name)).collect();
    format!("Blend of {}", parts.join(" + "))
}

/// What all have in common.
fn common<'a>(mut values: impl Iterator<Item = &'a Option<String>>) -> Option<String> {
    let first = values.next()?;
    values.all(|value| value == first).then(|| first.clone())?
}
