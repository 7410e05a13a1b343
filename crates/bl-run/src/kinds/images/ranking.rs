//! The most probable classes.

use bl_core::softmax;

/// A class and its probability.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::kinds) struct Guess {
    pub(in crate::kinds) class: usize,
    pub(in crate::kinds) probability: f32,
}

/// The `count` most probable classes of one row of scores, the first one first among equals.
pub(in crate::kinds) fn top(scores: &[f32], count: usize) -> Vec<Guess> {
    let probabilities = softmax(scores);
    let mut guesses: Vec<Guess> =
        probabilities.iter().enumerate().map(|(class, &probability)| Guess { class, probability }).collect();
    // By score: of two classes whose probability rounds to 1 or 0, one is still the better.
    guesses.sort_by(|a, b| scores[b.class].total_cmp(&scores[a.class])); // stable
    guesses.truncate(count);
    guesses
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_equals_comes_first() {
        let classes = |scores: &[f32], count| top(scores, count).iter().map(|g| g.class).collect::<Vec<_>>();
        assert_eq!(classes(&[1.0, 3.0, 3.0, 2.0], 3), [1, 2, 3]);
        assert_eq!(classes(&[0.0, -200.0, -100.0], 9), [0, 2, 1]);
        assert_eq!(top(&[5.0, 5.0], 1), [Guess { class: 0, probability: 0.5 }]);
    }
}
