//! What a run hands over, also of a task of the caller's own: the file, and the report.

use bl_tasks::{Task, What, metric};
use bl_train::{Checkpoints, Method, Product, Report, Run, Seconds, Settings};
use serde_json::Value;

use crate::support::{
    backbone, biases, config, fit_in, frozen, has_classes, learned, of_rows, plain, product, tasks,
};

/// The same as a kind that the program does not know.
fn own(task: &Task) -> Task {
    let (name, title) = ("mine", "Mine");
    match &task.what {
        What::Images(kind) => Task::own(name, title, kind.clone()),
        What::Texts(kind) => Task::own(name, title, kind.clone()),
        What::Forecast(kind) => Task::own(name, title, kind.clone()),
        What::Generate(kind) => Task::own(name, title, kind.clone()),
        What::Reach(kind) => Task::own(name, title, kind.clone()),
        What::Trials(kind) => Task::own(name, title, kind.clone()),
        What::Cognitive(kind) => Task::own(name, title, kind.clone()),
        What::Own(_) => panic!("none of the tasks is"),
    }
}

#[test]
fn a_kind_of_ones_own_is_learned_as_the_programs_are() {
    for task in &tasks() {
        let (mine, backbone) = (own(task), backbone(task));
        for method in Method::ALL {
            let config = config(task, method, Settings::default());
            let mut frozen = frozen(&backbone, &mine, &config, None).expect("little memory");
            let fitted = fit_in(&mut frozen, &backbone, &mine, &config, Checkpoints::default(), None);
            let fitted = fitted.expect("the run ends");
            assert_eq!(learned(&fitted), learned(&plain(task, &config)));
            let training = match product(&backbone, &mine, &config, &fitted) {
                Product::Adapter(adapter) => adapter.header.training.expect("a record"),
                Product::Network(file) => file.header.training,
            };
            assert_eq!((&*training.dataset.name, &*training.dataset.source), ("mine", "own"));
        }
    }
}

#[test]
fn a_metric_that_is_no_number_is_left_out_of_the_file() {
    for task in &tasks() {
        for method in [Method::Bias, Method::Full] {
            let (backbone, config) = (backbone(task), config(task, method, Settings::default()));
            let fitted = plain(task, &config);
            let mut judgement = fitted.judge(&backbone, task).expect("finite");
            let finite = judgement.metrics.clone();
            judgement.metrics.insert(1, metric("odd", "test", f64::NAN));
            judgement.metrics.push(metric("odd", "validation", f64::INFINITY));
            let product = Product::new(task, &config, &backbone, &fitted, &judgement).expect("finite");
            let metrics = match product {
                Product::Adapter(adapter) => adapter.header.metrics,
                Product::Network(file) => file.header.metrics,
            };
            assert_eq!(metrics, finite);
        }
    }
}

#[test]
fn a_licence_is_of_adapters_alone() {
    for task in &tasks() {
        let (backbone, config) = (backbone(task), config(task, Method::Bias, Settings::default()));
        let product = product(&backbone, task, &config, &plain(task, &config)).licensed(Some("MIT"));
        let Product::Adapter(adapter) = product else { panic!("an adapter") };
        assert_eq!(adapter.header.license.as_deref(), Some("MIT"));
    }
}

#[test]
fn a_report_has_the_same_fields_of_every_task_and_those_of_its_kind() {
    for task in &tasks() {
        for method in Method::ALL {
            let of = if matches!(task.what, What::Generate(_)) { 0.0 } else { 0.34 };
            let change = Settings { val_fraction: Some(of), ..Settings::default() };
            let (backbone, config) = (backbone(task), config(task, method, change));
            let mut frozen = frozen(&backbone, task, &config, None).expect("little memory");
            let fitted = fit_in(&mut frozen, &backbone, task, &config, Checkpoints::default(), None);
            let fitted = fitted.expect("the run ends");
            let judgement = fitted.judge(&backbone, task).expect("finite");
            let report = Report::from(Run {
                path: "x.safetensors".as_ref(),
                task,
                config: &config,
                backbone: &backbone,
                frozen: &frozen,
                fitted: &fitted,
                judgement: &judgement,
                seconds: Seconds::default(),
            });
            let Ok(Value::Object(report)) = serde_json::to_value(&report) else { panic!("an object") };
            for (name, value) in &judgement.summary {
                assert_eq!(&report[name], value);
            }
            let of_images = of_rows(task);
            for (name, expected) in [
                ("test_accuracy", has_classes(task)),
                ("train_accuracy", has_classes(task)),
                ("validation_accuracy", has_classes(task) && of > 0.0),
                ("validation_loss", !of_images && of > 0.0),
                ("train_loss", true),
                ("trajectories", !of_images),
                ("on_units", method == Method::Mask),
            ] {
                assert_eq!(report.contains_key(name), expected, "{name} of {}", task.kind().summary());
            }
            assert_eq!(report["epochs"], fitted.epochs.len());
            if !of_images {
                assert_eq!(report["trajectories"], fitted.train_rows);
            }
            assert_eq!(report["trainable_parameters"], config.learned_parameters(backbone.spec()));
            let dataset = &report["dataset"];
            let count = |part: &str| dataset[part].as_u64().expect("a count") as usize;
            let parts = task.kind().parts();
            assert_eq!(count("train") + count("validation"), parts.train);
            assert_eq!((count("test"), &dataset["unit"]), (parts.test, &Value::from(parts.unit)));
            if method == Method::Bias {
                assert_eq!(report["width"], biases(&fitted)[0].len());
            }
        }
    }
}
