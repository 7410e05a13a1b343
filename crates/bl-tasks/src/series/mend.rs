//! What a file says between its lines: holes, repeats, disorder, values that stand for none. They are refused, or mended by
//! a rule that somebody asked for.

use serde::{Deserialize, Serialize};

use super::cell::Cell;
use super::clock::{Clock, spacing, spacings};
use super::far::Far;
use super::irregular::{Irregular, Kind};
use super::unread::Unread;
use super::{Fault, ends};

/// How a series is mended; nothing is, unless it is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mend {
    /// Lines are put into the order of their times; of several with the same time, the last one counts.
    pub sort: bool,
    /// What is put where no value is.
    pub fill: Option<Fill>,
}

/// What is put where a value is missing between two others. At the beginning and at the end nothing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fill {
    /// A straight line from the value before to the value after.
    Linear,
    /// The value before.
    Previous,
}

impl std::fmt::Display for Fill {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Linear => "a straight line",
            Self::Previous => "the value before",
        })
    }
}

/// What was done to a series.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mended {
    /// Lines that were not where their time belongs.
    pub moved: usize,
    /// Lines whose time came again.
    pub dropped: usize,
    /// Values that were put where none was.
    pub filled: usize,
    /// Samples without a value at the beginning and the end, left out.
    pub trimmed: usize,
    /// How they were filled.
    pub fill: Option<Fill>,
}

impl Mended {
    /// What was done, in words; none if nothing was.
    pub fn words(&self) -> Option<String> {
        let counted = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
        let mut parts = Vec::new();
        if self.moved > 0 {
            parts.push(format!("{} sorted by time", counted(self.moved, "line")));
        }
        if self.dropped > 0 {
            parts.push(format!("{} left out, whose time comes again later", counted(self.dropped, "line")));
        }
        if let Some(fill) = self.fill.filter(|_| self.filled > 0) {
            parts.push(format!("{} filled with {fill}", counted(self.filled, "missing sample")));
        }
        if self.trimmed > 0 {
            parts.push(format!("{} without a value left out at the ends", counted(self.trimmed, "sample")));
        }
        (!parts.is_empty()).then(|| format!("mended: {}", parts.join("; ")))
    }
}

/// A column of a file, and where its values stand.
pub(super) struct Table {
    /// Of the column, for messages.
    pub called: String,
    /// `NaN` where there is none: `[samples]`.
    pub values: Vec<f64>,
    /// Line numbers.
    pub lines: Vec<usize>,
    /// The first cell without a value.
    pub missing: Option<(usize, String)>,
    /// Where lines are blank.
    pub blank: Vec<Blank>,
    /// When the samples were taken.
    pub clock: Option<Clock>,
    /// A column that should say so.
    pub unread: Option<Unread>,
}

/// Blank lines one after another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Blank {
    /// The index of the sample after them.
    pub before: usize,
    /// The first of them.
    pub line: usize,
    /// How many.
    pub count: usize,
}

/// Equally spaced values.
#[derive(Debug)]
pub(super) struct Even {
    pub values: Vec<f64>,
    /// In seconds if the times are dates.
    pub spacing: Option<f64>,
    pub mended: Mended,
    /// What is far from the others, with its line.
    pub far: Option<(usize, Far)>,
}

/// Refuses what is wrong, or mends it.
pub(super) fn mend(mut table: Table, rule: Mend) -> Result<Even, Fault> {
    if let Some(unread) = table.unread.take_if(|_| rule != Mend::default()) {
        return Err(Fault::Unread(unread));
    }
    if rule.sort && table.clock.is_none() {
        return Err(Fault::NoTimes);
    }
    if let Some((line, found)) = table.missing.take().filter(|_| rule.fill.is_none()) {
        return Err(Fault::Value { line, column: table.called, found, cell: Cell::Missing });
    }
    let sentinels = sentinels(&table.values);
    if let (Some(&first), None) = (sentinels.first(), rule.fill) {
        return Err(Fault::Sentinel {
            line: table.lines[first],
            column: table.called,
            found: table.values[first],
            count: sentinels.len(),
        });
    }
    for at in sentinels {
        table.values[at] = f64::NAN;
    }
    let far = Far::of(&table.values).map(|far| (table.lines[far.index], far));
    let mut mended = Mended::default();
    let (values, spacing) = match &table.clock {
        Some(clock) => {
            let (values, spacing) = on_time(&table, clock, rule, &mut mended)?;
            (values, Some(spacing))
        }
        None => (in_lines(&table, rule)?, None),
    };
    let values = match rule.fill {
        Some(fill) => filled(values, fill, &mut mended)?,
        None => values,
    };
    Ok(Even { values, spacing, mended, far })
}

/// Values as they follow each other. A blank line between two is a sample without a value, unless there are as many between
/// all of them.
fn in_lines(table: &Table, rule: Mend) -> Result<Vec<f64>, Fault> {
    let n = table.values.len();
    let mut between = table.blank.iter().filter(|blank| (1..n).contains(&blank.before)).peekable();
    let Some(&&Blank { line, count: first, .. }) = between.peek() else { return Ok(table.values.clone()) };
    let (runs, count) = between.clone().fold((0, 0), |(runs, all), blank| (runs + 1, all + blank.count));
    if runs + 1 == n && between.clone().all(|blank| blank.count == first) {
        return Ok(table.values.clone());
    }
    if rule.fill.is_none() {
        return Err(Fault::Blank { line, count });
    }
    check_room(n + count, n)?;
    let mut values = Vec::with_capacity(n + count);
    for (at, &value) in table.values.iter().enumerate() {
        if let Some(blank) = between.next_if(|blank| blank.before == at) {
            values.resize(values.len() + blank.count, f64::NAN);
        }
        values.push(value);
    }
    Ok(values)
}

/// Values at equal steps of the clock, `NaN` where there is none.
fn on_time(table: &Table, clock: &Clock, rule: Mend, mended: &mut Mended) -> Result<(Vec<f64>, f64), Fault> {
    if let Some(nth) = clock.at.iter().position(|at| !at.is_finite()) {
        let last = nth + 1 == clock.at.len();
        return Err(Fault::Time { line: table.lines[nth], column: clock.place + 1, last });
    }
    let mut order: Vec<usize> = (0..clock.at.len()).collect();
    order.sort_by(|&a, &b| clock.at[a].total_cmp(&clock.at[b]));
    let sorted: Vec<f64> = order.iter().map(|&nth| clock.at[nth]).collect();
    let (spacing, _) = spacing(&sorted);
    if spacing <= 0.0 {
        return Err(Fault::Irregular(Box::new(Irregular::of(table, clock, &order, spacing, Kind::Repeat))));
    }
    let found = Irregular::kinds(clock, &sorted, spacing);
    let refused = |kind: &Kind| match kind {
        Kind::Backwards | Kind::NewestFirst | Kind::Repeat => !rule.sort,
        Kind::Hole => rule.fill.is_none(),
        Kind::Uneven => true,
    };
    if let Some(&kind) = found.iter().find(|kind| refused(kind)) {
        return Err(Fault::Irregular(Box::new(Irregular::of(table, clock, &order, spacing, kind))));
    }
    mended.moved = order.iter().enumerate().filter(|(place, nth)| place != *nth).count();
    let (mut values, mut last): (Vec<f64>, Option<f64>) = (Vec::new(), None);
    for &nth in &order {
        let steps = last.map_or(1, |last| spacings(clock.at[nth] - last, spacing).unwrap_or(1));
        match (steps, values.last_mut()) {
            (0, Some(before)) => {
                *before = table.values[nth];
                mended.dropped += 1;
                continue;
            }
            (more, _) => {
                check_room(values.len() + more, table.values.len())?;
                values.resize(values.len() + more.saturating_sub(1), f64::NAN);
                values.push(table.values[nth]);
            }
        }
        last = Some(clock.at[nth]);
    }
    Ok((values, spacing))
}

/// At most as many samples are put as there are: a series is not made of rules. (One wrong year would fill the memory.)
fn check_room(samples: usize, known: usize) -> Result<(), Fault> {
    if samples > 2 * known { Err(Fault::Holes { known }) } else { Ok(()) }
}

/// No value is missing any more.
fn filled(mut values: Vec<f64>, fill: Fill, mended: &mut Mended) -> Result<Vec<f64>, Fault> {
    let known: Vec<usize> = (0..values.len()).filter(|&at| !values[at].is_nan()).collect();
    let (Some(&first), Some(&last)) = (known.first(), known.last()) else { return Err(Fault::Empty) };
    let missing = last + 1 - first - known.len();
    check_room(missing + known.len(), known.len())?;
    for pair in known.windows(2) {
        let (from, to) = (values[pair[0]], values[pair[1]]);
        let steps = (pair[1] - pair[0]) as f64;
        for (nth, value) in values[pair[0] + 1..pair[1]].iter_mut().enumerate() {
            *value = match fill {
                Fill::Previous => from,
                Fill::Linear => from + (to - from) * (nth + 1) as f64 / steps,
            };
        }
    }
    (mended.filled, mended.trimmed) = (missing, values.len() - (last + 1 - first));
    mended.fill = (missing > 0).then_some(fill);
    Ok(values[first..=last].to_vec())
}

/// Where a value is one that stands for none by custom, such as -9999, and lies far from all that are not: half their range
/// away.
fn sentinels(values: &[f64]) -> Vec<usize> {
    let custom: Vec<usize> = (0..values.len()).filter(|&at| is_custom(values[at])).collect();
    let rest: Vec<f64> = values.iter().copied().filter(|&x| x.is_finite() && !is_custom(x)).collect();
    if custom.is_empty() || rest.len() < 3 {
        return Vec::new();
    }
    let (low, high) = ends(&rest);
    let room = (high - low) / 2.0;
    custom.into_iter().filter(|&at| values[at] < low - room || values[at] > high + room).collect()
}

/// Nines alone, the ends of whole numbers, and fill values of formats and instruments.
fn is_custom(x: f64) -> bool {
    const OTHERS: [f64; 10] = [
        -32_768.0,
        32_767.0,
        65_535.0,
        -2_147_483_648.0,
        2_147_483_647.0,
        4_294_967_295.0,
        -8888.0,
        8888.0,
        -999.25,
        -200.0,
    ];
    let text = format!("{}", x.abs());
    let nines = text.len() >= 2 && text.chars().all(|c| c == '9' || c == '.');
    nines || x.abs() >= 1e19 || OTHERS.contains(&x)
}
