//! Days of the Gregorian calendar as seconds since 1970, and back.

pub(super) const DAY: f64 = 86_400.0;
/// A year of months: a twelfth of 365.2425 days each.
pub(super) const MONTH: f64 = 30.436_875 * DAY;

/// Seconds since 1970 of the beginning of a day, if the calendar has it.
pub(super) fn seconds(year: i64, month: i64, day: i64) -> Option<f64> {
    let valid = (1..=12).contains(&month) && (1..=length(year, month)).contains(&day);
    valid.then(|| days_from_civil(year, month, day) as f64 * DAY)
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
    use super::super::stamp::{Order, parse};
    use super::*;

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
