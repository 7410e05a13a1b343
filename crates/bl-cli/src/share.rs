//! Shares of 1 as arguments, which people type as per cent.

use bl_core::text::number;

/// From 0 to 1.
pub fn share(text: &str) -> Result<f64, String> {
    within(text, 0.0, "from 0 to 1")
}

/// A metric that is 1 at best, and may be below 0.
pub fn at_most_one(text: &str) -> Result<f64, String> {
    within(text, f64::MIN, "of at most 1")
}

fn within(text: &str, min: f64, range: &str) -> Result<f64, String> {
    let (typed, percent) = match text.trim().strip_suffix('%') {
        Some(number) => (number.trim_end(), true),
        None => (text.trim(), false),
    };
    match typed.parse::<f64>() {
        Ok(x) if !percent && x >= min && x <= 1.0 => Ok(x),
        Ok(x) if (percent || x > 1.0) && (0.0..=100.0).contains(&x) => {
            let shift = |x: f64| (x * 1e10).round() / 1e12; // 0.07 and not 0.07000000000000001
            Err(format!("expected a number {range}: {typed} % is `{}`", number(shift(x))))
        }
        _ => Err(format!("expected a number {range}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn per_cent_are_told_how_to_be_typed() {
        assert_eq!((share("0.95"), share("1"), at_most_one("-3.5")), (Ok(0.95), Ok(1.0), Ok(-3.5)));
        for (text, expected) in [
            ("95", "expected a number from 0 to 1: 95 % is `0.95`"),
            ("7%", "expected a number from 0 to 1: 7 % is `0.07`"),
            ("97.5 %", "expected a number from 0 to 1: 97.5 % is `0.975`"),
            ("-0.1", "expected a number from 0 to 1"),
            ("nan", "expected a number from 0 to 1"),
            ("much", "expected a number from 0 to 1"),
        ] {
            assert_eq!(share(text), Err(expected.to_owned()));
        }
        assert_eq!(at_most_one("inf"), Err("expected a number of at most 1".to_owned()));
    }
}
