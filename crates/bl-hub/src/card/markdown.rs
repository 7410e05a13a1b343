//! Texts out of a header as Markdown, and numbers as people read them.

/// A text that is shown as it is: no mark-up, no HTML, one line.
pub(super) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if c.is_control() => plain.push(' '),
            '<' => plain.push_str("&lt;"),
            '>' => plain.push_str("&gt;"),
            '&' => plain.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' => plain.extend(['\\', c]),
            c => plain.push(c),
        }
    }
    plain
}

/// Inside backticks.
pub(super) fn code(text: &str) -> String {
    let text: String =
        text.chars().map(|c| if c.is_control() || c == '`' || c == '|' { ' ' } else { c }).collect();
    format!("`{text}`")
}

/// `40.9 kB`
pub(super) fn size(bytes: u64) -> String {
    match bytes {
        0..1000 => format!("{bytes} bytes"),
        1000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

/// The value of a metric: four digits, an accuracy in per cent.
pub(super) fn metric(name: &str, value: f64) -> String {
    if name.contains("accuracy") {
        return format!("{:.2} %", 100.0 * value);
    }
    if value.fract() == 0.0 && value.abs() < 1e6 {
        return format!("{value}");
    }
    if value != 0.0 && (value.abs() < 1e-3 || value.abs() >= 1e6) {
        format!("{value:.3e}")
    } else {
        format!("{value:.4}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_header_becomes_mark_up() {
        assert_eq!(plain("<b>a|b</b>\n# x_y"), "&lt;b&gt;a\\|b&lt;/b&gt; \\# x\\_y");
        assert_eq!(code("a`b|c"), "`a b c`");
    }

    #[test]
    fn numbers_are_as_people_read_them() {
        assert_eq!([size(999), size(40_912), size(25_088_000)], ["999 bytes", "40.9 kB", "25.1 MB"]);
        assert_eq!(
            [metric("accuracy", 0.98123), metric("loss", 0.0648), metric("mse", 1e-5)],
            ["98.12 %", "0.0648", "1.000e-5"]
        );
    }
}
