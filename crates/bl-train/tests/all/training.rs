//! What holds of every training run.

use bl_core::header::AdapterKind;
use bl_core::{Adapter, Backbone};
use bl_tasks::{Task, What};
use bl_train::{Checkpoints, Method, NetworkFile, Settings};

use crate::support::{
    accuracy, backbone, biases, bytes, config, fit, forecast, generate, has_classes, images, learned, mlp,
    of_rows, plain, product, reach, tasks,
};

#[test]
fn every_method_learns_every_task_and_the_weights_stay_as_they_were() {
    for task in &tasks() {
        for method in Method::ALL {
            let backbone = backbone(task);
            let weights = |backbone: &Backbone| {
                let matrices = backbone.matrices().into_iter();
                let matrices: Vec<_> = matrices.map(|(name, matrix)| (name, matrix.into_owned())).collect();
                (matrices, backbone.rnn().map(|rnn| rnn.initial().to_vec()).ok(), backbone.fingerprint())
            };
            let before = weights(&backbone);
            let lr = (of_rows(task) && method == Method::Mask).then_some(0.5);
            let lr = lr.or((of_rows(task)).then_some(0.05));
            let config = config(task, method, Settings { epochs: Some(12), lr, ..Settings::default() });
            let fitted = fit(&backbone, task, &config, Checkpoints::default(), None).expect("the run ends");
            assert!(weights(&backbone) == before, "{method:?} of {}", task.kind().summary());
            // The same seed draws the same weights again: nothing was written into what is shared.
            assert_eq!(crate::support::backbone(task).fingerprint(), before.2);
            let (first, last) = (fitted.epochs[0].loss, fitted.last.train_loss);
            assert_eq!(fitted.epochs.len(), 12);
            assert!(last < first, "{method:?} of {}: {first} to {last}", task.kind().summary());
            assert_eq!(fitted.last.train_accuracy.is_some(), has_classes(task), "are there classes?");
            if of_rows(task) {
                let accuracy = accuracy(&fitted, &backbone, task);
                assert!(accuracy > 0.9, "{}: {accuracy}", method.name());
            }
        }
    }
}

#[test]
fn the_biases_of_every_layer_are_learned() {
    let task = images();
    for (layers, residual) in [(1, false), (2, false), (3, true)] {
        let backbone = mlp(layers, residual);
        let config = config(&task, Method::Bias, Settings::default());
        let fitted = fit(&backbone, &task, &config, Checkpoints::default(), None).expect("the run ends");
        assert_eq!(backbone.fingerprint(), mlp(layers, residual).fingerprint());
        assert_eq!(biases(&fitted).iter().map(Vec::len).collect::<Vec<_>>(), vec![70; layers]);
        let accuracy = accuracy(&fitted, &backbone, &task);
        assert!(accuracy > 0.95, "{layers} layers, residual {residual}: {accuracy}");
    }
}

#[test]
fn counts_are_those_of_the_task() {
    let count = |task: &Task, expected| {
        assert_eq!(plain(task, &config(task, Method::Bias, Settings::default())).train_rows, expected);
    };
    count(&images(), 200);
    // 300 samples, 67 held out; windows of 30 and a horizon of 2 leave 202 places, every eighth is taken.
    count(&forecast(), 202_usize.div_ceil(8));
    count(&generate(30), 1);
    count(&reach(), 6);
}

/// [`bl_train::TrainConfig::learned_parameters`] is the one count: of a report, an adapter's file, and a network's.
#[test]
fn learned_parameters_are_counted_as_the_files_count_them() {
    let two = |method| if method == Method::BiasGain { 2 } else { 1 };
    for task in &tasks() {
        let (of_images, backbone) = (of_rows(task), backbone(task));
        for learn_state in [Some(true), Some(false)] {
            let learn_state = learn_state.filter(|_| !of_images);
            let state = if learn_state == Some(true) { 40 } else { 0 };
            for method in Method::ALL {
                let change = Settings { epochs: Some(1), learn_state, ..Settings::default() };
                let config = config(task, method, change);
                let found = config.learned_parameters(backbone.spec());
                let fitted = plain(task, &config);
                match product(&backbone, task, &config, &fitted) {
                    bl_train::Product::Adapter(adapter) => {
                        assert_eq!(found, adapter.parameter_count(), "{method:?}");
                        assert_eq!(found, two(method) * if of_images { 70 } else { 40 } + state);
                    }
                    bl_train::Product::Network(file) => {
                        assert_eq!(found, file.network.parameter_count() + state, "{method:?}");
                    }
                }
            }
        }
    }
    let (task, deep) = (images(), mlp(3, true));
    let of_deep = |method| config(&task, method, Settings::default()).learned_parameters(deep.spec());
    assert_eq!(of_deep(Method::Bias), 3 * 70);
    assert_eq!(of_deep(Method::Full), 70 * 36 + 2 * 70 * 70 + 3 * 70 + 3 * 70);
    let task = reach();
    let all = config(&task, Method::Full, Settings::default()).learned_parameters(backbone(&task).spec());
    assert_eq!(all, 40 * 40 + 40 * 2 + 2 * 40 + 40 + 40);
}

#[test]
fn the_same_seed_gives_the_same_bits_and_another_seed_others() {
    for task in &tasks() {
        for method in Method::ALL {
            let run = |seed| {
                learned(&plain(
                    task,
                    &config(task, method, Settings { seed: Some(seed), ..Settings::default() }),
                ))
            };
            let one = run(1);
            assert!(one == run(1), "{method:?} of {}", task.kind().summary());
            assert!(one != run(2), "{method:?} of {}", task.kind().summary());
        }
    }
}

#[test]
fn the_number_of_threads_changes_no_byte() {
    let check = |task: &Task, backbone: &Backbone, method| {
        let config = config(task, method, Settings::default());
        let files = [1, 2, 5].map(|threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
            pool.install(|| {
                let fitted = fit(backbone, task, &config, Checkpoints::default(), None).expect("it ends");
                bytes(backbone, task, &config, &fitted)
            })
        });
        assert!(files.windows(2).all(|pair| pair[0] == pair[1]), "{method:?} of {}", task.kind().summary());
    };
    for task in &tasks() {
        for method in Method::ALL {
            check(task, &backbone(task), method);
        }
    }
    check(&images(), &mlp(2, false), Method::Bias);
}

#[test]
fn what_was_learned_is_what_the_file_runs() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("file");
    for task in &tasks() {
        for method in Method::ALL {
            let (backbone, config) = (backbone(task), config(task, method, Settings::default()));
            let fitted = plain(task, &config);
            let judgement = fitted.judge(&backbone, task).expect("finite");
            product(&backbone, task, &config, &fitted).save(&path).expect("saved");
            let (again, metrics) = if method == Method::Full {
                let file = NetworkFile::load(&path).expect("its own file").expect("a network");
                assert_eq!(file.header.training.method, "full");
                (task.kind().judge(file.network.net()), file.header.metrics)
            } else {
                let adapter = Adapter::load(&path).expect("its own file");
                assert_eq!(adapter.header.training.as_ref().expect("a record").method, method.name());
                let state = (!of_rows(task)).then_some(40);
                assert_eq!(adapter.parameters.initial.as_ref().map(Vec::len), state);
                let half = backbone.prepare(&adapter).expect("its own backbone");
                (task.kind().judge(&backbone.with(&half)), adapter.header.metrics)
            };
            assert_eq!(metrics, judgement.metrics, "{method:?}");
            let again = again.expect("finite").metrics;
            assert_eq!(again, judgement.metrics[..again.len()], "{method:?}");
            let more: Vec<_> =
                judgement.metrics[again.len()..].iter().map(|m| (&*m.name, &*m.split)).collect();
            let expected = [("accuracy", "train"), ("loss", "train")];
            assert_eq!(more, if has_classes(task) { &expected[..] } else { &[] }, "of training");
        }
    }
}

#[test]
fn a_soft_mask_becomes_a_binary_one() {
    let task = generate(30);
    let change = Settings {
        epochs: Some(150),
        lr: Some(0.05),
        schedule: Some(bl_train::Schedule::Cosine),
        learn_state: Some(false),
        ..Settings::default()
    };
    let (backbone, config) = (backbone(&task), config(&task, Method::Mask, change));
    let fitted = plain(&task, &config);
    let bl_core::UnitGains::Mask(on) = crate::support::gains(&fitted) else { panic!("no mask") };
    assert!(on.iter().any(|on| *on) && on.iter().any(|on| !*on), "{on:?}");
    let bl_train::Product::Adapter(adapter) = product(&backbone, &task, &config, &fitted) else {
        panic!("no adapter")
    };
    assert_eq!((adapter.header.kind, &adapter.parameters.initial), (AdapterKind::Mask, &None));
    assert_eq!(adapter.parameters.biases, biases(&fitted));
    assert_eq!(adapter.header.base_bias.expect("drawn").draw(0, 40), biases(&fitted)[0]);

    // The loss of the last epoch is one of a mask that is as good as binary.
    let What::Generate(generator) = &task.what else { panic!("no generator") };
    let half = backbone.prepare(&adapter).expect("its own backbone");
    let generated = generator.evaluate(&backbone.with(&half)).expect("finite").generated;
    let square =
        |(y, value): (&f64, &f64)| (generator.scale.apply(*y) - generator.scale.apply(*value)).powi(2);
    let loss = generated[..30].iter().zip(generator.series.values()).map(square).sum::<f64>() / 30.0;
    // (Near, not equal: the last τ is 0.001, and thirty steps through 16-bit states tell such masks apart.)
    assert!((loss / fitted.last.train_loss - 1.0).abs() < 0.15, "{loss}, soft {}", fitted.last.train_loss);
}
