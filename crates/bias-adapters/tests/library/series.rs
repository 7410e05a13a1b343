use std::fmt::Write;

use bl_core::Net;
use bl_tasks::forecast::r_squared;
use bl_tasks::{Request, Task, What};

use crate::support::{check_error, load, lorenz};

#[test]
fn forecasts_are_in_the_unit_of_the_series() {
    let (model, series) = (load("lorenz"), lorenz());
    let about = model.series().unwrap().clone();
    assert_eq!((about.horizon, about.washout), (27, 50));
    let forecast = model.forecast(&series).unwrap();
    assert_eq!(forecast.len(), series.len());
    let settled = &forecast[about.washout..series.len() - about.horizon];
    let r2 = r_squared(&series[about.washout + about.horizon..], settled).unwrap();
    let recorded = model.header().metric("teacher_forced_r2", "test").unwrap();
    assert!((r2 - recorded).abs() < 1e-3, "{r2}, recorded {recorded}");

    // As the network has it.
    let (offset, unit) = (about.scale.offset, about.scale.unit);
    let x: Vec<f32> = series.iter().map(|value| ((value - offset) / unit) as f32).collect();
    let y = model.core().run(&x, x.len(), &mut model.core().initial().to_vec()).unwrap();
    let last = f64::from(y[y.len() - 1]) * unit + offset;
    assert_eq!(forecast[forecast.len() - 1], last);
}

#[test]
fn a_free_run_continues_the_series() {
    let (model, series) = (load("lorenz"), lorenz());
    let ahead = model.free_run(&series[..500], 200).unwrap();
    assert_eq!(ahead.len(), 200);
    let forecast = model.forecast(&series[..500]).unwrap();
    assert_eq!(ahead[26], forecast[499]); // the first 27 were forecast from true values
    assert!(r_squared(&series[500..540], &ahead[..40]).unwrap() > 0.9);
    assert!(model.free_run(&series[..77], 0).unwrap().is_empty());
}

#[test]
fn a_series_goes_in_by_name() {
    let (model, series) = (load("lorenz"), &lorenz()[..100]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.csv");
    let expected = model.forecast(series).unwrap();
    let write = |header: &str, line: &dyn Fn(f64) -> String| {
        let text = series.iter().fold(header.to_owned(), |mut text, &x| {
            writeln!(text, "{}", line(x)).unwrap();
            text
        });
        std::fs::write(&file, text).unwrap();
    };
    write("", &|x| x.to_string());
    assert_eq!(model.forecast_file(&file).unwrap(), expected);
    write("t;lorenz x\n", &|x| format!("0;{x}"));
    assert_eq!(model.forecast_file(&file).unwrap(), expected);
    write("t,other\n", &|x| format!("0,{x}"));
    assert_eq!(model.forecast_column(&file, "other").unwrap(), expected);
    let name = file.display();
    check_error(
        model.forecast_file(&file),
        &format!("`{name}`: expected one column, or the name of one, found 2 columns: `t`, `other`"),
        "choose one with `forecast_column`",
    );
    check_error(
        model.forecast_column(&file, "othr"),
        &format!("`{name}`: expected one of the columns `t`, `other`, found no `othr`"),
        "did you mean `other`?",
    );
}

#[test]
fn oscillators_generate_what_they_were_trained_on() {
    for name in ["cosine", "vanderpol"] {
        let model = load(name);
        let What::Generate(task) = Task::open(name, &Request::default()).unwrap().what else { panic!() };
        let generated = model.generate(task.steps).unwrap();
        let r2 = r_squared(&task.series.values()[..task.steps], &generated).unwrap();
        assert!(r2 > 0.99, "{name}: {r2}");
        assert_eq!(model.generate(10).unwrap(), generated[..10]);
    }
}

#[test]
fn an_arm_reaches_a_target() {
    let model = load("reach");
    let reached = model.reach([0.07, 0.0]).unwrap();
    assert!(reached.end_error < 0.02, "{} m", reached.end_error);
    assert_eq!(reached.target, [0.07, 0.0]);
    let What::Reach(task) = Task::open("reach", &Request::default()).unwrap().what else { panic!() };
    let expected = task.reach(model.core(), &[[0.07, 0.0]]).unwrap();
    assert_eq!(reached.movement, expected[0].movement);
}
