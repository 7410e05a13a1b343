use std::ops::ControlFlow;

use bias_adapters::task::{Request, Task};
use bias_adapters::{EpochReport, Error, Method, Model, Progress, Settings, train, train_with};

use crate::support::{check_error, digits};

/// Half a second of training.
fn little() -> Settings {
    Settings { width: Some(500), epochs: Some(2), batch_size: Some(50), ..Settings::default() }
}

fn mnist() -> Task {
    Task::open("mnist", &Request::default()).unwrap()
}

#[test]
fn an_adapter_is_trained_saved_and_asked() {
    let (task, test) = (mnist(), digits().test);
    let trained = train(&task, little()).unwrap();
    let accuracy = trained.judgement.headline.unwrap().value;
    assert!(accuracy > 0.4, "{accuracy}");
    assert_eq!(trained.adapter.parameter_count(), 500);
    assert_eq!((trained.config.epochs, trained.fitted.epochs.len()), (2, 2));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.safetensors");
    trained.save(&file).unwrap();
    let loaded = Model::load(&file).unwrap();
    let model = trained.into_model().unwrap();
    let right = (0..test.len()).filter(|&i| {
        let top = model.classify(test.image(i)).unwrap();
        assert_eq!(top, loaded.classify(test.image(i)).unwrap());
        top.class == usize::from(test.labels[i])
    });
    assert_eq!(right.count() as f64 / test.len() as f64, accuracy);

    let again = train(&task, little()).unwrap();
    assert_eq!(again.adapter.to_bytes().unwrap(), std::fs::read(&file).unwrap());
}

/// Hears everything and cancels at a step.
struct Listening {
    heard: Vec<u32>,
    reports: usize,
    stop_at: u32,
}

impl Progress for Listening {
    fn step(&mut self, epoch: u32, _: u32, _: f64) -> ControlFlow<()> {
        self.heard.push(epoch);
        if epoch == self.stop_at { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn epoch(&mut self, _: &EpochReport) {
        self.reports += 1;
    }
}

#[test]
fn progress_is_told_and_can_cancel() {
    let mut all = Listening { heard: Vec::new(), reports: 0, stop_at: u32::MAX };
    train_with(&mnist(), little(), &mut all).unwrap();
    all.heard.dedup();
    assert_eq!((all.heard, all.reports), (vec![0, 1, 2], 2));
    for stop_at in [0, 2] {
        let mut cancelling = Listening { heard: Vec::new(), reports: 0, stop_at };
        let Err(Error::Train(error)) = train_with(&mnist(), little(), &mut cancelling) else { panic!() };
        assert_eq!(error.to_string(), format!("stopped in epoch {stop_at}"));
    }
}

#[test]
fn a_series_of_the_users_own_is_trained_and_forecast() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tides.csv");
    let lines = (0..600).map(|t| format!("{t},{}\n", 5.0 + 2.0 * (f64::from(t) / 6.0).sin()));
    std::fs::write(&file, format!("t,level\n{}", lines.collect::<String>())).unwrap();
    let request = Request { column: Some("level".into()), horizon: Some(3), ..Request::default() };
    let task = Task::open(file.to_str().unwrap(), &request).unwrap();
    let settings = Settings { width: Some(100), epochs: Some(60), stride: Some(2), ..Settings::default() };
    let other = Settings { horizon: Some(4), ..settings.clone() };
    check_error(
        train(&task, other).map(drop),
        "task `tides` was opened with `horizon` 3, but the settings have 4",
        "give `horizon` to `Task::open`, in its `Request`, and leave it out of the settings",
    );
    let trained = train(&task, settings).unwrap();
    assert_eq!(trained.config.backbone, "series");
    assert!(trained.judgement.headline.unwrap().value > 0.9);
    let model = trained.into_model().unwrap();
    let forecast = model.forecast_file(&file).unwrap(); // the column that was trained on, of two
    let expected = 5.0 + 2.0 * (602.0_f64 / 6.0).sin();
    assert!((forecast[599] - expected).abs() < 0.5, "{} {expected}", forecast[599]);
}

#[test]
fn a_full_network_is_not_an_adapter() {
    check_error(
        train(&mnist(), Settings { method: Some(Method::Full), ..little() }).map(drop),
        "expected a method that makes an adapter, found `full`, which trains a network of its own",
        "`bl_train::Trainer` trains such networks",
    );
    let Err(error) = train(&mnist(), Settings { horizon: Some(3), ..little() }) else { panic!() };
    assert_eq!(error.to_string(), "`horizon` applies to forecasting tasks; `mnist` is not one");
}
