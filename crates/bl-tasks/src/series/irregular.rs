//! How the times of a file can be wrong: which line is the first, and how many there are.

use super::clock::{Clock, spacings, span};
use super::mend::Table;

/// What is wrong with the times of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Every step is backwards.
    NewestFirst,
    /// A step is backwards.
    Backwards,
    /// A time comes again.
    Repeat,
    /// Samples are missing.
    Hole,
    /// A step is no whole number of spacings.
    Uneven,
}

/// Times that are not equally spaced, as facts.
#[derive(Clone, Debug, PartialEq)]
pub struct Irregular {
    /// What is said first.
    pub kind: Kind,
    /// The first line where it is so.
    pub line: usize,
    /// The line that it is compared with, usually the one before.
    pub before: usize,
    /// The spacing of the others, in words.
    pub expected: String,
    /// The step that was found, in words.
    pub found: String,
    /// From which time to which it is.
    pub times: [String; 2],
    /// Steps backwards.
    pub backwards: usize,
    /// Lines whose time is there already.
    pub repeats: usize,
    /// Holes.
    pub holes: usize,
    /// Samples that are missing in them.
    pub missing: usize,
    /// Steps that are no whole number of spacings.
    pub uneven: usize,
    /// Samples.
    pub lines: usize,
}

impl Irregular {
    /// Everything that is wrong, in the order in which it is said; `sorted` are the times.
    pub(super) fn kinds(clock: &Clock, sorted: &[f64], spacing: f64) -> Vec<Kind> {
        let mut kinds = Vec::new();
        let back = clock.at.windows(2).filter(|pair| pair[1] < pair[0]).count();
        let on = clock.at.windows(2).filter(|pair| pair[1] > pair[0]).count();
        if back > 0 {
            kinds.push(if on == 0 || back > 9 * on { Kind::NewestFirst } else { Kind::Backwards });
        }
        let steps = || sorted.windows(2).map(|pair| pair[1] - pair[0]);
        let of = |step| kind_of(step, spacing);
        for kind in [Kind::Repeat, Kind::Uneven, Kind::Hole] {
            if steps().any(|step| of(step) == Some(kind)) {
                kinds.push(kind);
            }
        }
        kinds
    }

    pub(super) fn of(table: &Table, clock: &Clock, order: &[usize], spacing: f64, kind: Kind) -> Self {
        let step = |pair: &[usize]| clock.at[pair[1]] - clock.at[pair[0]];
        let count =
            |wanted| order.windows(2).filter(|pair| kind_of(step(pair), spacing) == Some(wanted)).count();
        let in_file: Vec<usize> = (0..clock.at.len()).collect();
        let first = match kind {
            Kind::NewestFirst => Some([0, in_file.len() - 1]),
            Kind::Backwards => {
                in_file.windows(2).find(|pair| step(pair) < 0.0).map(|pair| [pair[0], pair[1]])
            }
            kind => {
                let is = |pair: &&[usize]| kind_of(step(pair), spacing) == Some(kind);
                order.windows(2).filter(is).map(|pair| [pair[0], pair[1]]).min_by_key(|pair| pair[1])
            }
        };
        let [before, at] = first.unwrap_or([0, 0]);
        let holes = order.windows(2).filter_map(|pair| spacings(step(pair), spacing).filter(|n| *n > 1));
        Self {
            kind,
            line: table.lines[at],
            before: table.lines[before],
            expected: span(spacing, clock.dated),
            found: span((clock.at[at] - clock.at[before]).abs(), clock.dated),
            times: [clock.show(before), clock.show(at)],
            backwards: clock.at.windows(2).filter(|pair| pair[1] < pair[0]).count(),
            repeats: count(Kind::Repeat),
            holes: count(Kind::Hole),
            missing: holes.map(|n| n - 1).fold(0, usize::saturating_add),
            uneven: count(Kind::Uneven),
            lines: table.lines.len(),
        }
    }

    pub(super) fn hint(&self) -> String {
        const LOCAL: &str = "; local times repeat an hour in autumn and leave one out in spring: an offset such as \
                             `+01:00` tells them apart";
        let sorted = self.backwards > 0 || self.repeats > 0;
        if self.repeats >= self.lines / 2 {
            return "most times come again: is there more than one series in the file, or a time of day in another place? \
                    bring one series with a time for each sample; of a table with `--inputs` and `--targets`, `--group` names the \
                    column that tells its series apart"
                .into();
        }
        if self.uneven > 0 {
            return format!(
                "bring the values to equal steps of {} first; no rule of this program does",
                self.expected
            );
        }
        let options = match (sorted, self.holes > 0) {
            (true, true) => {
                "`--sort --fill linear` puts the lines into the order of their times (of several with one \
                             time, the last counts) and fills what is missing by straight lines; `--fill previous` \
                             repeats the value before"
            }
            (true, false) => {
                "`--sort` puts the lines into the order of their times; of several with one time, the last \
                              counts"
            }
            _ => {
                "`--fill linear` fills what is missing by straight lines, `--fill previous` repeats the value before"
            }
        };
        let local = if self.repeats > 0 || self.kind == Kind::Backwards { LOCAL } else { "" };
        format!("{options}{local}")
    }
}

impl std::fmt::Display for Irregular {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { line, before, expected, found, times: [from, to], .. } = self;
        match self.kind {
            Kind::NewestFirst => write!(
                f,
                "line {before}: expected the oldest sample first, found the newest: `{from}`, down to `{to}` in line {line}"
            )?,
            Kind::Backwards => write!(
                f,
                "line {line}: expected a time {expected} after `{from}` of line {before}, found `{to}`, {found} before it"
            )?,
            Kind::Repeat => {
                write!(
                    f,
                    "line {line}: expected a sample every {expected}, found `{to}` again, as in line {before}"
                )?;
            }
            Kind::Hole | Kind::Uneven => write!(
                f,
                "line {line}: expected a sample every {expected}, found {found} from `{from}` (line {before}) to `{to}`"
            )?,
        }
        let counts = [
            (self.backwards * usize::from(self.kind != Kind::NewestFirst), "steps backwards"),
            (self.repeats, "times that come again"),
            (self.missing, "samples missing"),
            (self.uneven, "uneven steps"),
        ];
        let all: Vec<String> =
            counts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{what}: {n}")).collect();
        if all.is_empty() { Ok(()) } else { write!(f, "; in all {}", all.join(", ")) }
    }
}

fn kind_of(step: f64, spacing: f64) -> Option<Kind> {
    match spacings(step, spacing) {
        Some(0) => Some(Kind::Repeat),
        Some(1) => None,
        Some(_) => Some(Kind::Hole),
        None => Some(Kind::Uneven),
    }
}
