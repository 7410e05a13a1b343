//! The command line's contract: the fields of what every command prints with `--json`, and the flags that it takes.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::sequence_support::{save, series};
use crate::support::{Sandbox, adapter, backbone, csv, npy, save_drawing, strokes, trained};
use crate::transcript::{Differences, check_flags, shape};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts")
}

/// Adapters of every kind of task, and something to put in.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    let shared = backbone(1);
    sandbox.save("a.safetensors", &trained(&shared));
    sandbox.save("b.safetensors", &adapter(&shared, 2));
    save(&sandbox, "lorenz", "lorenz.safetensors");
    save(&sandbox, "vanderpol", "vanderpol.safetensors");
    save(&sandbox, "reach", "reach.safetensors");
    sandbox.write("series.csv", series(400));
    save(&sandbox, "series", "series.safetensors");
    save_drawing(&sandbox.path("one.png"));
    let images = strokes(3);
    sandbox.write("three.npy", npy("|u1", "(3, 28, 28)", &images));
    sandbox.write("labels.csv", csv(&[1, 2, 3], &images));
    sandbox
}

#[test]
fn what_every_command_prints_has_the_same_fields() {
    let (sandbox, mut differences) = (sandbox(), Differences::default());
    for (name, line) in [
        ("show-images", "--adapter a.safetensors"),
        ("show-images-verbose", "--adapter a.safetensors --samples 2 --verbose"),
        ("show-forecast", "--adapter lorenz.safetensors"),
        ("show-forecast-verbose", "--adapter lorenz.safetensors --verbose"),
        ("show-forecast-file", "--adapter series.safetensors --task ./series.csv"),
        ("show-generate", "--adapter vanderpol.safetensors"),
        ("show-reach", "--adapter reach.safetensors"),
        ("show-reach-verbose", "--adapter reach.safetensors --verbose"),
        ("show-several-in-time", "--adapter lorenz.safetensors vanderpol.safetensors"),
        ("compare-images", "--adapter a.safetensors b.safetensors"),
        ("predict-picture", "--adapter a.safetensors --input one.png"),
        ("predict-pictures", "--adapter a.safetensors --input three.npy --top 2"),
        ("predict-with-labels", "--adapter a.safetensors --input labels.csv"),
        ("predict-with-several", "--adapter a.safetensors b.safetensors --input one.png three.npy"),
        ("predict-series", "--adapter series.safetensors --input series.csv"),
        ("predict-series-free-run", "--adapter series.safetensors --input series.csv --free-run 9"),
        ("free-run-forecast", "--adapter lorenz.safetensors --free-run 9"),
        ("free-run-generate", "--adapter vanderpol.safetensors --free-run 9"),
        ("reach-target", "--adapter reach.safetensors --target 0.05,0.03 --target=-0.07,0"),
        ("bench-images", "bench --adapter a.safetensors b.safetensors --seconds 0.001"),
        ("bench-images-server", "bench --adapter a.safetensors b.safetensors --seconds 0.001 --server"),
        ("bench-in-time", "bench --adapter lorenz.safetensors --seconds 0.001"),
    ] {
        let ran = sandbox.run(&format!("{line} --json"));
        assert_eq!(ran.code, 0, "{line}: {}", ran.stderr);
        differences.compare(&folder(), name, &shape(&ran.stdout));
    }
    differences.assert_none();
}

#[test]
fn what_a_server_says_of_its_start_has_the_same_fields() {
    let sandbox = sandbox();
    std::fs::create_dir(sandbox.path("all")).unwrap();
    std::fs::rename(sandbox.path("a.safetensors"), sandbox.path("all/a.safetensors")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_bl-run"));
    command.args(["serve", "--adapters", "all", "--listen", "127.0.0.1:0", "--json"]);
    command.current_dir(sandbox.folder.path()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut report = String::new();
    for line in lines {
        report += &line;
        if line == "}" {
            break;
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let mut differences = Differences::default();
    differences.compare(&folder(), "serve", &shape(&report));
    differences.assert_none();
}

#[test]
fn every_flag_that_was_ever_taken_is_taken() {
    let sandbox = Sandbox::new();
    check_flags(
        &folder().join("flags.txt"),
        &[&[], &["bench"], &["serve"], &["completions"], &["man"]],
        |args| {
            let ran = sandbox.run(&args.join(" "));
            ran.stdout + &ran.stderr
        },
    );
}
