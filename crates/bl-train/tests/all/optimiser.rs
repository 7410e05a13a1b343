//! Options of the optimiser and of the frozen half do what they say, for every task.

use bl_train::{CacheMode, Checkpoints, EpochReport, Error, Fitted, Method, Schedule, Settings, Trainer};

use crate::support::{
    Listener, backbone, biases, config, fit, fit_in, frozen, images, images_of, learned, of_rows, plain,
    split, tasks,
};

fn square(fitted: &Fitted) -> f32 {
    biases(fitted).iter().flatten().map(|b| b * b).sum()
}

#[test]
fn options_do_what_they_say() {
    let task = images();
    let run = |change| square(&plain(&task, &config(&task, Method::Bias, change)));
    assert!(run(Settings { weight_decay: Some(0.1), ..Settings::default() }) < run(Settings::default()));
    assert!(run(Settings { lr: Some(1e-12), bias_init: Some(0.0), ..Settings::default() }) < 1e-12);
    for (step, expected) in [(0, 0.1), (50, 0.05), (100, 0.0)] {
        assert!((Schedule::Cosine.rate(0.1, step, 100) - expected).abs() < 1e-12);
        assert_eq!(Schedule::Constant.rate(0.1, step, 100).to_bits(), 0.1_f64.to_bits());
    }
}

/// Adam divides by the gradient's own size, so a shorter gradient shows where ε (1e-8) is not small beside it.
#[test]
fn a_clipped_gradient_moves_every_task_less_and_a_wide_clip_changes_no_bit() {
    for task in &tasks() {
        for method in Method::ALL {
            let run = |clip| {
                let change = Settings { clip: Some(clip), epochs: Some(1), ..Settings::default() };
                plain(task, &config(task, method, change))
            };
            let (wide, wider, none) = (run(1e30), run(1e31), run(1e-30));
            assert!(learned(&wide) == learned(&wider), "{method:?}");
            assert!(learned(&wide) != learned(&none) || method == Method::Mask, "{method:?}");
            // Without any length, the parameters stay, and so does what every batch says of them.
            let lr = Settings { lr: Some(1e-30), epochs: Some(1), ..Settings::default() };
            let still = plain(task, &config(task, method, lr));
            let (a, b) = (none.last.train_loss, still.last.train_loss);
            assert!((a - b).abs() <= 1e-6 * b.abs(), "{method:?} of {}: {a}, {b}", task.kind().summary());
        }
    }
}

#[test]
fn without_a_clip_a_task_of_images_keeps_its_bits() {
    let task = images();
    let run =
        |clip| learned(&plain(&task, &config(&task, Method::Bias, Settings { clip, ..Settings::default() })));
    assert_eq!(run(None), run(Some(1e30)));
}

#[test]
fn a_loss_that_is_good_enough_ends_a_run() {
    for task in &tasks() {
        let run = |stop_at_loss| {
            plain(task, &config(task, Method::Bias, Settings { stop_at_loss, ..Settings::default() }))
        };
        let all = run(None);
        assert_eq!(run(Some(1e30)).epochs.len(), 1);
        assert_eq!(run(Some(0.0)).epochs.len(), all.epochs.len());
        // The loss of the second epoch ends the run there, or before.
        let stopped = run(Some(all.epochs[1].loss));
        assert!(stopped.epochs.len() <= 2, "{}", task.kind().summary());
        assert!(stopped.last.train_loss <= all.epochs[1].loss);
    }
}

#[test]
fn biases_start_around_their_mean() {
    for task in &tasks() {
        for method in [Method::Bias, Method::Mask, Method::Gain, Method::BiasGain] {
            let change = Settings {
                lr: Some(1e-30),
                bias_init: Some(0.1),
                bias_mean: Some(0.75),
                epochs: Some(1),
                ..Settings::default()
            };
            let (backbone, config) = (backbone(task), config(task, method, change));
            let fitted = plain(task, &config);
            for b in &biases(&fitted)[0] {
                assert!((0.65..0.85).contains(b), "{method:?} of {}: {b}", task.kind().summary());
            }
            // What is drawn again from a file's header is what was trained with.
            let bytes = crate::support::bytes(&backbone, task, &config, &fitted);
            let adapter = bl_core::Adapter::from_bytes(&bytes).expect("its own file");
            assert_eq!(adapter.parameters.biases, biases(&fitted));
        }
    }
}

#[test]
fn cached_and_recomputed_pre_activations_give_the_same_bits() {
    let task = images();
    let backbone = backbone(&task);
    let config = config(&task, Method::Bias, Settings { val_fraction: Some(0.2), ..Settings::default() });
    let run = |budget| {
        let mut frozen = frozen(&backbone, &task, &config, budget).expect("enough for a batch");
        let fitted = fit_in(&mut frozen, &backbone, &task, &config, Checkpoints::default(), None)
            .expect("the run ends");
        (frozen.mode(), frozen.bytes(), fitted)
    };
    let (mode, _, cached) = run(None);
    assert_eq!(mode, CacheMode::Cached);
    let (mode, bytes, recomputed) = run(Some(10_000));
    assert_eq!(mode, CacheMode::Recomputed);
    assert!(bytes <= 10_000);
    assert_eq!(biases(&cached), biases(&recomputed));
    assert_eq!(cached.last.validation_accuracy, recomputed.last.validation_accuracy);
}

#[test]
fn only_adapters_of_feed_forward_networks_have_a_frozen_half() {
    for task in &tasks() {
        for method in Method::ALL {
            let config = config(task, method, Settings::default());
            let frozen = frozen(&backbone(task), task, &config, None).expect("little memory");
            let is_kept = frozen.mode() == CacheMode::Cached;
            assert_eq!(is_kept, of_rows(task) && method != Method::Full);
            assert_eq!(frozen.bytes() > 0, is_kept);
        }
    }
}

#[test]
fn a_cache_too_small_for_one_batch_is_an_error() {
    let task = images();
    let config = config(&task, Method::Bias, Settings::default());
    let error = frozen(&backbone(&task), &task, &config, Some(1)).err().expect("1 byte");
    assert_eq!(error.to_string(), "one batch needs 8192 bytes of pre-activations, `--cache-memory` allows 1");
}

#[test]
fn a_frozen_half_is_of_its_task_and_backbone_alone() {
    let (task, other) = (images(), images_of(split(150)));
    let config = config(&task, Method::Bias, Settings::default());
    let mlp = backbone(&task);
    let mut of_other = frozen(&mlp, &other, &config, None).expect("little memory");
    let error =
        fit_in(&mut of_other, &mlp, &task, &config, Checkpoints::default(), None).expect_err("rows differ");
    assert_eq!(error.to_string(), "frozen half was made for another task");
    let deep = crate::support::mlp(2, false);
    let mut of_deep = frozen(&deep, &task, &config, None).expect("little memory");
    let error =
        fit_in(&mut of_deep, &mlp, &task, &config, Checkpoints::default(), None).expect_err("weights differ");
    assert!(matches!(error, Error::OtherFrozenHalf { what: "backbone" }));
    // The same data, opened twice, are the same task.
    let again = images();
    let mut frozen = frozen(&mlp, &again, &config, None).expect("little memory");
    fit_in(&mut frozen, &mlp, &task, &config, Checkpoints::default(), None).expect("the run ends");
}

#[test]
fn a_listener_hears_of_every_epoch() {
    for task in &tasks() {
        let (backbone, config) = (backbone(task), config(task, Method::Bias, Settings::default()));
        let mut listener = Listener { stop_in: None, ..Listener::default() };
        let mut frozen = frozen(&backbone, task, &config, None).expect("little memory");
        let trainer = Trainer::new(&backbone, task, &config, Checkpoints::default());
        let fitted = trainer.fit(&mut frozen, &mut listener).expect("the run ends");
        let numbers: Vec<u32> = listener.epochs.iter().map(|report| report.epoch).collect();
        assert_eq!(numbers, (1..=config.epochs).collect::<Vec<_>>());
        assert_eq!(listener.epochs.last(), Some(&fitted.last));
        let losses: Vec<f64> = listener.epochs.iter().map(|report: &EpochReport| report.train_loss).collect();
        assert_eq!(losses, fitted.epochs.iter().map(|epoch| epoch.loss).collect::<Vec<_>>());
    }
    let (task, stop_in) = (images(), Some(2));
    let config = config(&task, Method::Bias, Settings::default());
    let stopped = fit(&backbone(&task), &task, &config, Checkpoints::default(), stop_in);
    assert!(matches!(stopped, Err(Error::Interrupted { epoch: 2, checkpoint: None })));
}
