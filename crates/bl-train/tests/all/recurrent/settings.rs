//! Settings in time: what is carried along, and what is refused.

use bl_core::recurrent::RecurrentBackbone;
use bl_tasks::time::{Request, TimeTask, time_catalogue};
use bl_train::{Checkpoints, Error, Method, RecurrentConfig, Settings, TimeSettings, presets};

use super::support::{fit, forecast, generate, spec};

fn resolve(task: &str, text: &str) -> Result<RecurrentConfig, Error> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("c.toml");
    std::fs::write(&path, text).expect("a small file");
    Settings::from_file(&path)?.resolve_in_time(task, presets::time_task_settings(task)?)
}

#[test]
fn every_task_has_settings_a_backbone_and_every_method() {
    for info in time_catalogue() {
        let config = resolve(info.name, "").expect("nothing is missing");
        let task = TimeTask::open(info.name, &config.request()).expect("simulated");
        for method in Method::ALL {
            let change = format!("method = \"{}\"\nwidth = 8", method.name());
            let config = resolve(info.name, &change).expect("every task has every method");
            let backbone = presets::recurrent_for(&config, &task).expect("a preset");
            let spec = backbone.spec();
            let widths = (spec.input.values as usize, spec.readout.outputs as usize);
            assert_eq!((backbone.units(), widths), (8, task.signal().widths()));
        }
    }
    assert_eq!(
        presets::time_task_settings("./my/tides.csv").ok(),
        presets::time_task_settings("series").ok()
    );
}

#[test]
fn what_cannot_be_meant_is_an_error_that_names_it() {
    let check = |text: &str, expected: &str| {
        let error = resolve("lorenz", text).expect_err(expected).to_string();
        assert!(error.contains(expected), "{text}: {error}");
    };
    check("learning_rate = 0.1", "unknown setting `learning_rate`");
    check("windows = 5", "unknown setting `windows`");
    check("[time]\nwindow = 5", "unknown setting `time`");
    check("val_fraction = 0.1", "`val_fraction` is a setting of pictures, but `lorenz` is a task in time");
    check(
        "match_parameters = 9",
        "`match_parameters` is a setting of the method `full`, but the method is `bias`",
    );
    check("final_temperature = 0.1", "`final_temperature` is a setting of the method `mask`");
    check("method = \"full\"\nmatch_parameters = 9\nwidth = 9", "`match_parameters` and `width` contradict");
    check("method = \"mask\"\nstop_at_loss = 0.1", "`stop_at_loss` and `method mask` contradict");
    for (key, bad) in [
        ("epochs", "0"),
        ("batch_size", "0"),
        ("width", "0"),
        ("horizon", "0"),
        ("window", "0"),
        ("stride", "0"),
        ("truncate", "0"),
        ("lr", "-1.0"),
        ("lr", "nan"),
        ("gain", "0.0"),
        ("gain", "inf"),
        ("clip", "0.0"),
        ("clip", "nan"),
        ("stop_at_loss", "-1.0"),
        ("bias_mean", "nan"),
        ("bias_mean", "1e31"),
        ("weight_decay", "-1.0"),
    ] {
        check(&format!("{key} = {bad}"), &format!("`{key}` is "));
    }
    check("horizon = -1", "cannot be used");
    check("learn_state = 1", "cannot be used");
}

#[test]
fn settings_of_time_are_not_for_pictures() {
    for text in ["gain = 1.0", "window = 50", "clip = 1.0", "learn_state = true", "column = \"x\""] {
        let settings: Settings = toml_settings(text);
        let defaults = presets::task_settings("mnist").expect("a preset");
        let error = settings.resolve("mnist", defaults).expect_err("of time");
        let key = text.split(' ').next().expect("a key");
        assert_eq!(
            error.to_string(),
            format!("`{key}` is a setting of tasks in time, but `mnist` has pictures")
        );
        assert_eq!(error.hint().expect("there is one"), format!("drop `--{}`", key.replace('_', "-")));
    }
}

fn toml_settings(text: &str) -> Settings {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("c.toml");
    std::fs::write(&path, text).expect("a small file");
    Settings::from_file(&path).expect("valid")
}

#[test]
fn a_mask_goes_on_where_a_task_would_stop() {
    let bias = resolve("reach", "").expect("a preset");
    assert!(bias.stop_at_loss.is_some(), "the preset's");
    let mask = resolve("reach", "method = \"mask\"").expect("the preset's loss is for other methods");
    assert_eq!(mask.stop_at_loss, None);
    assert!(mask.final_temperature.is_some());
}

#[test]
fn settings_of_forecasts_are_not_for_other_tasks() {
    let task = generate(30);
    let backbone = RecurrentBackbone::generate(&spec(&task, 1.0)).expect("small");
    for (key, time) in [
        ("horizon", TimeSettings { horizon: Some(2), ..TimeSettings::default() }),
        ("washout", TimeSettings { washout: Some(2), ..TimeSettings::default() }),
        ("window", TimeSettings { window: Some(20), ..TimeSettings::default() }),
        ("stride", TimeSettings { stride: Some(2), ..TimeSettings::default() }),
    ] {
        let config = super::support::config(&task, Method::Bias, Settings { time, ..Settings::default() });
        let error =
            fit(&backbone, &config, &task, Checkpoints::default(), None).expect_err("none is forecast");
        assert_eq!(error.to_string(), format!("`{key}` is a setting of forecasts, but task `small` is none"));
    }
}

#[test]
fn a_window_is_longer_than_its_washout() {
    let task = forecast();
    let backbone = RecurrentBackbone::generate(&spec(&task, 1.0)).expect("small");
    let time = TimeSettings { window: Some(5), ..TimeSettings::default() };
    let config = super::support::config(&task, Method::Bias, Settings { time, ..Settings::default() });
    let error = fit(&backbone, &config, &task, Checkpoints::default(), None).expect_err("nothing is judged");
    assert_eq!(error.to_string(), "window of 5 samples has none left after a washout of 5");
}

#[test]
fn a_series_without_a_whole_window_is_an_error() {
    let task = forecast();
    let backbone = RecurrentBackbone::generate(&spec(&task, 1.0)).expect("small");
    let time = TimeSettings { window: Some(250), ..TimeSettings::default() };
    let config = super::support::config(&task, Method::Bias, Settings { time, ..Settings::default() });
    assert!(fit(&backbone, &config, &task, Checkpoints::default(), None).is_err());
}

#[test]
fn a_backbone_of_pictures_is_not_for_time() {
    let task = TimeTask::open("lorenz", &Request::default()).expect("simulated");
    let with = |text: &str| presets::recurrent_for(&resolve("lorenz", text).expect("valid"), &task).err();
    let error = with("backbone = \"images\"").expect("of pictures").to_string();
    assert_eq!(error, "backbone `images` is for pictures, task `lorenz` needs one for time");
    assert_eq!(with("backbone = \"serie\"").expect("no such").to_string(), "unknown backbone `serie`");

    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("b.safetensors");
    RecurrentBackbone::generate(&spec(&generate(30), 1.0)).expect("small").save(&path).expect("saved");
    let error = with(&format!("backbone = {path:?}")).expect("for another task").to_string();
    assert_eq!(error, "backbone file has (0, 1) (inputs, outputs), task `lorenz` has (1, 1)");
    RecurrentBackbone::generate(&spec(&forecast(), 1.0)).expect("small").save(&path).expect("saved");
    assert!(with(&format!("backbone = {path:?}")).is_none());
    let error = with(&format!("backbone = {path:?}\nwidth = 41")).expect("another width").to_string();
    assert_eq!(error, "backbone file has 40 units, but `width` asks for 41");
    let error = with(&format!("backbone = {path:?}\ngain = 2.0")).expect("another gain").to_string();
    assert_eq!(error, "`gain` and `backbone` contradict each other");
}

#[test]
fn parameters_are_matched_by_width() {
    for (wanted, expected) in [(1, 1), (1024, 31), (4096, 63), (1_052_672, 1025)] {
        let config = resolve("lorenz", &format!("method = \"full\"\nmatch_parameters = {wanted}"));
        let width = config.expect("valid").width_for(1, 1).expect("matched");
        let of = |n: f64| n * n + 3.0 * n;
        let away = |n: f64| (of(n) - f64::from(wanted)).abs();
        assert!(
            away(f64::from(width))
                <= away(f64::from(width) + 1.0).min(away((f64::from(width) - 1.0).max(1.0)))
        );
        assert!(width.abs_diff(expected) <= 1, "{wanted}: {width}");
    }
}
