//! Metrics beside the recorded ones.

use bl_core::header::Metric;
use bl_core::text::decimal;
use serde::Serialize;

use super::Trained;
use crate::judgement::Judgement;

/// A metric beside the recorded one.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Compared {
    /// Name and part, as in the header.
    pub name: String,
    /// `train` or `test`.
    pub split: String,
    /// Measured now.
    pub measured: f64,
    /// As the header has it.
    pub recorded: f64,
    /// Equal up to rounding.
    pub agrees: bool,
}

impl Trained<'_> {
    /// Every metric that both the header and a new judgement have, if both are of the same data.
    pub fn compare(&self, as_recorded: Option<bool>, judgement: &Judgement) -> Vec<Compared> {
        const ROUNDING: f64 = 1e-3; // relative
        let compare = |measured: &Metric| {
            let same = |m: &&Metric| m.name == measured.name && m.split == measured.split;
            let recorded = self.metrics.iter().find(same)?.value;
            let size = recorded.abs().max(measured.value.abs());
            let agrees = (recorded - measured.value).abs() <= ROUNDING * size.max(ROUNDING);
            let Metric { name, split, value } = measured.clone();
            Some(Compared { name, split, measured: value, recorded, agrees })
        };
        let same_data = as_recorded == Some(true);
        judgement.metrics.iter().filter(|_| same_data).filter_map(compare).collect()
    }
}

/// Whether data and metrics are as recorded, in words.
pub fn compared_words(as_recorded: Option<bool>, compared: &[Compared]) -> String {
    let differing: Vec<String> = compared
        .iter()
        .filter(|metric| !metric.agrees)
        .map(|m| {
            format!("{} ({}) {}, recorded {}", m.name, m.split, decimal(m.measured), decimal(m.recorded))
        })
        .collect();
    match (as_recorded, compared.is_empty(), differing.is_empty()) {
        (None, ..) => "there is no training record to compare with".into(),
        (Some(false), ..) => {
            "this test set is not the one recorded at training, so its metrics are not comparable".into()
        }
        (Some(true), true, _) => "the test set is the one recorded at training, which has no metrics".into(),
        (Some(true), _, true) => "the test set and all metrics are as recorded".into(),
        (Some(true), _, false) => {
            format!("the test set is as recorded, but these metrics differ: {}", differing.join("; "))
        }
    }
}
