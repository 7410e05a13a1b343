//! Times as text: dates with or without a time of day.

use super::calendar;
use super::of_day::{of_day, of_time};

/// What is read, for messages.
pub(super) const FORMATS: &str = "`2026-01-31 08:00`, with `T` or seconds, `Z`, `+01:00` or `CET`; `20260131T0800`; \
    `31.01.2026 08:00`; `01/31/2026 8:00 AM`; `31 Jan 2026 08:00`; `2026013108`; seconds since 1970; a date and an hour in two columns";

/// What the dates of a column begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// `2026-01-31`, `2026/1/31`, `2026-01`, and what has the month's name in words: `31 January 2026`.
    Year,
    /// `31.1.2026`, `31/1/2026`
    Day,
    /// `1/31/2026`, never with points
    Month,
}

/// Seconds since 1970 of a date such as `2026-01-31`, `2026-01-31T08:00:00.5+01:00` or `31.01.2026 08:00`; without an
/// offset or a zone it is taken as it stands. Of a range (`31.01.2026 08:00 - 31.01.2026 09:00`) it is the beginning.
pub(super) fn parse(text: &str, order: Order) -> Option<f64> {
    let range = |separator| {
        let (from, to) = text.split_once(separator)?;
        single(to, order).or_else(|| of_day(to.trim()))?;
        single(from, order)
    };
    range(" - ").or_else(|| range(" – ")).or_else(|| range("/")).or_else(|| single(text, order))
}

fn single(text: &str, order: Order) -> Option<f64> {
    let text = text.trim();
    let worded = || if order == Order::Year { worded(text) } else { None };
    numbered(text, order).or_else(worded)
}

/// A date in numbers, but for a month's name between its separators.
fn numbered(text: &str, order: Order) -> Option<f64> {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let is_end = |at: usize| match bytes[at] {
        b' ' => true,
        b'T' | b't' => at > 0 && digit(at - 1) && digit(at + 1),
        _ => false,
    };
    let at = (0..bytes.len()).find(|&at| is_end(at)).unwrap_or(bytes.len());
    let (date, time) = (&text[..at], text[at..].get(1..).unwrap_or("").trim());
    let day =
        date_of(date, order).or_else(|| basic(date).filter(|_| order == Order::Year && !time.is_empty()))?;
    Some(day + of_time(time)?)
}

fn date_of(date: &str, order: Order) -> Option<f64> {
    let separator = ['-', '/', '.'].into_iter().find(|&c| date.contains(c))?;
    let parts: Vec<String> = date.split(separator).map(in_numbers).collect();
    if parts.iter().any(|part| part.is_empty() || part.len() > 4 || !part.bytes().all(|b| b.is_ascii_digit()))
    {
        return None;
    }
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let year_of = |part: &str| (part.len() == 4).then(|| part.parse::<i64>().ok()).flatten();
    let small = |part: &str| (part.len() <= 2).then(|| part.parse::<i64>().ok()).flatten();
    let last_year = |part: &str| {
        year_of(part).or_else(|| (part.len() == 2).then(|| small(part)).flatten().map(|y| 2000 + y))
    };
    let (year, month, day) = match (order, &*parts) {
        (Order::Year, [year, month]) if separator != '.' => (year_of(year)?, small(month)?, 1),
        (Order::Year, [year, month, day]) => (year_of(year)?, small(month)?, small(day)?),
        (Order::Day, [day, month, year]) => (last_year(year)?, small(month)?, small(day)?),
        (Order::Month, [month, day, year]) if separator != '.' => {
            (last_year(year)?, small(month)?, small(day)?)
        }
        _ => return None,
    };
    calendar::seconds(year, month, day)
}

/// `20260131`
fn basic(date: &str) -> Option<f64> {
    let digits = date.len() == 8 && date.bytes().all(|b| b.is_ascii_digit());
    let part = |range: std::ops::Range<usize>| date.get(range)?.parse::<i64>().ok().filter(|_| digits);
    let year = part(0..4).filter(|year| (1900..=2100).contains(year))?;
    calendar::seconds(year, part(4..6)?, part(6..8)?)
}

/// Digits alone: `20260131`, `2026013108`, `202601310800`, `20260131080000`. A column is read so if all of it can be.
pub(super) fn compact(text: &str) -> Option<f64> {
    let (date, time) = text.split_at_checked(8)?;
    let part = |at: usize, below: i64| match time.get(at..at + 2) {
        Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => {
            digits.parse::<i64>().ok().filter(|n| *n < below)
        }
        Some(_) => None,
        None => Some(0),
    };
    let whole = matches!(time.len(), 0 | 2 | 4 | 6) && time.is_ascii();
    let of_day =
        whole.then_some(()).and_then(|()| Some(part(0, 24)? * 3600 + part(2, 60)? * 60 + part(4, 60)?))?;
    Some(basic(date)? + of_day as f64)
}

/// `31 January 2026 08:00`, `Jan 31, 2026`, `Sat, 31 Jan 2026 08:00:00 GMT`, `Sat Jan 31 08:00:00 2026`, `January 2026`.
fn worded(text: &str) -> Option<f64> {
    let (mut year, mut month, mut day, mut time) = (None, None, None, String::new());
    for token in text.split(|c: char| c.is_whitespace() || c == ',').filter(|token| !token.is_empty()) {
        let word = token.trim_end_matches('.').to_lowercase();
        let ordinal = ["st", "nd", "rd", "th"].iter().find_map(|end| word.strip_suffix(end));
        let number = ordinal
            .unwrap_or(&word)
            .parse::<i64>()
            .ok()
            .filter(|_| word.starts_with(|c: char| c.is_ascii_digit()));
        match (number, month_of(&word)) {
            (Some(number), _) if word.len() == 4 && year.is_none() => year = Some(number),
            (Some(number), _) if number < 32 && day.is_none() => day = Some(number),
            (None, Some(number)) if month.is_none() => month = Some(number),
            (None, None) if is_weekday(&word) && time.is_empty() => {}
            (None, None) => time = format!("{time} {token}"),
            _ => return None,
        }
    }
    Some(calendar::seconds(year?, month?, day.unwrap_or(1))? + of_time(time.trim())?)
}

/// The number of a month, by the beginning of its name.
fn month_of(word: &str) -> Option<i64> {
    const NAMES: [(&str, i64); 16] = [
        ("jan", 1),
        ("feb", 2),
        ("mar", 3),
        ("apr", 4),
        ("may", 5),
        ("jun", 6),
        ("jul", 7),
        ("aug", 8),
        ("sep", 9),
        ("oct", 10),
        ("nov", 11),
        ("dec", 12),
        ("mär", 3),
        ("mai", 5),
        ("okt", 10),
        ("dez", 12),
    ];
    let is_word = word.len() <= 10 && word.chars().all(char::is_alphabetic);
    NAMES.iter().find(|(name, _)| is_word && word.starts_with(name)).map(|(_, number)| *number)
}

fn is_weekday(word: &str) -> bool {
    ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].iter().any(|day| word.starts_with(day))
}

/// A part of a date, a month's name as its number.
fn in_numbers(part: &str) -> String {
    let lower = part.to_lowercase();
    month_of(&lower).map_or(lower, |month| month.to_string())
}

/// Whether a cell is meant as a time, read or not: it has a time of day, a year before or after a separator, or a month's
/// name and a number.
pub(super) fn is_meant(cell: &str) -> bool {
    let bytes = cell.as_bytes();
    let digits =
        |from: usize, to: usize| bytes.get(from..to).is_some_and(|part| part.iter().all(u8::is_ascii_digit));
    let of_day = (1..bytes.len()).any(|at| bytes[at] == b':' && digits(at - 1, at) && digits(at + 1, at + 2));
    let year = |from: usize| {
        matches!(cell.get(from..from + 4).and_then(|year| year.parse().ok()), Some(1600..=2200))
    };
    let first = bytes.len() > 5 && year(0) && !digits(4, 5) && bytes[4] != b'.';
    let last =
        bytes.len() > 6 && year(bytes.len() - 4) && matches!(bytes[bytes.len() - 5], b'/' | b'.' | b'-');
    let named =
        || cell.split(|c: char| !c.is_alphabetic()).any(|word| month_of(&word.to_lowercase()).is_some());
    let is_number = cell.parse::<f64>().is_ok();
    !is_number && (of_day || first || last || (named() && bytes.iter().any(u8::is_ascii_digit)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_seconds_since_1970() {
        use Order::{Day, Month, Year};
        fn check(text: &str, order: Order, expected: Option<f64>) {
            assert_eq!(parse(text, order), expected, "{text}");
        }
        check("1970-01-01", Year, Some(0.0));
        check("2026-01-01 00:00", Year, Some(1_767_225_600.0));
        check("2026-01-01T01:00:00.5+01:00", Year, Some(1_767_225_600.5));
        check("2026-01-01T00:00Z", Year, Some(1_767_225_600.0));
        check("2026-01", Year, Some(1_767_225_600.0));
        check("01.01.2026 00:00", Day, Some(1_767_225_600.0));
        check("1/1/2026 12:00 AM", Month, Some(1_767_225_600.0));
        check("1-Jan-26", Day, Some(1_767_225_600.0));
        check("2026-Jan", Year, Some(1_767_225_600.0));
        check("2000-02-29", Year, Some(951_782_400.0));
        check("1969-12-31 23:59:59", Year, Some(-1.0));
        for wrong in
            ["2026-02-29", "2026-13-01", "12.5", "5", "", "-9999", "1.2.3", "2026-01-01 25:00", "a-b-c"]
        {
            check(wrong, Year, None);
        }
        check("13/1/2026", Month, None);
        check("1.1.2026", Month, None);
        for midnight in [
            "2026-01-01 01:00 CET",
            "2025-12-31 19:00:00 EST",
            "2026-01-01 00:00 UTC",
            "2026-01-01 02:00 (CEST)",
            "2026-01-01T01:00+01:00[Europe/Berlin]",
            "2026-01-01 01:00 UTC+1",
            "20260101T000000Z",
            "20260101T0000",
            "20260101 00:00",
            "Jan 01, 2026 00:00",
            "January 1st, 2026",
            "01 January 2026",
            "1. Januar 2026 00:00",
            "Thu, 01 Jan 2026 00:00:00 GMT",
            "Thu, 01 Jan 2026 01:00:00 +0100",
            "Thu Jan  1 00:00:00 2026",
            "Jan 2026",
            "2026-01-01T00:00/2026-01-01T01:00",
            "2026-01-01 00:00 - 01:00",
        ] {
            check(midnight, Year, Some(1_767_225_600.0));
        }
        check("01.01.2026 00:00 - 01.01.2026 01:00", Day, Some(1_767_225_600.0));
        check("01-Oct-2026 00:00", Day, parse("2026-10-01", Year));
        for (text, expected) in [
            ("20260101", Some(1_767_225_600.0)),
            ("2026010101", Some(1_767_229_200.0)),
            ("202601010100", Some(1_767_229_200.0)),
            ("20260101010001", Some(1_767_229_201.0)),
            ("20261301", None),
            ("2026010124", None),
            ("1767225600", None),
            ("202601", None),
            ("20260101é", None),
        ] {
            assert_eq!(compact(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_meant_as_a_time_is_told_from_what_is_not() {
        for text in
            ["2026-W05", "2026-Q1", "00:15", "2026年01月01日", "2026-001", "31/13/2026", "1 Smarch Mar 2026"]
        {
            assert!(is_meant(text), "{text}");
        }
        for text in ["Mon", "DE", "12.5", "-9999", "2026", "20260101", "", "a:b", "1.234", "north 3", "é2026"]
        {
            assert!(!is_meant(text), "{text}");
        }
    }
}
