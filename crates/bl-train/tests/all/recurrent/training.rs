//! What holds of every training run in time.

use std::path::Path;

use bl_core::UnitGains;
use bl_core::header::Kind;
use bl_core::recurrent::{RecurrentAdapter, RecurrentNet};
use bl_tasks::time::{TimeTask, What, judge};
use bl_train::{
    Checkpoints, Error, Method, RecurrentLearned, RecurrentNetworkFile, RecurrentProduct, Schedule, Settings,
    TimeSettings,
};

use super::support::{METHODS, backbone, bytes, config, fit, forecast, generate, plain, reach, tasks};

#[test]
fn every_method_learns_and_the_weights_stay_as_they_were() {
    for task in &tasks() {
        for method in METHODS {
            let backbone = backbone(task);
            let weights = |b: &bl_core::recurrent::RecurrentBackbone| {
                (b.recurrent().clone(), b.input().clone(), b.readout().clone(), b.initial().to_vec())
            };
            let before = (weights(&backbone), backbone.fingerprint());
            let config = config(task, method, Settings { epochs: Some(12), ..Settings::default() });
            let fitted = fit(&backbone, &config, task, Checkpoints::default(), None).expect("the run ends");
            assert_eq!((weights(&backbone), backbone.fingerprint()), before);
            // The same seed draws the same weights again: nothing was written into what is shared.
            assert_eq!(super::support::backbone(task).fingerprint(), before.1);
            let (first, last) = (fitted.epochs[0].loss, fitted.last.train_loss);
            assert_eq!(fitted.epochs.len(), 12);
            assert!(last < first, "{method:?} of {:?}: {first} to {last}", task.signal());
            assert_eq!(fitted.last.train_accuracy, None, "there are no classes");
        }
    }
}

#[test]
fn counts_are_those_of_the_task() {
    let count = |task: &TimeTask, expected| {
        assert_eq!(plain(&config(task, Method::Bias, Settings::default()), task).trajectories, expected);
    };
    // 300 samples, 67 held out; windows of 30 and a horizon of 2 leave 202 places, every eighth is taken.
    count(&forecast(), 202_usize.div_ceil(8));
    count(&generate(30), 1);
    count(&reach(), 6);
    for (method, vectors) in [(Method::Bias, 2), (Method::Mask, 2), (Method::Gain, 2), (Method::BiasGain, 3)]
    {
        let (task, of_40) = (forecast(), 40 * vectors);
        assert_eq!(config(&task, method, Settings::default()).learned_parameters(&backbone(&task)), of_40);
    }
    let task = reach();
    let all = config(&task, Method::Full, Settings::default()).learned_parameters(&backbone(&task));
    assert_eq!(all, 40 * 40 + 40 * 2 + 2 * 40 + 40 + 40);
}

#[test]
fn the_number_of_threads_changes_no_byte() {
    for task in &tasks() {
        for method in METHODS {
            let config = config(task, method, Settings::default());
            let files = [1, 3].map(|threads| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
                pool.install(|| bytes(&plain(&config, task), &config, task))
            });
            assert!(files[0] == files[1], "{method:?} of {:?}", task.signal());
        }
    }
}

#[test]
fn a_run_stopped_twice_equals_one_that_was_not() {
    let at = |path: &Path, resume| Checkpoints { path: Some(path.to_owned()), resume };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("x.checkpoint");
    for task in &tasks() {
        for method in METHODS {
            let schedule = Some(Schedule::Cosine);
            let config = config(task, method, Settings { schedule, ..Settings::default() });
            let whole = plain(&config, task);
            for (stop, resume) in [(2, false), (4, true)] {
                match fit(&backbone(task), &config, task, at(&path, resume), Some(stop)) {
                    Err(Error::Interrupted { epoch, checkpoint: Some(kept) }) => {
                        assert_eq!((epoch, kept), (stop, path.clone()));
                    }
                    other => panic!("{other:?}"),
                }
            }
            let resumed = fit(&backbone(task), &config, task, at(&path, true), None).expect("the run ends");
            assert!(bytes(&resumed, &config, task) == bytes(&whole, &config, task), "{method:?}");
            let losses = |fitted: &bl_train::RecurrentFitted| {
                fitted.epochs.iter().map(|epoch| epoch.loss.to_bits()).collect::<Vec<_>>()
            };
            assert_eq!(losses(&resumed), losses(&whole));
        }
    }
}

#[test]
fn only_the_same_run_may_go_on() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("x.checkpoint");
    let task = generate(30);
    let start = Checkpoints { path: Some(path.clone()), resume: false };
    let plain = config(&task, Method::Bias, Settings::default());
    assert!(fit(&backbone(&task), &plain, &task, start, Some(3)).is_err());
    let resume = Checkpoints { path: Some(path), resume: true };
    let changed = TimeSettings { truncate: Some(4), ..TimeSettings::default() };
    let changed = config(&task, Method::Bias, Settings { time: changed, ..Settings::default() });
    let error = fit(&backbone(&task), &changed, &task, resume.clone(), None).expect_err("another run");
    assert!(error.to_string().contains("truncate was not set, now it is 4"), "{error}");
    let error = fit(&backbone(&task), &plain, &generate(31), resume, None).expect_err("other data");
    assert!(error.to_string().contains("train_sha256 was "), "{error}");
}

#[test]
fn what_was_learned_is_what_the_file_runs() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("file");
    for task in &tasks() {
        for method in METHODS {
            let (backbone, config) = (backbone(task), config(task, method, Settings::default()));
            let fitted = plain(&config, task);
            let judgement = fitted.learned.judge(&backbone, task).expect("finite");
            let product =
                RecurrentProduct::new(task, &config, &backbone, &fitted, &judgement).expect("finite");
            product.save(&path).expect("saved");
            let again = if method == Method::Full {
                let file = RecurrentNetworkFile::load(&path).expect("its own file").expect("a network");
                assert_eq!(file.network.parameter_count() + 40, config.learned_parameters(&backbone));
                judge(task, &file.network).expect("finite")
            } else {
                let adapter = RecurrentAdapter::load(&path).expect("its own file");
                assert_eq!(adapter.header.training.as_ref().expect("a record").method, method.name());
                assert_eq!(adapter.initial.as_ref().map(Vec::len), Some(40));
                judge(task, &adapter.on(&backbone).expect("its own backbone")).expect("finite")
            };
            assert_eq!(again.metrics(), judgement.metrics(), "{method:?}");
        }
    }
}

#[test]
fn a_soft_mask_becomes_a_binary_one() {
    let task = generate(30);
    let learn_state = Some(false);
    let change = Settings {
        epochs: Some(150),
        lr: Some(0.05),
        schedule: Some(Schedule::Cosine),
        time: TimeSettings { learn_state, ..TimeSettings::default() },
        ..Settings::default()
    };
    let (backbone, config) = (backbone(&task), config(&task, Method::Mask, change));
    let fitted = plain(&config, &task);
    let RecurrentLearned::Units { biases, gains: UnitGains::Mask(on), initial: None } = &fitted.learned
    else {
        panic!("no mask: {:?}", fitted.learned)
    };
    assert!(on.iter().any(|on| *on) && on.iter().any(|on| !*on), "{on:?}");
    let judgement = fitted.learned.judge(&backbone, &task).expect("finite");
    let product = RecurrentProduct::new(&task, &config, &backbone, &fitted, &judgement).expect("finite");
    let RecurrentProduct::Adapter(adapter) = product else { panic!("no adapter") };
    assert_eq!((adapter.header.kind, &adapter.biases), (Kind::Mask, biases));
    assert_eq!(adapter.header.base_bias.expect("drawn").draw(0, 40), *biases);

    // The loss of the last epoch is one of a mask that is as good as binary.
    let What::Generate(generator) = &task.what else { panic!("no generator") };
    let net = adapter.on(&backbone).expect("its own backbone");
    let y = net.run(&[], 30, &mut net.initial().to_vec()).expect("shapes agree");
    let square = |(y, value): (&f32, &f64)| (f64::from(*y) - generator.scale.apply(*value)).powi(2);
    let loss = y.iter().zip(generator.series.values()).map(square).sum::<f64>() / 30.0;
    // (Near, not equal: the last τ is 0.001, and thirty steps through 16-bit states tell such masks apart.)
    assert!((loss / fitted.last.train_loss - 1.0).abs() < 0.15, "{loss}, soft {}", fitted.last.train_loss);
}

#[test]
fn a_loss_that_is_good_enough_ends_a_run() {
    let task = generate(30);
    let stop = |loss| TimeSettings { stop_at_loss: Some(loss), ..TimeSettings::default() };
    let run = |time| plain(&config(&task, Method::Bias, Settings { time, ..Settings::default() }), &task);
    assert_eq!(run(stop(1e30)).epochs.len(), 1);
    assert_eq!(run(stop(0.0)).epochs.len(), 5);
}
