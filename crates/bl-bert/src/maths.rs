//! What stands between the products of matrices, over rows of values. No branches in the loops, so that the compiler can take
//! several values at a time.

use std::ops::Range;

use bl_kernels::{Matrix, product};

use crate::error::Error;

/// `x Wᵀ`, a row for each of x.
///
/// # Shapes
/// - `x`: `[rows, inputs]`, `weights`: `[outputs, inputs]`
/// - returns: `[rows, outputs]`
pub(crate) fn linear(x: &[f32], weights: &[f32], inputs: usize) -> Result<Vec<f32>, Error> {
    let (rows, outputs) = (x.len() / inputs, weights.len() / inputs);
    let mut out = vec![0.0; rows * outputs];
    product(&mut out, Matrix::new(x, rows, inputs)?, Matrix::new(weights, outputs, inputs)?.t(), false)?;
    Ok(out)
}

/// Adds `dy W` to `dx`: the way back of [`linear`] to its input.
pub(crate) fn linear_back(dx: &mut [f32], dy: &[f32], weights: &[f32], outputs: usize) -> Result<(), Error> {
    let (rows, inputs) = (dy.len() / outputs, weights.len() / outputs);
    Ok(product(dx, Matrix::new(dy, rows, outputs)?, Matrix::new(weights, outputs, inputs)?, true)?)
}

/// Adds to the rows of each text its own bias.
pub(crate) fn add_biases<'a>(rows: &mut [f32], bounds: &[Range<usize>], bias: impl Fn(usize) -> &'a [f32]) {
    for (text, bound) in bounds.iter().enumerate() {
        let bias = bias(text);
        for row in rows[bound.start * bias.len()..bound.end * bias.len()].chunks_exact_mut(bias.len()) {
            row.iter_mut().zip(bias).for_each(|(value, bias)| *value += bias);
        }
    }
}

/// Adds all rows to `sum`: the gradient at a bias.
pub(crate) fn add_rows(sum: &mut [f32], rows: &[f32]) {
    for row in rows.chunks_exact(sum.len()) {
        sum.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
    }
}

/// `(x − mean) / √(variance + ε)` of each row in place, and the factors that the rows were multiplied by.
pub(crate) fn normalise(rows: &mut [f32], size: usize, epsilon: f64) -> Vec<f32> {
    let normalise = |row: &mut [f32]| {
        let mean = sum(row.iter().copied()) / size as f32;
        for x in row.iter_mut() {
            *x -= mean;
        }
        let variance = sum(row.iter().map(|x| x * x)) / size as f32;
        let factor = (1.0 / (f64::from(variance) + epsilon).sqrt()) as f32;
        for x in row.iter_mut() {
            *x *= factor;
        }
        factor
    };
    rows.chunks_exact_mut(size).map(normalise).collect()
}

/// `x̂ ∘ weight`: a row for each of x̂, to which biases are added.
pub(crate) fn scaled(normal: &[f32], weight: &[f32]) -> Vec<f32> {
    let rows = normal.chunks_exact(weight.len());
    rows.flat_map(|row| row.iter().zip(weight).map(|(x, w)| x * w)).collect()
}

/// The way back of [`normalise`] and [`scaled`] in place, from the gradient at their output to that at their input.
pub(crate) fn normalise_back(d: &mut [f32], normal: &[f32], factors: &[f32], weight: &[f32]) {
    let size = weight.len();
    for ((d, x), factor) in d.chunks_exact_mut(size).zip(normal.chunks_exact(size)).zip(factors) {
        d.iter_mut().zip(weight).for_each(|(d, w)| *d *= w);
        let mean = sum(d.iter().copied()) / size as f32;
        let along = sum(d.iter().zip(x).map(|(d, x)| d * x)) / size as f32;
        d.iter_mut().zip(x).for_each(|(d, x)| *d = factor * (*d - mean - x * along));
    }
}

/// GELU of each value in place, and its slopes there.
pub(crate) fn gelu(values: &mut [f32]) -> Vec<f32> {
    const ROOT: f32 = std::f32::consts::FRAC_1_SQRT_2;
    const DENSITY: f32 = 0.398_942_3; // 1 / √(2π)
    let mut slopes = vec![0.0; values.len()];
    for (value, slope) in values.iter_mut().zip(&mut slopes) {
        let x = *value;
        let half = exp(-0.5 * x * x);
        let share = 0.5 + 0.5 * erf(x * ROOT, half);
        *slope = share + x * DENSITY * half;
        *value = x * share;
    }
    slopes
}

/// erf(x), where `exp_of_square` is e^(−x²): Abramowitz and Stegun 7.1.26, within 1.5e-7.
#[inline]
fn erf(x: f32, exp_of_square: f32) -> f32 {
    let t = 1.0 / (1.0 + 0.327_591_1 * x.abs());
    let sum =
        ((((1.061_405_4 * t - 1.453_152_1) * t + 1.421_413_8) * t - 0.284_496_74) * t + 0.254_829_6) * t;
    (1.0 - sum * exp_of_square).copysign(x)
}

/// e^x within 2 in the last place, for x up to 80; below -87 it is near 0.
#[inline]
pub(crate) fn exp(x: f32) -> f32 {
    const TO_WHOLE: f32 = 12_582_912.0; // 1.5 · 2²³: adding it leaves no fraction
    let x = x.clamp(-87.0, 80.0);
    let whole = (x * std::f32::consts::LOG2_E + TO_WHOLE) - TO_WHOLE;
    let rest = x - whole * 0.693_359_4 + whole * 2.121_944_4e-4;
    let series = ((((1.987_569_2e-4 * rest + 1.398_199_9e-3) * rest + 8.333_452e-3) * rest + 4.166_579_6e-2)
        * rest
        + 1.666_666_5e-1)
        * rest
        + 0.5;
    let power = f32::from_bits(((whole as i32 + 127) << 23) as u32);
    (series * rest * rest + rest + 1.0) * power
}

/// In 16 sums that are added at the end: the same order everywhere, and fast.
#[inline]
fn sum(values: impl Iterator<Item = f32>) -> f32 {
    let mut sums = [0.0_f32; 16];
    for (i, value) in values.enumerate() {
        sums[i % 16] += value;
    }
    sums.iter().sum()
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "a test that fails should say where")]
mod tests {
    use super::*;

    #[test]
    fn exp_and_gelu_are_near_the_exact_ones() {
        for i in -8700..8000 {
            let x = i as f32 / 100.0;
            let exact = f64::from(x).exp();
            assert!((f64::from(exp(x)) / exact - 1.0).abs() < 3e-7, "{x}");
        }
        let gelu_of = |x: f64| 0.5 * x * (1.0 + libm::erf(x / std::f64::consts::SQRT_2));
        for i in -1200..1200 {
            let x = i as f32 / 100.0;
            let mut value = [x];
            let slope = gelu(&mut value)[0];
            let (x, step) = (f64::from(x), 1e-4);
            assert!((f64::from(value[0]) - gelu_of(x)).abs() < 2e-6, "{x}");
            let exact = (gelu_of(x + step) - gelu_of(x - step)) / (2.0 * step);
            assert!((f64::from(slope) - exact).abs() < 3e-6, "{x}: {slope} {exact}");
        }
    }

    #[test]
    fn rows_are_normalised_and_back() {
        let weight = [1.0, 2.0, -1.0, 0.5];
        let start = [0.3, -1.0, 2.0, 0.7, 5.0, 5.5, 4.0, 6.0];
        let towards = [1.0, -2.0, 0.5, 3.0, 0.1, 0.2, -0.3, 0.4]; // the loss is the sum of these times the output
        let loss = |x: &[f32]| {
            let mut x = x.to_vec();
            normalise(&mut x, 4, 1e-5);
            scaled(&x, &weight).iter().zip(towards).map(|(y, t)| f64::from(y * t)).sum::<f64>()
        };
        let mut normal = start.to_vec();
        let factors = normalise(&mut normal, 4, 1e-5);
        let mut d = towards.to_vec();
        normalise_back(&mut d, &normal, &factors, &weight);
        for i in 0..8 {
            let (mut up, mut down) = (start, start);
            up[i] += 1e-2;
            down[i] -= 1e-2;
            let slope = (loss(&up) - loss(&down)) / 2e-2;
            assert!((slope - f64::from(d[i])).abs() < 2e-3, "{i}: {slope} {}", d[i]);
        }
    }

    #[test]
    fn biases_are_those_of_each_text() {
        let mut rows = vec![0.0; 6];
        let sets = [[1.0, 2.0], [3.0, 4.0]];
        add_biases(&mut rows, &[0..1, 1..3], |text| &sets[text]);
        assert_eq!(rows, [1.0, 2.0, 3.0, 4.0, 3.0, 4.0]);
        let mut sum = [0.0; 2];
        add_rows(&mut sum, &rows);
        assert_eq!(sum, [7.0, 10.0]);
        assert_eq!(linear(&[1.0, 2.0], &[3.0, 4.0, 5.0, 6.0], 2).unwrap(), [11.0, 17.0]);
    }
}
