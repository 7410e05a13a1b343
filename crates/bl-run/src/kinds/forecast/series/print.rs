//! Forecasts as lines for scripts.

use bl_cli::Printer;
use bl_cli::words::printable;
use bl_core::text::number;

use super::{Ahead, Answer, Row};

/// Lines for scripts. Forecasts are printed as the network's 32-bit numbers.
pub(super) fn print(
    answer: &Answer,
    first: bool,
    several: bool,
    horizon: usize,
    out: Printer,
) -> anyhow::Result<()> {
    let file = if several { format!("{},", cell(&answer.file)) } else { String::new() };
    let names = if several { "file," } else { "" };
    let mut lines = Vec::new();
    if answer.free_run.is_empty() {
        lines.extend(first.then(|| format!("{names}index,value,forecast_of_index_plus_{horizon}")));
        let line =
            |row: &Row| format!("{file}{},{},{}", row.index, number(row.value), number(row.forecast as f32));
        lines.extend(answer.forecasts.iter().map(line));
    } else {
        lines.extend(first.then(|| format!("{names}index,forecast_of_index")));
        let line = |ahead: &Ahead| format!("{file}{},{}", ahead.index, number(ahead.forecast as f32));
        lines.extend(answer.free_run.iter().map(line));
    }
    out.results(lines)
}

/// A name as a cell of a text file.
fn cell(name: &str) -> String {
    let name = printable(name);
    if name.contains([',', '"']) { format!("\"{}\"", name.replace('"', "\"\"")) } else { name }
}
