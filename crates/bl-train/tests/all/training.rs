//! What holds of every training run.

use crate::support::{STANDARDISE, backbone, biases, config, fit, fit_in, set, split};
use bl_core::{Isa, Prepared};
use bl_train::{CacheMode, Checkpoints, Error, Fitted, Schedule, Settings, TrainConfig};

fn plain(config: &TrainConfig) -> Fitted {
    fit(&backbone(1, false), config, Checkpoints::default(), None).expect("the run ends")
}

fn settings() -> Settings {
    Settings::default()
}

#[test]
fn biases_learn_the_task_and_the_weights_stay_as_they_were() {
    for (layers, residual) in [(1, false), (2, false), (3, true)] {
        let backbone = backbone(layers, residual);
        let weights = |b: &bl_core::Backbone| {
            (b.first_lattice(), b.deeper_lattices().to_vec(), b.readout_lattice().clone(), b.fingerprint())
        };
        let before = weights(&backbone);
        let fitted = fit(&backbone, &config(settings()), Checkpoints::default(), None).expect("the run ends");
        assert_eq!(weights(&backbone), before);
        assert_eq!(biases(&fitted).iter().map(Vec::len).collect::<Vec<_>>(), vec![70; layers]);
        let adapter = Prepared::new(&backbone, STANDARDISE, biases(&fitted)).expect("widths agree");
        let data = split(200);
        let accuracy =
            backbone.evaluate(&adapter, &data.images, &data.labels).expect("same shapes").accuracy();
        assert!(accuracy > 0.95, "{layers} layers, residual {residual}: {accuracy}");
    }
}

#[test]
fn the_same_seed_gives_the_same_bits_and_another_seed_others() {
    let one = plain(&config(settings()));
    assert_eq!(biases(&one), biases(&plain(&config(settings()))));
    assert_ne!(biases(&one), biases(&plain(&config(Settings { seed: Some(2), ..settings() }))));
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    for layers in [1, 2] {
        let results: Vec<_> = [1, 2, 5]
            .into_iter()
            .map(|threads| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
                pool.install(|| {
                    let fitted =
                        fit(&backbone(layers, false), &config(settings()), Checkpoints::default(), None);
                    biases(&fitted.expect("the run ends")).to_vec()
                })
            })
            .collect();
        assert!(results.windows(2).all(|pair| pair[0] == pair[1]), "{layers} layers");
    }
}

#[test]
fn cached_and_recomputed_pre_activations_give_the_same_bits() {
    let (backbone, data) = (backbone(1, false), split(200));
    let config = config(Settings { val_fraction: Some(0.2), ..settings() });
    let run = |budget| {
        let mut set = set(&backbone, &config, &data, budget).expect("enough for a batch");
        let fitted =
            fit_in(&mut set, &backbone, &config, Checkpoints::default(), None).expect("the run ends");
        (set.mode(), set.bytes(), fitted)
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
fn every_instruction_set_learns_the_same_within_rounding() {
    let reference = plain(&config(Settings { epochs: Some(1), ..settings() }));
    for isa in Isa::all() {
        let config = config(Settings { epochs: Some(1), ..settings() });
        let fitted = fit(&backbone(1, false).with_isa(isa), &config, Checkpoints::default(), None);
        let fitted = fitted.expect("the run ends");
        for (a, b) in biases(&fitted)[0].iter().zip(&biases(&reference)[0]) {
            assert!((a - b).abs() < 2e-3, "{isa}: {a} {b}");
        }
    }
}

#[test]
fn validation_holds_samples_out_and_never_learns_from_them() {
    let fitted = plain(&config(Settings { val_fraction: Some(0.25), ..settings() }));
    assert_eq!((fitted.train_samples, fitted.validation_samples), (150, 50));
    assert!(fitted.last.validation_accuracy.expect("there are samples") > 0.9);
    assert_eq!(plain(&config(settings())).last.validation_accuracy, None);
}

#[test]
fn options_of_the_optimiser_do_what_they_say() {
    let norm = |fitted: &Fitted| biases(fitted)[0].iter().map(|b| b * b).sum::<f32>();
    let plain_norm = norm(&plain(&config(settings())));
    let decayed = plain(&config(Settings { weight_decay: Some(0.1), ..settings() }));
    assert!(norm(&decayed) < plain_norm);
    let still = plain(&config(Settings { lr: Some(1e-12), bias_init: Some(0.0), ..settings() }));
    assert!(norm(&still) < 1e-12);
    for (step, expected) in [(0, 0.1), (50, 0.05), (100, 0.0)] {
        assert!((Schedule::Cosine.rate(0.1, step, 100) - expected).abs() < 1e-12);
        assert_eq!(Schedule::Constant.rate(0.1, step, 100).to_bits(), 0.1_f64.to_bits());
    }
}

#[test]
fn a_loss_that_is_not_finite_stops_the_run() {
    let wild = config(Settings { lr: Some(1e38), ..settings() });
    match fit(&backbone(1, false), &wild, Checkpoints::default(), None) {
        Err(error @ Error::NonFiniteLoss { .. }) => {
            assert!(error.to_string().starts_with("loss is not finite at epoch"), "{error}");
            assert!(error.hint().expect("there is one").contains("--lr"));
        }
        other => panic!("expected an error, got {:?}", other.map(|fitted| fitted.last)),
    }
}

#[test]
fn a_cache_too_small_for_one_batch_is_an_error() {
    let (backbone, data) = (backbone(1, false), split(200));
    let error = set(&backbone, &config(settings()), &data, Some(1)).err().expect("1 byte");
    assert_eq!(error.to_string(), "one batch needs 8192 bytes of pre-activations, `--cache-memory` allows 1");
}
