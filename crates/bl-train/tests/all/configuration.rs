//! Settings: what is carried along, what goes over what, and what is refused.

use bl_train::presets::{self, BackboneSource, RecurrentSource};
use bl_train::{Error, Schedule, Settings};

#[test]
fn every_task_has_settings_and_every_backbone_a_valid_spec() {
    for info in bl_tasks::catalogue() {
        let defaults = presets::task_settings(info.name).expect("configs/tasks parses");
        let config = Settings::default().resolve(info.name, defaults).expect("nothing is missing");
        assert_eq!(config.backbone, "images", "image tasks share one backbone");
        assert_eq!(config.width, None, "and one width");
    }
    for name in presets::backbone_names() {
        let pictures = presets::backbone(name);
        let time = presets::recurrent_backbone(name);
        let (of_pictures, of_time) =
            (matches!(pictures, Ok(BackboneSource::Spec(_))), matches!(time, Ok(RecurrentSource::Spec(_))));
        assert!(of_pictures != of_time, "{name}");
        let error = pictures.err().or(time.err()).expect("it is for one of both").to_string();
        assert!(error.starts_with("backbone is for "), "{name}: {error}");
    }
    assert_eq!(presets::task_settings("./my/letters").ok(), presets::task_settings("folder").ok());
}

#[test]
fn flags_go_over_the_file_and_the_file_over_the_defaults() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("c.toml");
    std::fs::write(&path, "lr = 0.5\nepochs = 3\nschedule = \"constant\"\n").expect("a small file");
    let flags = Settings { epochs: Some(2), ..Settings::default() };
    let file = Settings::from_file(&path).expect("valid");
    let defaults = Settings {
        backbone: Some("images".into()),
        epochs: Some(50),
        lr: Some(0.1),
        seed: Some(4),
        schedule: Some(Schedule::Cosine),
        ..Settings::default()
    };
    let config = flags.over(file).resolve("mnist", defaults).expect("valid");
    assert_eq!((config.epochs, config.lr.to_string().as_str(), config.seed), (2, "0.5", 4));
    assert_eq!(config.schedule, Schedule::Constant);
}

#[test]
fn what_cannot_be_meant_is_an_error_that_names_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("c.toml");
    let check = |text: &str, expected: &str| {
        std::fs::write(&path, text).expect("a small file");
        let result = Settings::from_file(&path)
            .and_then(|file| file.resolve("mnist", presets::task_settings("mnist")?));
        let error = result.expect_err(expected).to_string();
        assert!(error.contains(expected), "{text}: {error}");
    };
    check("learning_rate = 0.1", "unknown setting `learning_rate`");
    check("epochs = \"many\"", "invalid type");
    check("method = \"magic\"", "unknown variant `magic`");
    check("epochs = 0", "`epochs` is 0, expected a value from 1");
    check("width = 0", "`width` is 0, expected a value from 1");
    check("batch_size = 0", "`batch_size` is 0");
    check("lr = -1.0", "`lr` is -1");
    check("lr = nan", "`lr` is NaN");
    check("val_fraction = 1.0", "`val_fraction` is 1");
    check("seed = 9007199254740992", "`seed` is 9007199254740992");
    check("epochs = ", "cannot be used");
    let missing = Settings::from_file(&folder.path().join("none.toml")).expect_err("no file");
    assert!(matches!(missing, Error::ReadConfig { .. }));
}

#[test]
fn an_unknown_backbone_gets_a_suggestion() {
    let error = presets::backbone("image").err().expect("no such name");
    assert_eq!(error.to_string(), "unknown backbone `image`");
    assert!(error.hint().expect("there is one").starts_with("did you mean `images`?"));
}
