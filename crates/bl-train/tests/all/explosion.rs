//! Runs whose states, losses or gradients leave all numbers.

use bl_train::{Checkpoints, Error, Method, Settings};

use crate::support::{at, backbone, config, fit, forecast, generate, images, rnn};

#[test]
fn a_state_that_explodes_is_an_error_that_names_the_time() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("x.checkpoint");
    let task = generate(120);
    for method in Method::ALL {
        let config = config(&task, method, Settings::default());
        match fit(&rnn(&task, 10.0), &task, &config, at(&path, false), None) {
            Err(error @ Error::Exploded { epoch: 1, step: 1, time }) => {
                assert!((20..120).contains(&time), "{method:?}: {time}");
                let message =
                    format!("state exploded at time step {time} of a trajectory, in epoch 1, step 1");
                assert!(error.to_string().contains(&message), "{error}");
                assert!(error.hint().expect("there is one").contains("--clip"));
            }
            other => panic!("{method:?}: {:?}", other.map(|fitted| fitted.last)),
        }
        assert!(!path.exists(), "nothing had been learned");
    }
}

#[test]
fn a_rate_that_is_too_high_keeps_what_was_good() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("x.checkpoint");
    let task = generate(60);
    for method in [Method::Bias, Method::Gain, Method::BiasGain, Method::Full] {
        let config = config(&task, method, Settings { lr: Some(1e37), ..Settings::default() });
        for resume in [false, true] {
            let error = fit(&backbone(&task), &task, &config, at(&path, resume), None);
            match error.expect_err("it explodes") {
                Error::Exploded { epoch: 2, step: 2, time } => assert!(time < 60, "{time}"),
                other => panic!("{method:?}: {other}"),
            }
            assert!(path.exists(), "the first epoch was good");
        }
    }
}

/// States grow by some 7 a step, and gradients by as much on the way back: the first stay in f32, the second do not.
#[test]
fn a_gradient_that_is_not_finite_is_an_error() {
    let task = generate(30);
    for method in [Method::Bias, Method::Gain, Method::BiasGain, Method::Full] {
        for clip in [Some(1.0), None] {
            let mut config = config(&task, method, Settings::default());
            config.clip = clip;
            match fit(&rnn(&task, 10.0), &task, &config, Checkpoints::default(), None) {
                Err(error @ Error::NonFiniteGradient { epoch: 1, step: 1 }) => {
                    assert_eq!(
                        error.to_string(),
                        "gradient is not finite, or its square is not, at epoch 1, step 1"
                    );
                    assert!(error.hint().expect("there is one").contains("--truncate"));
                }
                other => panic!("{method:?}, clip {clip:?}: {:?}", other.map(|fitted| fitted.learned)),
            }
        }
    }
}

#[test]
fn a_step_within_a_long_run_is_named() {
    let task = forecast();
    let config = config(&task, Method::Bias, Settings { lr: Some(1e38), ..Settings::default() });
    match fit(&backbone(&task), &task, &config, Checkpoints::default(), None) {
        Err(Error::Exploded { epoch: 1, step: 2, time }) => assert!(time < 30, "{time}"),
        other => panic!("{:?}", other.map(|fitted| fitted.last)),
    }
}

#[test]
fn a_loss_that_is_not_finite_stops_the_run() {
    let task = images();
    let wild = config(&task, Method::Bias, Settings { lr: Some(1e38), ..Settings::default() });
    match fit(&backbone(&task), &task, &wild, Checkpoints::default(), None) {
        Err(error @ Error::NonFiniteLoss { .. }) => {
            assert!(error.to_string().starts_with("loss is not finite at epoch"), "{error}");
            assert!(error.hint().expect("there is one").contains("--lr"));
        }
        other => panic!("expected an error, got {:?}", other.map(|fitted| fitted.last)),
    }
}
