//! Blends: a weighted sum of adapters of one backbone.
//!
//! ```text
//! b = Σ_k w_k b_k     m = Σ_k w_k m_k     μ = Σ_k w_k μ_k / Σ_k w_k     σ likewise
//! ```
//!
//! Nothing promises that a point between two solutions is one: measure it.

use crate::adapter::{BiasAdapter, UnitGains};
use crate::error::Error;
use crate::form::Form;
use crate::form_error::FormError;
use crate::header::{Header, Kind, Preprocessing, TaskInfo};
use crate::recurrent::{RecurrentAdapter, RecurrentHeader, SignalTask};
use crate::{adapter_file, recurrent};

/// One of the adapters that are blended.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a, A> {
    /// For errors and for the title, such as its file's.
    pub name: &'a str,
    /// What is blended.
    pub adapter: &'a A,
    /// Its weight, which may be negative.
    pub weight: f64,
}

impl BiasAdapter {
    /// The weighted sum of adapters of one backbone and one kind. A weight of 1 beside weights of 0 gives the adapter's
    /// own values to the bit.
    ///
    /// Labels and what goes in are those of the largest weight; figures, the training record, and a licence that is not
    /// everyone's are left out. The values are written as f32. Pruned adapters must have the same units.
    pub fn blend(parts: &[Part<'_, Self>]) -> Result<Self, Error> {
        let (weights, first, most) = check_weights(parts)?;
        for other in parts {
            let differ = Differ { first, other };
            let [one, two] = [&first.adapter.header, &other.adapter.header];
            differ.unless_equal("backbones", &one.backbone.fingerprint, &two.backbone.fingerprint)?;
            differ.kinds(one.kind, two.kind)?;
            differ.unless_equal_in_debug("drawn biases", &one.base_bias, &two.base_bias)?;
            let kept = |part: &Part<'_, Self>| part.adapter.kept().map(<[bool]>::to_vec);
            if kept(first) != kept(other) {
                return Err(differ.error("units left by pruning", &units_of(first), &units_of(other)));
            }
        }
        let sum: f64 = weights.iter().sum();
        let mean = |of: fn(&Preprocessing) -> f64| {
            let value = |part: &Part<'_, Self>| of(&part.adapter.header.preprocessing);
            weighted(parts.iter().map(|part| (part.weight / sum, value(part))))
        };
        let largest = &most.adapter.header;
        let header = Header {
            preprocessing: Preprocessing { mean: mean(|p| p.mean), std: mean(|p| p.std) },
            task: TaskInfo { title: title(parts), ..largest.task.clone() },
            training: None,
            metrics: Vec::new(),
            license: common(parts.iter().map(|part| &part.adapter.header.license)),
            ..largest.clone()
        };
        let layers = 0..first.adapter.biases.len();
        let mut blend = Self {
            biases: layers.map(|layer| vector(parts, |a| &a.biases[layer])).collect(),
            gains: gains(parts, |a| &a.gains),
            form: Form { kept: first.adapter.form.kept.clone(), ..Form::default() },
            header,
            unknown: Vec::new(),
        };
        // What is drawn, and what is OFF, has no weights.
        if blend.header.kind.draws_biases() {
            blend.biases.clone_from(&first.adapter.biases);
        }
        blend.form.turn_off(&mut blend.biases[0]);
        blend.form.state_in(&mut blend.header.requires);
        adapter_file::check(&blend)?;
        Ok(blend)
    }
}

impl RecurrentAdapter {
    /// As [`BiasAdapter::blend`], of adapters with equal signals; learned states are blended too.
    pub fn blend(parts: &[Part<'_, Self>]) -> Result<Self, Error> {
        let (_, first, most) = check_weights(parts)?;
        for other in parts {
            let differ = Differ { first, other };
            let [one, two] = [&first.adapter.header, &other.adapter.header];
            differ.unless_equal("backbones", &one.backbone.fingerprint, &two.backbone.fingerprint)?;
            differ.kinds(one.kind, two.kind)?;
            differ.unless_equal_in_debug("drawn biases", &one.base_bias, &two.base_bias)?;
            differ.unless_equal_in_debug("signals", &one.signal, &two.signal)?;
            differ.unless_equal("values of `learned_state`", &one.learned_state, &two.learned_state)?;
        }
        let largest = &most.adapter.header;
        let header = RecurrentHeader {
            task: SignalTask { title: title(parts), ..largest.task.clone() },
            training: None,
            metrics: Vec::new(),
            license: common(parts.iter().map(|part| &part.adapter.header.license)),
            ..largest.clone()
        };
        let has_state = header.learned_state;
        let mut blend = Self {
            biases: vector(parts, |a| &a.biases),
            gains: gains(parts, |a| &a.gains),
            initial: has_state.then(|| vector(parts, |a| a.initial.as_deref().unwrap_or_default())),
            form: Form::default(),
            header,
            unknown: Vec::new(),
        };
        if blend.header.kind.draws_biases() {
            blend.biases.clone_from(&first.adapter.biases);
        }
        blend.form.state_in(&mut blend.header.requires);
        recurrent::check(&blend)?;
        Ok(blend)
    }
}

/// The weights, the first part, and the one of the largest weight.
type Checked<'p, 'a, A> = (Vec<f64>, &'p Part<'a, A>, &'p Part<'a, A>);

fn check_weights<'p, 'a, A>(parts: &'p [Part<'a, A>]) -> Result<Checked<'p, 'a, A>, Error> {
    let first = parts.first().ok_or(FormError::NoParts)?;
    let weights: Vec<f64> = parts.iter().map(|part| part.weight).collect();
    let sum: f64 = weights.iter().sum();
    if !sum.is_finite() || sum.abs() < 1e-9 {
        return Err(FormError::WeightSum { sum }.into());
    }
    let most = parts.iter().fold(first, |most, part| if part.weight > most.weight { part } else { most });
    Ok((weights, first, most))
}

/// Two parts that are compared.
struct Differ<'p, 'a, A> {
    first: &'p Part<'a, A>,
    other: &'p Part<'a, A>,
}

impl<A> Differ<'_, '_, A> {
    fn error(&self, what: &'static str, one: &dyn std::fmt::Display, two: &dyn std::fmt::Display) -> Error {
        let (first, other) = (self.first.name.to_owned(), self.other.name.to_owned());
        FormError::Unlike { first, other, what, values: Box::new([one.to_string(), two.to_string()]) }.into()
    }

    fn unless_equal<T: PartialEq + std::fmt::Display>(
        &self,
        what: &'static str,
        one: &T,
        two: &T,
    ) -> Result<(), Error> {
        if one == two { Ok(()) } else { Err(self.error(what, one, two)) }
    }

    fn unless_equal_in_debug<T: PartialEq + std::fmt::Debug>(
        &self,
        what: &'static str,
        one: &T,
        two: &T,
    ) -> Result<(), Error> {
        if one == two { Ok(()) } else { Err(self.error(what, &format!("{one:?}"), &format!("{two:?}"))) }
    }

    /// The same kind, and one that has something to blend.
    fn kinds(&self, one: Kind, two: Kind) -> Result<(), Error> {
        self.unless_equal("kinds", &one, &two)?;
        let name = self.other.name.to_owned();
        if two == Kind::Mask { Err(FormError::BlendKind { name, kind: two }.into()) } else { Ok(()) }
    }
}

/// Σ weight · value, with nothing added for a weight of 0: even the sign of a zero stays.
fn weighted(terms: impl Iterator<Item = (f64, f64)>) -> f64 {
    let terms = terms.filter(|(weight, _)| *weight != 0.0).map(|(weight, value)| weight * value);
    terms.reduce(|sum, term| sum + term).unwrap_or(0.0)
}

fn vector<'a, A>(parts: &[Part<'a, A>], of: impl Fn(&'a A) -> &'a [f32]) -> Vec<f32> {
    let vectors: Vec<(f64, &[f32])> = parts.iter().map(|part| (part.weight, of(part.adapter))).collect();
    let units = vectors.iter().map(|(_, values)| values.len()).min().unwrap_or(0);
    (0..units).map(|i| weighted(vectors.iter().map(|(w, v)| (*w, f64::from(v[i])))) as f32).collect()
}

fn gains<'a, A>(parts: &[Part<'a, A>], of: fn(&'a A) -> &'a UnitGains) -> UnitGains {
    let learned = |adapter: &'a A| match of(adapter) {
        UnitGains::Learned(gains) => &**gains,
        UnitGains::One | UnitGains::Mask(_) => &[],
    };
    let gains = vector(parts, learned);
    if gains.is_empty() { UnitGains::One } else { UnitGains::Learned(gains) }
}

fn title<A>(parts: &[Part<'_, A>]) -> String {
    let parts: Vec<String> = parts.iter().map(|part| format!("{} × {}", part.weight, part.name)).collect();
    format!("Blend of {}", parts.join(" + "))
}

/// What all have in common.
fn common<'a>(mut values: impl Iterator<Item = &'a Option<String>>) -> Option<String> {
    let first = values.next()?;
    values.all(|value| value == first).then(|| first.clone())?
}

fn units_of(part: &Part<'_, BiasAdapter>) -> String {
    let units = part.adapter.biases[0].len();
    format!("{} of {units}", part.adapter.form.count(units))
}
