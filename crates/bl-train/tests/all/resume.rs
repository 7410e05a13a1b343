//! A run that is stopped and goes on ends at the very same bytes.

use bl_train::{Checkpoints, Error, Fitted, Method, Schedule, Settings};

use crate::support::{at, backbone, bytes, config, fit, generate, images, learned, mlp, tasks};

fn metrics(fitted: &Fitted) -> Vec<(u64, u64)> {
    fitted.epochs.iter().map(|epoch| (epoch.loss.to_bits(), epoch.accuracy.to_bits())).collect()
}

#[test]
fn a_run_stopped_twice_equals_one_that_was_not() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("x.checkpoint");
    let mut cases = Vec::new();
    for task in tasks() {
        for method in Method::ALL {
            for schedule in [Schedule::Cosine, Schedule::Constant] {
                cases.push((backbone(&task), method, schedule));
            }
        }
        for (backbone, method, schedule) in
            cases.drain(..).chain(task.images().map(|_| (mlp(2, false), Method::Bias, Schedule::Constant)))
        {
            let config = config(&task, method, Settings { schedule: Some(schedule), ..Settings::default() });
            let whole = fit(&backbone, &task, &config, Checkpoints::default(), None).expect("ends");
            for (stop, resume) in [(2, false), (4, true)] {
                let stopped = fit(&backbone, &task, &config, at(&path, resume), Some(stop));
                match stopped.expect_err("it was stopped") {
                    Error::Interrupted { epoch, checkpoint: Some(kept) } => {
                        assert_eq!((epoch, kept.as_path()), (stop, path.as_path()));
                    }
                    other => panic!("{other}"),
                }
            }
            let resumed = fit(&backbone, &task, &config, at(&path, true), None).expect("ends");
            assert_eq!(learned(&resumed), learned(&whole), "{method:?}");
            let file = |fitted| bytes(&backbone, &task, &config, fitted);
            assert!(file(&resumed) == file(&whole), "{method:?} of {}", task.kind().summary());
            assert_eq!(resumed.last.train_loss.to_bits(), whole.last.train_loss.to_bits());
            assert_eq!(metrics(&resumed), metrics(&whole), "those before it was stopped too");
        }
    }
}

#[test]
fn stopping_before_anything_was_learned_leaves_no_checkpoint() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("x.checkpoint");
    for task in &tasks() {
        let config = config(task, Method::Bias, Settings::default());
        let error = fit(&backbone(task), task, &config, at(&path, false), Some(1));
        assert!(matches!(error, Err(Error::Interrupted { epoch: 1, checkpoint: None })));
        assert!(!path.exists());
    }
}

#[test]
fn a_checkpoint_without_a_place_is_kept_elsewhere() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let no_folder = folder.path().join("file");
    std::fs::write(&no_folder, "").expect("a small file");
    let there = folder.path().join("x.checkpoint");
    for task in &tasks() {
        let config = config(task, Method::Bias, Settings::default());
        let path = no_folder.join("x.checkpoint");
        let error = fit(&backbone(task), task, &config, at(&path, false), Some(2)).map(drop);
        let Err(Error::InterruptedElsewhere { epoch: 2, kept, place }) = error else {
            panic!("{error:?}");
        };
        assert_eq!(place, path);
        std::fs::copy(&kept, &there).expect("as the hint says");
        std::fs::remove_file(&kept).expect("it is there");
        let resumed = fit(&backbone(task), task, &config, at(&there, true), None).expect("ends");
        let whole = fit(&backbone(task), task, &config, Checkpoints::default(), None).expect("ends");
        assert_eq!(learned(&resumed), learned(&whole));
    }
}

#[test]
fn only_the_same_run_may_go_on() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("x.checkpoint");
    for task in [images(), generate(30)] {
        let config = |change| config(&task, Method::Bias, change);
        let check = |change: Settings, expected: &str| {
            let error = fit(&backbone(&task), &task, &config(change), at(&path, true), None);
            let error = error.expect_err(expected);
            assert!(error.to_string().contains(expected), "{error}");
            assert!(error.hint().is_some());
        };
        check(Settings::default(), "no checkpoint");
        let (lr, epochs) = (config(Settings::default()).lr, config(Settings::default()).epochs);
        assert!(
            fit(&backbone(&task), &task, &config(Settings::default()), at(&path, false), Some(4)).is_err()
        );
        check(Settings { seed: Some(9), ..Settings::default() }, "seed was 1, now it is 9");
        check(Settings { lr: Some(0.5), ..Settings::default() }, &format!("lr was {lr}, now it is 0.5"));
        check(
            Settings { epochs: Some(7), ..Settings::default() },
            &format!("epochs was {epochs}, now it is 7"),
        );
        check(Settings { width: Some(70), ..Settings::default() }, "width was not set, now it is 70");
        check(Settings { stop_at_loss: Some(0.5), ..Settings::default() }, "stop_at_loss was not set");
        if task.images().is_none() {
            check(Settings { truncate: Some(4), ..Settings::default() }, "truncate was not set, now it is 4");
            let longer = generate(31);
            let error = fit(&backbone(&longer), &longer, &config(Settings::default()), at(&path, true), None);
            let error = error.expect_err("other data");
            assert!(error.to_string().contains("train_sha256 was "), "{error}");
        }
        std::fs::remove_file(&path).expect("it was written");
    }
}

#[test]
fn a_damaged_checkpoint_is_an_error_and_never_a_panic() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("x.checkpoint");
    let task = images();
    let config = config(&task, Method::Bias, Settings::default());
    assert!(fit(&backbone(&task), &task, &config, at(&path, false), Some(2)).is_err());
    let whole = std::fs::read(&path).expect("it was written");
    let check = |bytes: &[u8], what: &str| {
        std::fs::write(&path, bytes).expect("a small file");
        let error = fit(&backbone(&task), &task, &config, at(&path, true), Some(2)).expect_err(what);
        assert!(!matches!(error, Error::Interrupted { .. }), "{what}: went on");
    };
    for len in (0..whole.len()).step_by(13) {
        check(&whole[..len], &format!("cut to {len}"));
    }
    for at in (0..whole.len()).step_by(29) {
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << (at % 8);
        check(&bytes, &format!("bit {} of byte {at}", at % 8));
    }
}

#[test]
fn a_checkpoint_holds_any_number_of_epochs() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("long.checkpoint");
    let task = images();
    let change = Settings { epochs: Some(20_001), batch_size: Some(200), ..Settings::default() };
    let (backbone, config) = (backbone(&task), config(&task, Method::Bias, change));
    let stopped = fit(&backbone, &task, &config, at(&path, false), Some(20_001));
    assert!(matches!(stopped, Err(Error::Interrupted { .. })), "20,000 epochs are kept");
    let resumed = fit(&backbone, &task, &config, at(&path, true), None).expect("the last epoch");
    assert_eq!(resumed.epochs.len(), 20_001);
}
