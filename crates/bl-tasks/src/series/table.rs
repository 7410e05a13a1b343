//! Several columns of a file together: what goes in, and what is to be said, at the same steps.

use std::path::Path;

use super::mend::{Mend, mend};
use super::rows::{Chosen, Place, Rows, parse_file};
use super::{Fault, of_times};
use crate::Error;

/// Series of which something is said, at most.
const SAID: usize = 5;

/// Which columns of a file to read.
pub(crate) struct Wanted<'a> {
    /// Known at every step.
    pub(crate) inputs: &'a [String],
    /// Values may be missing.
    pub(crate) targets: &'a [String],
    /// The column that tells several series apart.
    pub(crate) group: Option<&'a str>,
}

/// A series of a file.
pub(crate) struct Part {
    /// What the column says that tells series apart.
    pub(crate) group: String,
    /// Of the inputs, and then of the targets: `[samples]`, `NaN` where a target is missing.
    pub(crate) columns: Vec<Vec<f64>>,
    /// In seconds if the times are dates.
    pub(crate) spacing: Option<f64>,
}

/// Reads columns of a file by their names, put in order by a rule; with what must be said of it.
pub(crate) fn read_table(
    path: &Path,
    wanted: &Wanted<'_>,
    rule: Mend,
) -> Result<(Vec<Part>, Vec<String>), Error> {
    let failed = |fault| Error::SeriesFile { path: path.to_owned(), fault };
    let Wanted { inputs, targets, group } = wanted;
    let columns = || inputs.iter().map(|name| (name, true)).chain(targets.iter().map(|name| (name, false)));
    let names: Vec<&str> = columns().map(|(name, _)| name.as_str()).chain(*group).collect();
    let (_, series) = parse_file(path, &names, |head| {
        let place = |(name, needed): (&String, bool)| Ok(Place { place: head.place(name)?, needed });
        let places = columns().map(place).collect::<Result<_, Fault>>()?;
        Ok(Chosen { places, group: group.map(|group| head.place(group)).transpose()? })
    })?;
    let (mut parts, mut notices) = (Vec::new(), Vec::new());
    for Rows { group: own, table } in series {
        let clock = table.clock.as_ref();
        let (either, unread) = (clock.is_some_and(|clock| clock.either), table.unread.clone());
        let even = mend(table, rule).map_err(|fault| match group {
            None => failed(fault),
            Some(group) => {
                let (column, fault) = ((*group).to_owned(), Box::new(fault));
                failed(Fault::Group { column, group: own.clone(), fault })
            }
        })?;
        let far = columns().zip(&even.far).filter_map(|((name, _), far)| {
            let (line, far) = far.as_ref()?;
            Some(format!("line {line}, column `{name}`: {far}"))
        });
        let mut said: Vec<String> =
            of_times(even.mended, unread.as_ref(), either).into_iter().chain(far).collect();
        said.dedup(); // a column that goes in and comes out
        notices.extend(said.into_iter().map(|said| match group {
            None => said,
            Some(group) => format!("{group} `{own}`: {said}"),
        }));
        parts.push(Part { group: own, columns: even.columns, spacing: even.spacing });
    }
    if parts.is_empty() {
        return Err(failed(Fault::Empty));
    }
    if notices.len() > SAID {
        let more = notices.len() - SAID;
        notices.truncate(SAID);
        notices.push(format!("and {more} more such remarks"));
    }
    Ok((parts, notices))
}

/// Names with commas between them; one with a comma of its own is in double quotes.
pub fn names_of(list: &str) -> Vec<String> {
    super::head::split(list, ',').into_iter().filter(|name| !name.is_empty()).collect()
}
