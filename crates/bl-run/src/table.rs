//! Columns that line up, for scripts of any width.

use console::{Alignment, measure_text_width, pad_str};

/// The widths of some columns, and to which side their cells go.
pub(crate) struct Columns(Vec<(usize, Alignment)>);

impl Columns {
    /// Columns without a width yet, one for each letter: `<` left, `>` right.
    pub(crate) fn new(sides: &str) -> Self {
        let side = |side| if side == '>' { Alignment::Right } else { Alignment::Left };
        Self(sides.chars().map(|c| (0, side(c))).collect())
    }

    /// Makes room for these cells.
    pub(crate) fn fit<T: AsRef<str>>(&mut self, cells: &[T]) {
        for ((width, _), cell) in self.0.iter_mut().zip(cells) {
            *width = (*width).max(measure_text_width(cell.as_ref()));
        }
    }

    /// One line, without a blank at its end.
    pub(crate) fn line<T: AsRef<str>>(&self, cells: &[T]) -> String {
        let padded =
            self.0.iter().zip(cells).map(|(&(width, side), cell)| pad_str(cell.as_ref(), width, side, None));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    }
}

/// All rows, as wide as they need.
pub(crate) fn lines(sides: &str, rows: &[Vec<String>]) -> Vec<String> {
    let mut columns = Columns::new(sides);
    for row in rows {
        columns.fit(row);
    }
    rows.iter().map(|row| columns.line(row)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_characters_take_two_columns() {
        let row = |cells: [&str; 3]| cells.map(String::from).to_vec();
        let lines = lines("<<>", &[row(["a.png", "お", "9.5 %"]), row(["b", "3", "100.0 %"])]);
        assert_eq!(lines, ["a.png  お    9.5 %", "b      3   100.0 %"]);
    }
}
