//! A setting that nothing uses is an error: for each kind of task, and each family of networks.

use bl_tasks::{DataDir, Task, What};
use bl_train::{Error, Method, Settings, presets};

use crate::support::{config, of_rows, refused, settings, tasks};

/// Settings that only some tasks or networks take, and of which word an error speaks.
const OF_SOME: [(&str, &str); 7] = [
    ("horizon = 2", "horizon"),
    ("washout = 2", "washout"),
    ("window = 20", "window"),
    ("stride = 2", "stride"),
    ("gain = 1.1", "recurrent-gain"),
    ("learn_state = true", "learn-state"),
    ("truncate = 5", "truncate"),
];

#[test]
fn every_setting_is_refused_where_nothing_uses_it_and_taken_where_something_does() {
    for task in &tasks() {
        let (of_images, of_forecast) = (of_rows(task), matches!(task.what, What::Forecast(_)));
        for (nth, (text, flag)) in OF_SOME.into_iter().enumerate() {
            let config = config(task, Method::Bias, settings(text).expect("valid"));
            let is_taken = if nth < 4 { of_forecast } else { !of_images };
            if is_taken {
                crate::support::plain(task, &config);
                continue;
            }
            let error = refused(task, &config);
            let key = flag.replace('-', "_");
            let expected = if nth < 4 {
                format!("`{key}` applies to forecasting tasks; `small` is not one")
            } else {
                format!("`{key}` applies to recurrent backbones; this one is feed-forward")
            };
            assert_eq!(error.to_string(), expected);
            assert_eq!(error.hint().expect("there is one"), format!("drop `--{flag}`"));
        }
    }
}

/// Before anything is generated, which may take a while.
#[test]
fn a_setting_is_refused_before_the_backbone_is_generated() {
    let data = DataDir { root: "/nowhere".into(), explicit: false };
    for (text, flag) in OF_SOME {
        for task in ["mnist", "cosine", "reach"] {
            if task != "mnist" && !["horizon", "washout", "window", "stride"].contains(&flag) {
                continue;
            }
            let change = settings(&format!("{text}\nwidth = 16777216")).expect("valid");
            let config = presets::configure(task, change).expect("valid");
            let task = Task::open(task, &config.request(data.clone()).expect("no encoder"))
                .expect("sample or simulated");
            let error = presets::backbone_for(&config, &task).err().expect("nothing uses it");
            assert!(matches!(error, Error::NotTaken { .. }), "{error}");
            assert_eq!(error.hint().expect("there is one"), format!("drop `--{flag}`"));
        }
    }
}

#[test]
fn a_state_that_is_not_to_be_learned_is_not_learned_anywhere() {
    for task in &tasks() {
        let change = Settings { learn_state: Some(false), ..Settings::default() };
        crate::support::plain(task, &config(task, Method::Bias, change));
    }
}

#[test]
fn a_column_is_of_files_alone() {
    let data = DataDir { root: "/nowhere".into(), explicit: false };
    for task in ["mnist", "lorenz", "cosine", "reach"] {
        let config = presets::configure(task, settings("column = \"x\"").expect("valid")).expect("valid");
        let error =
            Task::open(task, &config.request(data.clone()).expect("no encoder")).err().expect("no columns");
        assert!(error.to_string().contains("column"), "{error}");
    }
}

#[test]
fn the_general_settings_are_taken_by_every_task() {
    for text in ["clip = 1.0", "stop_at_loss = 0.1", "bias_mean = 0.1", "weight_decay = 0.1", "seed = 2"] {
        for task in &tasks() {
            crate::support::plain(task, &config(task, Method::Bias, settings(text).expect("valid")));
        }
    }
}

/// Farther than half the image, there is nothing left of what is to be learned.
#[test]
fn a_shift_is_within_the_image_and_a_size_is_a_number_or_two() {
    let data = DataDir { root: "/nowhere".into(), explicit: false };
    let check = |text: &str, expected: Option<&str>| {
        let config = presets::configure("mnist", settings(text).expect("valid")).expect("valid");
        let task =
            Task::open("mnist", &config.request(data.clone()).expect("no encoder")).expect("the sample");
        let found = presets::backbone_for(&config, &task).err().map(|error| error.to_string());
        assert_eq!(found.as_deref(), expected, "{text}");
    };
    let far = |most: u32, (height, width): (u32, u32)| {
        format!(
            "`shift` is 100 pixels, expected at most {most}: half the shorter side of images of {height} × {width}"
        )
    };
    check("width = 8\nshift = 14", None);
    check("width = 8\nshift = 100", Some(&far(14, (28, 28))));
    check("width = 8\nshift = 100\nsize = 24", Some(&far(12, (24, 24))));
    check("width = 8\nshift = 100\nsize = \"24x32\"", Some(&far(12, (24, 32))));
    assert!(presets::configure("mnist", settings("rotate = 181").expect("valid")).is_err());
    assert!(settings("size = 0").is_err() && settings("size = 2.5").is_err());
}
