//! The backbone that a configuration asks for: found, fitted to its task, or refused.

use bl_core::Backbone;
use bl_tasks::{DataDir, Request, Task};
use bl_train::presets::{self, Source};
use bl_train::{Checkpoints, Error, Method, Settings};

use crate::support::{backbone, config, fit, forecast, generate, images, mlp, rnn, settings};

fn of_preset(name: &str) -> bl_core::Spec {
    match presets::find(name) {
        Ok(Source::Spec(spec)) => spec,
        _ => panic!("{name} is a preset"),
    }
}

#[test]
fn every_preset_is_a_valid_spec() {
    assert_eq!(presets::backbone_names().count(), 12);
    for name in presets::backbone_names() {
        of_preset(name).validate().expect("valid");
    }
}

#[test]
fn an_unknown_backbone_gets_a_suggestion() {
    for (name, near) in [("image", "images"), ("serie", "series")] {
        let error = presets::find(name).err().expect("no such name");
        assert_eq!(error.to_string(), format!("unknown backbone `{name}`"));
        assert!(error.hint().expect("there is one").starts_with(&format!("did you mean `{near}`?")));
    }
}

#[test]
fn a_backbone_of_another_family_is_refused_with_what_to_do() {
    let data = DataDir { root: "/nowhere".into(), explicit: false };
    for (task, other) in [("lorenz", "images"), ("mnist", "series")] {
        let text = format!("backbone = \"{other}\"");
        let config = presets::configure(task, settings(&text).expect("valid")).expect("valid");
        let opened = Task::open(task, &Request::of(data.clone())).expect("sample or simulated");
        let error = presets::backbone_for(&config, &opened).err().expect("of another family");
        assert!(
            error.to_string().starts_with(&format!("backbone `{other}` does not fit task `{task}`: ")),
            "{error}"
        );
        assert_eq!(error.hint().expect("there is one"), "drop `--backbone` to use the task's own");
    }
    // The trainer says so too, of whoever did not ask.
    for (task, other) in [(images(), rnn(&forecast(), 1.0)), (forecast(), mlp(1, false))] {
        let mut config = config(&task, Method::Bias, Settings::default());
        (config.learn_state, config.gain) = (None, None);
        let error = fit(&other, &task, &config, Checkpoints::default(), None);
        let error = error.map(|fitted| fitted.last).expect_err("of another family");
        assert!(matches!(error, Error::Core(bl_core::Error::Family { .. })), "{error}");
    }
}

#[test]
fn a_backbone_of_another_size_is_refused() {
    let task = images();
    let config = config(&task, Method::Bias, Settings::default());
    let wide = bl_core::Spec::from_toml(
        r#"
        seed = 1
        input = { height = 7, width = 7 }
        layers = [{ units = 8, weights = { distribution = "normal", std = 0.2 } }]
        readout = { outputs = 3, weights = { distribution = "one_hot", value = 0.3 } }
        "#,
    );
    let wide = Backbone::generate(&wide.expect("valid")).expect("small");
    let error = fit(&wide, &task, &config, Checkpoints::default(), None).map(|fitted| fitted.last);
    assert!(matches!(error, Err(Error::Core(bl_core::Error::InputShape { .. }))), "{error:?}");
}

#[test]
fn a_file_is_taken_as_it_is() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("b.safetensors");
    let of = |task: &Task, text: &str| {
        let text = format!("{text}\nbackbone = {path:?}\nlr = 0.1\nepochs = 1");
        let config = settings(&text).expect("valid").resolve("small").expect("valid");
        presets::backbone_for(&config, task)
    };
    let wrong = |task: &Task, text: &str| of(task, text).err().expect("it does not fit");

    rnn(&generate(30), 1.0).save(&path).expect("saved");
    let error = wrong(&forecast(), "");
    let named = format!("backbone `{}` does not fit task `small`: ", path.display());
    assert_eq!(
        error.to_string(),
        named.clone() + "task has 1 inputs and 1 outputs, but the backbone has 0 and 1"
    );
    assert_eq!(
        error.hint().expect("there is one"),
        "name a spec in place of the file: it is fitted to the task"
    );
    rnn(&forecast(), 1.0).save(&path).expect("saved");
    assert!(of(&forecast(), "").is_ok() && of(&forecast(), "width = 40\ngain = 1.0").is_ok());
    let error = wrong(&forecast(), "width = 41");
    assert_eq!(error.to_string(), "backbone file has 40 units, but `width` asks for 41");
    let error = wrong(&forecast(), "gain = 2.0");
    assert_eq!(error.to_string(), "`recurrent_gain` and `backbone` contradict each other");

    backbone(&images()).save(&path).expect("saved");
    let fitted = of(&images(), "").expect("its own task");
    assert_eq!(fitted.backbone.fingerprint(), backbone(&images()).fingerprint());
    assert!(!fitted.refitted);
    let error = wrong(&images(), "width = 71");
    assert_eq!(error.to_string(), "backbone file has 70 units, but `width` asks for 71");
    let error = wrong(&forecast(), "");
    assert_eq!(error.hint().expect("there is one"), "drop `--backbone` to use the task's own");
    let error = wrong(&images(), "gain = 2.0");
    assert_eq!(error.hint().expect("there is one"), "drop `--recurrent-gain`");
    std::fs::write(&path, b"no backbone").expect("written");
    let error = wrong(&images(), "").to_string();
    assert!(error.contains("b.safetensors") && !error.contains("does not fit"), "{error}");
}

#[test]
fn a_spec_of_the_users_own_is_fitted_and_that_is_said() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (toml, json) = (folder.path().join("b.toml"), folder.path().join("config.json"));
    let spec = mlp(2, true).spec().clone();
    std::fs::write(&toml, spec.to_toml().expect("TOML")).expect("written");
    std::fs::write(&json, serde_json::json!({ "spec": spec }).to_string()).expect("written");
    let mut tall = crate::support::split(200);
    (tall.height, tall.width) = (4, 9);
    let mut other = crate::support::images_of(tall);
    if let bl_tasks::What::Images(images) = &mut other.what {
        (images.input.height, images.input.width) = (4, 9);
    }
    for path in [&toml, &json] {
        let text = format!("backbone = {path:?}\nlr = 0.1\nepochs = 1");
        let config = settings(&text).expect("valid").resolve("small").expect("valid");
        let fitted = presets::backbone_for(&config, &images()).expect("its own task");
        assert!(!fitted.refitted);
        assert_eq!(fitted.backbone.spec(), &spec);
        let fitted = presets::backbone_for(&config, &other).expect("fitted");
        assert!(fitted.refitted);
        assert_ne!(fitted.backbone.spec(), &spec);
    }
}

#[test]
fn a_width_with_too_many_weights_is_an_error_before_they_are_drawn() {
    let data = DataDir { root: "/nowhere".into(), explicit: false };
    let mnist = Task::open("mnist", &Request::of(data)).expect("the sample");
    let config = presets::configure("mnist", settings("width = 16777216").expect("valid")).expect("valid");
    let error = presets::backbone_for(&config, &mnist).err().expect("13 billion weights").to_string();
    assert!(error.contains("number of weights"), "{error}");
}

#[test]
fn parameters_are_matched_by_width() {
    let spec = of_preset("images");
    for (wanted, expected) in [(1, 1), (1111, 1), (1700, 2), (23_331, 21), (35_552_000, 32_000)] {
        assert_eq!(spec.width_for(wanted), Some(expected));
    }
    let spec = of_preset("series");
    for (wanted, expected) in [(1, 1), (1024, 31), (4096, 63), (1_052_672, 1025)] {
        let width = spec.width_for(wanted).expect("matched");
        let of = |n: f64| n * n + 3.0 * n;
        let away = |n: f64| (of(n) - wanted as f64).abs();
        assert!(
            away(f64::from(width))
                <= away(f64::from(width) + 1.0).min(away((f64::from(width) - 1.0).max(1.0)))
        );
        assert!(width.abs_diff(expected) <= 1, "{wanted}: {width}");
    }
    for task in [images(), forecast()] {
        let (preset, change) = (if task.images().is_some() { "images" } else { "series" }, 9000);
        let text = format!("method = \"full\"\nmatch_parameters = {change}\nbackbone = \"{preset}\"");
        let config = config(&task, Method::Full, settings(&text).expect("valid"));
        let backbone = presets::backbone_for(&config, &task).expect("matched").backbone;
        let state = if config.learn_state == Some(true) { backbone.spec().hidden_units() } else { 0 };
        let found = config.learned_parameters(backbone.spec()) - state;
        assert!(found.abs_diff(9000) < 200, "{found}");
    }
    assert_eq!(mlp(2, false).spec().width_for(1000), None);
}

#[test]
fn windows_have_to_fit() {
    let task = forecast();
    let error = |window| {
        let config = config(&task, Method::Bias, Settings { window: Some(window), ..Settings::default() });
        crate::support::refused(&task, &config)
    };
    assert_eq!(error(5).to_string(), "window of 5 samples has none left after a washout of 5");
    assert_eq!(error(250).to_string(), "233 training samples have no window of 250 and a horizon of 2");
    assert!(error(5).hint().is_some() && error(250).hint().is_some());
}
