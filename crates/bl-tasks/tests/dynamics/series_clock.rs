//! The clock of a file: found in its columns, checked, and mended on request.

use bl_tasks::Error;
use bl_tasks::series::{Column, Fill, Mend, Series, read_csv_mended};

const AS_IT_IS: Mend = Mend { sort: false, fill: None };
const SORT: Mend = Mend { sort: true, fill: None };
const LINEAR: Mend = Mend { sort: false, fill: Some(Fill::Linear) };
const PREVIOUS: Mend = Mend { sort: false, fill: Some(Fill::Previous) };
const BOTH: Mend = Mend { sort: true, fill: Some(Fill::Linear) };

fn read(text: &str, column: Column, rule: Mend) -> Result<Series, Error> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("load.csv");
    std::fs::write(&path, text).unwrap();
    read_csv_mended(&path, column, rule)
}

/// `time,kwh` and a line for each.
fn hours(hours: &[(u32, f64)]) -> String {
    let line = |(hour, kwh): &(u32, f64)| format!("2026-01-{:02} {:02}:00,{kwh}\n", 1 + hour / 24, hour % 24);
    format!("time,kwh\n{}", hours.iter().map(line).collect::<String>())
}

fn even(n: u32) -> Vec<(u32, f64)> {
    (0..n).map(|hour| (hour, f64::from(hour * 7 % 24))).collect()
}

const KWH: Column = Column::Named("kwh");

#[track_caller]
fn refused(text: &str, column: Column, rule: Mend, parts: &[&str]) {
    let error = read(text, column, rule).unwrap_err();
    let all = format!("{error} | {}", error.hint().unwrap_or_default());
    for part in parts {
        assert!(all.contains(part), "no `{part}` in {all}");
    }
}

#[test]
fn dates_epochs_and_counters_give_a_spacing() {
    fn check(stamp: impl Fn(u32) -> String, name: &str, spacing: Option<f64>, words: Option<&str>) {
        let lines: Vec<_> = (0..40).map(|t| format!("{},{}\n", stamp(t), t * 7 % 11)).collect();
        let lines = lines.concat();
        let series = read(&format!("{name},kwh\n{lines}"), KWH, AS_IT_IS).unwrap();
        assert_eq!((series.spacing(), series.spacing_words().as_deref()), (spacing, words), "{name}");
    }
    check(|t| format!("2026-01-01T{:02}:{:02}Z", t / 4, 15 * (t % 4)), "x", Some(900.0), Some("15 min"));
    check(
        |t| format!("{:02}.01.2026", 1 + t % 31).replace(".01.", &format!(".{:02}.", 1 + t / 31)),
        "x",
        Some(86_400.0),
        Some("1 d"),
    );
    check(|t| format!("{}/{}/2026", 1 + t / 31, 1 + t % 31), "x", Some(86_400.0), Some("1 d"));
    check(
        |t| format!("{}-{:02}-01", 2020 + t / 12, 1 + t % 12),
        "x",
        Some(30.436_875 * 86_400.0),
        Some("1 month"),
    );
    let day = |t: u32| format!("2026-01-{:02}", 1 + t / 24);
    check(|t| format!("{},{:02}:00", day(t), t % 24), "date,of day", Some(3600.0), Some("1 h"));
    check(|t| format!("{},{}", day(t), t % 24), "date,hour", Some(3600.0), Some("1 h"));
    check(|t| format!("{}", 1_767_225_600 + 3600 * t), "timestamp", Some(3600.0), Some("1 h"));
    check(|t| format!("{}000", 1_767_225_600 + 60 * t), "time_ms", Some(60.0), Some("1 min"));
    check(|t| format!("{:.2}", 0.05 * f64::from(t)), "t", Some(0.05), Some("0.05"));
    check(|t| t.to_string(), "", Some(1.0), Some("1"));
    check(|t| (t % 24).to_string(), "hour", None, None);
    check(|t| (t * t).to_string(), "kw", None, None);
}

/// A name of the first column, and its cell in each of the lines.
fn lines(name: &str, n: u32, cell: impl Fn(u32) -> String) -> String {
    let lines = (0..n).map(|t| format!("{},{}\n", cell(t), t * 7 % 24)).collect::<Vec<_>>().concat();
    format!("{name},kwh\n{lines}")
}

/// The same without some of the samples, so that times that are read are refused.
fn with_hole(name: &str, cell: impl Fn(u32) -> String) -> String {
    lines(name, 60, |t| cell(if t < 30 { t } else { t + 5 }))
}

#[test]
fn more_forms_of_times_are_read_and_their_holes_seen() {
    let (day, hour) = (|t: u32| 1 + t / 24, |t: u32| t % 24);
    let date = |t: u32| match t {
        0..31 => (0, 1 + t),
        31..59 => (1, t - 30),
        _ => (2, t - 58),
    };
    let forms: [(&str, &dyn Fn(u32) -> String); 11] = [
        ("a zone", &|t| format!("2026-01-{:02} {:02}:00 CET", day(t), hour(t))),
        ("basic", &|t| format!("202601{:02}T{:02}0000Z", day(t), hour(t))),
        ("a month's name", &|t| format!("\"Jan {:02}, 2026 {:02}:00\"", day(t), hour(t))),
        ("RFC 2822", &|t| format!("\"Thu, {:02} Jan 2026 {:02}:00:00 GMT\"", day(t), hour(t))),
        ("days in words", &|t| {
            format!("{:02} {} 2026", date(t).1, ["January", "February", "March"][date(t).0])
        }),
        ("October", &|t| format!("{:02}-Oct-2026 {:02}:00", day(t), hour(t))),
        ("a range", &|t| {
            format!(
                "{:02}.01.2026 {:02}:00 - {:02}.01.2026 {:02}:00",
                day(t),
                hour(t),
                day(t + 1),
                hour(t + 1)
            )
        }),
        ("YYYYMMDDHH", &|t| format!("202601{:02}{:02}", day(t), hour(t))),
        ("YYYYMMDDHHMM", &|t| format!("202601{:02}{:02}00", day(t), hour(t))),
        ("fourteen digits", &|t| format!("202601{:02}{:02}0000", day(t), hour(t))),
        ("YYYYMMDD", &|t| format!("2025{:02}{:02}", 1 + date(t).0, date(t).1)),
    ];
    for (name, cell) in forms {
        refused(
            &with_hole("x", cell),
            KWH,
            AS_IT_IS,
            &["line 32: expected a sample every 1 ", "--fill linear"],
        );
        assert!(read(&lines("x", 26, cell), KWH, AS_IT_IS).unwrap().record().unwrap().dated, "{name}");
    }
    let summer = "t,kwh\n2026-03-29 01:00 CET,1\n2026-03-29 03:00 CEST,2\n2026-03-29 04:00 CEST,3\n";
    assert_eq!(read(summer, KWH, AS_IT_IS).unwrap().spacing(), Some(3600.0), "a zone says which hour it is");
    let parts = "date,hour,kwh\n20260101,0,1\n20260101,1,2\n20260101,2,3\n";
    assert_eq!(read(parts, KWH, AS_IT_IS).unwrap().spacing(), Some(3600.0));
    let number = lines("step", 40, |t| (20_260_170 + t).to_string());
    assert_eq!(read(&number, KWH, AS_IT_IS).unwrap().spacing_words().unwrap(), "1", "no dates, so a counter");
}

#[test]
fn times_that_are_not_understood_are_named_and_not_sorted_or_filled_by() {
    fn check(text: &str, column: &str, first: &str) {
        let series = read(text, KWH, AS_IT_IS).unwrap();
        let notices = series.record().unwrap().notices().join("; ");
        let expected = format!("column {column} is not understood as times, the first is `{first}`");
        assert!(
            notices.starts_with(&expected) && notices.contains("understood are `2026-01-31 08:00`"),
            "{notices}"
        );
        for rule in [SORT, LINEAR, PREVIOUS, BOTH] {
            refused(text, KWH, rule, &[&expected, "nothing can be sorted or filled by them", "another name"]);
        }
    }
    check(&with_hole("time", |t| format!("{}-W{:02}", 2020 + t / 52, 1 + t % 52)), "`time`", "2020-W01");
    check(&with_hole("x", |t| format!("{}-Q{}", 1990 + t / 4, 1 + t % 4)), "`x`", "1990-Q1");
    check(&with_hole("x", |t| format!("{:02}:{:02}", t / 4, t % 4 * 15)), "`x`", "00:00");
    check(&with_hole("Zeit", |t| format!("Woche {t}")), "`Zeit`", "Woche 0");
    check(&with_hole("hour", |t| (t % 24).to_string()), "`hour`", "0");
    check(&with_hole("date", |t| format!("{}/{}", 1 + t / 28, 1 + t % 28)), "`date`", "1/1");
    let index = (0..40).map(|t| format!("{t},{}-W{:02},{}\n", 2020, 1 + t, t * 7 % 24));
    let index = index.collect::<Vec<_>>().concat();
    check(&format!(",time,kwh\n{index}"), "`time`", "2020-W01");
    // Nothing is meant as a time here.
    let plain = read(&lines("place", 40, |t| format!("north {t}")), KWH, AS_IT_IS).unwrap();
    assert_eq!(plain.record().unwrap().notices(), Vec::<String>::new());
    refused(
        "kwh\n1\n2\n4\n",
        Column::Only,
        SORT,
        &["expected a column of times to sort by, found none", "drop `--sort`"],
    );
}

#[test]
fn day_and_month_are_told_by_equal_steps_and_a_choice_is_said() {
    fn check(cell: impl Fn(u32) -> String, n: u32, spacing: &str, said: bool) {
        let text = lines("x", n, cell);
        let series = read(&text, KWH, AS_IT_IS).unwrap();
        let notices = series.record().unwrap().notices().join("; ");
        assert_eq!(series.spacing_words().as_deref(), Some(spacing), "{text}");
        assert_eq!(notices.contains("day first or month first"), said, "{notices}");
    }
    check(|t| format!("{:02}.01.2026", 1 + t), 12, "1 d", false);
    check(|t| format!("01.{:02}.26", 1 + t), 12, "1 month", false);
    check(|t| format!("{:02}/01/2026 {:02}:00", 1 + t / 24, t % 24), 240, "1 h", false);
    check(|t| format!("01-{:02}-2026 {:02}:00", 1 + t / 24, t % 24), 240, "1 h", false);
    check(|t| format!("{:02}/{:02}/2026", 1 + t % 28, 1 + t / 28), 28, "1 d", false);
    check(|t| format!("01/{:02}/{}", 1 + t % 12, 1990 + t / 12), 40, "1 month", false);
    check(|t| format!("{:02}/01/2026", 1 + t), 12, "1 month", true);
    check(|t| format!("01/{:02}/2026", 1 + t), 12, "1 d", true);
}

#[test]
fn values_far_from_all_others_are_said_and_kept() {
    for (value, line) in [("1e10", 402), ("-88.8", 12), ("4000", 402)] {
        let other = |t: usize| 10.0 + (t as f64 / 4.0).sin();
        let text: String = (0..=400)
            .map(|t| {
                if t + 2 == line || (line < 100 && t % 50 == 10) {
                    format!("{value}\n")
                } else {
                    format!("{}\n", other(t))
                }
            })
            .collect();
        let series = read(&format!("kwh\n{text}"), Column::Only, AS_IT_IS).unwrap();
        let notices = series.record().unwrap().notices().join("; ");
        assert!(notices.starts_with(&format!("line {line}: found ")), "{notices}");
        assert!(notices.contains("more than 10 interquartile ranges"), "{notices}");
        assert_eq!((series.len(), series.values()[line - 2]), (401, value.parse().unwrap()));
    }
}

#[test]
fn what_is_not_on_time_is_named_with_its_line() {
    let hole: Vec<_> = even(60).into_iter().filter(|(hour, _)| !(20..32).contains(hour)).collect();
    let parts = [
        "line 22: expected a sample every 1 h, found 13 h",
        "(line 21)",
        "samples missing: 12",
        "--fill linear",
    ];
    refused(&hours(&hole), KWH, AS_IT_IS, &parts);
    refused(&hours(&hole), KWH, SORT, &parts);
    let mut swapped = even(60);
    swapped.swap(30, 31);
    let parts =
        ["line 33: expected a time 1 h after `2026-01-02 07:00` of line 32", "steps backwards: 1", "--sort"];
    refused(&hours(&swapped), KWH, AS_IT_IS, &parts);
    refused(&hours(&swapped), KWH, LINEAR, &parts);
    let mut twice = even(60);
    twice[30].0 = 29;
    let parts = [
        "line 32",
        "`2026-01-02 05:00` again, as in line 31",
        "times that come again: 1",
        "`--sort --fill linear`",
    ];
    refused(&hours(&twice), KWH, AS_IT_IS, &parts);
    let newest: Vec<_> = even(60).into_iter().rev().collect();
    refused(
        &hours(&newest),
        KWH,
        AS_IT_IS,
        &["line 2: expected the oldest sample first", "in line 61", "--sort"],
    );
    let uneven = hours(&even(60)).replace("2026-01-02 07:00", "2026-01-02 07:25");
    refused(&uneven, KWH, BOTH, &["line 33", "uneven steps: 2", "equal steps of 1 h"]);
    let unread = hours(&even(60)).replace("2026-01-02 07:00", "soon");
    refused(&unread, KWH, BOTH, &["line 33: expected a time in column 1", "write the time of that line"]);
    let total = hours(&even(60)) + "Total,690\n";
    refused(&total, KWH, AS_IT_IS, &["line 62: expected a time in column 1", "remove it if it is a total"]);
    let of_two: String =
        even(60).iter().flat_map(|(hour, x)| [(*hour, *x), (*hour, -x)]).map(|of| hours(&[of])).collect();
    let of_two = format!("time,kwh\n{}", of_two.replace("time,kwh\n", ""));
    refused(&of_two, KWH, AS_IT_IS, &["times that come again: 60", "--sort"]);
    let of_three = of_two
        .lines()
        .skip(1)
        .step_by(2)
        .map(|line| format!("{line}\n{line}\n{line}\n"))
        .collect::<Vec<_>>()
        .concat();
    refused(&format!("time,kwh\n{of_three}"), KWH, AS_IT_IS, &["more than one series"]);
    let far = hours(&even(60)).replace("2026-01-03 11:00", "2206-01-03 11:00");
    refused(&far, KWH, BOTH, &["at most as many missing samples as there are values, 60"]);
}

#[test]
fn what_is_mended_has_the_values_of_the_rule() {
    let whole = read(&hours(&even(60)), KWH, AS_IT_IS).unwrap();
    let newest: Vec<_> = even(60).into_iter().rev().collect();
    let sorted = read(&hours(&newest), KWH, SORT).unwrap();
    assert_eq!((sorted.values(), sorted.spacing()), (whole.values(), Some(3600.0)));
    assert_eq!(sorted.record().unwrap().mended.words().unwrap(), "mended: 60 lines sorted by time");
    let hole: Vec<_> = even(60).into_iter().filter(|(hour, _)| !(20..24).contains(hour)).collect();
    let filled = read(&hours(&hole), KWH, LINEAR).unwrap();
    let (from, to) = (whole.values()[19], whole.values()[24]);
    let straight: Vec<f64> = (1..5).map(|k| from + (to - from) * f64::from(k) / 5.0).collect();
    assert_eq!((filled.len(), &filled.values()[20..24]), (60, &*straight));
    assert_eq!(&read(&hours(&hole), KWH, PREVIOUS).unwrap().values()[19..24], [from; 5]);
    let mut twice = even(60);
    twice[30] = (29, 100.0);
    let last = read(&hours(&twice), KWH, BOTH).unwrap();
    assert_eq!((last.len(), last.values()[29]), (60, 100.0));
    assert_eq!(last.values()[30], f64::midpoint(100.0, whole.values()[31]));
    let blank = "kwh\n1\n\n3\n5\n2\n\n\n";
    assert_eq!(read(blank, Column::Only, LINEAR).unwrap().values(), [1.0, 2.0, 3.0, 5.0, 2.0]);
    let ends = "kwh\nNA\n1\n\"\"\n3\n5\nnull\n";
    let trimmed = read(ends, Column::Only, LINEAR).unwrap();
    assert_eq!((trimmed.values(), trimmed.record().unwrap().mended.trimmed), (&[1.0, 2.0, 3.0, 5.0][..], 2));
}

#[test]
fn blank_lines_sentinels_and_numbers_as_names_are_refused() {
    refused(
        "kwh\n1\n\n\n3\n5\n",
        Column::Only,
        AS_IT_IS,
        &["line 3: expected a value, found a blank line", "in all 2", "--fill"],
    );
    // As Python writes it on Windows: a blank line after every line.
    assert_eq!(read("kwh\n\n1\n\n3\n\n5\n\n", Column::Only, AS_IT_IS).unwrap().values(), [1.0, 3.0, 5.0]);
    for (sentinel, line) in [("-9999", 22), ("99999", 22), ("-999.9", 22), ("9.96921e36", 22), ("-32768", 22)]
    {
        let text = hours(&even(60)).replace("2026-01-01 20:00,20", &format!("2026-01-01 20:00,{sentinel}"));
        refused(
            &text,
            KWH,
            AS_IT_IS,
            &[&format!("line {line}, column `kwh`"), "stands for a missing value; in all 1", "--fill"],
        );
        assert_eq!(read(&text, KWH, PREVIOUS).unwrap().values()[20], 13.0);
    }
    let near = "kwh\n95\n97\n99\n98\n96\n";
    assert_eq!(read(near, Column::Only, AS_IT_IS).unwrap().len(), 5, "a 99 among its like is a value");
    let numbers = (0..30).map(|t| format!("{}\n", t % 24)).collect::<Vec<_>>().concat();
    refused(
        &format!("2026\n{numbers}"),
        Column::Only,
        AS_IT_IS,
        &["line 1", "`2026`", "`--column 2026` says so"],
    );
    let named = read(&format!("2026\n{numbers}"), Column::Named("2026"), AS_IT_IS).unwrap();
    assert_eq!((named.name(), named.len()), ("2026", 30));
}

#[test]
fn other_encodings_and_tables_of_images_are_named() {
    let wide: Vec<u8> = "kwh\n1\n2\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("load.csv");
    for (bytes, name) in [([&[0xff, 0xfe][..], &wide].concat(), "UTF-16LE"), (wide.clone(), "UTF-16LE")] {
        std::fs::write(&path, bytes).unwrap();
        let error = read_csv_mended(&path, Column::Only, AS_IT_IS).unwrap_err();
        assert!(error.to_string().ends_with(&format!("found {name}")), "{error}");
    }
    refused("kwh\r1\r2\r3\r", Column::Only, AS_IT_IS, &["found carriage returns alone"]);
    refused("label,pixel0,pixel1\n0,0,0\n", Column::Only, AS_IT_IS, &["an image in each line", "a folder"]);
    let row = ["7"; 785].join(",");
    refused(&format!("{row}\n{row}\n"), Column::Only, AS_IT_IS, &["785 columns that look like an image"]);
}
