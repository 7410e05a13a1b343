//! Nothing that stands in a file reaches the terminal as a control character, whichever command looks at it.

#[path = "support/stranger.rs"]
mod stranger;
mod support;

use stranger::{control_in, of_a_stranger};
use support::Home;

/// What is trained, the kind of file, and the task to measure it on.
const FILES: [(&str, &str, &str); 8] = [
    ("--task mnist --width 16 --epochs 1", "bl_adapter", "mnist"),
    ("--task mnist --width 16 --epochs 1 --method mask", "bl_adapter", "mnist"),
    ("--task mnist --width 16 --epochs 1 --method full", "bl_network", "mnist"),
    ("--task lorenz --stride 512 --width 16 --epochs 1 --gain 0.5", "bl_adapter", "lorenz"),
    ("--task lorenz --stride 512 --width 16 --epochs 1 --gain 0.5 --method full", "bl_network", "lorenz"),
    ("--task vanderpol --width 16 --epochs 1 --gain 0.5 --learn-state", "bl_adapter", "vanderpol"),
    ("--task vanderpol --width 16 --epochs 1 --gain 0.5 --method mask", "bl_adapter", "vanderpol"),
    ("--task reach --width 16 --epochs 1 --gain 0.5", "bl_adapter", "reach"),
];

/// With the task's own name a command finds the data and goes on to the figures; without it, it says so.
const HONEST: [&[&str]; 2] = [&[], &[".task.name", ".training.dataset.test_sha256", ".training.config"]];

#[test]
fn no_command_prints_a_control_character_of_a_file() {
    let home = Home::new();
    for (number, (train, key, task)) in FILES.iter().enumerate() {
        let out = format!("{number}.safetensors");
        let args: Vec<&str> = ["train"].into_iter().chain(train.split(' ')).chain(["--out", &out]).collect();
        let run = home.run(&args);
        assert_eq!(run.code, 0, "{}", run.words);
        let file = std::fs::read(home.path(&out)).expect("it was written");
        for honest in HONEST {
            std::fs::create_dir_all(home.path("evil")).expect("a folder");
            std::fs::write(home.path("evil/x.safetensors"), of_a_stranger(key, &file, honest))
                .expect("a file");
            look_at(&home, key, task);
        }
    }
}

fn look_at(home: &Home, key: &str, task: &str) {
    let x = "evil/x.safetensors";
    let (half, both) = (format!("{x}=0.5"), ["--out", "y.safetensors"]);
    let commands: [&[&str]; 14] = [
        &["inspect", x],
        &["verify", x],
        &["eval", "--adapter", x],
        &["eval", "--adapter", x, "--task", task],
        &["eval", "--adapter", x, "--min-accuracy", "2"],
        &["eval", "--adapter", x, "--min-r2", "2"],
        &["list", "evil"],
        &["list", "evil", "--markdown"],
        &["convert", x, "--to", "f16", both[0], both[1]],
        &["convert", x, "--to", "f16", "--task", task, both[0], both[1]],
        &["convert", x, "--to", "bias", both[0], both[1]],
        &["prune", x, "--task", task, both[0], both[1]],
        &["blend", &half, &half, both[0], both[1]],
        &["push", x, "ada/x", "--dry-run"],
    ];
    for command in commands {
        let run = home.run(command);
        assert!(run.code <= 2, "{command:?}: {}", run.words);
        for printed in [&run.result, &run.words] {
            assert_eq!(control_in(printed), None, "{command:?} of a {key} for {task}");
        }
        // Else nothing was printed of it: the file has to be one that is taken.
        let reads = ["inspect", "verify", "list", "eval"].contains(&command[0]) && command.len() < 5;
        if key == "bl_adapter" && reads && !command.contains(&"eval") {
            assert_eq!(run.code, 0, "{command:?}: {}", run.words);
        }
        if command.get(3) == Some(&"--task") {
            assert_eq!(run.code, 0, "{command:?}: {}", run.words);
        }
    }
}

/// What is replaced takes a line break with it where a line has a meaning of its own.
#[test]
fn a_title_does_not_pretend_to_be_another_line() {
    let home = Home::new();
    let train = "train --task mnist --width 16 --epochs 1 --out a.safetensors";
    assert_eq!(home.run(&train.split(' ').collect::<Vec<_>>()).code, 0);
    let file = std::fs::read(home.path("a.safetensors")).expect("it was written");
    let honest = home.run(&["inspect", "a.safetensors"]).result.lines().count();
    std::fs::write(home.path("x.safetensors"), of_a_stranger("bl_adapter", &file, &[])).expect("a file");
    let evil = home.run(&["inspect", "x.safetensors"]);
    assert_eq!(evil.result.lines().count(), honest, "{}", evil.result);
    assert!(evil.words.lines().all(|line| line.starts_with("warning: ")), "{}", evil.words);
}
