//! From the text of an argument to its value.

pub(super) fn count(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|n| (1..=1_000_000_000).contains(n))
        .ok_or_else(|| "expected a number from 1 on".to_owned())
}

pub(super) fn size(text: &str) -> Result<usize, String> {
    bl_cli::parse_bytes(text).map(|bytes| bytes as usize)
}

/// A size of which something is left to work with.
pub(super) fn memory(text: &str) -> Result<usize, String> {
    const LEAST: usize = 1 << 20;
    size(text)
        .and_then(|bytes| if bytes < LEAST { Err("expected at least 1 MiB".to_owned()) } else { Ok(bytes) })
}

pub(super) fn seconds(text: &str) -> Result<f64, String> {
    number_in(text, 0.001, 3600.0)
}

fn finite(text: &str) -> Result<f64, String> {
    text.parse().ok().filter(|x: &f64| x.is_finite()).ok_or_else(|| "expected a number".to_owned())
}

pub(super) fn place(text: &str) -> Result<[f64; 2], String> {
    let numbers: Option<Vec<f64>> = text.split(',').map(|part| finite(part.trim()).ok()).collect();
    let expected = || "expected two numbers, in metres, such as `0.05,-0.03`".to_owned();
    numbers.and_then(|numbers| numbers.try_into().ok()).ok_or_else(expected)
}

fn number_in(text: &str, min: f64, max: f64) -> Result<f64, String> {
    let value = text.parse().ok().filter(|x| (min..=max).contains(x));
    value.ok_or_else(|| format!("expected a number from {min} to {max}"))
}
