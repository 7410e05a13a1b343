//! The numbers that NumPy, SciPy and scikit-learn gave: printed by `tests/reference.py`.

use serde_json::Value;

/// One section of `tests/reference.json`.
pub(crate) fn section(name: &str) -> Value {
    let all: Value = serde_json::from_str(include_str!("../reference.json")).unwrap();
    all[name].clone()
}

pub(crate) fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

pub(crate) fn rows(value: &Value) -> Vec<Vec<f64>> {
    value.as_array().unwrap().iter().map(numbers).collect()
}

/// Equal up to `tolerance` times the expected value (absolutely, below 1).
#[track_caller]
pub(crate) fn assert_close(found: f64, expected: f64, tolerance: f64) {
    let error = (found - expected).abs();
    assert!(error <= tolerance * expected.abs().max(1.0), "expected {expected}, found {found}");
}
