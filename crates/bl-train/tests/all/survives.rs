//! What a run survives, and what it says of it.

use std::path::Path;

use bl_train::{Checkpoints, Fitted, Method, Settings, Trainer};

use crate::support::{Listener, at, backbone, config, frozen, generate, images, learned, plain, tasks};

/// A run of one task with a change of its settings, and what it warned of.
fn run(task: &bl_tasks::Task, change: Settings, checkpoints: Checkpoints) -> (Fitted, Vec<String>) {
    let (backbone, config) = (backbone(task), config(task, Method::Bias, change));
    let mut frozen = frozen(&backbone, task, &config, None).expect("it fits");
    let mut listener = Listener { stop_in: None, ..Listener::default() };
    let fitted = Trainer::new(&backbone, task, &config, checkpoints).fit(&mut frozen, &mut listener);
    (fitted.expect("the run ends"), listener.warnings)
}

#[test]
fn a_checkpoint_that_cannot_be_written_is_a_warning_once() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("file"), "").expect("a small file");
    let nowhere = folder.path().join("file").join("x.checkpoint");
    let task = images();
    let (fitted, warnings) = run(&task, Settings::default(), at(&nowhere, false));
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].starts_with("no checkpoint is kept"), "{warnings:?}");
    let whole = plain(&task, &config(&task, Method::Bias, Settings::default()));
    assert_eq!(learned(&fitted), learned(&whole));
}

#[test]
fn a_checkpoint_of_another_run_is_set_aside() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("x.checkpoint");
    let text = |name: &str| std::fs::read_to_string(folder.path().join(name)).ok();
    for nth in 1..3 {
        std::fs::write(&path, format!("run {nth}")).expect("a small file");
        let (_, warnings) = run(&images(), Settings::default(), at(&path, false));
        let kept = format!("x.checkpoint.{nth}");
        assert!(warnings.len() == 1 && warnings[0].contains(&kept), "{warnings:?}");
        assert_eq!(text(&kept), Some(format!("run {nth}")));
    }
    assert_eq!(text("x.checkpoint.1").as_deref(), Some("run 1"));
}

/// To judge what was learned may take long, or fail: it is on the disk before.
#[test]
fn a_run_that_is_over_can_be_resumed() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("x.checkpoint");
    for task in &tasks() {
        let (whole, warnings) = run(task, Settings::default(), at(&path, false));
        assert!(Path::exists(&path), "{warnings:?}");
        let (again, _) = run(task, Settings::default(), at(&path, true));
        assert_eq!(learned(&again), learned(&whole));
        std::fs::remove_file(&path).expect("it is there");
    }
}

#[test]
fn a_run_that_goes_wrong_without_an_error_says_so() {
    let warned = |change: Settings| run(&images(), change, Checkpoints::default()).1.join("; ");
    assert_eq!(warned(Settings::default()), "");
    let risen = warned(Settings { lr: Some(1e6), ..Settings::default() });
    assert!(risen.contains("the loss rose") || risen.contains("gradient was 0"), "{risen}");
    let dead = warned(Settings { bias_mean: Some(-1e6), ..Settings::default() });
    assert!(dead.contains("gradient was 0"), "{dead}");
    let large =
        |lr| config(&images(), Method::Bias, Settings { lr: Some(lr), ..Settings::default() }).warnings();
    assert!(large(0.1).is_empty());
    assert_eq!(large(1e6).len(), 1);
}

/// One trajectory is one step an epoch: the loss is that of the parameters before it, and they are kept.
#[test]
fn the_parameters_whose_loss_is_good_enough_are_kept() {
    let task = generate(30);
    let epochs = |epochs| {
        plain(&task, &config(&task, Method::Bias, Settings { epochs: Some(epochs), ..Settings::default() }))
    };
    let all = epochs(4);
    let wanted = all.epochs[3].loss;
    assert!(all.epochs[..3].iter().all(|epoch| epoch.loss > wanted), "it falls");
    let stop = Settings { epochs: Some(10), stop_at_loss: Some(wanted), ..Settings::default() };
    let stopped = plain(&task, &config(&task, Method::Bias, stop));
    assert_eq!(stopped.epochs.len(), 4);
    assert_eq!(learned(&stopped), learned(&epochs(3)), "three steps lead to the parameters with that loss");
}
