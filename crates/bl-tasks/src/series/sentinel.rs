//! Values that stand for none by custom.

use super::ends;

/// Where a value is one that stands for none by custom, such as -9999, and lies far from all that are not: half their range
/// away.
pub(super) fn sentinels(values: &[f64]) -> Vec<usize> {
    let custom: Vec<usize> = (0..values.len()).filter(|&at| is_custom(values[at])).collect();
    let rest: Vec<f64> = values.iter().copied().filter(|&x| x.is_finite() && !is_custom(x)).collect();
    if custom.is_empty() || rest.len() < 3 {
        return Vec::new();
    }
    let (low, high) = ends(&rest);
    let room = (high - low) / 2.0;
    custom.into_iter().filter(|&at| values[at] < low - room || values[at] > high + room).collect()
}

/// Nines alone, the ends of whole numbers, and fill values of formats and instruments.
fn is_custom(x: f64) -> bool {
    const OTHERS: [f64; 10] = [
        -32_768.0,
        32_767.0,
        65_535.0,
        -2_147_483_648.0,
        2_147_483_647.0,
        4_294_967_295.0,
        -8888.0,
        8888.0,
        -999.25,
        -200.0,
    ];
    let text = format!("{}", x.abs());
    let nines = text.len() >= 2 && text.chars().all(|c| c == '9' || c == '.');
    nines || x.abs() >= 1e19 || OTHERS.contains(&x)
}
