//! What holds of the methods beside biases: masks, gains, and the fully trained baseline.

use bl_core::{BaseBias, UnitGains};
use bl_train::{Checkpoints, Error, Method, MlpNetwork, Settings, TrainConfig};

use crate::support::{
    accuracy, at, backbone, biases, config, fit, fit_in, frozen, gains, images, learned, mlp, of_rows, plain,
    tasks,
};

fn of(method: Method) -> TrainConfig {
    let lr = if method == Method::Mask { 0.5 } else { 0.05 };
    config(&images(), method, Settings { lr: Some(lr), epochs: Some(12), ..Settings::default() })
}

#[test]
fn what_is_not_learned_stays_where_it_was_drawn() {
    for task in &tasks() {
        let of_images = of_rows(task);
        let (half_width, mean, units) = if of_images { (0.01, 0.0, 70) } else { (0.3, 0.2, 40) };
        let base = BaseBias { half_width, mean, seed: 1 }.draw(0, units);
        let run = |method| plain(task, &config(task, method, Settings::default()));
        for method in [Method::Mask, Method::Gain] {
            assert_eq!(biases(&run(method)), std::slice::from_ref(&base));
        }
        assert_ne!(biases(&run(Method::BiasGain))[0], base);
        assert!(matches!(gains(&run(Method::Bias)), UnitGains::One));
    }
}

#[test]
fn a_mask_is_0_or_1_and_turns_some_units_off() {
    let fitted = plain(&images(), &of(Method::Mask));
    let UnitGains::Mask(on) = gains(&fitted) else { panic!("a mask was asked for") };
    let count = on.iter().filter(|on| **on).count();
    assert!((1..70).contains(&count), "{count}");
}

#[test]
fn every_method_goes_on_to_the_same_bits_with_any_number_of_threads() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let task = images();
    for method in Method::ALL {
        let config = of(method);
        let whole = plain(&task, &config);
        let path = folder.path().join(method.name());
        let stopped = fit(&backbone(&task), &task, &config, at(&path, false), Some(7));
        assert!(matches!(stopped, Err(Error::Interrupted { epoch: 7, checkpoint: Some(_) })));
        let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().expect("threads");
        let resumed = pool.install(|| fit(&backbone(&task), &task, &config, at(&path, true), None));
        assert_eq!(learned(&resumed.expect("ends")), learned(&whole), "{}", method.name());
    }
}

#[test]
fn runs_that_share_a_cache_equal_runs_that_do_not() {
    let task = images();
    let backbone = backbone(&task);
    let mut frozen = frozen(&backbone, &task, &of(Method::Bias), None).expect("little memory");
    for method in Method::ALL {
        for seed in [1, 2] {
            let config = TrainConfig { seed, ..of(method) };
            let shared = fit_in(&mut frozen, &backbone, &task, &config, Checkpoints::default(), None);
            assert_eq!(learned(&shared.expect("the run ends")), learned(&plain(&task, &config)));
        }
    }
}

#[test]
fn a_frozen_half_for_full_training_is_no_use_to_another_method() {
    let task = images();
    let backbone = backbone(&task);
    let mut frozen = frozen(&backbone, &task, &of(Method::Full), None).expect("nothing");
    let error = fit_in(&mut frozen, &backbone, &task, &of(Method::Bias), Checkpoints::default(), None);
    assert!(matches!(error, Err(Error::NoCache)));
}

#[test]
fn masks_and_gains_are_for_one_hidden_layer_and_the_baseline_for_any_number() {
    let (task, deep) = (images(), mlp(3, true));
    for method in [Method::Mask, Method::Gain, Method::BiasGain] {
        let error = fit(&deep, &task, &of(method), Checkpoints::default(), None).expect_err("three layers");
        assert!(
            error.to_string().ends_with("for backbones with one hidden layer, this one has 3"),
            "{error}"
        );
    }
    let fitted = fit(&deep, &task, &of(Method::Full), Checkpoints::default(), None).expect("the run ends");
    let accuracy = accuracy(&fitted, &deep, &task);
    assert!(accuracy > 0.95, "{accuracy}");
}

#[test]
fn the_baseline_has_the_parameters_of_its_architecture() {
    let fitted = plain(&images(), &of(Method::Full));
    let bl_train::Learned::Network(network) = &fitted.learned else { panic!("a network was asked for") };
    assert_eq!(network.parameter_count(), 70 * 36 + 70 + 3 * 70);
    let shapes = MlpNetwork::shapes(network.mlp().expect("feed-forward").spec());
    let names: Vec<String> = shapes.into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["hidden.0.weight", "hidden.0.bias", "readout.weight"]);
    assert!(network.rnn().is_err());
}

#[test]
fn contradictory_settings_are_refused() {
    let check = |change: Settings, expected: &str| {
        let defaults = Settings { backbone: Some("x".into()), epochs: Some(1), ..Settings::default() };
        let error = change.over(defaults).resolve("test").expect_err(expected);
        assert_eq!(error.to_string(), expected);
        assert!(error.hint().is_some());
    };
    let base = || Settings { lr: Some(0.1), ..Settings::default() };
    check(
        Settings { match_parameters: Some(100), ..base() },
        "`match_parameters` is a setting of the method `full`, but the method is `bias`",
    );
    check(
        Settings { final_temperature: Some(0.1), ..base() },
        "`final_temperature` is a setting of the method `mask`, but the method is `bias`",
    );
    let both = Settings { method: Some(Method::Full), match_parameters: Some(9), width: Some(9), ..base() };
    check(both, "`match_parameters` and `width` contradict each other");
    let both = Settings { method: Some(Method::Mask), stop_at_loss: Some(0.1), ..base() };
    check(both, "`stop_at_loss` and `method mask` contradict each other");
}

#[test]
fn a_mask_cools_even_if_no_preset_says_so() {
    let settings = |method| Settings {
        backbone: Some("x".into()),
        epochs: Some(1),
        lr: Some(0.1),
        method: Some(method),
        ..Settings::default()
    };
    for method in Method::ALL {
        let config = settings(method).resolve("own").expect("nothing is missing");
        assert_eq!(config.final_temperature, (method == Method::Mask).then_some(0.001));
    }
}
