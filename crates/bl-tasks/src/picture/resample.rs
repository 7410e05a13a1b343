//! Scaling: area average where a picture shrinks, linear interpolation where it grows.
//!
//! Of area average, triangle, cubic and Lanczos, the area average came closest to the original
//! when test pictures of MNIST were enlarged and brought back.

/// Grey values as numbers: `[height, width]`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Plane {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) values: Vec<f32>,
}

/// Scales the picture `value(x, y)` from `old` to `new` (width, height).
pub(super) fn resample(
    old: (usize, usize),
    new: (usize, usize),
    value: impl Fn(usize, usize) -> f32,
) -> Plane {
    let ((old_width, old_height), (width, height)) = (old, new);
    let columns = taps(old_width, width);
    let mut narrow = vec![0.0; old_height * width];
    let mut row = vec![0.0; old_width];
    for (y, narrow) in narrow.chunks_exact_mut(width).enumerate() {
        row.iter_mut().enumerate().for_each(|(x, pixel)| *pixel = value(x, y));
        for (pixel, taps) in narrow.iter_mut().zip(&columns) {
            *pixel = taps.weights.iter().zip(&row[taps.first..]).map(|(weight, pixel)| weight * pixel).sum();
        }
    }
    let mut values = Vec::with_capacity(height * width);
    for taps in taps(old_height, height) {
        values.extend((0..width).map(|x| {
            let column = narrow[taps.first * width..].chunks_exact(width).map(|row| row[x]);
            taps.weights.iter().zip(column).map(|(weight, pixel)| weight * pixel).sum::<f32>()
        }));
    }
    Plane { width, height, values }
}

/// The old pixels that make one new pixel, and their weights, which sum to 1.
struct Taps {
    first: usize,
    weights: Vec<f32>,
}

fn taps(old: usize, new: usize) -> Vec<Taps> {
    let scale = old as f64 / new as f64;
    (0..new)
        .map(|i| if scale >= 1.0 { area(i as f64 * scale, scale, old) } else { linear(i, scale, old) })
        .collect()
}

/// Pixels between `start` and `start + length`, each by the part of it that lies inside.
fn area(start: f64, length: f64, old: usize) -> Taps {
    let end = start + length;
    let (first, last) = (start.floor() as usize, (end.ceil() as usize).min(old));
    let part = |pixel: usize| ((pixel + 1) as f64).min(end) - (pixel as f64).max(start);
    Taps { first, weights: (first..last).map(|pixel| (part(pixel) / length) as f32).collect() }
}

fn linear(i: usize, scale: f64, old: usize) -> Taps {
    let centre = ((i as f64 + 0.5) * scale - 0.5).clamp(0.0, (old - 1) as f64);
    let first = (centre.floor() as usize).min(old.saturating_sub(2));
    let t = (centre - first as f64) as f32;
    Taps { first, weights: if old == 1 { vec![1.0] } else { vec![1.0 - t, t] } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_new_pixel_weighs_1_and_stays_inside() {
        for old in 1..60 {
            for new in 1..40 {
                for taps in taps(old, new) {
                    assert!((taps.weights.iter().sum::<f32>() - 1.0).abs() < 1e-5, "{old} {new}");
                    assert!(taps.first + taps.weights.len() <= old, "{old} {new}");
                }
            }
        }
    }

    #[test]
    fn shrinking_averages_and_growing_interpolates() {
        let ramp = |x: usize, y: usize| (x + 10 * y) as f32;
        assert_eq!(resample((4, 2), (2, 1), ramp).values, [5.5, 7.5]);
        assert_eq!(resample((3, 1), (2, 1), |x, _| [3.0, 6.0, 9.0][x]).values, [4.0, 8.0]);
        assert_eq!(resample((2, 1), (4, 1), ramp).values, [0.0, 0.25, 0.75, 1.0]);
        assert_eq!(resample((1, 1), (2, 2), |_, _| 7.0).values, [7.0; 4]);
    }
}
