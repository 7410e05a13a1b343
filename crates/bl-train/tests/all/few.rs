//! Runs on few images: settings that follow their number, images that vary, and an early end.

use bl_train::{Checkpoints, FrozenHalf, Method, Settings, Trainer, presets};

use crate::support::{
    Listener, at, backbone, bytes, config, fit, images, images_of, learned, plain, refused, split,
};

#[test]
fn settings_that_nobody_states_follow_the_number_of_images() {
    let check = |images: usize, stated: Settings, expected: (u32, f64, u32)| {
        let task = images_of(split(images));
        let config = presets::configure_open(&task, stated).expect("valid");
        assert_eq!((config.batch_size, config.lr, config.epochs), expected, "{images} images");
    };
    let none = Settings::default;
    check(60, none(), (8, 0.1, 188));
    check(1_000, none(), (8, 0.1, 50));
    check(5_000, none(), (64, 0.1, 50));
    check(40_000, none(), (512, 0.1, 50));
    check(60_000, none(), (512, 0.1, 50));
    check(60, Settings { batch_size: Some(512), ..none() }, (512, 0.1, 1500));
    check(60, Settings { lr: Some(0.3), epochs: Some(2), ..none() }, (8, 0.3, 2));
    check(60, Settings { method: Some(Method::Full), ..none() }, (512, 0.001, 10));
}

#[test]
fn images_vary_from_epoch_to_epoch_and_a_resumed_run_sees_the_same() {
    let task = images();
    let backbone = backbone(&task);
    let of = |change: Settings| config(&task, Method::Bias, change);
    let varied = of(Settings { shift: Some(1.0), rotate: Some(8.0), ..Settings::default() });
    let whole = plain(&task, &varied);
    assert_ne!(learned(&whole), learned(&plain(&task, &of(Settings::default()))));
    assert_eq!(learned(&whole), learned(&plain(&task, &varied)));
    assert!(crate::support::accuracy(&whole, &backbone, &task) > 0.9);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("run.checkpoint");
    assert!(fit(&backbone, &task, &varied, at(&path, false), Some(3)).is_err(), "stopped");
    let resumed = fit(&backbone, &task, &varied, at(&path, true), None).expect("ends");
    assert!(bytes(&backbone, &task, &varied, &resumed) == bytes(&backbone, &task, &varied, &whole));
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
    assert_eq!(one.install(|| learned(&plain(&task, &varied))), learned(&whole));

    // Mirror images alone are cached, and are the same bits as computed anew.
    let flipped = of(Settings { flip: Some(true), ..Settings::default() });
    let cached = plain(&task, &flipped);
    assert_ne!(learned(&cached), learned(&plain(&task, &of(Settings::default()))));
    let mut anew = crate::support::frozen(&backbone, &task, &flipped, Some(10_000)).expect("a batch fits");
    let trainer = Trainer::new(&backbone, &task, &flipped, Checkpoints::default());
    let recomputed = trainer.fit(&mut anew, &mut Listener::default()).expect("the run ends");
    assert_eq!(learned(&recomputed), learned(&cached));

    // A cache of images that do not vary is not taken for one of images that do.
    let mut cached = FrozenHalf::new(&backbone, &task, &[Method::Bias], 32, None, &mut |_| {
        std::ops::ControlFlow::Continue(())
    })
    .expect("small");
    let trainer = Trainer::new(&backbone, &task, &varied, Checkpoints::default());
    let error = trainer.fit(&mut cached, &mut Listener::default()).expect_err("another").to_string();
    assert_eq!(error, "frozen half was made for another augmentation");
    let full = Settings { rotate: Some(1.0), ..Settings::default() };
    let error = refused(&task, &config(&task, Method::Full, full)).to_string();
    assert!(error.starts_with("`rotate` applies to methods that keep the weights frozen"), "{error}");
}

#[test]
fn patience_ends_a_run_and_keeps_its_best_epoch() {
    let task = images();
    let backbone = backbone(&task);
    let settings = |epochs: u32, patience: Option<u32>| Settings {
        epochs: Some(epochs),
        patience,
        val_fraction: Some(0.25),
        lr: Some(0.5), // so large that it gets worse again
        ..Settings::default()
    };
    let of = |epochs, patience| config(&task, Method::Bias, settings(epochs, patience));
    let patient = of(40, Some(4));
    let mut frozen = crate::support::frozen(&backbone, &task, &patient, None).expect("small");
    let mut listener = Listener::default();
    let trainer = Trainer::new(&backbone, &task, &patient, Checkpoints::default());
    let fitted = trainer.fit(&mut frozen, &mut listener).expect("the run ends");
    let accuracies: Vec<f64> =
        listener.epochs.iter().map(|epoch| epoch.validation_accuracy.expect("held out")).collect();
    let most = accuracies.iter().copied().fold(0.0, f64::max);
    // Of several epochs that are as good, the one of the lowest loss: on few images many are all right.
    let best = fitted.last.epoch as usize;
    assert_eq!((accuracies[best - 1], fitted.last.validation_accuracy), (most, Some(most)), "{accuracies:?}");
    assert_eq!(accuracies.len(), (best + 4).min(40), "{accuracies:?}");
    // The schedule is constant: what is kept is what a run of so many epochs learns.
    assert_eq!(learned(&fitted), learned(&plain(&task, &of(best as u32, None))));

    let folder = tempfile::tempdir().expect("a temporary folder");
    let error = fit(&backbone, &task, &patient, at(&folder.path().join("c"), true), None);
    assert_eq!(error.expect_err("no").to_string(), "`patience` and `resume` contradict each other");
    for (text, expected) in [
        ("patience = 3\nmethod = \"mask\"", "`patience` and `method mask` contradict each other"),
        ("patience = 3\nval_fraction = 0.0", "`patience` and `val_fraction 0` contradict each other"),
        ("patience = 0", "`patience` is 0, expected a value from 1 to 1000000000"),
    ] {
        let error = presets::configure("mnist", crate::support::settings(text).expect("valid"));
        assert_eq!(error.expect_err(text).to_string(), expected);
    }
    let config = presets::configure("mnist", Settings { patience: Some(3), ..Settings::default() });
    assert_eq!(config.expect("valid").val_fraction, Some(0.1));
}
