//! What a file says between its lines: holes, repeats, disorder, values that stand for none. They are refused, or mended by
//! a rule that somebody asked for.

use serde::{Deserialize, Serialize};

use super::Fault;
use super::cell::Cell;
use super::clock::{Clock, spacing, spacings};
use super::far::Far;
use super::irregular::{Irregular, Kind};
use super::sentinel::sentinels;
use super::unread::Unread;

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

/// Columns of a file, and where their values stand.
pub(super) struct Table {
    pub columns: Vec<Values>,
    /// Line numbers: `[samples]`.
    pub lines: Vec<usize>,
    /// Where lines are blank.
    pub blank: Vec<Blank>,
    /// When the samples were taken.
    pub clock: Option<Clock>,
    /// A column that should say so.
    pub unread: Option<Unread>,
}

/// A column of a file.
pub(super) struct Values {
    /// For messages.
    pub called: String,
    /// `NaN` where there is none: `[samples]`.
    pub values: Vec<f64>,
    /// The first cell without a value.
    pub missing: Option<(usize, String)>,
    /// Whether every sample needs its value; else what is missing stays so.
    pub needed: bool,
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
    /// Of each column: `[samples]`, `NaN` where a value is missing that need not be there.
    pub columns: Vec<Vec<f64>>,
    /// In seconds if the times are dates.
    pub spacing: Option<f64>,
    pub mended: Mended,
    /// Of each column, what is far from the others, with its line.
    pub far: Vec<Option<(usize, Far)>>,
}

/// Refuses what is wrong, or mends it.
pub(super) fn mend(mut table: Table, rule: Mend) -> Result<Even, Fault> {
    if let Some(unread) = table.unread.take_if(|_| rule != Mend::default()) {
        return Err(Fault::Unread(unread));
    }
    if rule.sort && table.clock.is_none() {
        return Err(Fault::NoTimes);
    }
    let Table { columns, lines, .. } = &mut table;
    columns.iter_mut().try_for_each(|column| column.check(lines, rule))?;
    let far = |column: &Values| Far::of(&column.values).map(|far| (lines[far.index], far));
    let far = columns.iter().map(far).collect();
    let mut mended = Mended::default();
    let (rows, spacing) = match &table.clock {
        Some(clock) => {
            let (rows, spacing) = on_time(&table, clock, rule, &mut mended)?;
            (rows, Some(spacing))
        }
        None => (in_lines(&table, rule)?, None),
    };
    let mut columns: Vec<(Vec<f64>, bool)> =
        table.columns.iter().map(|column| (column.at(&rows), column.needed)).collect();
    if let Some(fill) = rule.fill {
        filled(&mut columns, fill, &mut mended)?;
    }
    Ok(Even { columns: columns.into_iter().map(|(values, _)| values).collect(), spacing, mended, far })
}

impl Values {
    /// Refuses values that are missing where they are needed, and values that stand for none; by a rule that fills, these are
    /// missing too.
    fn check(&mut self, lines: &[usize], rule: Mend) -> Result<(), Fault> {
        if let Some((line, found)) = self.missing.take().filter(|_| self.needed && rule.fill.is_none()) {
            return Err(Fault::Value { line, column: self.called.clone(), found, cell: Cell::Missing });
        }
        let sentinels = sentinels(&self.values);
        if let (Some(&first), None) = (sentinels.first(), rule.fill) {
            return Err(Fault::Sentinel {
                line: lines[first],
                column: self.called.clone(),
                found: self.values[first],
                count: sentinels.len(),
            });
        }
        for at in sentinels {
            self.values[at] = f64::NAN;
        }
        Ok(())
    }

    /// The values of these samples, `NaN` where there is none.
    fn at(&self, rows: &[Option<usize>]) -> Vec<f64> {
        rows.iter().map(|row| row.map_or(f64::NAN, |row| self.values[row])).collect()
    }
}

/// Samples as they follow each other. A blank line between two is a sample without a value, unless there are as many between
/// all of them.
fn in_lines(table: &Table, rule: Mend) -> Result<Vec<Option<usize>>, Fault> {
    let n = table.lines.len();
    let all = || (0..n).map(Some).collect();
    let mut between = table.blank.iter().filter(|blank| (1..n).contains(&blank.before)).peekable();
    let Some(&&Blank { line, count: first, .. }) = between.peek() else { return Ok(all()) };
    let (runs, count) = between.clone().fold((0, 0), |(runs, all), blank| (runs + 1, all + blank.count));
    if runs + 1 == n && between.clone().all(|blank| blank.count == first) {
        return Ok(all());
    }
    if rule.fill.is_none() {
        return Err(Fault::Blank { line, count });
    }
    check_room(n + count, n)?;
    let mut rows = Vec::with_capacity(n + count);
    for at in 0..n {
        if let Some(blank) = between.next_if(|blank| blank.before == at) {
            rows.resize(rows.len() + blank.count, None);
        }
        rows.push(Some(at));
    }
    Ok(rows)
}

/// Samples at equal steps of the clock, none where there is none.
fn on_time(
    table: &Table,
    clock: &Clock,
    rule: Mend,
    mended: &mut Mended,
) -> Result<(Vec<Option<usize>>, f64), Fault> {
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
    let (mut rows, mut last): (Vec<Option<usize>>, Option<f64>) = (Vec::new(), None);
    for &nth in &order {
        let steps = last.map_or(1, |last| spacings(clock.at[nth] - last, spacing).unwrap_or(1));
        match (steps, rows.last_mut()) {
            (0, Some(before)) => {
                *before = Some(nth);
                mended.dropped += 1;
                continue;
            }
            (more, _) => {
                check_room(rows.len() + more, table.lines.len())?;
                rows.resize(rows.len() + more.saturating_sub(1), None);
                rows.push(Some(nth));
            }
        }
        last = Some(clock.at[nth]);
    }
    Ok((rows, spacing))
}

/// At most as many samples are put as there are: a series is not made of rules. (One wrong year would fill the memory.)
fn check_room(samples: usize, known: usize) -> Result<(), Fault> {
    if samples > 2 * known { Err(Fault::Holes { known }) } else { Ok(()) }
}

/// No value is missing any more where it is needed.
fn filled(columns: &mut [(Vec<f64>, bool)], fill: Fill, mended: &mut Mended) -> Result<(), Fault> {
    let samples = columns.first().map_or(0, |(values, _)| values.len());
    let (mut first, mut end, mut was_missing) = (0, samples, vec![false; samples]);
    for (values, _) in columns.iter_mut().filter(|(_, needed)| *needed) {
        let known: Vec<usize> = (0..values.len()).filter(|&at| !values[at].is_nan()).collect();
        let (Some(&lowest), Some(&highest)) = (known.first(), known.last()) else { return Err(Fault::Empty) };
        (first, end) = (first.max(lowest), end.min(highest + 1));
        check_room(highest + 1 - lowest, known.len())?;
        for pair in known.windows(2) {
            let (from, to) = (values[pair[0]], values[pair[1]]);
            let steps = (pair[1] - pair[0]) as f64;
            for (nth, value) in values[pair[0] + 1..pair[1]].iter_mut().enumerate() {
                was_missing[pair[0] + 1 + nth] = true;
                *value = match fill {
                    Fill::Previous => from,
                    Fill::Linear => from + (to - from) * (nth + 1) as f64 / steps,
                };
            }
        }
    }
    if first >= end {
        return Err(Fault::Empty);
    }
    mended.filled = was_missing[first..end].iter().filter(|missing| **missing).count();
    mended.trimmed = samples - (end - first);
    mended.fill = (mended.filled > 0).then_some(fill);
    for (values, _) in columns {
        values.truncate(end);
        values.drain(..first);
    }
    Ok(())
}
