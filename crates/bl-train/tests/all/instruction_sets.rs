//! The same bytes on every instruction set, and on every machine.

use std::fmt::Write;

use bl_core::{Backbone, Isa, Spec};
use bl_tasks::Task;
use bl_train::{Checkpoints, Error, Method, Settings, TrainConfig};
use sha2::{Digest, Sha256};

use crate::support::{at, backbone, bytes, config, fit, images, mlp_with, of_rows, tasks};

struct Case {
    name: String,
    task: Task,
    config: TrainConfig,
    spec: Spec,
}

impl Case {
    fn new(task: Task, method: Method, backbone: &Backbone) -> Self {
        let readout = if of_rows(&task) { readout(backbone) } else { "" };
        let name = format!("{} {}{readout}", method.name(), task.kind().summary());
        let config = config(&task, method, Settings::default());
        Self { name, task, config, spec: backbone.spec().clone() }
    }

    /// The bytes of the file.
    fn run(&self, isa: Isa, checkpoints: Checkpoints, stop_in: Option<u32>) -> Result<Vec<u8>, Error> {
        let backbone = Backbone::generate(&self.spec).expect("small").with_isa(isa);
        let fitted = fit(&backbone, &self.task, &self.config, checkpoints, stop_in)?;
        Ok(bytes(&backbone, &self.task, &self.config, &fitted))
    }
}

fn readout(backbone: &Backbone) -> &'static str {
    if backbone.mlp().is_ok_and(|mlp| mlp.readout().is_one_hot()) { ", one-hot" } else { ", dense" }
}

/// Every kind of task, family of network, readout, and method of our own kernels.
fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for method in [Method::Bias, Method::Mask, Method::Gain, Method::BiasGain] {
        for task in tasks() {
            let backbone = backbone(&task);
            cases.push(Case::new(task, method, &backbone));
        }
        let dense = mlp_with(1, false, r#"{ distribution = "normal", std = 0.2 }"#);
        cases.push(Case::new(images(), method, &dense));
    }
    cases
}

#[test]
fn adapters_and_metrics_are_the_same_bytes_on_every_instruction_set() {
    for case in cases() {
        let run = |isa| case.run(isa, Checkpoints::default(), None).expect("it ends");
        let all: Vec<_> = Isa::all().into_iter().map(run).collect();
        assert!(all.iter().all(|file| *file == all[0]), "{}", case.name);
    }
}

#[test]
fn a_run_goes_on_to_the_same_bytes_on_another_instruction_set() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("x.checkpoint");
    let all = Isa::all();
    let (first, last) = (all[0], all[all.len() - 1]);
    for case in cases() {
        let whole = case.run(first, Checkpoints::default(), None).expect("it ends");
        case.run(first, at(&path, false), Some(3)).expect_err("it was stopped");
        let resumed = case.run(last, at(&path, true), None).expect("it ends");
        assert!(resumed == whole, "{}: from {first} to {last}", case.name);
    }
}

/// The digests are of this machine and of every other one. `BL_BLESS=1` writes them anew, after a change that is meant.
#[test]
fn small_runs_have_their_golden_digests() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/all/golden.txt");
    let mut found = String::new();
    for case in cases() {
        let file = case.run(Isa::best(), Checkpoints::default(), None).expect("it ends");
        let digest = Sha256::digest(file);
        let digest = digest.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
        let _ = writeln!(found, "{digest}  {}", case.name);
    }
    if std::env::var_os("BL_BLESS").is_some_and(|value| value == "1") {
        std::fs::write(path, &found).expect("written");
    }
    assert_eq!(found, std::fs::read_to_string(path).unwrap_or_default());
}
