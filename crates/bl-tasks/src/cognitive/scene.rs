//! What is shown in a trial and which answer is right.

use std::f64::consts::PI;
use std::ops::Range;

use super::Coherences;
use super::draw::Draw;
use super::ring::turned;
use super::table::{Course, Evidence, Lasts, Likeness, RespondTo, Rule, Strengths};
use super::trial::Stimulus;
use super::{DT, table};

const DEGREE: f64 = PI / 180.0;
/// The directions of the tasks with categories, in degrees.
const CATEGORIZED: [f64; 10] = [18.0, 54.0, 90.0, 126.0, 162.0, 198.0, 234.0, 270.0, 306.0, 342.0];

/// When a trial has what.
pub(super) struct Times {
    pub(super) steps: usize,
    pub(super) response: Range<usize>,
    pub(super) shown: [Range<usize>; 2],
}

impl Course {
    /// Steps of the longest trial.
    pub(super) fn longest(&self) -> usize {
        let most = |lasts: &Lasts| match *lasts {
            Lasts::Between(_, to) => to,
            Lasts::OneOf(durations) => durations.iter().copied().fold(0.0, f64::max),
        };
        self.epochs.iter().map(|lasts| (most(lasts) / DT) as usize).sum()
    }

    pub(super) fn draw(&self, draw: &mut Draw) -> Times {
        let mut bounds = [0; 7];
        for (epoch, lasts) in self.epochs.iter().enumerate() {
            let ms = match *lasts {
                Lasts::Between(from, to) => draw.between(from, to),
                Lasts::OneOf(durations) => draw.one_of(durations),
            };
            bounds[epoch + 1] = bounds[epoch] + (ms / DT) as usize;
        }
        let steps = bounds[6];
        let shown = [0, 1].map(|nth| bounds[self.shown[nth].start]..bounds[self.shown[nth].end]);
        Times { steps, response: bounds[table::RESPONSE]..steps, shown }
    }
}

impl Rule {
    /// The stimuli, and the direction of the right response; none where to fixate is right.
    pub(super) fn draw(
        &self,
        draw: &mut Draw,
        shown: &[Range<usize>; 2],
        coherences: Coherences,
    ) -> (Vec<Stimulus>, Option<f64>) {
        let stimulus = |nth: usize, modality, direction, strength| {
            let steps = shown[nth].clone();
            Stimulus { modality, direction, strength, steps }
        };
        match self {
            Self::Toward | Self::Away => {
                let (direction, modality) = (draw.direction(), draw.one_of(&[0, 1]));
                let opposite = turned(direction, PI);
                let right = if matches!(self, Self::Toward) { direction } else { opposite };
                (vec![stimulus(0, modality, direction, 1.0)], Some(right))
            }
            Self::Stronger(evidence, strengths) => {
                let first = draw.direction();
                let directions = [first, turned(first, draw.between(90.0 * DEGREE, 270.0 * DEGREE))];
                let (strengths, coherence) = evidence.draw(draw, strengths, coherences);
                let of_modality = |(modality, strengths): (usize, [f64; 2])| {
                    [0, 1].map(|nth| stimulus(nth, modality, directions[nth], strengths[nth]))
                };
                let stimuli = strengths.into_iter().flat_map(of_modality).collect();
                (stimuli, Some(directions[usize::from(coherence < 0.0)]))
            }
            Self::Match(likeness, respond_to) => {
                let ([first, second], alike) = likeness.draw(draw);
                let stimuli = [(0, first), (1, second)]
                    .map(|(nth, direction)| stimulus(nth, draw.one_of(&[0, 1]), direction, 1.0));
                let responds = alike == (*respond_to == RespondTo::Match);
                (stimuli.into(), responds.then_some(second))
            }
        }
    }
}

impl Evidence {
    /// `[modality, stimulus]`: the strengths in the modalities that there are, and the coherence that decides.
    fn draw(self, draw: &mut Draw, of: &Strengths, coherences: Coherences) -> (Vec<(usize, [f64; 2])>, f64) {
        let factor = match coherences {
            Coherences::Published => 1.0,
            Coherences::Easy => of.easier,
        };
        // γ + c and γ − c.
        let mut pair = || {
            let mean = draw.between(0.8, 1.2);
            let coherence = factor * draw.one_of(of.coherences) * draw.sign();
            ([mean + coherence, mean - coherence], coherence)
        };
        match self {
            Self::Only(modality) => {
                let (strengths, coherence) = pair();
                (vec![(modality, strengths)], coherence)
            }
            Self::Attend(modality) => {
                let pairs = [pair(), pair()];
                (vec![(0, pairs[0].0), (1, pairs[1].0)], pairs[modality].1)
            }
            Self::Sum => {
                let (strengths, coherence) = pair();
                // γ (1 + Δ) in one modality, γ (1 − Δ) in the other, with another Δ for each stimulus.
                let shares = strengths.map(|strength| strength * draw.between(0.1, 0.4) * draw.sign());
                let [[a, b], [x, y]] = [strengths, shares];
                (vec![(0, [a + x, b + y]), (1, [a - x, b - y])], coherence)
            }
        }
    }
}

impl Likeness {
    /// Two directions, and whether they are alike.
    fn draw(&self, draw: &mut Draw) -> ([f64; 2], bool) {
        match self {
            Self::Direction => {
                let (first, alike) = (draw.direction(), draw.coin());
                let other = turned(first, draw.between(10.0 * DEGREE, 350.0 * DEGREE));
                ([first, if alike { first } else { other }], alike)
            }
            Self::Category => {
                let degrees = [draw.one_of(&CATEGORIZED), draw.one_of(&CATEGORIZED)];
                (degrees.map(|x| x * DEGREE), (degrees[0] < 180.0) == (degrees[1] < 180.0))
            }
        }
    }
}
