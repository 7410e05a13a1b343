//! Adapters of sequence tasks: shown at work, on a user's series, by themselves, moved to targets.

use std::sync::Arc;

use bl_core::Model;
use serde_json::Value;

use crate::sequence_support::{adapter, save, series};
use crate::support::{Ran, Sandbox, adapter as of_images, backbone, save_drawing};

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("series.csv", series(400));
    for task in ["lorenz", "cosine", "reach", "series"] {
        save(&sandbox, task, &format!("{task}.safetensors"));
    }
    sandbox
}

#[track_caller]
fn said(ran: &Ran, parts: &[&str]) {
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for part in parts {
        assert!(
            (ran.stdout.clone() + &ran.stderr).contains(part),
            "no `{part}` in:\n{}{}",
            ran.stdout,
            ran.stderr
        );
    }
}

#[test]
fn each_kind_is_shown_on_its_held_out_part() {
    let sandbox = sandbox();
    let ran = sandbox.run("--adapter lorenz.safetensors");
    said(
        &ran,
        &[
            "verified     digest, shapes and finite values of 24 biases",
            "24 hidden units (recurrent), generated from seed 3",
            "as in the training record, by sha256",
            "the test set and all metrics are as recorded",
            "teacher-forced (true values go in), 27 ahead: R² ",
            "free run (forecasts are fed back) from sample 77: valid for ",
            ". true   x forecast   # both",
            "teacher-forced  R² ",
            "free run        valid for ",
            "speed           ",
            " per step (median of ",
        ],
    );
    let widths = ran.stdout.lines().filter(|line| line.contains('|')).map(|line| line.chars().count());
    assert!(widths.max().unwrap() <= 80, "{}", ran.stdout);
    assert!(!ran.stdout.contains('\u{1b}'), "no colours into a pipe");
    said(
        &sandbox.run("--adapter cosine.safetensors"),
        &["generated without input: 125 training steps", "continued       R² "],
    );
    let reach = sandbox.run("--adapter reach.safetensors --verbose");
    said(
        &reach,
        &["paths in the plane", "O target", "speeds", "mm away at the end on average", "still moving at"],
    );
    assert_eq!(reach.stdout.matches("  training target (").count(), 6);
    said(
        &sandbox.run("--adapter series.safetensors --task ./series.csv"),
        &["as recorded", "kwh, 4 ahead (file)"],
    );
}

#[test]
fn several_are_shown_one_after_another_and_json_is_one_object() {
    let sandbox = sandbox();
    let both = "--adapter lorenz.safetensors cosine.safetensors";
    said(&sandbox.run(both), &["== lorenz", "== cosine"]);
    let all = sandbox.run(&format!("{both} --json")).json();
    assert_eq!(all["adapters"][0]["task"], "lorenz");
    assert_eq!(all["adapters"][1]["does"], "generates a trajectory");
    let one = sandbox.run("--adapter lorenz.safetensors --json").json();
    for field in [
        "/teacher_forced_r2",
        "/horizon",
        "/free_run_valid_time/samples",
        "/free_run_valid_time/lyapunov_times",
        "/backbone/fingerprint",
        "/data/test_sha256",
        "/speed/step_us",
    ] {
        assert!(one.pointer(field).is_some_and(|value| !value.is_null()), "{field}: {one}");
    }
    assert_eq!(one["data"]["as_recorded"], true);
    assert!(one["compared"].as_array().unwrap().iter().all(|metric| metric["agrees"] == true));
    assert!(sandbox.run("--adapter reach.safetensors --json").json()["test_end_error_m"].is_number());
}

#[test]
fn every_sample_of_a_series_is_forecast() {
    let sandbox = sandbox();
    let ran = sandbox.run("--adapter series.safetensors --input series.csv");
    said(&ran, &["400 samples of `kwh`", "forecasts    R² ", "over the 386 samples whose truth is known"]);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!(lines[0], "index,value,forecast_of_index_plus_4");
    assert_eq!(lines.len(), 401);
    assert!(lines[1].starts_with("0,20,"));
    let two = sandbox.run("-q --adapter series.safetensors --input series.csv series.csv");
    assert_eq!(two.stdout.lines().count(), 801);
    assert!(
        two.stdout.starts_with("file,index,value,forecast_of_index_plus_4\nseries.csv,0,20,"),
        "{}",
        two.stdout
    );

    let line = "--adapter series.safetensors --input series.csv --free-run 9";
    let ahead = sandbox.run(line);
    let lines: Vec<&str> = ahead.stdout.lines().collect();
    assert_eq!((lines[0], lines.len()), ("index,forecast_of_index", 10));
    assert!(lines[1].starts_with("400,") && lines[9].starts_with("408,"), "{lines:?}");
    let json = sandbox.run(&format!("{line} --json")).json();
    let first: f32 = lines[1].split_once(',').unwrap().1.parse().unwrap();
    let same = json["inputs"][0]["free_run"][0]["forecast"].as_f64().unwrap() as f32;
    assert!((first - same).abs() < 1e-6, "{first} {same}");
    assert!(json["inputs"][0]["teacher_forced_r2"].is_number());
    // What costs nothing stands beside it, on the same samples.
    said(
        &ahead,
        &["second part  R² ", "learned from the first 200 samples; of the same last 186 the network has "],
    );
    for field in [
        "linear_r2",
        "linear_lags",
        "second_part/linear_r2",
        "second_part/persistence_r2",
        "second_part/teacher_forced_r2",
    ] {
        assert!(
            json["inputs"][0].pointer(&format!("/{field}")).is_some_and(Value::is_number),
            "{field}: {json}"
        );
    }
    assert!(json["inputs"][0]["linear_r2"].as_f64() > Some(0.9), "a wave is linear: {json}");
    sandbox.write("short.csv", series(20));
    said(
        &sandbox.run("--adapter series.safetensors --input short.csv"),
        &["second part  no linear autoregression to compare with: 20 samples are too few"],
    );
    assert_eq!(sandbox.run(&format!("{line} --min-r2 0.9999")).code, 1);
    assert_eq!(sandbox.run(&format!("{line} --min-metric 0.9999")).code, 1);
}

#[test]
fn no_number_of_a_series_is_a_row_of_zeros() {
    let sandbox = sandbox();
    let values = (0..400).map(|t| format!("{}e30\n", 3 + t % 7)).collect::<Vec<_>>().concat();
    std::fs::write(sandbox.path("large.csv"), values).unwrap();
    let ran = sandbox.run("--adapter series.safetensors --input large.csv");
    let words = format!("{}{}", ran.stdout, ran.stderr);
    assert!(words.contains("not like what was learned from"), "{words}");
    assert!(!words.contains("00000000000"), "{words}");
}

#[test]
fn networks_run_by_themselves() {
    let sandbox = sandbox();
    let lorenz = sandbox.run("--adapter lorenz.safetensors --free-run 4000 --json").json();
    let samples = lorenz["samples"].as_array().unwrap();
    assert_eq!((samples.len(), &samples[0]["index"]), (4000, &Value::from(77)));
    assert!(samples[0]["truth"].is_number() && samples[3999]["truth"].is_null());
    said(
        &sandbox.run("--adapter lorenz.safetensors --free-run 40"),
        &["free run        40 samples from sample 77"],
    );
    let cosine = sandbox.run("--adapter cosine.safetensors --free-run 500 --json").json();
    assert_eq!(cosine["samples"].as_array().unwrap().len(), 500);
    assert!(cosine["free_run_valid_time"].is_null());
    said(&sandbox.run("--adapter cosine.safetensors --free-run 500"), &["generated       500 steps"]);
}

#[test]
fn the_arm_is_moved_to_targets() {
    let sandbox = sandbox();
    let line = "--adapter reach.safetensors --target 0.05,0.03 --target -0.07,0";
    said(&sandbox.run(line), &["target (50.0, 30.0) mm: ends ", "target (-70.0, 0.0) mm", "m/s after "]);
    let json = sandbox.run(&format!("{line} --json")).json();
    assert_eq!(json["movements"].as_array().unwrap().len(), 2);
    let first = &json["movements"][0];
    assert_eq!(first["speeds_m_per_s"].as_array().unwrap().len(), 101);
    assert!(first["end_error_m"].is_number());
    let far = sandbox.run("--adapter reach.safetensors --target 0.2,0");
    said(&far, &["warning: target 0.2,0 is 200.0 mm from the centre"]);
}

#[test]
fn figures_are_drawn_into_files() {
    let sandbox = sandbox();
    for (line, name, start) in [
        ("--adapter lorenz.safetensors", "a.svg", &b"<svg"[..]),
        ("--adapter cosine.safetensors --free-run 400", "b.png", b"\x89PNG"),
        ("--adapter reach.safetensors", "c.svg", b"<svg"),
        ("--adapter reach.safetensors --target 0.05,0.03", "d.png", b"\x89PNG"),
        ("--adapter series.safetensors --input series.csv --free-run 9", "e.svg", b"<svg"),
    ] {
        said(&sandbox.run(&format!("{line} --plot {name}")), &[&format!("drawn        {name}")]);
        assert!(std::fs::read(sandbox.path(name)).unwrap().starts_with(start), "{name}");
    }
}

#[test]
fn speed_is_measured() {
    let sandbox = sandbox();
    adapter(&sandbox, "lorenz", 2).save(sandbox.path("other.safetensors")).unwrap();
    let line = "bench --adapter lorenz.safetensors other.safetensors --seconds 0.01";
    said(
        &sandbox.run(line),
        &["2 adapters on 24 hidden units (recurrent)", "2 adapters in turn", "memory of an adapter"],
    );
    let json = sandbox.run(&format!("{line} --json")).json();
    assert_eq!(json["backbones"][0]["batches"][1]["trajectories"], 16);
    assert!(json["backbones"][0]["swap"]["in_turn"]["p50_us"].is_number());
    // As `Model::bytes` has it: bias, gains and first state, whatever the file holds of them.
    let adapter = adapter(&sandbox, "lorenz", 1);
    let model = Model::new(adapter.clone(), Arc::new(adapter.generate_backbone().unwrap())).unwrap();
    assert_eq!(json["backbones"][0]["bytes_per_adapter"], model.bytes());
    refused(
        &sandbox,
        "bench --adapter lorenz.safetensors --server",
        &["adapter `lorenz` (series forecasting) does not support `--server`", "hint: "],
    );
}

/// Exit code 2, nothing on standard output, and every part of `expected` in this order on standard error.
#[track_caller]
fn refused(sandbox: &Sandbox, line: &str, expected: &[&str]) {
    let ran = sandbox.run(line);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{line}: {}", ran.stderr);
    let mut rest = ran.stderr.as_str();
    for part in expected {
        let at = rest.find(part).unwrap_or_else(|| panic!("{line}: no `{part}` in: {}", ran.stderr));
        rest = &rest[at + part.len()..];
    }
}

#[test]
fn series_that_cannot_be_forecast() {
    let sandbox = sandbox();
    sandbox.write("two.csv", "a,b\n1,2\n3,4\n");
    sandbox.write("nan.csv", series(60).replacen("20.000", "NaN", 1));
    sandbox.write("words.csv", "kwh\n1\nmuch\n3\n");
    sandbox.write("constant.csv", "kwh\n".to_owned() + &"5\n".repeat(60));
    sandbox.write("short.csv", series(15));
    sandbox.write("empty.csv", "");
    save_drawing(&sandbox.path("one.png"));
    for (input, expected) in [
        ("x.csv", &["there is no input `x.csv`", "hint: check the path"][..]),
        (
            "two.csv",
            &["expected one column, or the name of one, found 2 columns: `a`, `b`", "hint: choose one with"],
        ),
        (
            "series.csv --column kw",
            &["expected one of the columns `hour`, `kwh`, found no `kw`", "hint: did you mean `kwh`?"],
        ),
        (
            "nan.csv",
            &["line 2, column `kwh`: expected a finite number, found `NaN`", "hint: `--fill linear`"],
        ),
        (
            "words.csv",
            &["line 3, column `kwh`: expected a finite number, found `much`", "hint: write a number"],
        ),
        ("constant.csv", &["`constant.csv`: expected numbers that vary, found 5 throughout"]),
        (
            "short.csv",
            &[
                "`short.csv`: expected at least 16 samples (washout 10, horizon 4",
                "found 15",
                "hint: provide more samples: the first `washout` samples are not scored",
            ],
        ),
        ("empty.csv", &["expected numbers, found none"]),
        (
            "one.png",
            &[
                "forecasts a series, expected a text file",
                "found `one.png`, a PNG image",
                "hint: a series is text; images are for",
            ],
        ),
    ] {
        refused(&sandbox, &format!("--adapter series.safetensors --input {input}"), expected);
    }
    refused(
        &sandbox,
        "--adapter series.safetensors",
        &["was trained on a local file (`series`)", "hint: name the file: `--task ./series.csv`"],
    );
}

#[test]
fn options_that_do_not_fit() {
    let sandbox = sandbox();
    sandbox.save("m.safetensors", &of_images(&backbone(1), 0));
    for (line, expected) in [
        (
            "m --free-run 5",
            &["adapter `m` (image classification) does not support `--free-run`", "hint: it is for"][..],
        ),
        ("m --plot a.svg", &["does not support `--plot`", "hint: "]),
        ("m --min-r2 0.5", &["does not support `--min-r2`", "hint: the metric of images is accuracy"]),
        (
            "lorenz --min-accuracy 0.5",
            &["does not support `--min-accuracy`", "hint: the metric of sequence tasks"],
        ),
        (
            "lorenz --target 0,0.07",
            &["adapter `lorenz` (series forecasting) does not support `--target`", "hint: "],
        ),
        ("lorenz --column x", &["does not support `--column`", "hint: it is for `--input FILE`"]),
        ("lorenz --plot a.pdf", &["ends in .svg or .png", "hint: "]),
        ("lorenz --task reach", &["forecasts a series, task `reach` moves an arm", "hint: drop `--task`"]),
        (
            "lorenz --task mnist",
            &["adapter `lorenz` forecasts a series, task `mnist` classifies images", "hint: drop `--task`"],
        ),
        (
            "cosine --input series.csv",
            &[
                "(trajectory generation) does not support `--input`",
                "hint: there is no input: `--free-run N`",
            ],
        ),
        (
            "reach --free-run 5",
            &["(reaching) does not support `--free-run`", "hint: `--target X,Y` names a target, in metres"],
        ),
        ("reach --min-metric 0.5", &["does not support `--min-metric`", "hint: a movement has an end error"]),
        ("reach --target 50,30", &["target 50,30 is 58.3", "hint: targets are in metres: 5 cm are 0.05"]),
        ("reach --target 0.05", &["expected two numbers, in metres, such as `0.05,-0.03`"]),
        ("reach --target nan,0", &["expected two numbers, in metres"]),
        ("reach cosine --plot a.svg", &["`--plot` takes one adapter at a time, found 2", "hint: name one"]),
        (
            "lorenz m",
            &["cannot mix adapter types: `m` (image adapter), `lorenz` (sequence adapter)", "hint: "],
        ),
    ] {
        let (names, options) = line.split_at(line.find(" --").unwrap_or(line.len()));
        let files: Vec<String> = names.split(' ').map(|name| format!("{name}.safetensors")).collect();
        refused(&sandbox, &format!("--adapter {}{options}", files.join(" ")), expected);
    }
}

#[test]
fn a_folder_of_both_types_is_for_images_unless_a_sequence_adapter_is_named() {
    let sandbox = sandbox();
    std::fs::create_dir(sandbox.path("both")).unwrap();
    sandbox.save("both/m.safetensors", &of_images(&backbone(1), 0));
    save(&sandbox, "cosine", "both/cosine.safetensors");
    save_drawing(&sandbox.path("one.png"));
    said(
        &sandbox.run("--adapter both --input one.png"),
        &["skipped      1 sequence adapter: cosine", "one.png  m "],
    );
    said(
        &sandbox.run("--adapter both lorenz.safetensors"),
        &["skipped      1 image adapter: m", "teacher-forced"],
    );
    let named = sandbox.run("--adapter both/m.safetensors lorenz.safetensors");
    assert!(named.code == 2 && named.stderr.contains("cannot mix adapter types"), "{}", named.stderr);
}
