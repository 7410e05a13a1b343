//! Sizes as people write them.

const UNITS: [(&str, u64); 8] = [
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
    ("kB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("B", 1),
];

/// Reads `1GiB`, `1.5 GB`, `800MiB` or a plain number of bytes.
pub fn parse_bytes(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic()).trim_end();
    let unit = text[number.len()..].trim();
    let factor = UNITS.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit)).map(|(_, factor)| *factor);
    let factor = if unit.is_empty() { Some(1) } else { factor };
    let value: Option<f64> = number.parse().ok().filter(|x: &f64| x.is_finite() && *x >= 0.0);
    match (value, factor) {
        (Some(value), Some(factor)) if value * (factor as f64) < 1e18 => Ok((value * factor as f64) as u64),
        (Some(_), Some(_)) => Err("no machine has that much memory".into()),
        _ => Err("expected a size such as `1GiB`, `800MiB` or a number of bytes".into()),
    }
}

/// `3.6 GiB`, `125 KiB`, `12 B`
pub fn format_bytes(bytes: u64) -> String {
    let (name, factor) =
        UNITS[..3].iter().rev().find(|(_, factor)| bytes >= *factor).copied().unwrap_or(("B", 1));
    let value = bytes as f64 / factor as f64;
    if factor == 1 || value >= 100.0 { format!("{value:.0} {name}") } else { format!("{value:.1} {name}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_people_write_them() {
        for (text, expected) in [
            ("1GiB", Some(1 << 30)),
            ("1.5 GB", Some(1_500_000_000)),
            ("800mib", Some(800 << 20)),
            ("4096", Some(4096)),
            ("0", Some(0)),
            ("12B", Some(12)),
            ("", None),
            ("GiB", None),
            ("-1GiB", None),
            ("1XB", None),
            ("nan", None),
            ("99999999TiB", None),
        ] {
            assert_eq!(parse_bytes(text).ok(), expected, "{text}");
        }
    }

    #[test]
    fn sizes_are_printed_short() {
        for (bytes, expected) in
            [(0, "0 B"), (1023, "1023 B"), (128_000, "125 KiB"), (3_865_470_566, "3.6 GiB")]
        {
            assert_eq!(format_bytes(bytes), expected);
        }
    }
}
