//! Numbers and names as people read them.

pub use bl_core::text::{decimal, grouped};

/// `1 class`, `2 classes`
pub fn counted(number: usize, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { many })
}

/// `98.12 %`
pub fn percent(share: f64) -> String {
    format!("{:.2} %", 100.0 * share)
}

/// `6.21 µs`, `62.0 ms`, `125 s`
pub fn duration(seconds: f64) -> String {
    match seconds {
        s if s < 1e-3 => three_digits(s * 1e6, "µs"),
        s if s < 1.0 => three_digits(s * 1e3, "ms"),
        s => three_digits(s, "s"),
    }
}

fn three_digits(number: f64, unit: &str) -> String {
    let decimals = if number < 9.995 { 2 } else { usize::from(number < 99.95) };
    format!("{number:.decimals$} {unit}")
}

/// A name out of a file, safe to print: a control character could rewrite the screen.
pub fn printable(name: &str) -> String {
    crate::foreign::printable(name).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_are_counted_in_words() {
        assert_eq!(counted(25_088_000, "class", "classes"), "25,088,000 classes");
        assert_eq!(counted(1, "class", "classes"), "1 class");
        assert_eq!(counted(0, "class", "classes"), "0 classes");
    }

    #[test]
    fn durations_have_three_digits() {
        for (seconds, expected) in [
            (6.21e-6, "6.21 µs"),
            (6.2e-5, "62.0 µs"),
            (0.124, "124 ms"),
            (2.104, "2.10 s"),
            (125.0, "125 s"),
        ] {
            assert_eq!(duration(seconds), expected);
        }
    }
}
