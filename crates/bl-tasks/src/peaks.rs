//! Local maxima that stand out, shared by the period of an oscillation and the shape of a movement.

use crate::series::ends;

/// A local maximum between two samples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Peak {
    /// In samples: the top of the parabola through the highest sample and its neighbours.
    pub(crate) at: f64,
    /// The value there.
    pub(crate) height: f64,
}

/// The peaks that stand out by `share` of the range of `values` or more: between a peak and any
/// higher one the values fall at least that far below it.
pub(crate) fn peaks(values: &[f64], share: f64) -> Vec<Peak> {
    let (low, high) = ends(values);
    let least = share * (high - low);
    (1..values.len().saturating_sub(1))
        .filter(|&i| values[i - 1] < values[i] && values[i] >= values[i + 1])
        .filter(|&i| prominence(values, i) >= least)
        .map(|i| top(values, i))
        .collect()
}

/// How far one must descend from sample i, at least, to get to a higher one or to an end.
fn prominence(values: &[f64], i: usize) -> f64 {
    let descent = |side: &mut dyn Iterator<Item = &f64>| {
        values[i] - side.take_while(|&&x| x <= values[i]).copied().fold(values[i], f64::min)
    };
    descent(&mut values[..i].iter().rev()).min(descent(&mut values[i + 1..].iter()))
}

fn top(values: &[f64], i: usize) -> Peak {
    let (left, middle, right) = (values[i - 1], values[i], values[i + 1]);
    let curvature = left - 2.0 * middle + right; // below 0: left is lower
    let shift = (left - right) / (2.0 * curvature);
    Peak { at: i as f64 + shift, height: middle - (left - right) * shift / 4.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_top_of_a_parabola_is_found_between_samples() {
        let values: Vec<f64> = (0..8).map(|t| 5.0 - (f64::from(t) - 3.3).powi(2)).collect();
        let found = peaks(&values, 0.1);
        assert_eq!(found.len(), 1);
        assert!((found[0].at - 3.3).abs() < 1e-12 && (found[0].height - 5.0).abs() < 1e-12);
    }

    #[test]
    fn a_ripple_does_not_stand_out() {
        let values = [0.0, 1.0, 5.0, 4.99, 5.01, 1.0, 3.0, 0.0];
        let places = |share| peaks(&values, share).iter().map(|peak| peak.at.round()).collect::<Vec<_>>();
        assert_eq!(places(0.05), [4.0, 6.0]);
        assert_eq!(places(0.5), [4.0]);
        assert_eq!(places(0.0), [2.0, 4.0, 6.0]);
    }

    #[test]
    fn without_an_inside_there_is_no_peak() {
        for values in [&[][..], &[1.0], &[1.0, 2.0], &[1.0, 2.0, 3.0], &[1.0; 9]] {
            assert_eq!(peaks(values, 0.0), []);
        }
    }
}
