//! What holds of the methods beside biases: masks, gains, and the fully trained baseline.

use crate::support::{STANDARDISE, backbone, biases, config, fit, fit_in, set, split};
use bl_core::{BaseBias, UnitGains};
use bl_train::{Checkpoints, Error, Fitted, Learned, Method, Network, Settings, TrainConfig};

fn of(method: Method) -> TrainConfig {
    let lr = if method == Method::Mask { 0.5 } else { 0.05 };
    config(Settings { method: Some(method), lr: Some(lr), epochs: Some(12), ..Settings::default() })
}

fn run(config: &TrainConfig) -> Fitted {
    fit(&backbone(1, false), config, Checkpoints::default(), None).expect("the run ends")
}

fn accuracy(fitted: &Fitted) -> f64 {
    fitted.evaluate(&backbone(1, false), STANDARDISE, &split(200)).expect("same shapes").accuracy()
}

#[test]
fn every_method_learns_the_task() {
    for method in Method::ALL {
        let fitted = run(&of(method));
        let accuracy = accuracy(&fitted);
        assert!(accuracy > 0.9, "{}: {accuracy}", method.name());
    }
}

#[test]
fn what_is_not_learned_stays_where_it_was_drawn() {
    let base = BaseBias { half_width: 0.01, mean: 0.0, seed: 1 }.draw(0, 70);
    for method in [Method::Mask, Method::Gain] {
        assert_eq!(biases(&run(&of(method))), std::slice::from_ref(&base));
    }
    assert_ne!(biases(&run(&of(Method::BiasGain)))[0], base);
}

#[test]
fn a_mask_is_0_or_1_and_turns_some_units_off() {
    let Learned::Units { gains: UnitGains::Mask(on), .. } = run(&of(Method::Mask)).learned else {
        panic!("a mask was asked for");
    };
    let count = on.iter().filter(|on| **on).count();
    assert!((1..70).contains(&count), "{count}");
}

#[test]
fn every_method_goes_on_to_the_same_bits_with_any_number_of_threads() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for method in Method::ALL {
        let config = of(method);
        let whole = run(&config);
        let path = folder.path().join(method.name());
        let at = |resume| Checkpoints { path: Some(path.clone()), resume };
        let stopped = fit(&backbone(1, false), &config, at(false), Some(7));
        assert!(matches!(stopped, Err(Error::Interrupted { epoch: 7, checkpoint: Some(_) })));
        let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().expect("threads");
        let resumed = pool.install(|| fit(&backbone(1, false), &config, at(true), None)).expect("ends");
        assert_eq!(parameters(&resumed), parameters(&whole), "{}", method.name());
    }
}

fn parameters(fitted: &Fitted) -> String {
    format!("{:?}", fitted.learned)
}

#[test]
fn runs_that_share_a_cache_equal_runs_that_do_not() {
    let (backbone, data) = (backbone(1, false), split(200));
    let mut set = set(&backbone, &of(Method::Bias), &data, None).expect("little memory");
    for method in Method::ALL {
        for seed in [1, 2] {
            let config = TrainConfig { seed, ..of(method) };
            let shared =
                fit_in(&mut set, &backbone, &config, Checkpoints::default(), None).expect("the run ends");
            assert_eq!(parameters(&shared), parameters(&run(&config)));
        }
    }
}

#[test]
fn masks_and_gains_are_for_one_hidden_layer_and_the_baseline_for_any_number() {
    let deep = backbone(3, true);
    for method in [Method::Mask, Method::Gain, Method::BiasGain] {
        let error = fit(&deep, &of(method), Checkpoints::default(), None).expect_err("three layers");
        assert!(
            error.to_string().ends_with("for backbones with one hidden layer, this one has 3"),
            "{error}"
        );
    }
    let fitted = fit(&deep, &of(Method::Full), Checkpoints::default(), None).expect("the run ends");
    let accuracy = fitted.evaluate(&deep, STANDARDISE, &split(200)).expect("same shapes").accuracy();
    assert!(accuracy > 0.95, "{accuracy}");
}

#[test]
fn the_baseline_has_the_parameters_of_its_architecture() {
    let Learned::Network(network) = run(&of(Method::Full)).learned else { panic!("a network was asked for") };
    assert_eq!(network.parameter_count(), 70 * 36 + 70 + 3 * 70);
    let names: Vec<String> = Network::shapes(network.spec()).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["hidden.0.weight", "hidden.0.bias", "readout.weight"]);
}

#[test]
fn contradictory_settings_are_refused() {
    let check = |change: Settings, expected: &str| {
        let defaults = Settings { backbone: Some("x".into()), epochs: Some(1), ..Settings::default() };
        let error = change.resolve("test", defaults).expect_err(expected);
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
}

#[test]
fn parameters_are_matched_by_width() {
    let width = |wanted| {
        let config = config(Settings {
            method: Some(Method::Full),
            match_parameters: Some(wanted),
            ..Settings::default()
        });
        config.width_for(784, 10)
    };
    for (wanted, expected) in [(1, 1), (795, 1), (1200, 2), (16_384, 21), (25_440_000, 32_000)] {
        assert_eq!(width(wanted), Some(expected));
    }
}
