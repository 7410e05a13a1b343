//! Tables of texts: CSV, TSV and JSONL, plain or `.gz`.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;
use serde_json::Value;

use super::columns::{Columns, Wanted};
use super::fault::Fault;
use super::given::Given;
use crate::Error;

/// Bytes of a table, unpacked.
const MOST_BYTES: usize = 1 << 30;
/// A longer first line is not that of a table.
const LONGEST: u64 = 1 << 20;

/// A line with a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) texts: Vec<String>,
    pub(crate) label: String,
}

/// The format of a table, by the name of its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Csv,
    Tsv,
    Jsonl,
}

impl Format {
    fn of(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_string_lossy().to_lowercase();
        match name.trim_end_matches(".gz").rsplit_once('.')?.1 {
            "csv" => Some(Self::Csv),
            "tsv" => Some(Self::Tsv),
            "jsonl" | "ndjson" => Some(Self::Jsonl),
            _ => None,
        }
    }
}

/// Whether a path is named as a table is.
pub(super) fn is_table_name(path: &Path) -> bool {
    Format::of(path).is_some()
}

/// Whether a file is a table of texts and labels, as far as its first line tells: JSON, or columns of the usual or the stated
/// names.
pub(crate) fn is_text_table(path: &Path, wanted: &Wanted) -> bool {
    match Format::of(path) {
        _ if !path.is_file() => false,
        None => false,
        Some(Format::Jsonl) => true,
        Some(_) if wanted.label.is_some() || wanted.texts.is_some() => true,
        Some(format) => {
            let mut line = Vec::new();
            let read = reader(path).and_then(|reader| reader.take(LONGEST).read_until(b'\n', &mut line));
            let names = String::from_utf8(line).ok().and_then(|line| names(format, &line));
            read.is_ok() && names.is_some_and(|names| wanted.among(&names).is_ok())
        }
    }
}

/// The records of a table, in the order of the file.
pub(super) fn read(path: &Path, wanted: &Wanted) -> Result<Vec<Record>, Error> {
    let labelled = |row: Row| Record { texts: row.texts, label: row.label.unwrap_or_default() };
    Ok(rows(path, &|names| wanted.among(names))?.into_iter().map(labelled).collect())
}

/// The texts of a table that need not have labels.
pub(super) fn read_given(path: &Path, wanted: &Wanted) -> Result<Vec<Given>, Error> {
    let row = |Row { texts, label }| Given { texts, label };
    Ok(rows(path, &|names| wanted.texts_among(names))?.into_iter().map(row).collect())
}

/// Which columns are meant, of the names of a table.
type Choose<'a> = &'a dyn Fn(&[String]) -> Result<Columns, Fault>;

/// A line, which has a label if there is a column of labels.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Row {
    texts: Vec<String>,
    label: Option<String>,
}

fn rows(path: &Path, choose: Choose<'_>) -> Result<Vec<Row>, Error> {
    let failed = |fault| Error::Texts { path: path.to_owned(), fault };
    let mut bytes = Vec::new();
    let read = reader(path).and_then(|reader| reader.take(MOST_BYTES as u64 + 1).read_to_end(&mut bytes));
    read.map_err(|cause| Error::io(path, cause))?;
    if bytes.len() > MOST_BYTES {
        return Err(failed(Fault::TooLarge { most: MOST_BYTES }));
    }
    let text = std::str::from_utf8(&bytes).map_err(|error| {
        let line = bytes[..error.valid_up_to()].split(|&byte| byte == b'\n').count();
        failed(Fault::NotUtf8 { line })
    })?;
    let text = text.trim_start_matches('\u{feff}');
    let records = match Format::of(path) {
        Some(Format::Jsonl) => jsonl(text, choose),
        Some(Format::Csv) => csv(text, choose),
        _ => tsv(text, choose),
    };
    match records.map_err(failed)? {
        records if records.is_empty() => Err(failed(Fault::Empty)),
        records => Ok(records),
    }
}

/// The records of a packed TSV table in memory.
pub(crate) fn embedded(bytes: &[u8]) -> Result<Vec<Record>, Fault> {
    let mut text = String::new();
    MultiGzDecoder::new(bytes).read_to_string(&mut text).map_err(|_| Fault::Empty)?;
    let rows = tsv(&text, &|names| Wanted::default().among(names))?;
    Ok(rows
        .into_iter()
        .map(|row| Record { texts: row.texts, label: row.label.unwrap_or_default() })
        .collect())
}

fn reader(path: &Path) -> std::io::Result<Box<dyn BufRead>> {
    let file = BufReader::new(File::open(path)?);
    let is_packed = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("gz"));
    Ok(if is_packed { Box::new(BufReader::new(MultiGzDecoder::new(file))) } else { Box::new(file) })
}

fn names(format: Format, line: &str) -> Option<Vec<String>> {
    let line = line.trim_start_matches('\u{feff}').trim_end_matches(['\r', '\n']);
    match format {
        Format::Tsv => Some(line.split('\t').map(unquoted).collect()),
        _ => csv_reader(line).headers().ok().map(|names| names.iter().map(String::from).collect()),
    }
}

fn csv_reader(text: &str) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes())
}

fn csv(text: &str, choose: Choose<'_>) -> Result<Vec<Row>, Fault> {
    let mut reader = csv_reader(text);
    let line_of = |position: Option<&csv::Position>| position.map_or(0, |at| at.line() as usize);
    let broken = |error: csv::Error| Fault::Line { line: line_of(error.position()), what: error.to_string() };
    let names: Vec<String> = reader.headers().map_err(broken)?.iter().map(String::from).collect();
    let columns = choose(&names)?;
    let mut records = Vec::new();
    for record in reader.records() {
        let record = record.map_err(broken)?;
        let cells: Vec<&str> = record.iter().collect();
        records.extend(pick(&cells, &columns, names.len(), line_of(record.position()))?);
    }
    Ok(records)
}

/// No cell has a tab or a line break, so nothing needs quotation marks; those that a spreadsheet puts around a cell are taken
/// away.
fn tsv(text: &str, choose: Choose<'_>) -> Result<Vec<Row>, Fault> {
    let mut lines = text.lines().enumerate();
    let (_, first) = lines.next().ok_or(Fault::Empty)?;
    let names: Vec<String> = first.split('\t').map(unquoted).collect();
    let columns = choose(&names)?;
    let mut records = Vec::new();
    for (i, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
        let cells: Vec<String> = line.split('\t').map(unquoted).collect();
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        records.extend(pick(&cells, &columns, names.len(), i + 1)?);
    }
    Ok(records)
}

/// `"He said ""no"""` is `He said "no"`; quotation marks that are not such stay.
fn unquoted(cell: &str) -> String {
    let inner = cell.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    match inner {
        Some(inner) if !inner.replace("\"\"", "").contains('"') => inner.replace("\"\"", "\""),
        _ => cell.to_owned(),
    }
}

/// The texts and the label of a line; a blank line has none.
fn pick(cells: &[&str], columns: &Columns, expected: usize, line: usize) -> Result<Option<Row>, Fault> {
    if cells.iter().all(|cell| cell.trim().is_empty()) {
        return Ok(None);
    }
    if cells.len() != expected {
        return Err(Fault::Cells { line, expected, found: cells.len() });
    }
    let label = columns.label.map(|label| cells[label].trim().to_owned());
    if label.as_ref().is_some_and(String::is_empty) {
        return Err(Fault::NoLabel { line });
    }
    Ok(Some(Row { texts: columns.texts.iter().map(|&column| cells[column].to_owned()).collect(), label }))
}

fn jsonl(text: &str, choose: Choose<'_>) -> Result<Vec<Row>, Fault> {
    let mut records = Vec::new();
    for (i, content) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let line = i + 1;
        let value: Value = serde_json::from_str(content)
            .map_err(|error| Fault::Line { line, what: format!("not JSON ({error})") })?;
        let Value::Object(fields) = value else {
            return Err(Fault::Line { line, what: "expected an object, `{…}`".into() });
        };
        let names: Vec<String> = fields.keys().cloned().collect();
        let Columns { texts, label } = choose(&names)?;
        let cell = |place: usize| match &fields[&names[place]] {
            Value::String(text) => Ok(text.clone()),
            Value::Number(number) => Ok(number.to_string()),
            Value::Bool(truth) => Ok(truth.to_string()),
            _ => Err(Fault::Line { line, what: format!("`{}` is neither text nor number", names[place]) }),
        };
        let label = label.map(cell).transpose()?.map(|label| label.trim().to_owned());
        if label.as_ref().is_some_and(String::is_empty) {
            return Err(Fault::NoLabel { line });
        }
        records.push(Row { texts: texts.into_iter().map(cell).collect::<Result<_, _>>()?, label });
    }
    Ok(records)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(rows: Result<Vec<Row>, Fault>) -> Vec<(String, String)> {
        rows.unwrap().into_iter().map(|row| (row.label.unwrap(), row.texts.join("|"))).collect()
    }

    fn any(names: &[String]) -> Result<Columns, Fault> {
        Wanted::default().among(names)
    }

    #[test]
    fn the_same_table_in_three_formats() {
        let expected = [("a", "one, \"two\""), ("b", "three")].map(|(a, b)| (a.to_owned(), b.to_owned()));
        assert_eq!(found(csv("label,text\na,\"one, \"\"two\"\"\"\n\nb,three\n", &any)), expected);
        assert_eq!(found(tsv("label\ttext\r\na\tone, \"two\"\r\n\r\nb\tthree", &any)), expected);
        assert_eq!(found(tsv("label\ttext\na\t\"one, \"\"two\"\"\"\nb\tthree", &any)), expected);
        assert_eq!(
            found(jsonl(
                "{\"text\":\"one, \\\"two\\\"\",\"label\":\"a\"}\n\n{\"label\":\"b\",\"text\":\"three\"}",
                &any
            )),
            expected
        );
    }

    #[test]
    fn lines_that_are_none_are_named() {
        for (fault, expected) in [
            (csv("label,text\na,one,two\n", &any), "line 2: expected 2 columns, found 3"),
            (tsv("label\ttext\na\tb\n\tc\n", &any), "line 3: the label is empty"),
            (jsonl("{\"label\":1}", &any), "expected a column of texts"),
            (jsonl("[1]", &any), "line 1: expected an object"),
            (jsonl("{\"label\":1,\"text\":null}", &any), "line 1: `text` is neither"),
            (csv("x,y\n1,2\n", &any), "expected a column of texts, found `x`, `y`"),
        ] {
            let fault = fault.unwrap_err().to_string();
            assert!(fault.starts_with(expected), "{fault}");
        }
    }
}
