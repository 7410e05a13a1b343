//! The times of a file's samples: found among its columns, and compared with equal steps.

use super::calendar::{self, InMonth, MONTH};
use super::of_day;
use super::stamp::{self, Order};

/// Steps that are off by less than this share are equal: clocks of loggers tremble, and decimals are rounded.
const TREMBLE: f64 = 0.1;
/// Of the cells of a column of times, at least this share are times, and of its numbers no more come again.
const MOST: f64 = 0.9;
/// Of the steps of a column of numbers that counts the samples, at least this share are equal.
const EQUAL: f64 = 0.6;
/// Fewer samples have no spacing.
pub(super) const FEWEST: usize = 3;
/// Names of columns of numbers that say when a sample was taken.
const NAMES: [&str; 26] = [
    "time",
    "times",
    "timestamp",
    "date",
    "datetime",
    "ds",
    "t",
    "day",
    "days",
    "hour",
    "hours",
    "minute",
    "minutes",
    "second",
    "seconds",
    "step",
    "index",
    "idx",
    "epoch",
    "unix",
    "utc",
    "month",
    "year",
    "week",
    "sample",
    "zeit",
];

/// How the times of a column are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Date(Order),
    /// Digits alone, if the whole column is so.
    Compact,
    Number,
}

const DATES: [Form; 3] = [Form::Date(Order::Year), Form::Date(Order::Day), Form::Date(Order::Month)];

impl Form {
    const ALL: [Self; 5] = [
        Self::Date(Order::Year),
        Self::Date(Order::Day),
        Self::Date(Order::Month),
        Self::Compact,
        Self::Number,
    ];

    fn parse(self, cell: &str) -> Option<f64> {
        match self {
            Self::Date(order) => stamp::parse(cell, order),
            Self::Compact => stamp::compact(cell),
            Self::Number => cell.parse().ok().filter(|x: &f64| x.is_finite()),
        }
    }
}

/// Whether a cell is a date and not a name.
pub(super) fn is_date(cell: &str) -> bool {
    DATES.iter().any(|form| form.parse(cell).is_some())
}

/// Whether a number may be a year and a month or week: `202605`.
pub(super) fn is_packed(number: f64) -> bool {
    (190_001.0..=210_053.0).contains(&number)
        && number.fract() == 0.0
        && (1.0..=53.0).contains(&(number % 100.0))
}

/// Whether a column's name says that it counts time; the first column without a name does, too.
pub(super) fn is_named(name: &str, place: usize) -> bool {
    let lower = name.to_lowercase();
    let mut words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    (place == 0 && (name.is_empty() || lower == "unnamed: 0")) || words.any(|word| NAMES.contains(&word))
}

/// A column that may hold the times of the samples, read in one form; `NaN` where it cannot be.
pub(super) struct Candidate {
    place: usize,
    /// Whether the time of day is in the column after it.
    split: bool,
    form: Form,
    at: Vec<f64>,
}

/// Of these columns.
pub(super) fn candidates(names: Option<&[String]>, places: &[usize]) -> Vec<Candidate> {
    let one = places.iter().flat_map(|&place| Form::ALL.map(|form| (place, false, form)));
    let two = places.iter().filter(|&place| places.contains(&(place + 1)));
    let two = two.flat_map(|&place| DATES.map(|date| (place, true, date)));
    let named = |place: usize| names.is_some_and(|names| is_named(&names[place], place));
    let fits = |&(place, _, form): &(usize, bool, Form)| form != Form::Number || named(place);
    let candidate = |(place, split, form)| Candidate { place, split, form, at: Vec::new() };
    one.chain(two).filter(fits).map(candidate).collect()
}

impl Candidate {
    /// The cell of one more sample; whether it may still be a column of times.
    pub(super) fn take(&mut self, row: &[String]) -> bool {
        let cell = &row[self.place];
        let at = if self.split { of_day::joined(cell, &row[self.place + 1]) } else { Some(cell.clone()) };
        self.at.push(at.and_then(|text| self.form.parse(&text)).unwrap_or(f64::NAN));
        let read = self.at.iter().take(20).filter(|at| at.is_finite()).count();
        self.at.len() != 20 || read >= 10
    }

    fn read(&self) -> usize {
        self.at.iter().filter(|at| at.is_finite()).count()
    }

    /// Numbers that come again and again count something else, such as the hour of a day.
    fn is_clock(&self) -> bool {
        let (n, read) = (self.at.len(), self.read());
        if n < FEWEST || (read as f64) < MOST * n as f64 {
            return false;
        }
        match self.form {
            Form::Date(_) => return true,
            Form::Compact => return read == n,
            Form::Number => {}
        }
        let year = |at: f64| (at / 100.0) as i64;
        if self.at.iter().all(|&at| is_packed(at)) && self.at.iter().any(|&at| year(at) != year(self.at[0])) {
            return false; // from 202412 to 202501 is one step
        }
        let mut sorted = sorted(&self.at);
        sorted.dedup();
        let (_, equal) = spacing(&sorted);
        sorted.len() as f64 >= MOST * read as f64 && equal as f64 >= EQUAL * (sorted.len() - 1) as f64
    }
}

/// When the samples of a file were taken, as far as it says so.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Clock {
    /// In seconds if these are dates; `NaN` where it cannot be read.
    pub at: Vec<f64>,
    /// The same, for messages, where months count as equal.
    shown: Option<Vec<f64>>,
    /// Whether these are dates.
    pub dated: bool,
    /// Its column.
    pub place: usize,
    /// Whether day and month could be the other way round, with steps as equal.
    pub either: bool,
}

impl Clock {
    /// The best of the candidates: dates before numbers, the most times read, the fewest that do not go on (a date whose time
    /// of day is in another column comes again), the most equal steps, columns from the left, the month before the day.
    pub(super) fn of(candidates: Vec<Candidate>) -> Option<Self> {
        let rank = |of: &Candidate| {
            let (_, equal) = spacing(&sorted(months(&of.at).as_ref().unwrap_or(&of.at)));
            (of.form != Form::Number, of.read(), -disorder(&of.at), equal, !of.split, -(of.place as i64))
        };
        let clocks = candidates.into_iter().filter(Candidate::is_clock);
        let mut ranked: Vec<_> = clocks.map(|of| (rank(&of), of)).collect();
        let best = (0..ranked.len()).max_by_key(|&nth| ranked[nth].0)?;
        let (best, Candidate { at, form, place, .. }) = ranked.swap_remove(best);
        let either = ranked.iter().any(|(rank, of)| *rank == best && of.at != at);
        let clock = Self { at, shown: None, dated: true, place, either };
        if form != Form::Number {
            return Some(match months(&clock.at) {
                Some(equal) => Self { shown: Some(clock.at), at: equal, ..clock },
                None => clock,
            });
        }
        let epoch = epoch(&clock.at);
        let at = clock.at.iter().map(|at| at / epoch.unwrap_or(1.0)).collect();
        Some(Self { at, dated: epoch.is_some(), ..clock })
    }

    /// A time for a message.
    pub(super) fn show(&self, nth: usize) -> String {
        let at = self.shown.as_ref().map_or(self.at[nth], |shown| shown[nth]);
        if self.dated { calendar::format(at) } else { at.to_string() }
    }
}

/// A span of time in words: `1 h`, `15 min`, `2 d`, `1 month`; of numbers, the number.
pub fn span(time: f64, dated: bool) -> String {
    if !dated {
        return rounded(time);
    }
    let units =
        [(12.0 * MONTH, "year"), (MONTH, "month"), (86_400.0, "d"), (3600.0, "h"), (60.0, "min"), (1.0, "s")];
    let whole = |unit: f64| (time / unit - (time / unit).round()).abs() < 1e-6 && time / unit >= 0.999;
    let (unit, name) = units.into_iter().find(|(unit, _)| whole(*unit)).unwrap_or(match time {
        t if t >= 86_400.0 => (86_400.0, "d"),
        t if t >= 3600.0 => (3600.0, "h"),
        _ => (1.0, "s"),
    });
    let number = rounded(time / unit);
    let plural = if matches!(name, "month" | "year") && number != "1" { "s" } else { "" };
    format!("{number} {name}{plural}")
}

fn rounded(x: f64) -> String {
    format!("{x:.6}").trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Whether a step is as many spacings, from 0 on; none if it is no whole number of them.
pub(super) fn spacings(step: f64, spacing: f64) -> Option<usize> {
    let whole = (step / spacing).round();
    ((step / spacing - whole).abs() <= TREMBLE && (0.0..1e15).contains(&whole)).then_some(whole as usize)
}

/// The most frequent of the steps of sorted times, and how many are equal to it.
pub(super) fn spacing(sorted: &[f64]) -> (f64, usize) {
    let mut steps: Vec<f64> =
        sorted.windows(2).map(|pair| pair[1] - pair[0]).filter(|step| *step > 0.0).collect();
    steps.sort_by(f64::total_cmp);
    let (mut first, mut best) = (0, 0..0);
    for last in 0..steps.len() {
        while steps[last] > steps[first] * (1.0 + TREMBLE) {
            first += 1;
        }
        if last + 1 - first > best.len() {
            best = first..last + 1;
        }
    }
    let (count, equal) = (best.len(), &steps[best]);
    let middle = equal.get(count / 2).copied().unwrap_or(0.0);
    (format!("{middle:.11e}").parse().unwrap_or(middle), count) // 0.05 is 0.05 between 0.1 and 0.15, too
}

/// The times that are read.
fn sorted(at: &[f64]) -> Vec<f64> {
    let mut sorted: Vec<f64> = at.iter().copied().filter(|at| at.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    sorted
}

/// Steps of no length, and steps backwards or forwards, whichever are fewer.
fn disorder(at: &[f64]) -> i64 {
    let count = |of: fn(f64) -> bool| at.windows(2).filter(|pair| of(pair[1] - pair[0])).count() as i64;
    count(|step| step == 0.0) + count(|step| step < 0.0).min(count(|step| step > 0.0))
}

/// Times of which each is the same day of its month, or each the last, in equal months.
fn months(at: &[f64]) -> Option<Vec<f64>> {
    let mut read = at.iter().filter(|at| at.is_finite());
    let first = calendar::in_month(*read.next()?);
    let same = |of: fn(InMonth) -> Option<f64>| {
        of(first).is_some() && at.iter().all(|&at| !at.is_finite() || of(calendar::in_month(at)) == of(first))
    };
    let is_monthly = same(|month| Some(month.at)) || same(|month| month.at_end);
    let equal =
        |&at: &f64| if at.is_finite() { calendar::in_month(at).months as f64 * MONTH } else { f64::NAN };
    is_monthly.then(|| at.iter().map(equal).collect())
}

/// Numbers a second, where numbers are seconds since 1970 or thousandths, millionths, billionths of them.
fn epoch(at: &[f64]) -> Option<f64> {
    let all = |low: f64| at.iter().all(|at| !at.is_finite() || (low..1e3 * low).contains(at));
    [(1e8, 1.0), (1e11, 1e3), (1e14, 1e6), (1e17, 1e9)]
        .into_iter()
        .find(|(low, _)| all(*low))
        .map(|(_, per)| per)
}
