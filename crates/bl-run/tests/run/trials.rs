//! Adapters of trials: judged on their held-out part, and asked about a user's files.

use crate::sequence_support::save;
use crate::support::Sandbox;

/// Waves of two channels, of 5 to 8 steps, slow or fast.
fn ts(count: usize, unit: f64) -> String {
    let mut text = String::from(
        "@problemName waves\n@univariate false\n@dimensions 2\n@classLabel true slow fast\n@data\n",
    );
    for trial in 0..count {
        let fast = trial % 2;
        let value = |channel: usize, step: usize| {
            unit * ((0.4 + 0.8 * fast as f64) * step as f64 + channel as f64 + trial as f64).sin()
        };
        for channel in 0..2 {
            let steps: Vec<String> =
                (0..5 + trial % 4).map(|step| value(channel, step).to_string()).collect();
            text += &steps.join(",");
            text += ":";
        }
        text += if fast == 1 { "fast\n" } else { "slow\n" };
    }
    text
}

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.path("waves")).unwrap();
    sandbox.write("waves/waves_TRAIN.ts", ts(12, 1.0));
    sandbox.write("waves/waves_TEST.ts", ts(8, 1.0));
    sandbox.write("far.ts", ts(4, 1000.0));
    save(&sandbox, &sandbox.path("waves").display().to_string(), "waves.safetensors");
    sandbox
}

#[test]
fn the_held_out_part_is_judged_as_recorded() {
    let ran = sandbox().run("--adapter waves.safetensors --task ./waves");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let said = ran.stdout + &ran.stderr;
    for part in ["as recorded", "accuracy        ", "of 8 test trials", "speed           "] {
        assert!(said.contains(part), "no `{part}` in {said}");
    }
}

#[test]
fn every_trial_of_a_file_is_answered() {
    let sandbox = sandbox();
    let ran = sandbox.run("--adapter waves.safetensors --input waves/waves_TEST.ts --top 1");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(ran.stdout.lines().filter(|line| line.starts_with("trial ")).count(), 8, "{}", ran.stdout);
    let all = sandbox.run("--adapter waves.safetensors --input waves/waves_TEST.ts --json").json();
    let trials = all["inputs"][0]["trials"].as_array().unwrap().clone();
    assert_eq!(trials.len(), 8);
    let sum: f64 = trials[3]["predictions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|of| of["probability"].as_f64().unwrap())
        .sum();
    assert!((sum - 1.0).abs() < 1e-5);
}

#[test]
fn another_unit_is_said_and_under_strict_refused_and_a_bad_file_stops_no_other() {
    let sandbox = sandbox();
    let ran = sandbox.run("--adapter waves.safetensors --input far.ts");
    assert_eq!(ran.code, 0);
    assert!(ran.stderr.contains("are outside"), "{}", ran.stderr);
    let ran = sandbox.run("--adapter waves.safetensors --input far.ts --strict");
    assert_eq!(ran.code, 2);
    sandbox.write("bad.ts", "@dimensions 2\n@data\n1,2:3");
    let ran = sandbox.run("--adapter waves.safetensors --input bad.ts waves/waves_TEST.ts");
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("skipped") && ran.stdout.contains("trial 7"), "{}{}", ran.stdout, ran.stderr);
}
