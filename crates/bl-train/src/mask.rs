//! Masks over units: soft while they are learned, `m = sigmoid(g / τ)`, and 0 or 1 in the end.

/// τ of an epoch (from 0): it falls from 1 in the first to `last` in the last, by the same factor each epoch.
pub(crate) fn temperature(last: f64, epoch: u32, epochs: u32) -> f64 {
    libm::pow(last, f64::from(epoch) / f64::from((epochs - 1).max(1)))
}

/// m of g.
pub(crate) fn soft_mask(g: &[f32], temperature: f64, m: &mut Vec<f32>) {
    let temperature = temperature as f32;
    m.clear();
    m.extend(g.iter().map(|g| sigmoid(g / temperature)));
}

/// Turns ∂L/∂m into ∂L/∂g.
pub(crate) fn to_mask_gradient(g: &[f32], temperature: f64, m: &[f32], gradient: &mut [f32]) {
    let temperature = temperature as f32;
    for ((dg, &g), m) in gradient.iter_mut().zip(g).zip(m) {
        *dg *= m * sigmoid(-g / temperature) / temperature; // 1 − m without cancellation
    }
}

/// A unit is ON when `sigmoid(g / τ)` tends to 1 as τ falls.
pub(crate) fn binary_mask(g: &[f32]) -> Vec<bool> {
    g.iter().map(|&g| g > 0.0).collect()
}

fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + libm::expf(-x))
}
