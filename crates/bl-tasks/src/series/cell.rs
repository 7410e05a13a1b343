//! Cells that are no numbers: what they are, and what to do about it.

/// What a cell holds in place of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "their words say it")]
pub enum Cell {
    Missing,
    Infinite,
    Comment,
    NameAgain,
    Units,
    Minus,
    Percent,
    Money,
    Comma,
    Blanks,
    Unit,
    Truth,
    Text,
}

/// Whether a cell says that there is no value.
pub(super) fn is_missing(cell: &str) -> bool {
    let words =
        ["", "na", "n/a", "#n/a", "nan", "null", "none", "nil", "missing", "-", "--", "?", ".", "..."];
    words.contains(&cell.to_lowercase().as_str())
}

fn is_number(text: &str) -> bool {
    text.trim().parse::<f64>().is_ok()
}

impl Cell {
    /// What a cell is in a column of that name; `below` a line of names, with these cells beside it, it may be a unit.
    pub(super) fn of(cell: &str, name: Option<&str>, below: Option<&[String]>) -> Self {
        const MONEY: [char; 5] = ['$', '€', '£', '¥', '₹'];
        let words = || ["true", "false", "yes", "no", "on", "off"].contains(&cell.to_lowercase().as_str());
        let numbers = cell.split_whitespace().all(is_number) && cell.split_whitespace().nth(1).is_some();
        let is_text = |cell: &String| !is_missing(cell) && !cell.starts_with(|c: char| c.is_ascii_digit());
        match cell {
            _ if is_missing(cell) => Self::Missing,
            _ if cell.parse::<f64>().is_ok_and(f64::is_infinite) => Self::Infinite,
            _ if cell.starts_with('#') => Self::Comment,
            _ if name == Some(cell) => Self::NameAgain,
            _ if cell.strip_prefix(['−', '–']).is_some_and(is_number) => Self::Minus,
            _ if cell.strip_suffix('%').is_some_and(is_number) => Self::Percent,
            _ if cell.contains(MONEY) && is_number(cell.trim_matches(MONEY)) => Self::Money,
            _ if is_number(&cell.replace(['.', ' '], "").replace(',', ".")) && cell.contains(',') => {
                Self::Comma
            }
            _ if numbers => Self::Blanks,
            _ if words() => Self::Truth,
            _ if below.is_some_and(|row| row.iter().all(is_text)) => Self::Units,
            _ if cell.starts_with(|c: char| c.is_ascii_digit() || c == '-')
                && cell.chars().any(char::is_alphabetic) =>
            {
                Self::Unit
            }
            _ => Self::Text,
        }
    }

    pub(super) fn hint(self) -> &'static str {
        match self {
            Self::Missing => {
                "`--fill linear` fills missing values by straight lines, `--fill previous` repeats the one before; to leave \
                 the line out would move all that follow"
            }
            Self::Infinite => "write a number that a 64-bit float can hold",
            Self::Comment => "remove such lines, as `grep -v '^#'` does: the first line has the names",
            Self::NameAgain => "remove that line: the file is two that were put together",
            Self::Units => "remove that line; the unit may be in the name, as in `load [kW]`",
            Self::Minus => "write the minus sign of a keyboard: `-`",
            Self::Percent => "write the number alone, as `sed 's/%//g'` does",
            Self::Money => "write the number alone; the currency may be in the column's name",
            Self::Comma => "decimals are written with a point",
            Self::Blanks => {
                "separate columns by commas, as `tr -s ' ' ','` does, and write thousands without a blank"
            }
            Self::Unit => "write the number alone; the unit may be in the column's name, as in `load [kW]`",
            Self::Truth => "write 1 and 0",
            Self::Text => {
                "write a number; a cell without a value stays empty or has `NA`, and `--fill linear` fills it"
            }
        }
    }
}

impl std::fmt::Display for Cell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Missing | Self::Infinite | Self::Text => "",
            Self::Comment => ", a comment",
            Self::NameAgain => ", the column's name again",
            Self::Units => ", a line of units below the names",
            Self::Minus => ", whose minus sign is a dash",
            Self::Percent => ", a percentage",
            Self::Money => ", an amount with its currency",
            Self::Comma => ", with a comma",
            Self::Blanks => ", numbers with blanks between them",
            Self::Unit => ", a number with letters",
            Self::Truth => ", a word for 1 or 0",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_named_for_what_they_are() {
        for (cell, expected) in [
            ("", Cell::Missing),
            ("NaN", Cell::Missing),
            ("1e999", Cell::Infinite),
            ("# unit kWh", Cell::Comment),
            ("kwh", Cell::NameAgain),
            ("−10.5", Cell::Minus),
            ("10.0%", Cell::Percent),
            ("10.0 %", Cell::Percent),
            ("$10", Cell::Money),
            ("10 €", Cell::Money),
            ("10,5", Cell::Comma),
            ("1.010,5", Cell::Comma),
            ("0 10.000", Cell::Blanks),
            ("10.0 kWh", Cell::Unit),
            ("0xa", Cell::Unit),
            ("true", Cell::Truth),
            ("soon", Cell::Text),
        ] {
            assert_eq!(Cell::of(cell, Some("kwh"), None), expected, "{cell}");
        }
        let units = ["s".to_owned(), "kWh".to_owned()];
        assert_eq!(Cell::of("kWh", Some("load"), Some(&units)), Cell::Units);
        assert_eq!(Cell::of("$10", Some("load"), Some(&["$10".to_owned()])), Cell::Money);
        let line = ["2026-01-01".to_owned(), "soon".to_owned()];
        assert_eq!(Cell::of("soon", Some("load"), Some(&line)), Cell::Text);
    }
}
