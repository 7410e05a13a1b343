//! The first lines of a table, and the cells of a line.

use super::{Fault, clock};

/// The first lines of a file.
pub(super) struct Head {
    pub(super) cells: Vec<String>,
    /// The cells of the second line, if there is one.
    pub(super) below: Option<Vec<String>>,
    /// Whether the first line has names.
    pub(super) header: bool,
}

impl Head {
    /// Of a file in which columns of these names are looked for.
    pub(super) fn new(cells: Vec<String>, below: Option<Vec<String>>, names: &[&str]) -> Self {
        let header = is_header(&cells, below.as_deref(), names);
        Self { cells, below, header }
    }

    /// The index of the column of that name.
    pub(super) fn place(&self, column: &str) -> Result<usize, Fault> {
        if !self.header {
            return Err(Fault::NoHeader { column: column.into() });
        }
        let mut places = (0..self.cells.len()).filter(|&i| self.cells[i] == column);
        match (places.next(), places.next()) {
            (Some(place), None) => Ok(place),
            (Some(_), Some(_)) => Err(Fault::Twice { column: column.into() }),
            (None, _) => Err(Fault::NoColumn { column: column.into(), found: self.cells.clone() }),
        }
    }

    /// The name of a column, if it has one.
    pub(super) fn name(&self, place: usize) -> Option<String> {
        self.header.then(|| self.cells[place].clone()).filter(|name| !name.is_empty())
    }
}

/// Whether the first line has names: one that is looked for, no number or date at all, or text where the next line has
/// numbers or dates.
fn is_header(cells: &[String], below: Option<&[String]>, names: &[&str]) -> bool {
    let asked_for = |cell: &String| names.contains(&cell.as_str());
    let is_value = |cell: &String| cell.parse::<f64>().is_ok() || clock::is_date(cell);
    let is_text = |cell: &String| !cell.is_empty() && !is_value(cell);
    let named = |(cell, below): (&String, &String)| is_text(cell) && is_value(below);
    cells.iter().any(asked_for)
        || (!cells.iter().any(is_value) && cells.iter().any(|cell| !cell.is_empty()))
        || below.is_some_and(|below| below.len() == cells.len() && cells.iter().zip(below).any(named))
}

pub(super) fn delimiter(line: &str) -> char {
    ['\t', ';'].into_iter().find(|&delimiter| split(line, delimiter).len() > 1).unwrap_or(',')
}

/// The cells of a line, without quotes and the space around them. A doubled quote within quotes is a
/// quote.
pub(super) fn split(line: &str, delimiter: char) -> Vec<String> {
    let (mut cells, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    let mut characters = line.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '"' if quoted && characters.peek() == Some(&'"') => cell.extend(characters.next()),
            '"' if quoted || cell.trim().is_empty() => quoted = !quoted,
            c if c == delimiter && !quoted => cells.push(std::mem::take(&mut cell)),
            c => cell.push(c),
        }
    }
    cells.push(cell);
    cells.iter().map(|cell| cell.trim().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_may_be_quoted() {
        let cells = split(r#" "a, b" ,"say ""so""", 1.5,, 5" "#, ',');
        assert_eq!(cells, ["a, b", "say \"so\"", "1.5", "", "5\""]);
    }
}
