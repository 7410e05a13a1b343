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
    refused(&unread, KWH, BOTH, &["line 33: expected a time in column 1"]);
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
