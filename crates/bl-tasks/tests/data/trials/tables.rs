//! Tables of numbers with several columns.

use std::path::Path;

use bl_core::io::Signal;
use bl_tasks::series::{Fill, Mend, names_of};
use bl_tasks::trials::Goals;
use bl_tasks::{Kind, Lesson, LessonSettings, Request, Task};
use proptest::prelude::*;

use super::{fault, open, request};
use crate::files::write;

/// A column of a table, a function of its place and of time.
fn value(column: usize, t: usize) -> f64 {
    (0.3 * t as f64 + column as f64).sin() + (t * (column + 3) % 7) as f64
}

fn asks(inputs: &[&str], targets: &[&str]) -> Request {
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    Request { inputs: names(inputs), targets: names(targets), ..request() }
}

/// Names, and a line for each sample; the time counts from 0.
fn table(samples: usize) -> String {
    let line = |t: usize| format!("{t},{},{},{}\n", value(0, t), value(1, t), value(2, t));
    format!("time,temp,wind,kwh\n{}", (0..samples).map(line).collect::<String>())
}

fn in_file<T>(text: &[u8], then: impl Fn(&Path) -> T) -> T {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("load.csv");
    write(&path, text);
    then(&path)
}

fn said(text: &str, request: &Request) -> String {
    in_file(text.as_bytes(), |path| fault(path, request))
}

fn notice(text: &str, request: &Request) -> String {
    in_file(text.as_bytes(), |path| open(path, request).unwrap().0.notice.unwrap_or_default())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn targets_are_those_of_the_horizon_and_no_sample_is_in_both_halves(
        samples in 120..300_usize, horizon in 0..6_usize, washout in 0..9_usize, more in 1..20_usize, stride in 1..9_usize
    ) {
        let window = washout + more;
        let request = Request { horizon: Some(horizon), washout: Some(washout), window: Some(window), ..asks(&["temp", "wind"], &["kwh"]) };
        let (task, trials) = in_file(table(samples).as_bytes(), |path| open(path, &request).unwrap());
        let held_out = (samples / 4).max(washout + horizon + 10);
        let (train, test) = (trials.train().trials, trials.test().trials);
        prop_assert_eq!(train.lengths().0, samples - held_out - horizon);
        prop_assert_eq!(test.lengths().0, held_out - horizon);
        for (half, first, unjudged) in [(train, 0, 0), (test, samples - held_out, washout)] {
            let Goals::Values { values, weights, .. } = half.goals() else { panic!() };
            for t in 0..half.steps(0) {
                prop_assert_eq!(&half.inputs(0)[2 * t..2 * t + 2], &[value(0, first + t), value(1, first + t)]);
                prop_assert_eq!(values[t], value(2, first + t + horizon));
                prop_assert_eq!(weights[t], f32::from(u8::from(t >= unjudged)));
            }
        }
        let Ok(Signal::Trials(form)) = trials.io().signal().cloned() else { panic!() };
        prop_assert_eq!((form.horizon, form.washout, form.spacing), (horizon, washout, Some(1.0)));

        // Each window: its own steps, and a target only after the washout.
        let settings = LessonSettings { window: Some(window), stride: Some(stride) };
        let Lesson::Steps(loss) = task.kind().lesson(settings).unwrap() else { panic!() };
        let steps = train.steps(0);
        prop_assert_eq!(loss.rows(), (steps + 1 - window).div_ceil(stride));
        prop_assert_eq!(loss.overlap(), (window + horizon).div_ceil(stride));
        prop_assert!(!loss.is_of_independent_rows());
        prop_assert_eq!(loss.samples_of_last(loss.rows()), task.kind().parts().train);
        let last = loss.rows() - 1;
        let inputs = loss.inputs(&[last as u32]);
        prop_assert_eq!((inputs.steps, inputs.x.len()), (window, 2 * window));
        let of = &form.inputs[0].scale;
        let expected = ((value(0, last * stride) - of.offset) / of.unit) as f32;
        prop_assert_eq!(inputs.x[0], expected);
        let gradient = loss.gradient(&[last as u32], &vec![100.0; window]).unwrap();
        for (t, delta) in gradient.delta.iter().enumerate() {
            prop_assert_eq!(*delta != 0.0, t >= washout, "step {}", t);
        }
    }
}

#[test]
fn what_is_forecast_is_ahead_and_what_is_estimated_is_of_the_same_step() {
    let horizon = |inputs: &[&str], targets: &[&str]| {
        in_file(table(400).as_bytes(), |path| open(path, &asks(inputs, targets)).unwrap().1.form.horizon)
    };
    assert_eq!(horizon(&["temp", "wind"], &["kwh"]), 0);
    assert_eq!(horizon(&["temp", "kwh"], &["kwh"]), 1);
    assert_eq!(horizon(&["temp", "wind", "kwh"], &["kwh", "wind"]), 1);
    assert_eq!(horizon(&["temp"], &["kwh", "temp"]), 0);
}

#[test]
fn several_series_of_a_file_are_told_apart_by_a_column() {
    let rows = |t: usize| {
        ["a", "b"]
            .map(|station| format!("{t},{station},{},{}\n", value(0, t), value(1, t + station.len())))
            .concat()
    };
    let text = format!("time,station,temp,kwh\n{}", (0..400).map(rows).collect::<String>());
    let apart = Request { group: Some("station".into()), ..asks(&["temp"], &["kwh"]) };
    let (task, trials) = in_file(text.as_bytes(), |path| open(path, &apart).unwrap());
    assert_eq!((trials.train().trials.len(), trials.test().trials.len()), (2, 2));
    let parts = task.kind().parts();
    assert_eq!((parts.unit, parts.train, parts.test), ("steps", 600, 200));
    let together = in_file(text.as_bytes(), |path| {
        Task::open(path.to_str().unwrap(), &asks(&["temp"], &["kwh"])).err().unwrap()
    });
    assert!(together.to_string().contains("times that come again: 400"), "{together}");
    assert!(together.hint().unwrap().contains("`--group` names the column"), "{:?}", together.hint());
    let short = text.replace("399,b,", "399,c,");
    assert!(said(&short, &apart).contains("station `c`: expected at least"), "{}", said(&short, &apart));
    let hole = text
        .lines()
        .filter(|line| !line.starts_with("30,b"))
        .map(|line| format!("{line}\n"))
        .collect::<String>();
    assert!(
        said(&hole, &apart).contains("station `b`: line 63: expected a sample every 1, found 2"),
        "{}",
        said(&hole, &apart)
    );
}

#[test]
fn missing_targets_are_not_asked_for_and_missing_inputs_are_refused_or_filled() {
    let without = |line: usize, column: usize| {
        let mut lines: Vec<String> = table(400).lines().map(str::to_owned).collect();
        let mut cells: Vec<String> = lines[line - 1].split(',').map(str::to_owned).collect();
        cells[column] = "NA".into();
        lines[line - 1] = cells.join(",");
        lines.join("\n")
    };
    let plain = asks(&["temp", "wind"], &["kwh"]);
    assert_eq!(
        said(&without(20, 2), &plain),
        "`load.csv`: line 20, column `wind`: expected a finite number, found `NA`"
    );
    assert_eq!(
        notice(&without(20, 3), &plain),
        "1 of 400 values of `kwh` are missing: they are not asked for"
    );
    let (_, trials) = in_file(without(20, 3).as_bytes(), |path| open(path, &plain).unwrap());
    let Goals::Values { weights, .. } = trials.train().trials.goals() else { panic!() };
    assert_eq!(weights.iter().position(|weight| *weight == 0.0), Some(18));
    let fill = Mend { sort: false, fill: Some(Fill::Linear) };
    // A column that goes in is filled; as what is to be said it stays unknown.
    let both = Request { mend: fill, ..asks(&["kwh"], &["kwh"]) };
    let (task, trials) = in_file(without(20, 3).as_bytes(), |path| open(path, &both).unwrap());
    let notice = task.notice.unwrap();
    assert!(
        notice.contains("1 missing sample filled") && notice.contains("1 of 400 values of `kwh`"),
        "{notice}"
    );
    let Goals::Values { weights, .. } = trials.train().trials.goals() else { panic!() };
    assert_eq!(weights.iter().position(|weight| *weight == 0.0), Some(17), "one ahead");
    assert_eq!(trials.train().trials.inputs(0)[18], f64::midpoint(value(2, 17), value(2, 19)));
    let all =
        table(400).lines().map(|line| format!("{},\n", line.rsplit_once(',').unwrap().0)).collect::<String>();
    let none = all.replacen("wind,\n", "wind,kwh\n", 1);
    assert!(said(&none, &plain).contains("trial 0 asks for nothing"), "{}", said(&none, &plain));
}

#[test]
fn a_table_that_is_wrong_says_where_and_how() {
    let plain = asks(&["temp", "wind"], &["kwh"]);
    let swapped = |from: &str, to: &str| table(400).replacen(from, to, 1);
    let lines = |keep: &dyn Fn(usize) -> bool| {
        table(400)
            .lines()
            .enumerate()
            .filter(|(nth, _)| keep(*nth))
            .map(|(_, line)| format!("{line}\n"))
            .collect::<String>()
    };
    let mut newest: Vec<String> = table(400).lines().map(str::to_owned).collect();
    newest[1..].reverse();
    let third = format!("\n3,{},", value(0, 3));
    for (found, expected) in [
        (
            said(&table(400), &asks(&["temp", "winds"], &["kwh"])),
            "expected one of the columns `time`, `temp`, `wind`, `kwh`, found no `winds`",
        ),
        (said(&table(400), &asks(&["temp"], &["load"])), "found no `load`"),
        (said(&table(400), &Request { group: Some("site".into()), ..plain.clone() }), "found no `site`"),
        (said(&table(400), &asks(&["temp"], &[])), "expected `--targets` beside `--inputs`, found none"),
        (said(&table(400), &asks(&[], &["kwh"])), "expected `--inputs` beside `--targets`, found none"),
        (said(&table(400), &Request { column: Some("kwh".into()), ..plain.clone() }), "takes no `--column`"),
        (said(&table(60), &plain), "expected at least"),
        (said(&table(400), &Request { horizon: Some(usize::MAX), ..plain.clone() }), "expected at least"),
        (
            said(&lines(&|nth| nth != 41), &plain),
            "line 42: expected a sample every 1, found 2 from `39` (line 41) to `41`",
        ),
        (said(&newest.join("\n"), &plain), "expected the oldest sample first, found the newest"),
        (said(&swapped(&third, "\n3,1,5,"), &plain), "line 5: expected 4 columns, found 5"),
        (
            said(&swapped(&third, "\n3,\"1,5\","), &plain),
            "line 5, column `temp`: expected a finite number, found `1,5`, with a comma",
        ),
        (
            said(&swapped(&third, "\n3,inf,"), &plain),
            "line 5, column `temp`: expected a finite number, found `inf`",
        ),
        (
            said(&swapped(&third, "\n3,-9999,"), &plain),
            "line 5, column `temp`: expected a value near the others, found -9999, which stands for a missing value",
        ),
        (said(&table(400).replace('\n', "\r"), &plain), "expected lines that end in a line feed"),
        (said("1,2\n3,4\n", &plain), "expected a first line of names with the column `temp`, found numbers"),
        (said("", &plain), "expected numbers, found none"),
        (said("time,temp,wind,kwh\n", &plain), "expected numbers, found none"),
    ] {
        assert!(found.contains(expected), "expected `{expected}`, found `{found}`");
    }
    let wide: Vec<u8> = table(400).encode_utf16().flat_map(u16::to_le_bytes).collect();
    let found = in_file(&wide, |path| fault(path, &plain));
    assert!(found.contains("expected UTF-8 text, found UTF-16LE"), "{found}");
}

#[test]
fn a_number_may_be_the_name_of_a_column_and_a_comma_may_be_in_one() {
    let text = table(400).replacen("temp,wind,kwh", "2024,\"wind, m/s\",kwh", 1);
    let names = names_of("2024,\"wind, m/s\"");
    assert_eq!(names, ["2024", "wind, m/s"]);
    let request = Request { inputs: names, ..asks(&[], &["kwh"]) };
    let (task, trials) = in_file(text.as_bytes(), |path| open(path, &request).unwrap());
    assert_eq!((&*task.title, trials.form.inputs.len()), ("kwh from 2024, wind, m/s, of the same step", 2));
    let european = table(400).replace(',', ";").replace('.', ",");
    let found = said(&european, &asks(&["temp"], &["kwh"]));
    assert!(found.contains("with a comma"), "{found}");
}

#[test]
fn columns_that_say_nothing_and_values_far_away_are_named() {
    let rows = |t: usize| format!("{t},4,{},{}\n", if t == 77 { 1e6 } else { value(1, t) }, value(2, t));
    let text = format!("time,temp,wind,kwh\n{}", (0..400).map(rows).collect::<String>());
    let notice = notice(&text, &asks(&["temp", "wind"], &["kwh"]));
    assert!(notice.contains("the input `temp` has the same value throughout training"), "{notice}");
    assert!(notice.contains("line 79, column `wind`: found 1000000, more than 10 interquartile"), "{notice}");
}

#[test]
fn what_only_tables_and_trials_take_is_refused_elsewhere() {
    let refused = |task: &str, request: &Request, expected: &str| {
        let error = Task::open(task, request).err().unwrap().to_string();
        assert!(error.contains(expected), "expected `{expected}`, found `{error}`");
    };
    refused("lorenz", &asks(&["x"], &["y"]), "task `lorenz` takes no `--inputs`: it is no table of numbers");
    refused("mnist", &Request { group: Some("x".into()), ..request() }, "task `mnist` takes no `--group`");
    let read = Request { read: Some(bl_core::io::Read::End), ..request() };
    refused("mnist", &read, "task `mnist` takes no `--read`: it has no trials with a class each");
    in_file(table(400).as_bytes(), |path| {
        let path = path.to_str().unwrap();
        refused(path, &Request { column: Some("kwh".into()), ..read.clone() }, "takes no `--read`");
        refused(
            path,
            &Request { column: Some("kwh".into()), group: Some("temp".into()), ..request() },
            "takes no `--group`",
        );
    });
}
