//! Times of a day as text, with an offset or a zone.

/// `08:00`, `08:00Z`, `8:00 AM CET`: seconds after the beginning of the day in UTC.
pub(super) fn of_time(time: &str) -> Option<f64> {
    let (time, offset) = zone(time)?;
    let of_day = if time.is_empty() { 0.0 } else { of_day(time)? };
    Some(of_day - offset)
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

/// The time of day, and seconds to take off for its offset or zone.
fn zone(time: &str) -> Option<(&str, f64)> {
    let time = time.split_once('[').map_or(time, |(time, _)| time.trim_end()); // `+01:00[Europe/Berlin]`
    if let Some(time) = time.strip_suffix(['Z', 'z']) {
        return Some((time.trim_end(), 0.0));
    }
    let word = time.rfind(|c: char| !(c.is_alphabetic() || c == '(' || c == ')')).map_or(0, |at| at + 1);
    if let Some(hours) = time.get(word..).and_then(hours_of) {
        return Some((time[..word].trim_end(), f64::from(hours * 3600)));
    }
    let Some(at) = time.rfind(['+', '-']) else { return Some((time, 0.0)) };
    let (rest, offset) = time.split_at(at);
    let sign = if offset.starts_with('-') { -1.0 } else { 1.0 };
    let digits: String = offset[1..].chars().filter(|&c| c != ':').collect();
    let (hours, minutes) = match digits.len() {
        1 | 2 => (digits.parse::<u32>().ok()?, 0),
        4 if digits.is_ascii() => (digits[..2].parse().ok()?, digits[2..].parse().ok()?),
        _ => return None,
    };
    let rest = rest.trim_end_matches("UTC").trim_end_matches("GMT").trim_end();
    Some((rest, sign * f64::from(hours * 3600 + minutes * 60)))
}

/// Hours of a zone before UTC, of those whose letters mean one thing.
fn hours_of(zone: &str) -> Option<i32> {
    Some(match zone.trim_matches(['(', ')']).to_ascii_uppercase().as_str() {
        "UTC" | "GMT" | "WET" => 0,
        "CET" | "MEZ" | "WEST" | "BST" => 1,
        "CEST" | "MESZ" | "EET" => 2,
        "EEST" | "MSK" => 3,
        "JST" => 9,
        "EDT" => -4,
        "EST" | "CDT" => -5,
        "CST" | "MDT" => -6,
        "MST" | "PDT" => -7,
        "PST" => -8,
        _ => return None,
    })
}

/// Seconds of `8:00`, `08:00:00.5`, `3:00 PM`, `0800`, `080000`.
pub(super) fn of_day(time: &str) -> Option<f64> {
    let lower = time.to_ascii_lowercase();
    let (time, half) = match (lower.strip_suffix("am"), lower.strip_suffix("pm")) {
        (Some(time), _) => (time.trim_end(), Some(0)),
        (_, Some(time)) => (time.trim_end(), Some(12)),
        _ => (&*lower, None),
    };
    let parts: Vec<&str> = match time.len() {
        4 | 6 if time.bytes().all(|b| b.is_ascii_digit()) => {
            (0..time.len() / 2).map(|nth| &time[2 * nth..][..2]).collect()
        }
        _ => time.split(':').collect(),
    };
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
