//! Times as text: dates with or without a time of day.

const DAY: f64 = 86_400.0;
/// A year of months: a twelfth of 365.2425 days each.
pub(super) const MONTH: f64 = 30.436_875 * DAY;

/// What the dates of a column begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// `2026-01-31`, `2026/1/31`, `2026-01`
    Year,
    /// `31.1.2026`, `31/1/2026`
    Day,
    /// `1/31/2026`
    Month,
}

/// Seconds since 1970 of a date such as `2026-01-31`, `2026-01-31T08:00:00.5+01:00` or `31.01.2026 08:00`; without an
/// offset it is taken as it stands.
pub(super) fn parse(text: &str, order: Order) -> Option<f64> {
    let at = text.find(['T', 't', ' ']).unwrap_or(text.len());
    let (date, time) = (&text[..at], text[at..].get(1..).unwrap_or("").trim());
    let days = days(date, order)?;
    let (time, offset) = zone(time)?;
    let of_day = if time.is_empty() { 0.0 } else { of_day(time)? };
    Some(days as f64 * DAY + of_day - offset)
}

fn days(date: &str, order: Order) -> Option<i64> {
    let separator = ['-', '/', '.'].into_iter().find(|&c| date.contains(c))?;
    let parts: Vec<String> = date.split(separator).map(numbered).collect();
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
        (Order::Day, [day, month, year]) | (Order::Month, [month, day, year]) => {
            (last_year(year)?, small(month)?, small(day)?)
        }
        _ => return None,
    };
    let valid = (1..=12).contains(&month) && (1..=length(year, month)).contains(&day);
    valid.then(|| days_from_civil(year, month, day))
}

/// A part of a date, a month's name as its number.
fn numbered(part: &str) -> String {
    const NAMES: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let lower = part.to_lowercase();
    let month =
        NAMES.iter().position(|name| lower.starts_with(name) && lower.chars().all(char::is_alphabetic));
    month.map_or(lower, |month| (month + 1).to_string())
}

/// A date and a time of day from two cells; the second may be a number of hours.
pub(super) fn joined(date: &str, time: &str) -> Option<String> {
    if date.contains([' ', 'T', ':']) {
        return None; // it has its own
    }
    match time.parse::<u32>() {
        Ok(hour) if hour <= 24 => Some(format!("{date} {hour}:00")),
        Ok(_) => None,
        Err(_) => time.contains(':').then(|| format!("{date} {time}")),
    }
}

/// The time of day, and seconds to take off for its offset.
fn zone(time: &str) -> Option<(&str, f64)> {
    if let Some(time) = time.strip_suffix(['Z', 'z']) {
        return Some((time, 0.0));
    }
    let Some(at) = time.rfind(['+', '-']) else { return Some((time, 0.0)) };
    let (rest, offset) = time.split_at(at);
    let sign = if offset.starts_with('-') { -1.0 } else { 1.0 };
    let digits: String = offset[1..].chars().filter(|&c| c != ':').collect();
    let (hours, minutes) = match digits.len() {
        2 => (digits.parse::<u32>().ok()?, 0),
        4 if digits.is_ascii() => (digits[..2].parse().ok()?, digits[2..].parse().ok()?),
        _ => return None,
    };
    Some((rest.trim_end(), sign * f64::from(hours * 3600 + minutes * 60)))
}

/// Seconds of `8:00`, `08:00:00.5`, `3:00 PM`.
fn of_day(time: &str) -> Option<f64> {
    let lower = time.to_ascii_lowercase();
    let (time, half) = match (lower.strip_suffix("am"), lower.strip_suffix("pm")) {
        (Some(time), _) => (time.trim_end(), Some(0)),
        (_, Some(time)) => (time.trim_end(), Some(12)),
        _ => (&*lower, None),
    };
    let parts: Vec<&str> = time.split(':').collect();
    let whole = |part: &str, below: u32| {
        let digits = (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        part.parse::<u32>().ok().filter(|&n| digits && n < below)
    };
    let (hour, minute, second) = match *parts {
        [hour, minute] => (hour, minute, "0"),
        [hour, minute, second] => (hour, minute, second),
        _ => return None,
    };
    let second = second.parse::<f64>().ok().filter(|s| (0.0..61.0).contains(s))?;
    let hour = match half {
        None => whole(hour, 25)?, // 24:00 is the end of a day
        Some(half) => whole(hour, 13).filter(|&hour| hour > 0)? % 12 + half,
    };
    Some(f64::from(hour * 3600 + whole(minute, 60)? * 60) + second)
}

/// A day of a month.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct InMonth {
    /// Since the year 0.
    pub months: i64,
    /// In seconds; equal on the same day of each month.
    pub at: f64,
    /// The time of day, of the last day of a month.
    pub at_end: Option<f64>,
}

/// Which month a time is in, and where in it.
pub(super) fn in_month(seconds: f64) -> InMonth {
    let day = (seconds / DAY).floor();
    let (year, month, of_month) = civil_from_days(day as i64);
    let of_day = seconds - day * DAY;
    InMonth {
        months: 12 * year + month - 1,
        at: of_month as f64 * DAY + of_day,
        at_end: (of_month == length(year, month)).then_some(of_day),
    }
}

/// A time as a message has it: `2026-01-31 08:00`.
pub(super) fn format(seconds: f64) -> String {
    let day = (seconds / DAY).floor();
    let (year, month, of_month) = civil_from_days(day as i64);
    let of_day = (seconds - day * DAY).round() as i64;
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    let date = format!("{year:04}-{month:02}-{of_month:02}");
    match (hour, minute, second) {
        (0, 0, 0) => date,
        (_, _, 0) => format!("{date} {hour:02}:{minute:02}"),
        _ => format!("{date} {hour:02}:{minute:02}:{second:02}"),
    }
}

fn length(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 of the Gregorian calendar; years begin in March here, so that a leap day is the last.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (era * 400 + year + i64::from(month <= 2), month, day)
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
    }

    #[test]
    fn a_time_is_written_as_it_was_read() {
        for text in ["2026-01-31", "1969-12-31 08:30", "2024-02-29 23:59:59", "2100-03-01"] {
            assert_eq!(format(parse(text, Order::Year).unwrap()), text);
        }
    }

    #[test]
    fn months_are_counted_and_their_ends_known() {
        let month = |text| in_month(parse(text, Order::Year).unwrap());
        assert_eq!(month("2026-02-01").at, month("2026-03-01").at);
        assert_eq!(month("2026-03-01").months - month("2025-12-01").months, 3);
        assert_eq!(month("2026-02-28 06:00").at_end, month("2026-03-31 06:00").at_end);
        assert_eq!(month("2026-03-28").at_end, None);
    }
}
