//! Opening tasks: by name, from a file, and what cannot be opened.

use std::path::Path;

use bl_tasks::series::{Fault, Scale};
use bl_tasks::{Error, Request, Source, Task, What, catalogue, is_series_file};

use super::nets::Delay;
use super::{open, request};

fn open_file(path: &Path, text: &str, request: &Request) -> Result<Task, Error> {
    std::fs::write(path, text).unwrap();
    Task::open(path.to_str().unwrap(), request)
}

fn lines(values: impl Iterator<Item = f64>) -> String {
    values.map(|value| format!("{value}\n")).collect::<Vec<_>>().concat()
}

fn wave(t: usize) -> f64 {
    (0.3 * t as f64).sin() + 0.01 * (t % 7) as f64
}

#[test]
fn every_name_opens_and_nothing_else() {
    for info in catalogue().filter(|info| info.simulated().is_some()) {
        let task = open(info.name).unwrap();
        assert_eq!((&*task.name, task.source), (info.name, Source::Simulated));
        let parts = task.kind().parts();
        assert!(parts.train > 0 && parts.test > 0);
        assert!(task.kind().io().signal().is_ok() && task.kind().labels().is_empty());
        let again = open(info.name).unwrap();
        assert_eq!(parts, again.kind().parts());
    }
    assert!(!is_series_file("mnist") && !is_series_file("./images"));
    assert!(is_series_file("x.csv") && is_series_file("X.TSV") && is_series_file("no/such.txt"));
    let error = open("lorentz").err().unwrap();
    assert!(error.to_string().starts_with("unknown task `lorentz`"), "{error}");
    assert!(error.hint().unwrap().contains("`lorenz`"), "{:?}", error.hint());
    let request = Request { column: Some("x".into()), ..request() };
    let error = Task::open("lorenz", &request).err().unwrap().to_string();
    assert!(error.contains("task `lorenz`") && error.contains("column `x`"), "{error}");
}

#[test]
fn held_out_samples_do_not_leak_into_the_scale() {
    for name in ["lorenz", "rossler", "mackeyglass"] {
        let What::Forecast(task) = open(name).unwrap().what else { panic!("no forecaster") };
        assert_eq!(task.scale, Scale::standard(task.train()).unwrap());
        assert_eq!([task.train(), task.held_out()].concat(), task.series.values());
        assert_eq!(task.held_out().len(), 50 + 3000 + task.plan.horizon);
    }
    // Whatever is held out: what is learned from, and how it is seen, stay the same.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wave.csv");
    let (samples, held_out) = (400, 100);
    let plain = open_file(&path, &lines((0..samples).map(wave)), &request()).unwrap();
    let changed = |t: usize| if t < samples - held_out { wave(t) } else { 1e6 * wave(t) + 3e7 };
    let wild = open_file(&path, &lines((0..samples).map(changed)), &request()).unwrap();
    let (What::Forecast(plain_task), What::Forecast(wild_task)) = (&plain.what, &wild.what) else {
        panic!("no forecasters")
    };
    assert_eq!(plain_task.scale, wild_task.scale);
    assert_eq!(plain_task.train(), wild_task.train());
    assert_eq!(plain_task.held_out().len(), held_out, "a quarter");
    let [plain_parts, wild_parts] = [&plain, &wild].map(|task| task.kind().parts());
    assert_eq!(plain_parts.train_sha256, wild_parts.train_sha256);
    assert_ne!(plain_parts.test_sha256, wild_parts.test_sha256);
    assert_eq!(plain.kind().io(), wild.kind().io(), "what the adapter's header says");
}

#[test]
fn a_generators_scale_is_that_of_what_it_learns() {
    let What::Generate(task) = open("vanderpol").unwrap().what else { panic!("no generator") };
    let learned = &task.series.values()[..task.steps];
    assert_eq!(task.scale, Scale::to_unit_range(learned).unwrap());
    let ends = learned.iter().map(|x| task.scale.apply(*x).abs()).fold(0.0, f64::max);
    assert!((ends - 1.0).abs() < 1e-12);
}

#[test]
fn a_request_goes_over_the_defaults() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("two.csv");
    let rows = (0..400).map(|t| format!("{t},{}\n", wave(t))).collect::<Vec<_>>().concat();
    let request = Request {
        column: Some("level".into()),
        horizon: Some(4),
        washout: Some(20),
        window: Some(60),
        ..request()
    };
    let task = open_file(&path, &format!("time,level\n{rows}"), &request).unwrap();
    assert_eq!((&*task.name, &*task.title, task.source), ("two", "level, 4 ahead", Source::File));
    let What::Forecast(task) = task.what else { panic!("no forecaster") };
    assert_eq!((task.plan.horizon, task.plan.washout, task.plan.learn), (4, 20, 40));
    assert_eq!(task.plan.held_out(), 100);
}

#[test]
fn files_that_are_no_series_to_forecast_are_errors_that_say_why() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    let check = |text: &str, request: &Request, expected: &str| {
        let error = open_file(&path, text, request).err().unwrap().to_string();
        assert!(error.starts_with(&format!("`{}`: ", path.display())), "{error}");
        assert!(error.contains(expected), "expected `{expected}`, found `{error}`");
    };
    let any = request();
    let good = lines((0..400).map(wave));
    check(&lines((0..20).map(wave)), &any, "found 20");
    check(&good, &Request { horizon: Some(300), ..any.clone() }, "expected at least");
    check(&good, &Request { washout: Some(300), ..any.clone() }, "expected at least");
    check(&good, &Request { window: Some(400), ..any.clone() }, "expected at least");
    check(&good, &Request { horizon: Some(usize::MAX), ..any.clone() }, "expected at least");
    check(&good, &Request { washout: Some(usize::MAX), ..any.clone() }, "expected at least");
    check(&good, &Request { horizon: Some(0), ..any.clone() }, "expected a horizon");
    check(&"2.5\n".repeat(400), &any, "expected numbers that vary, found 2.5 throughout");
    // It varies, but not in the part that is learned from.
    check(
        &lines((0..400).map(|t| if t < 310 { 1.0 } else { wave(t) })),
        &any,
        "that vary, found 1 throughout",
    );
    check(&format!("{good}NaN\n"), &any, "line 401, column 1: expected a finite number, found `NaN`");
    check(&format!("level\n{good}"), &Request { column: Some("depth".into()), ..any.clone() }, "no `depth`");
    check(&good, &Request { column: Some("depth".into()), ..any.clone() }, "found numbers");
    check("a,b\n1,2\n3,4\n", &any, "found 2 columns: `a`, `b`");
    check("", &any, "expected numbers, found none");
    let none = Task::open(folder.path().join("none.csv").to_str().unwrap(), &any).err().unwrap().to_string();
    assert!(none.starts_with("cannot read `"), "{none}");
}

#[test]
fn whatever_opens_can_be_judged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("short.csv");
    let requests = [
        request(),
        Request { washout: Some(0), ..request() },
        Request { window: Some(120), ..request() },
        Request { horizon: Some(9), washout: Some(3), ..request() },
    ];
    for request in requests {
        let mut shortest = None;
        for samples in 1..300 {
            match open_file(&path, &lines((0..samples).map(wave)), &request) {
                Ok(task) => {
                    shortest.get_or_insert(samples);
                    assert!(task.kind().judge(&Delay::by(1)).is_ok(), "{samples} samples, {request:?}");
                }
                Err(Error::SeriesFile { fault: Fault::TooShort { .. } | Fault::Constant { .. }, .. }) => {
                    assert_eq!(shortest, None, "{samples} samples are too few, but fewer were not");
                }
                Err(other) => panic!("{samples} samples: {other}"),
            }
        }
        assert!(shortest.is_some());
    }
}
