//! A run that is stopped and goes on ends at the very same bytes.

use std::path::Path;

use crate::support::{backbone, biases, config, fit};
use bl_train::{Checkpoints, Error, Settings};

fn at(path: &Path, resume: bool) -> Checkpoints {
    Checkpoints { path: Some(path.to_owned()), resume }
}

#[test]
fn a_run_stopped_twice_equals_one_that_was_not() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (layers, schedule) in [(1, bl_train::Schedule::Cosine), (2, bl_train::Schedule::Constant)] {
        let path = folder.path().join(format!("{layers}.checkpoint"));
        let config = config(Settings { schedule: Some(schedule), ..Settings::default() });
        let whole = fit(&backbone(layers, false), &config, Checkpoints::default(), None).expect("ends");

        for (stop, resume) in [(3, false), (5, true)] {
            let stopped = fit(&backbone(layers, false), &config, at(&path, resume), Some(stop));
            match stopped.expect_err("it was stopped") {
                Error::Interrupted { epoch, checkpoint: Some(kept) } => {
                    assert_eq!((epoch, kept.as_path()), (stop, path.as_path()));
                }
                other => panic!("{other}"),
            }
        }
        let resumed = fit(&backbone(layers, false), &config, at(&path, true), None).expect("ends");
        assert_eq!(biases(&resumed), biases(&whole));
        assert_eq!(resumed.last.train_loss.to_bits(), whole.last.train_loss.to_bits());
        let figures = |fitted: &bl_train::Fitted| {
            fitted.epochs.iter().map(|epoch| (epoch.loss, epoch.accuracy)).collect::<Vec<_>>()
        };
        assert_eq!(figures(&resumed), figures(&whole), "those before it was stopped too");
    }
}

#[test]
fn stopping_before_anything_was_learned_leaves_no_checkpoint() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("x.checkpoint");
    let error = fit(&backbone(1, false), &config(Settings::default()), at(&path, false), Some(1));
    assert!(matches!(error, Err(Error::Interrupted { epoch: 1, checkpoint: None })));
    assert!(!path.exists());
}

#[test]
fn only_the_same_run_may_go_on() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("x.checkpoint");
    let check = |change: Settings, expected: &str| {
        let error = fit(&backbone(1, false), &config(change), at(&path, true), None).expect_err(expected);
        assert!(error.to_string().contains(expected), "{error}");
        assert!(error.hint().is_some());
    };
    check(Settings::default(), "no checkpoint");
    let stopped = fit(&backbone(1, false), &config(Settings::default()), at(&path, false), Some(4));
    assert!(stopped.is_err());
    check(Settings { seed: Some(9), ..Settings::default() }, "seed was 1, now it is 9");
    check(Settings { lr: Some(0.5), ..Settings::default() }, "lr was 0.05, now it is 0.5");
    check(Settings { epochs: Some(7), ..Settings::default() }, "epochs was 6, now it is 7");
    check(Settings { width: Some(70), ..Settings::default() }, "width was not set, now it is 70");
}

#[test]
fn a_damaged_checkpoint_is_an_error_and_never_a_panic() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("x.checkpoint");
    let config = config(Settings::default());
    assert!(fit(&backbone(1, false), &config, at(&path, false), Some(2)).is_err());
    let whole = std::fs::read(&path).expect("it was written");
    let check = |bytes: &[u8], what: &str| {
        std::fs::write(&path, bytes).expect("a small file");
        let error = fit(&backbone(1, false), &config, at(&path, true), Some(2)).expect_err(what);
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
    let config = config(Settings { epochs: Some(20_001), batch_size: Some(200), ..Settings::default() });
    let backbone = backbone(1, false);
    let stopped = fit(&backbone, &config, at(&path, false), Some(20_001));
    assert!(matches!(stopped, Err(Error::Interrupted { .. })), "20,000 epochs are kept");
    let resumed = fit(&backbone, &config, at(&path, true), None).expect("the last epoch");
    assert_eq!(resumed.epochs.len(), 20_001);
}
