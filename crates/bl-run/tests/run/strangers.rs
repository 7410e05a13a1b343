//! Nothing that stands in an adapter reaches the terminal as a control character.

use crate::sequence_support::{adapter, series};
use crate::stranger::{control_in, of_a_stranger};
use crate::support::{Sandbox, backbone, save_drawing, trained};

/// What must be true of a file for its own task to be opened.
const HONEST: &[&str] =
    &[".task.name", ".training.dataset.source", ".training.dataset.test_sha256", ".training.config"];

#[test]
fn no_command_prints_a_control_character_of_a_file() {
    let sandbox = Sandbox::new();
    sandbox.write("series.csv", series(400));
    save_drawing(&sandbox.path("one.png"));
    let in_time =
        ["lorenz", "vanderpol", "reach"].map(|task| (task, adapter(&sandbox, task, 1).to_bytes().unwrap()));
    let all = [("mnist", trained(&backbone(1)).to_bytes().unwrap())].into_iter().chain(in_time);
    for (task, file) in all {
        let is_series = ["lorenz", "vanderpol"].contains(&task);
        let has_more = task != "vanderpol"; // a trajectory that is generated has nothing more to say
        for honest in [&[][..], HONEST] {
            sandbox.write("x.safetensors", of_a_stranger("bl_adapter", &file, honest));
            std::fs::copy(sandbox.path("x.safetensors"), sandbox.path("y.safetensors")).unwrap();
            for (line, is_done) in [
                ("--adapter x.safetensors", !honest.is_empty()),
                ("--adapter x.safetensors --verbose", has_more && !honest.is_empty()),
                (&format!("--adapter x.safetensors --verbose --task {task}"), has_more),
                ("--adapter x.safetensors y.safetensors", !honest.is_empty()),
                ("--adapter x.safetensors --input one.png", task == "mnist"),
                ("--adapter x.safetensors y.safetensors --input one.png", task == "mnist"),
                ("--adapter x.safetensors --input series.csv --column kwh", task == "lorenz"),
                ("--adapter x.safetensors --free-run 9", is_series && !honest.is_empty()),
                ("--adapter x.safetensors --target 0.05,0.03", task == "reach" && !honest.is_empty()),
                ("bench --adapter x.safetensors --seconds 0.001", !honest.is_empty()),
            ] {
                let ran = sandbox.run(line);
                for printed in [&ran.stdout, &ran.stderr] {
                    assert_eq!(control_in(printed), None, "{line} of {task}");
                }
                assert!(!is_done || ran.code == 0, "{line} of {task}: {}", ran.stderr);
                assert!(ran.code <= 2, "{line} of {task}: {}", ran.stderr);
            }
        }
    }
}
