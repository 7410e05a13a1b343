//! Values far from all others: spikes, sums, values that stand for none. They may be true, so they are said and kept.

use bl_core::text::number;

/// So many interquartile ranges beyond the quartiles are far.
const RANGES: f64 = 10.0;
/// A larger share of the values is no exception.
const MOST: f64 = 0.1;
/// Fewer values have no quartiles to speak of.
const FEWEST: usize = 20;

/// What lies far from the others.
#[derive(Clone, Debug, PartialEq)]
pub struct Far {
    /// Where the first is.
    pub index: usize,
    /// The first.
    pub value: f64,
    /// How many there are.
    pub count: usize,
    /// The middle half of the values lies between these.
    pub quartiles: (f64, f64),
}

impl Far {
    /// Of the values that are numbers, those more than ten interquartile ranges beyond the quartiles.
    pub fn of(values: &[f64]) -> Option<Self> {
        let mut sorted: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
        if sorted.len() < FEWEST {
            return None;
        }
        sorted.sort_by(f64::total_cmp);
        let (low, high) = (sorted[sorted.len() / 4], sorted[3 * sorted.len() / 4]);
        let room = RANGES * (high - low);
        let is_far = |value: f64| room > 0.0 && (value < low - room || value > high + room);
        let index = values.iter().position(|&value| is_far(value))?;
        let count = values.iter().filter(|value| is_far(**value)).count();
        let few = count as f64 <= MOST * sorted.len() as f64;
        few.then_some(Self { index, value: values[index], count, quartiles: (low, high) })
    }
}

impl std::fmt::Display for Far {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { value, count, quartiles: (low, high), .. } = self;
        let (value, low, high) = (number(*value), number(*low), number(*high));
        let others = if *count > 1 { format!(" and {} more", count - 1) } else { String::new() };
        write!(
            f,
            "found {value}{others}, more than {RANGES} interquartile ranges from the middle half of the values ({low} to \
             {high}): a spike, a sum, or a value that stands for none? taken as it is"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_values_far_away_are_named_and_many_are_how_a_series_is() {
        let wave = |t: usize| 10.0 + (t as f64 / 4.0).sin();
        let with = |value: f64, every: usize| -> Vec<f64> {
            (0..400).map(|t| if t % every == every - 1 { value } else { wave(t) }).collect()
        };
        let found = |values: &[f64]| Far::of(values).map(|far| (far.index, far.value, far.count));
        assert_eq!(found(&with(-88.8, 50)), Some((49, -88.8, 8)));
        assert_eq!(found(&with(1e10, 400)), Some((399, 1e10, 1)));
        assert_eq!(found(&with(12.0, 50)), None);
        assert_eq!(found(&with(-88.8, 5)), None, "a fifth of the values");
        assert_eq!(found(&with(0.0, 1)), None);
        assert_eq!(found(&[1.0, 2.0, 1e9]), None);
        let dry: Vec<f64> = (0..400).map(|t| if t % 20 == 0 { 30.0 } else { 0.0 }).collect();
        assert_eq!(found(&dry), None, "without a range nothing is far");
    }
}
