//! Whether a classifier has learned something that holds beyond its training set: said loudly where it has not.

use crate::judgement::{Details, Judgement};
use crate::kind::Kind;
use crate::kinds::Evaluation;

/// Standard deviations, of a guess that is right as often as the most frequent class, that may be luck.
const LUCK: f64 = 2.0;
/// More by which the accuracy in training is above that on the held-out part was learned by heart.
const GAP: f64 = 0.25;

impl Judgement {
    /// What must be said of a classifier that is no better than a guess, or far worse than in training, with what to do;
    /// `train` is its accuracy there, where that is known.
    pub fn doubt(&self, kind: &dyn Kind, train: Option<f64>) -> Option<String> {
        let Details::Classes(evaluation) = &self.details else { return None };
        Some(format!("{}; {}", words(evaluation, train)?, kind.advice()))
    }
}

fn words(evaluation: &Evaluation, train: Option<f64>) -> Option<String> {
    let (count, found) = (evaluation.total(), evaluation.accuracy());
    let guess = evaluation.most_frequent() as f64 / count as f64;
    let luck = LUCK * (guess * (1.0 - guess) / count as f64).sqrt();
    let in_training = train.map_or(String::new(), |train| format!(", train accuracy {:.2} %", 100.0 * train));
    let both = format!("test accuracy {:.2} %{in_training}", 100.0 * found);
    if found < 1.0 && found <= guess + luck {
        let luck = if found > guess {
            format!(", give or take {:.2} % by luck", 100.0 * luck)
        } else {
            String::new()
        };
        return Some(format!(
            "{both}: no better than a guess, for always answering the most frequent class gives {:.2} %{luck}",
            100.0 * guess
        ));
    }
    train.filter(|train| train - found > GAP).map(|_| format!("{both}: most was learned by heart"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of classes with so many samples each, so many of them right.
    fn evaluation(classes: &[(usize, usize)]) -> Evaluation {
        let mut evaluation = Evaluation::new(classes.len());
        for (class, &(right, count)) in classes.iter().enumerate() {
            for i in 0..count {
                let answer = if i < right { class } else { (class + 1) % classes.len() };
                let mut scores: Vec<f32> =
                    (0..classes.len()).map(|other| f32::from(u8::from(other == answer))).collect();
                evaluation.add(&mut scores, class as u8).unwrap();
            }
        }
        evaluation
    }

    #[test]
    fn a_guess_and_a_large_gap_are_said_with_both_figures() {
        let check = |classes: &[(usize, usize)], train: Option<f64>, expected: Option<&str>| {
            let found = words(&evaluation(classes), train);
            assert_eq!(found.is_some(), expected.is_some(), "{classes:?} {train:?}: {found:?}");
            let found = found.unwrap_or_default();
            assert!(found.contains(expected.unwrap_or_default()), "{found}");
        };
        let guess = "test accuracy 50.00 %, train accuracy 99.00 %: no better than a guess, for always answering the most frequent class gives 50.00 %";
        check(&[(25, 50), (25, 50)], Some(0.99), Some(guess));
        check(&[(10, 50), (10, 50)], None, Some("test accuracy 20.00 %: no better than a guess"));
        check(&[(29, 50), (29, 50)], None, Some("give or take 10.00 % by luck"));
        check(&[(45, 50), (45, 50)], Some(0.99), None);
        check(&[(45, 50), (45, 50)], None, None);
        check(&[(90, 90), (0, 10)], Some(0.9), Some("most frequent class gives 90.00 %"));
        check(&[(90, 90), (9, 10)], Some(1.0), None);
        check(
            &[(33, 50), (33, 50)],
            Some(0.99),
            Some("test accuracy 66.00 %, train accuracy 99.00 %: most was learned by heart"),
        );
        check(&[(33, 50), (33, 50)], Some(0.8), None);
        check(&[(2, 2), (2, 2)], Some(1.0), None); // few, and all right
        check(&[(1, 2), (2, 2)], Some(1.0), Some("by luck"));
        assert_eq!(words(&Evaluation::new(3), Some(1.0)), None, "nothing was judged");
    }
}
