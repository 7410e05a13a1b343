//! Series from files: what is read, and every way in which a file can be wrong.

use bl_tasks::series::{Column, Series, read_csv};
use bl_tasks::{Error, Request, Task};
use proptest::prelude::*;

fn read(bytes: &[u8], column: Column) -> Result<Series, Error> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("weather.csv");
    std::fs::write(&path, bytes).unwrap();
    read_csv(&path, column)
}

#[test]
fn what_is_well_formed_is_read() {
    fn check(text: &str, column: Column, name: &str, values: &[f64]) {
        let series = read(text.as_bytes(), column).unwrap();
        assert_eq!((series.name(), series.values()), (name, values));
        assert_eq!((series.spacing(), series.lyapunov()), (None, None));
    }
    check("1\n2.5\n-3e2\n", Column::Only, "weather", &[1.0, 2.5, -300.0]);
    check("temp\n1\n2", Column::Only, "temp", &[1.0, 2.0]);
    check("\u{feff}temp\r\n\r\n 1 \r\n2\r\n\r\n", Column::Named("temp"), "temp", &[1.0, 2.0]);
    check("day,temp\n1,4\n2,5\n", Column::Named("temp"), "temp", &[4.0, 5.0]);
    check("day;temp\nMon;4\nTue;5\n", Column::Named("temp"), "temp", &[4.0, 5.0]);
    check("day\ttemp, °C\n1\t4\n2\t5\n", Column::Named("temp, °C"), "temp, °C", &[4.0, 5.0]);
    check("\"day, or so\",temp\n1,4\n2,5\n", Column::Named("temp"), "temp", &[4.0, 5.0]);
    check("country,2019,2020\nA,4,5\nB,6,7\n", Column::Named("2020"), "2020", &[5.0, 7.0]);
    check("day,temp\n1,\n2,\n", Column::Named("day"), "day", &[1.0, 2.0]);
}

#[test]
fn what_is_malformed_says_what_is_wrong() {
    fn check(bytes: &[u8], column: Column, expected: &str, hint: Option<&str>) {
        let error = read(bytes, column).unwrap_err();
        let text = error.to_string();
        let (path, fault) = text.split_once("weather.csv`: ").unwrap();
        assert!(path.starts_with('`'));
        assert_eq!((fault, error.hint().as_deref()), (expected, hint));
    }
    let temp = Column::Named("temp");
    let remove = Some(
        "`--fill linear` fills missing values by straight lines, `--fill previous` repeats the one before; to leave the \
         line out would move all that follow",
    );
    check(b"", Column::Only, "expected numbers, found none", None);
    check(b"\n\n", temp, "expected numbers, found none", None);
    check(b"day,temp\n", temp, "expected numbers, found none", None);
    check(b"5\n5\n5\n", Column::Only, "expected numbers that vary, found 5 throughout", None);
    check(b"1e300\n1e300\n", Column::Only, "expected numbers that vary, found 1e300 throughout", None);
    check(
        b"day,temp\n1,2\n",
        Column::Named("Tmp"),
        "expected one of the columns `day`, `temp`, found no `Tmp`",
        Some("did you mean `temp`?"),
    );
    check(
        b"day,temp\n1,2\n",
        Column::Named("price"),
        "expected one of the columns `day`, `temp`, found no `price`",
        None,
    );
    check(
        b"1,2\n3,4\n",
        temp,
        "expected a first line of names with the column `temp`, found numbers",
        Some("drop the name if the file has one column, or add a first line of names"),
    );
    check(b"temp,temp\n1,2\n", temp, "expected one column `temp`, found several", None);
    check(
        b"day,temp\n1,2\n",
        Column::Only,
        "expected one column, or the name of one, found 2 columns: `day`, `temp`",
        Some("choose one with `--column`, such as `--column temp`"),
    );
    check(
        b"1,5\n2,5\n",
        Column::Only,
        "expected one column, or the name of one, found 2 columns without names",
        Some("add a first line of names and choose one with `--column`; decimals are written with a point"),
    );
    check(b"day,temp\n1,2\n3\n", temp, "line 3: expected 2 columns, found 1", None);
    let value = |line, column, found| {
        format!("line {line}, column {column}: expected a finite number, found {found}")
    };
    check(b"day,temp\n1,2\n\n3,\n", temp, &value(4, "`temp`", "an empty cell"), remove);
    check(b"day,temp\n1,NaN\n", temp, &value(2, "`temp`", "`NaN`"), remove);
    let large = Some("write a number that a 64-bit float can hold");
    check(b"1\n-inf\n", Column::Only, &value(2, "1", "`-inf`"), large);
    check(b"nan\n1\n", Column::Only, &value(1, "1", "`nan`"), remove);
    check(b"1\n1e999\n", Column::Only, &value(2, "1", "`1e999`"), large);
    check(
        b"day;temp\n1;2,5\n",
        temp,
        &value(2, "`temp`", "`2,5`, with a comma"),
        Some("decimals are written with a point"),
    );
    check(
        b"1\n\xff\n",
        Column::Only,
        "line 2: expected UTF-8 text, found the byte 0xff",
        Some("save it as UTF-8; of Western European files, `iconv -f LATIN1 -t UTF-8 FILE` does it"),
    );
    check(
        &b"1".repeat((1 << 20) + 1),
        Column::Only,
        "line 1: expected at most 1048576 bytes, found more",
        None,
    );
}

#[test]
fn what_is_no_number_is_named_for_what_it_is() {
    fn check(text: &[u8], column: Column, expected: &str, hint: &str) {
        let error = read(text, column).unwrap_err();
        let (text, found) = (error.to_string(), error.hint().unwrap_or_default());
        assert!(text.ends_with(expected), "{text}");
        assert!(
            found.contains(hint) && (hint.contains("--fill") || !found.contains("--fill")),
            "{text}: {found}"
        );
    }
    let only = Column::Only;
    for (cell, expected, hint) in [
        ("10.0%", "`10.0%`, a percentage", "sed"),
        ("10.0 kWh", "`10.0 kWh`, a number with letters", "the unit may be in the column's name"),
        ("$10", "`$10`, an amount with its currency", "the number alone"),
        ("0 10.000", "`0 10.000`, numbers with blanks between them", "tr -s"),
        ("\u{2212}10.0", "whose minus sign is a dash", "`-`"),
        ("true", "a word for 1 or 0", "1 and 0"),
        ("kwh", "`kwh`, the column's name again", "remove that line"),
        ("soon", "found `soon`", "stays empty or has `NA`, and `--fill linear`"),
    ] {
        check(format!("kwh\n1\n{cell}\n2\n").as_bytes(), only, expected, hint);
    }
    check(
        b"time,kwh\ns,kWh\n0,1\n1,2\n",
        Column::Named("kwh"),
        "`kWh`, a line of units below the names",
        "remove that line",
    );
    check(b"kwh\n1\n2\0\n", only, "line 3: expected UTF-8 text, found the byte 0x00", "fetch it again");
    for (file, expected, hint) in [
        (
            &b"version https://git-lfs.github.com/spec/v1\noid sha256:abc\n"[..],
            "a Git LFS pointer, not the file itself",
            "git lfs pull",
        ),
        (b"<!DOCTYPE html>\n<html></html>\n", "an HTML page", "`raw` or `download` link"),
        (b"{\"kwh\": 10}\n{\"kwh\": 11}\n", "JSON text", "save the series as CSV"),
        (b"\x1f\x8b\x08\0", "a gzip archive", "gunzip"),
        (b"PK\x03\x04\0\0", "a ZIP archive", "a spreadsheet"),
        (b"\x89PNG\r\n\x1a\n", "a PNG image", "a series is text"),
    ] {
        check(file, only, &format!("expected a text file with a series, found {expected}"), hint);
    }
}

#[test]
fn a_file_that_is_no_task_says_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes, expected, hint) in [
        ("x.json", &b"{\"kwh\": 1}"[..], "JSON text", "as CSV"),
        ("noext", b"kwh\n1\n2\n", "a file that starts with `kwh\\n1\\n2\\n`", "the ending `.csv`"),
        ("x.csv.gz", b"\x1f\x8b\x08\0", "a gzip archive", "gunzip"),
        ("x.xlsx", b"PK\x03\x04\0\0", "a ZIP archive", "a spreadsheet (`.xlsx`) is saved as CSV"),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let error = Task::open(path.to_str().unwrap(), &Request::default()).err().unwrap();
        assert!(error.to_string().ends_with(expected), "{error}");
        assert!(error.hint().unwrap().contains(hint), "{:?}", error.hint());
    }
}

#[test]
fn the_column_that_was_learned_from_is_taken_where_it_is_there() {
    let preferred = Column::of(None, Some("kwh"));
    assert_eq!(read(b"temp,kwh\n1,4\n2,5\n", preferred).unwrap().values(), [4.0, 5.0]);
    assert_eq!(read(b"load\n4\n5\n", preferred).unwrap().name(), "load");
    assert_eq!(read(b"4\n5\n", preferred).unwrap().name(), "weather");
    let error = read(b"temp,load\n1,4\n2,5\n", preferred).unwrap_err().to_string();
    assert!(error.ends_with("found 2 columns: `temp`, `load`"), "{error}");
}

#[test]
fn many_columns_are_not_all_listed() {
    let names: Vec<String> = (0..40).map(|i| format!("c{i}")).collect();
    let error = read(format!("{}\n", names.join(",")).as_bytes(), Column::Only).unwrap_err().to_string();
    assert!(error.ends_with("found 40 columns: `c0`, `c1`, `c2`, `c3`, `c4`, `c5`, `c6`, `c7`, `c8`, `c9`, `c10`, `c11` and 28 more"), "{error}");
}

#[test]
fn numbers_of_hundreds_of_digits_are_said_in_a_few() {
    let lines = |of: &dyn Fn(usize) -> String| (0..400).map(of).collect::<String>();
    for text in [
        format!("kwh\n{}", lines(&|i| format!("{}e307\n", i % 7))),
        format!("{}\n{}", "9".repeat(300), lines(&|i| format!("{}\n", i % 7))),
        format!("{}\n{}", "9".repeat(300), lines(&|i| format!("{}e200\n", i % 7))),
        lines(&|_| "3e250\n".into()),
    ] {
        if let Err(error) = read(text.as_bytes(), Column::Only) {
            assert!(error.to_string().len() < 400, "{error}");
        }
    }
}

#[test]
fn a_file_that_is_too_large_is_refused_before_it_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("weather.csv");
    std::fs::File::create(&path).unwrap().set_len(15 << 30).unwrap(); // a hole: it takes no room on the disk
    let error = read_csv(&path, Column::Only).unwrap_err().to_string();
    assert!(error.ends_with("expected a file of at most 268435456 bytes, found more"), "{error}");
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let error = read_csv("/nowhere/weather.csv".as_ref(), Column::Only).unwrap_err().to_string();
    assert!(error.starts_with("cannot read `/nowhere/weather.csv`: "), "{error}");
}

proptest! {
    #[test]
    fn what_was_written_is_read(values in prop::collection::vec(-1e9..1e9_f64, 2..40), at in 0_usize..3) {
        let (delimiter, end) = [(',', "\n"), (';', "\r\n"), ('\t', "\n")][at];
        let rows: Vec<String> = values.iter().map(|x| format!("a{delimiter}{x}{end}")).collect();
        let text = format!("t{delimiter}x{end}{}", rows.concat());
        let series = read(text.as_bytes(), Column::Named("x")).unwrap();
        prop_assert_eq!(series.values(), values);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes: Vec<u8>, named: bool) {
        let _ = read(&bytes, if named { Column::Named("x") } else { Column::Only });
    }

    #[test]
    fn no_text_makes_it_panic(text in "[x0-9,;\"\t\n.-]{0,60}", named: bool) {
        let _ = read(text.as_bytes(), if named { Column::Named("x") } else { Column::Only });
    }
}
