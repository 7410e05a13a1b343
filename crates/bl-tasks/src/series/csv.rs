//! A series from a text file: a line per sample, in one of its columns.

use std::path::Path;

use super::clock;
use super::head::Head;
use super::mend::{Mend, mend};
use super::rows::{Chosen, Place, Rows, parse_file};
use super::{Fault, Recorded, Series};
use crate::Error;

/// Which column of a file to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column<'a> {
    /// The only one there is; a first line of names is optional.
    Only,
    /// The one of that name in the first line.
    Named(&'a str),
    /// The one of that name, such as that which was learned from; without it, the only one there is.
    Preferred(&'a str),
}

impl<'a> Column<'a> {
    /// The one that is asked for, else the one that was learned from, else the only one.
    pub fn of(asked: Option<&'a str>, learned: Option<&'a str>) -> Self {
        asked.map(Self::Named).or(learned.map(Self::Preferred)).unwrap_or(Self::Only)
    }

    fn name(self) -> Option<&'a str> {
        match self {
            Self::Only => None,
            Self::Named(name) | Self::Preferred(name) => Some(name),
        }
    }
}

/// Reads one column of a file. Cells are separated by tabs, semicolons or commas, whichever (in this
/// order) the first line has, and may be in double quotes. Samples must be equally far apart: by their times, if a column
/// has some, and without blank lines or empty cells in between.
pub fn read_csv(path: &Path, column: Column) -> Result<Series, Error> {
    read_csv_mended(path, column, Mend::default())
}

/// As [`read_csv`], of a file that is put in order by a rule first.
pub fn read_csv_mended(path: &Path, column: Column, rule: Mend) -> Result<Series, Error> {
    let fault = |fault| Error::SeriesFile { path: path.to_owned(), fault };
    let names: Vec<&str> = column.name().into_iter().collect();
    let (names, mut series) = parse_file(path, &names, |head| {
        let place = Place { place: place(head, column)?, needed: true };
        Ok(Chosen { places: vec![place], group: None })
    })?;
    let column = names.into_iter().next().flatten();
    let Some(Rows { table, .. }) = series.pop() else { return Err(fault(Fault::Empty)) };
    let dated = table.clock.as_ref().is_some_and(|clock| clock.dated);
    let either = table.clock.as_ref().is_some_and(|clock| clock.either);
    let unread = table.unread.clone();
    let mut even = mend(table, rule).map_err(fault)?;
    let (values, far) = (even.columns.swap_remove(0), even.far.swap_remove(0));
    let stem = || path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let series = Series::new(column.clone().unwrap_or_else(stem), values).map_err(fault)?;
    let series =
        even.spacing.map_or(Ok(series.clone()), |spacing| series.with_spacing(spacing)).map_err(fault)?;
    Ok(series.recorded(Recorded { column, dated, mended: even.mended, unread, either, far }))
}

/// The index of the column.
fn place(head: &Head, column: Column) -> Result<usize, Fault> {
    let Head { cells, header, .. } = head;
    let (header, below) = (*header, head.below.as_deref());
    let column = match column {
        Column::Preferred(name) if header && cells.iter().any(|cell| cell == name) => Column::Named(name),
        Column::Preferred(_) => Column::Only,
        column => column,
    };
    match column {
        Column::Only if cells.len() == 1 => Ok(0),
        Column::Only if is_pixels(cells, below, header) => Err(Fault::Pixels { columns: cells.len() }),
        Column::Only if header => {
            let is_series = |place: &usize| {
                let below = below.and_then(|below| below.get(*place));
                !clock::is_named(&cells[*place], *place) && below.is_none_or(|cell| !clock::is_date(cell))
            };
            let series = (0..cells.len()).filter(is_series).map(|place| cells[place].clone()).collect();
            Err(Fault::Choice { found: cells.clone(), series })
        }
        Column::Only => Err(Fault::Choice { found: vec![String::new(); cells.len()], series: Vec::new() }),
        Column::Named(column) | Column::Preferred(column) => head.place(column),
    }
}

/// Whether a table has an image in each line: a class and pixels by their names, or a square of bytes without names.
fn is_pixels(cells: &[String], below: Option<&[String]>, header: bool) -> bool {
    const CLASSES: [&str; 4] = ["label", "labels", "class", "digit"];
    const FEW: usize = 16;
    let lower: Vec<String> = cells.iter().map(|cell| cell.to_lowercase()).collect();
    if header {
        let numbered = |name: &&String| name.ends_with(|c: char| c.is_ascii_digit());
        let class = lower.iter().any(|name| CLASSES.contains(&name.as_str()));
        let pixels = lower.iter().filter(|name| name.starts_with("pix") || name.starts_with("px")).count();
        return pixels > 1
            || (class && lower.len() > FEW && lower.iter().filter(numbered).count() + 1 == lower.len());
    }
    let square = |n: usize| n.isqrt() * n.isqrt() == n;
    let bytes = |row: &[String]| row.iter().all(|cell| cell.parse::<u8>().is_ok());
    cells.len() >= FEW
        && (square(cells.len()) || square(cells.len() - 1))
        && bytes(cells)
        && below.is_none_or(bytes)
}
