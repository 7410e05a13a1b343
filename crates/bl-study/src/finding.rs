//! A claim of the paper beside what we found, and the rule by which the two are compared: a rule that can fail, written down
//! where the claim is.

use serde::{Deserialize, Serialize};

use crate::analysis::MeanSd;

/// How a figure of ours compares with the paper's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The claim holds by its criterion.
    Agrees,
    /// It does not.
    Differs,
    /// The paper gives a number, and ours is above it.
    Higher,
    /// Ours is below it.
    Lower,
    /// The setting is too small to tell, or the paper gives nothing to compare with.
    #[serde(alias = "open")] // as version 0.1 wrote it
    NotComparable,
}

impl Verdict {
    /// All of them, in the order in which they are counted.
    pub const ALL: [Self; 5] = [Self::Agrees, Self::Higher, Self::Lower, Self::Differs, Self::NotComparable];

    /// As it is read.
    pub fn name(self) -> &'static str {
        match self {
            Self::Agrees => "agrees",
            Self::Differs => "differs",
            Self::Higher => "higher",
            Self::Lower => "lower",
            Self::NotComparable => "not comparable",
        }
    }
}

/// What came of a criterion, and its words: made together, so that neither is changed without the other.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    verdict: Verdict,
    criterion: String,
}

impl Judged {
    /// The claim holds if this does.
    pub fn when(holds: bool, criterion: impl Into<String>) -> Self {
        let verdict = if holds { Verdict::Agrees } else { Verdict::Differs };
        Self { verdict, criterion: criterion.into() }
    }

    /// Against a mean ± deviation of the paper's: the two intervals must overlap.
    pub fn against(found: MeanSd, (mean, sd): (f64, f64)) -> Self {
        let reach = found.sd.unwrap_or(0.0) + sd;
        Self::two_sided(found.mean, (mean - reach, mean + reach), "the two intervals overlap")
    }

    /// Against a number without a deviation, or one in words: ours must lie between two others.
    pub fn within(found: f64, (low, high): (f64, f64), what: &str) -> Self {
        let digits = |x: f64| format!("{}", (x * 1e6).round() / 1e6);
        Self::two_sided(found, (low, high), format!("{what} {} to {}", digits(low), digits(high)))
    }

    fn two_sided(found: f64, (low, high): (f64, f64), criterion: impl Into<String>) -> Self {
        let verdict = match found {
            found if found < low => Verdict::Lower,
            found if found > high => Verdict::Higher,
            found if found.is_nan() => Verdict::Differs,
            _ => Verdict::Agrees,
        };
        Self { verdict, criterion: criterion.into() }
    }

    /// There is nothing to compare with; the finding's words say why.
    pub fn not_comparable() -> Self {
        Self { verdict: Verdict::NotComparable, criterion: String::new() }
    }
}

/// One claim of the paper beside what we found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// What was measured.
    pub what: String,
    /// What the paper reports.
    pub paper: String,
    /// What we measured.
    pub ours: String,
    /// Whether they agree.
    pub verdict: Verdict,
    /// When they would: none where they cannot be compared, and in what version 0.1 wrote.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub criterion: String,
    /// Why, where it needs words.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub words: String,
}

impl Finding {
    /// A finding without further words.
    pub fn new(what: &str, paper: &str, ours: impl Into<String>, judged: Judged) -> Self {
        let (what, paper, ours) = (what.to_owned(), paper.to_owned(), ours.into());
        let Judged { verdict, criterion } = judged;
        Self { what, paper, ours, verdict, criterion, words: String::new() }
    }

    /// With words.
    #[must_use]
    pub fn because(self, words: impl Into<String>) -> Self {
        Self { words: words.into(), ..self }
    }

    /// Whether it was judged by a rule that is not stated, as in version 0.1.
    pub fn has_no_criterion(&self) -> bool {
        self.criterion.is_empty() && self.verdict != Verdict::NotComparable
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(mean: f64, sd: f64) -> MeanSd {
        MeanSd { mean, sd: Some(sd), n: 5 }
    }

    #[test]
    fn a_number_of_the_papers_is_missed_on_either_side() {
        let mask = |found| Judged::against(found, (0.919, 0.002)).verdict;
        assert_eq!(mask(of(0.9241, 0.0018)), Verdict::Higher);
        assert_eq!(mask(of(0.9141, 0.0018)), Verdict::Lower);
        assert_eq!(mask(of(0.9201, 0.0018)), Verdict::Agrees);
        assert_eq!(mask(MeanSd { mean: 0.922, sd: None, n: 1 }), Verdict::Higher);
        assert_eq!(Judged::within(f64::NAN, (0.0, 1.0), "").verdict, Verdict::Differs);
    }

    #[test]
    fn verdicts_of_version_0_1_are_read_and_known_as_such() {
        let text = r#"{"what":"w","paper":"p","ours":"o","verdict":"VERDICT"}"#;
        let read =
            |verdict: &str| -> Finding { serde_json::from_str(&text.replace("VERDICT", verdict)).unwrap() };
        assert_eq!(read("open").verdict, Verdict::NotComparable);
        assert!(!read("open").has_no_criterion());
        assert!(read("agrees").has_no_criterion() && read("differs").has_no_criterion());
    }
}
