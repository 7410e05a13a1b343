//! Settings: what is carried along, what goes over what, and what is refused.

use bl_core::Spec;
use bl_tasks::{DataDir, Task};
use bl_train::presets::{self, Source};
use bl_train::{Error, Method, Schedule, Settings, TrainConfig};

use crate::support::settings;

fn configure(task: &str, text: &str) -> Result<TrainConfig, Error> {
    presets::configure(task, settings(text)?)
}

fn open(config: &TrainConfig) -> Task {
    let data = DataDir { root: "/nowhere".into(), explicit: false };
    Task::open(&config.task, &config.request(data).expect("no encoder")).expect("a sample, or simulated")
}

#[test]
fn every_task_has_settings_a_backbone_and_every_method() {
    let mut families = std::collections::BTreeSet::new();
    for info in bl_tasks::catalogue() {
        let plain = configure(info.name, "").expect("nothing is missing");
        assert_eq!(plain.method, Method::Bias);
        let Ok(Source::Spec(spec)) = presets::find(&plain.backbone) else { panic!("a preset") };
        families.insert(spec.family_name());
        let of_images = matches!(spec, Spec::Mlp(_));
        if of_images {
            let shared = match info.images() {
                Some(_) if info.name == "cifar10" => "images-colour",
                Some(_) => "images",
                None => "text",
            };
            assert_eq!(plain.backbone, shared, "tasks of one shape share one backbone");
            assert_eq!(plain.width, None, "and one width");
        }
        // Keys that each family's adapters have always stated, and those that only the other's have.
        assert_eq!(plain.val_fraction, of_images.then_some(0.0));
        assert_eq!(plain.learn_state, (!of_images).then_some(false));
        assert_eq!(plain.bias_mean.is_some(), !of_images);
        for method in Method::ALL {
            let change = format!("method = \"{}\"\nwidth = 8", method.name());
            let config = configure(info.name, &change).expect("every task has every method");
            assert_eq!(config.final_temperature, (method == Method::Mask).then_some(0.001));
            assert_eq!(config.flip, (info.name == "cifar10" && !method.is_full()).then_some(true));
            if info.simulated().is_none() && !["mnist", "snips"].contains(&info.name) {
                continue; // their data are elsewhere
            }
            let task = open(&config);
            let fitted = presets::backbone_for(&config, &task).expect("a preset");
            assert!(!fitted.refitted, "a preset is for every task");
            let spec = fitted.backbone.spec();
            assert_eq!(spec.layers(), [8]);
            spec.check_fits(&task.kind().io(), task.kind().labels().len()).expect("fitted");
        }
    }
    assert_eq!(families.len(), 2);
    for (own, like) in [("./my/letters", "folder"), ("./my/tides.csv", "series")] {
        let text = std::fs::read_to_string(format!(
            "{}/../../configs/tasks/{like}.toml",
            env!("CARGO_MANIFEST_DIR")
        ));
        assert_eq!(
            presets::task_settings(own).expect("embedded"),
            settings(&text.expect("a file")).expect("valid")
        );
    }
}

/// The defaults of version 0.1, key by key: the configuration is part of an adapter's bytes.
#[test]
fn configurations_are_written_as_ever() {
    let json = |task, text| {
        let config = configure(task, text).expect("valid");
        bl_core::canonical::to_string(&config).expect("JSON")
    };
    assert_eq!(
        json("mnist", ""),
        r#"{"backbone":"images","batch_size":512,"bias_init":0.01,"epochs":70,"lr":0.1,"method":"bias","schedule":"cosine","seed":1,"task":"mnist","val_fraction":0,"weight_decay":0}"#
    );
    assert_eq!(
        json("mnist", "method = \"mask\""),
        r#"{"backbone":"images","batch_size":512,"bias_init":0.01,"epochs":70,"final_temperature":0.001,"lr":0.01,"method":"mask","schedule":"constant","seed":1,"task":"mnist","val_fraction":0,"weight_decay":0}"#
    );
    assert_eq!(
        json("lorenz", ""),
        r#"{"backbone":"series","batch_size":16,"bias_init":0.01,"bias_mean":0,"clip":1,"epochs":16,"learn_state":false,"lr":0.02,"method":"bias","schedule":"cosine","seed":1,"task":"lorenz","weight_decay":0}"#
    );
    assert_eq!(
        json("reach", "method = \"mask\""),
        r#"{"backbone":"reach","batch_size":6,"bias_init":0.01,"bias_mean":0,"epochs":20000,"final_temperature":0.001,"learn_state":false,"lr":0.003,"method":"mask","schedule":"constant","seed":1,"task":"reach","weight_decay":0}"#
    );
}

#[test]
fn flags_go_over_the_file_and_the_file_over_the_defaults() {
    let file = settings("lr = 0.5\nepochs = 3\nschedule = \"constant\"\n").expect("valid");
    let flags = Settings { epochs: Some(2), ..Settings::default() };
    let defaults = Settings {
        backbone: Some("images".into()),
        epochs: Some(50),
        lr: Some(0.1),
        seed: Some(4),
        schedule: Some(Schedule::Cosine),
        ..Settings::default()
    };
    let config = flags.over(file).over(defaults).resolve("mnist").expect("valid");
    assert_eq!((config.epochs, config.lr.to_string().as_str(), config.seed), (2, "0.5", 4));
    assert_eq!(config.schedule, Schedule::Constant);
    // What is stated goes over the method's settings too, and those over the task's.
    let config = configure("mnist", "method = \"mask\"\nlr = 0.5").expect("valid");
    assert_eq!((config.lr.to_string().as_str(), config.schedule), ("0.5", Schedule::Constant));
}

#[test]
fn what_cannot_be_meant_is_an_error_that_names_it() {
    for task in ["mnist", "lorenz"] {
        let check = |text: &str, expected: &str| {
            let error = configure(task, text).expect_err(expected).to_string();
            assert!(error.contains(expected), "{text}: {error}");
        };
        check("learning_rate = 0.1", "unknown field `learning_rate`");
        check("windows = 5", "unknown field `windows`");
        check("[time]\nwindow = 5", "unknown field `time`");
        check("epochs = \"many\"", "invalid type");
        check("method = \"magic\"", "unknown variant `magic`");
        check("epochs = 0", "`epochs` is 0, expected a value from 1");
        check("width = 0", "`width` is 0, expected a value from 1");
        check("seed = 9007199254740992", "`seed` is 9007199254740992");
        check(
            "match_parameters = 9",
            "`match_parameters` is a setting of the method `full`, but the method is `bias`",
        );
        check("final_temperature = 0.1", "`final_temperature` is a setting of the method `mask`");
        check(
            "method = \"full\"\nmatch_parameters = 9\nwidth = 9",
            "`match_parameters` and `width` contradict",
        );
        check("method = \"mask\"\nstop_at_loss = 0.1", "`stop_at_loss` and `method mask` contradict");
        for (key, bad) in [
            ("epochs", "0"),
            ("batch_size", "0"),
            ("width", "0"),
            ("window", "0"),
            ("stride", "0"),
            ("truncate", "0"),
            ("lr", "-1.0"),
            ("lr", "nan"),
            ("recurrent_gain", "0.0"),
            ("recurrent_gain", "inf"),
            ("clip", "0.0"),
            ("clip", "nan"),
            ("stop_at_loss", "-1.0"),
            ("bias_mean", "nan"),
            ("bias_mean", "1e31"),
            ("weight_decay", "-1.0"),
            ("val_fraction", "1.0"),
            ("val_fraction", "-0.1"),
        ] {
            check(&format!("{key} = {bad}"), &format!("`{key}` is "));
        }
        check("gain = 0.0", "`recurrent_gain` is 0");
        check("horizon = -1", "cannot be used");
        check("learn_state = 1", "cannot be used");
        check("epochs = ", "cannot be used");
    }
    let missing = Settings::from_file("no such file".as_ref()).expect_err("no file");
    assert!(matches!(missing, Error::ReadConfig { .. }));
    for (text, key) in [("lr = 0.1\nepochs = 1", "backbone"), ("backbone = \"x\"\nlr = 0.1", "epochs")] {
        let error = settings(text).expect("valid").resolve("own").expect_err("it is missing");
        assert_eq!(error.to_string(), format!("no value for `{key}`"));
    }
}

#[test]
fn a_mask_goes_on_where_a_task_would_stop() {
    let bias = configure("reach", "").expect("a preset");
    assert!(bias.stop_at_loss.is_some(), "the preset's");
    let mask = configure("reach", "method = \"mask\"").expect("the preset's loss is for other methods");
    assert_eq!(mask.stop_at_loss, None);
    assert!(mask.final_temperature.is_some());
}

#[test]
fn the_gain_of_recurrent_weights_has_two_names_in_a_file() {
    let [old, new] =
        ["gain = 1.5", "recurrent_gain = 1.5"].map(|text| configure("lorenz", text).expect("valid"));
    assert_eq!(old, new);
    assert!(settings("gain = 1.5\nrecurrent_gain = 1.5").is_err());
}
