//! Softmax, cross-entropy and the best class of one row. `libm` rather than the platform's `exp`: the same bits everywhere.

/// Class probabilities of one row of logits.
pub fn softmax(logits: &[f32]) -> Vec<f32> {
    let max = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut out: Vec<f32> = logits.iter().map(|&y| libm::expf(y - max)).collect();
    let sum: f32 = out.iter().sum();
    for p in &mut out {
        *p /= sum;
    }
    out
}

/// Cross-entropy of one row: the loss, and its gradient times `scale` written over the logits.
///
/// # Panics
/// When `label` is out of range.
pub fn cross_entropy(logits: &mut [f32], label: usize, scale: f32) -> f32 {
    let max = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let of_label = logits[label] - max;
    let mut sum = 0.0;
    for y in logits.iter_mut() {
        *y = libm::expf(*y - max);
        sum += *y;
    }
    let to_gradient = scale / sum;
    for y in logits.iter_mut() {
        *y *= to_gradient;
    }
    logits[label] -= scale;
    libm::logf(sum) - of_label
}

/// Squared error of one row: `Σ (y − t)²`, and its gradient times `scale` written over the outputs.
///
/// # Panics
/// When there are not as many targets.
pub fn squared_error(outputs: &mut [f32], targets: &[f32], scale: f32) -> f64 {
    assert_eq!(outputs.len(), targets.len(), "a target for each output");
    let mut sum = 0.0;
    for (y, t) in outputs.iter_mut().zip(targets) {
        let error = *y - t;
        sum += f64::from(error) * f64::from(error);
        *y = 2.0 * error * scale;
    }
    sum
}

/// The class with the highest score, the first one among equals.
pub fn argmax(scores: &[f32]) -> usize {
    let mut best = 0;
    for (class, score) in scores.iter().enumerate() {
        if *score > scores[best] {
            best = class;
        }
    }
    best
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "small numbers are exact")]
mod tests {
    use super::*;

    #[test]
    fn a_squared_error_falls_against_its_gradient() {
        let mut y = [3.0, -1.0];
        assert_eq!(squared_error(&mut y, &[1.0, 1.0], 0.5), 8.0);
        assert_eq!(y, [2.0, -2.0]);
    }

    #[test]
    fn the_gradient_is_the_difference_quotient_of_the_loss() {
        let logits = [0.3, -1.2, 2.0, 0.0];
        let loss = |y: &[f32]| f64::from(cross_entropy(&mut y.to_vec(), 1, 1.0));
        let mut gradient = logits;
        cross_entropy(&mut gradient, 1, 1.0);
        for class in 0..logits.len() {
            let (mut up, mut down) = (logits, logits);
            up[class] += 1e-2;
            down[class] -= 1e-2;
            let slope = (loss(&up) - loss(&down)) / 2e-2;
            assert!((slope - f64::from(gradient[class])).abs() < 1e-4, "class {class}: {slope}");
        }
    }

    #[test]
    fn huge_logits_stay_finite() {
        assert_eq!(softmax(&[1e30, -1e30]), [1.0, 0.0]);
        let mut logits = [1e30, -1e30];
        assert!(cross_entropy(&mut logits, 1, 1.0) > 1e29);
        assert!(logits.iter().all(|y| y.is_finite()));
    }
}
