//! What is held out of the training set to choose settings.

use bl_tasks::{Lesson, LessonSettings, Task, What};
use bl_train::{Checkpoints, Error, Method, Product, Settings};

use crate::support::{
    at, backbone, bytes, config, fit, forecast, generate, has_classes, images, images_of, learned, of_rows,
    plain, product, reach, split, tasks,
};

fn fraction(of: f64) -> Settings {
    Settings { val_fraction: Some(of), ..Settings::default() }
}

/// Everything but a single trajectory can be split.
fn splittable() -> [Task; 3] {
    [images(), forecast(), reach()]
}

#[test]
fn samples_are_held_out_and_never_learned_from() {
    let task = images();
    let fitted = plain(&task, &config(&task, Method::Bias, fraction(0.25)));
    assert_eq!((fitted.train_rows, fitted.validation_rows, fitted.validation_samples), (150, 50, 50));
    assert!(fitted.last.validation_accuracy.expect("there are samples") > 0.9);
    for task in &tasks() {
        let last = plain(task, &config(task, Method::Bias, Settings::default())).last;
        assert_eq!((last.validation_accuracy, last.validation_loss), (None, None));
    }
}

/// What a window or its target holds of the held-out ones is in no window that is learned from: changing it changes the
/// validation, and nothing of what is learned.
#[test]
fn held_out_windows_share_no_sample_with_those_that_are_learned_from() {
    for (window, stride, of) in [(30, 8, 0.25), (20, 1, 0.1), (10, 50, 0.5), (31, 7, 0.4), (30, 8, 0.01)] {
        let settings = Settings { window: Some(window), stride: Some(stride), ..fraction(of) };
        let task = forecast();
        let config = config(&task, Method::Bias, settings);
        let What::Forecast(forecast) = &task.what else { panic!("a forecast") };
        let samples = forecast.train().len();
        let lesson_settings = LessonSettings { window: Some(window as usize), stride: Some(stride as usize) };
        let Ok(Lesson::Steps(loss)) = task.kind().lesson(lesson_settings) else { panic!("windows") };
        let fitted = plain(&task, &config);
        let (train, held_out) = (fitted.train_rows, fitted.validation_rows);
        assert_eq!(held_out, ((loss.rows() as f64 * of).round() as usize).max(1));

        // From the first sample of the first window that is held out, every value is another.
        let from = (loss.rows() - held_out) * stride as usize;
        assert_eq!(fitted.validation_samples, samples - from);
        let last_learned = (train - 1) * stride as usize + window as usize + forecast.plan.horizon;
        assert!(last_learned <= from, "{last_learned} {from}");
        assert!(from - last_learned < stride as usize, "no window is left out in vain");
        let mut values = forecast.series.values().to_vec();
        values[from..samples].iter_mut().for_each(|x| *x = 0.3 - 2.0 * *x);
        let mut changed = forecast.clone();
        changed.series = bl_tasks::series::Series::new("wave", values).expect("finite");
        let changed = Task { what: What::Forecast(changed), ..crate::support::forecast() };
        let again = plain(&changed, &config);
        assert!(learned(&again) == learned(&fitted), "window {window}, stride {stride}");
        assert_ne!(again.last.validation_loss, fitted.last.validation_loss);
    }
}

#[test]
fn targets_and_images_are_held_out_whole() {
    let task = reach();
    let fitted = plain(&task, &config(&task, Method::Bias, fraction(0.34)));
    assert_eq!((fitted.train_rows, fitted.validation_rows, fitted.validation_samples), (4, 2, 2));
    // The last targets are held out: other ones there change nothing of what is learned.
    let What::Reach(arm) = &task.what else { panic!("an arm") };
    let mut arm = arm.clone();
    arm.train[4..].iter_mut().for_each(|target| *target = [0.01, 0.02]);
    let changed = Task { what: What::Reach(arm), ..reach() };
    let again = plain(&changed, &config(&task, Method::Bias, fraction(0.34)));
    assert_eq!(learned(&again), learned(&fitted));
    assert_ne!(again.last.validation_loss, fitted.last.validation_loss);
}

/// At a rate of nothing, a validation is the loss of the parameters that a run begins with, which it is at training too.
#[test]
fn a_validation_is_the_mean_loss_of_its_rows_whatever_the_batches() {
    for task in [forecast(), reach()] {
        for method in [Method::Bias, Method::Gain, Method::BiasGain, Method::Full] {
            let run = |batch_size, of| {
                let change = Settings {
                    lr: Some(1e-30),
                    epochs: Some(1),
                    batch_size: Some(batch_size),
                    ..fraction(of)
                };
                plain(&task, &config(&task, method, change))
            };
            let (one, all) = (run(1, 0.5), run(1000, 0.5));
            let (a, b) = (one.last.validation_loss, all.last.validation_loss);
            let (a, b) = (a.expect("held out"), b.expect("held out"));
            assert!(a.is_finite() && (a / b - 1.0).abs() < 1e-9, "{method:?}: {a} {b}");
            // All rows are those that are learned from, those that are held out, and those between.
            let whole = run(1, 0.0);
            if task.images().is_none() && all.train_rows + all.validation_rows == whole.train_rows {
                let (n, m) = (all.train_rows as f64, all.validation_rows as f64);
                let mean = (n * one.last.train_loss + m * a) / (n + m);
                assert!((mean / whole.last.train_loss - 1.0).abs() < 1e-6, "{method:?}: {mean}");
            }
        }
    }
}

#[test]
fn validation_metrics_are_in_the_header_and_counts_in_the_tasks_unit() {
    for task in &splittable() {
        for method in Method::ALL {
            let config = config(task, method, fraction(0.34));
            let (backbone, fitted) = (backbone(task), plain(task, &config));
            let (metrics, training) = match product(&backbone, task, &config, &fitted) {
                Product::Adapter(adapter) => {
                    (adapter.header.metrics, adapter.header.training.expect("a record"))
                }
                Product::Network(file) => (file.header.metrics, file.header.training),
            };
            let (name, expected) = match fitted.last.validation_accuracy {
                Some(accuracy) => ("accuracy", accuracy),
                None => ("loss", fitted.last.validation_loss.expect("it was held out")),
            };
            let last = metrics.last().expect("the last one");
            assert_eq!((&*last.name, &*last.split), (name, "validation"));
            assert_eq!(last.value.to_bits(), expected.to_bits());
            assert_eq!(name == "accuracy", has_classes(task));
            let (all, dataset) = (task.kind().parts().train, training.dataset);
            assert_eq!(dataset.train + dataset.validation, all, "all in one unit");
            assert!(dataset.validation * 2 < all && dataset.validation > 0);
            assert_eq!(training.config["val_fraction"], 0.34);
        }
    }
}

/// Of images the fraction is always in the configuration. Of sequences it is there if it was stated.
#[test]
fn a_fraction_of_nothing_changes_nothing() {
    for task in &tasks() {
        for method in Method::ALL {
            let (plain_config, none) =
                (config(task, method, Settings::default()), config(task, method, fraction(0.0)));
            let (a, b) = (plain(task, &plain_config), plain(task, &none));
            assert_eq!(learned(&a), learned(&b));
            let file = |config, fitted| bytes(&backbone(task), task, config, fitted);
            let same = file(&plain_config, &a) == file(&none, &b);
            assert_eq!(same, of_rows(task), "{method:?}");
            assert!(file(&plain_config, &a) == file(&plain_config, &b), "but for that key, all are the same");
        }
    }
}

#[test]
fn what_leaves_nothing_on_one_side_is_an_error() {
    let one = images_of(split(1));
    for (task, of) in [(generate(30), 0.5), (one, 0.5), (forecast(), 0.9)] {
        let error = fit(
            &backbone(&task),
            &task,
            &config(&task, Method::Bias, fraction(of)),
            Checkpoints::default(),
            None,
        )
        .map(|fitted| fitted.last)
        .expect_err("nothing is left");
        assert!(matches!(error, Error::NothingToLearn { .. }), "{error}");
        assert!(error.hint().is_some_and(|hint| hint.contains("`--val-fraction`")), "{:?}", error.hint());
    }
}

#[test]
fn a_run_that_was_over_when_it_was_stopped_is_judged_as_if_it_had_not_been() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("x.checkpoint");
    let steps = || Settings { batch_size: Some(2), ..fraction(0.34) }; // several an epoch
    for task in &splittable() {
        let backbone = backbone(task);
        // The loss of the first epoch is good enough only to who resumes: such a checkpoint is one of a run that is over.
        let config = config(task, Method::Bias, Settings { stop_at_loss: Some(1e30), ..steps() });
        let whole = fit(&backbone, task, &config, Checkpoints::default(), None).expect("one epoch");
        assert_eq!(whole.epochs.len(), 1);
        let endless = crate::support::config(task, Method::Bias, steps());
        let stopped = fit(&backbone, task, &endless, at(&path, false), Some(2));
        assert!(matches!(stopped, Err(Error::Interrupted { .. })));
        as_if_of(&path, 1e30);
        let resumed = fit(&backbone, task, &config, at(&path, true), None).expect("it is over");
        let same = |a: Option<f64>, b: Option<f64>| a.map(f64::to_bits) == b.map(f64::to_bits);
        assert!(same(resumed.last.validation_accuracy, whole.last.validation_accuracy));
        assert!(same(resumed.last.validation_loss, whole.last.validation_loss));
        let file = |fitted| bytes(&backbone, task, &config, fitted);
        assert!(file(&resumed) == file(&whole));
    }
}

/// Writes into a checkpoint that its run was to stop at a loss.
fn as_if_of(path: &std::path::Path, loss: f64) {
    use bl_core::container::{read, write_sealed};
    let bytes = std::fs::read(path).expect("a checkpoint");
    let (mut header, tensors) = read("bl_checkpoint", &bytes).expect("a checkpoint");
    header["run"]["config"]["stop_at_loss"] = loss.into();
    header.as_object_mut().expect("an object").remove("digest");
    let mut named: Vec<_> = tensors
        .tensors()
        .into_iter()
        .map(|(name, view)| {
            let dtype =
                if name == "epochs" { bl_core::container::Dtype::U8 } else { bl_core::container::Dtype::F32 };
            let (shape, bytes) = (view.shape().to_vec(), view.data().to_vec());
            (name, bl_core::container::Tensor { dtype, shape, bytes })
        })
        .collect();
    named.sort_by_key(|(name, _)| (name == "epochs", name.clone())); // as the digest has them
    std::fs::write(path, write_sealed("bl_checkpoint", header, &named).expect("small")).expect("written");
}
