//! Tasks in time as a user meets them: a small adapter is trained, and every command knows it.

mod support;

use support::{Home, Run, json};

const QUICK: &[&str] = &["--width", "24", "--epochs", "2", "--gain", "0.5", "--quiet"];

/// An adapter that has learned a little.
fn train(home: &Home, task: &[&str]) {
    let run = home.run(&[&["train", "--task"], task, QUICK].concat());
    assert_eq!(run.code, 0, "{}", run.words);
}

fn series(home: &Home, name: &str, value: impl Fn(usize) -> String) {
    let lines = (0..400).map(|t| format!("{t},{}\n", value(t)));
    let text: String = std::iter::once("hour,kwh\n".to_owned()).chain(lines).collect();
    std::fs::write(home.path(name), text).expect("a small file");
}

#[track_caller]
fn said(run: &Run, code: i32, parts: &[&str]) {
    assert_eq!(run.code, code, "{}{}", run.result, run.words);
    let all = format!("{}{}", run.words, run.result);
    for part in parts {
        assert!(all.contains(part), "no `{part}` in:\n{all}");
    }
}

#[test]
fn an_adapter_is_evaluated_inspected_and_verified() {
    let home = Home::new();
    train(&home, &["lorenz", "--stride", "64"]);
    let eval = ["eval", "--adapter", "lorenz.safetensors"];
    said(
        &home.run(&eval),
        0,
        &["all metrics are as recorded", "teacher-forced  R² ", "free run        valid for "],
    );
    let report = json(&home.run(&[&eval[..], &["--json"]].concat()));
    assert_eq!(report["as_recorded"], true);
    for field in ["/teacher_forced_r2", "/horizon", "/free_run_valid_time/samples", "/compared/0/recorded"] {
        assert!(report.pointer(field).is_some_and(serde_json::Value::is_number), "{field}: {report}");
    }
    said(&home.run(&[&eval[..], &["--min-r2", "0.9999"]].concat()), 1, &["R² "]);
    let other = home.run(&[&eval[..], &["--task", "rossler"]].concat());
    said(&other, 0, &["warning: this test set is not the one recorded at training"]);
    said(&home.run(&[&eval[..], &["--task", "reach"]].concat()), 2, &["error: ", "hint: drop `--task`"]);
    said(&home.run(&[&eval[..], &["--min-accuracy", "0.5"]].concat()), 2, &["task `lorenz` has no accuracy"]);

    let parts =
        ["bias, recurrent", "lorenz x, samples 0.01 apart", "the same 27 samples later", "biases         24"];
    said(&home.run(&["inspect", "lorenz.safetensors"]), 0, &parts);
    assert_eq!(json(&home.run(&["inspect", "lorenz.safetensors", "--json"]))["signal"]["horizon"], 27);
    said(&home.run(&["verify", "lorenz.safetensors"]), 0, &["valid: digest, 24 parameters of kind bias"]);
    let mut bytes = std::fs::read(home.path("lorenz.safetensors")).expect("it was written");
    *bytes.last_mut().expect("it has bytes") ^= 1;
    std::fs::write(home.path("damaged.safetensors"), bytes).expect("a small file");
    said(&home.run(&["verify", "damaged.safetensors"]), 1, &["not valid: "]);
    let convert = ["convert", "--to", "bias", "lorenz.safetensors", "--out", "b.safetensors"];
    said(&home.run(&convert), 2, &["cannot be written as biases", "hint: it is already a bias adapter"]);
}

#[test]
fn a_recurrent_mask_has_no_form_as_biases() {
    let home = Home::new();
    train(&home, &["cosine", "--method", "mask"]);
    let convert = ["convert", "--to", "bias", "cosine.safetensors", "--out", "b.safetensors"];
    said(
        &home.run(&convert),
        2,
        &["in a recurrent network no bias keeps a unit OFF", "hint: it runs as it is"],
    );
    assert!(!home.path("b.safetensors").exists());
    said(&home.run(&["inspect", "cosine.safetensors"]), 0, &["of 24 units ON"]);
}

#[test]
fn a_series_of_ones_own_needs_its_file() {
    let home = Home::new();
    series(&home, "load.csv", |t| format!("{:.3}", 20.0 + 8.0 * (t as f64 / 4.0).sin()));
    train(&home, &["./load.csv", "--column", "kwh", "--horizon", "4", "--washout", "10"]);
    let eval = ["eval", "--adapter", "load.safetensors"];
    said(&home.run(&eval), 2, &["whose path is not recorded", "hint: name the file: `--task ./load.csv`"]);
    let file = [&eval[..], &["--task", "./load.csv"]].concat();
    said(&home.run(&file), 0, &["all metrics are as recorded", "4 ahead"]);
    series(&home, "other.csv", |t| format!("{:.3}", (t as f64 / 5.0).sin()));
    let other = [&eval[..], &["--task", "./other.csv"]].concat();
    said(&home.run(&other), 0, &["this test set is not the one recorded at training"]);
    series(&home, "constant.csv", |_| "5".into());
    let constant = [&eval[..], &["--task", "./constant.csv"]].concat();
    said(&home.run(&constant), 2, &["expected numbers that vary, found 5 throughout"]);
    series(&home, "nan.csv", |t| if t == 7 { "NaN".into() } else { t.to_string() });
    let nan = [&eval[..], &["--task", "./nan.csv"]].concat();
    said(&home.run(&nan), 2, &["line 9, column `kwh`: expected a finite number, found `NaN`", "hint: "]);
    let column = [&file[..], &["--column", "kw"]].concat();
    said(&home.run(&column), 2, &["found no `kw`", "hint: did you mean `kwh`?"]);
    said(&home.run(&["data", "info", "load.csv", "--column", "kwh"]), 0, &["kwh: 400 samples, 1 apart"]);
}

#[test]
fn a_fully_trained_network_and_movements_are_evaluated() {
    let home = Home::new();
    train(&home, &["cosine", "--method", "full"]);
    said(
        &home.run(&["eval", "--adapter", "cosine.safetensors"]),
        0,
        &["all metrics are as recorded", "continued"],
    );
    train(&home, &["reach"]);
    said(&home.run(&["eval", "--adapter", "reach.safetensors"]), 0, &["as recorded", "12 targets"]);
    let r2 = home.run(&["eval", "--adapter", "reach.safetensors", "--min-r2", "0"]);
    said(&r2, 2, &["task `reach` has no R²", "hint: `--json` shows the metrics"]);
    let rounded = home.run(&["convert", "--to", "f16", "reach.safetensors", "--out", "half.safetensors"]);
    said(&rounded, 0, &["loss (train) ", "end_error_m (train) ", "\nend_error_m  "]);
}

#[test]
fn recurrent_backbones_are_made_shown_and_verified() {
    let home = Home::new();
    for (name, weights) in [("series", "1088"), ("oscillators", "1056"), ("reach", "1152")] {
        let file = format!("{name}.safetensors");
        let new = home.run(&["backbone", "new", "--spec", name, "--width", "32", "--out", &file]);
        said(&new, 0, &[&format!("generated  {weights} weights"), "sha256:"]);
        said(&home.run(&["backbone", "verify", &file]), 0, &[&format!("valid: {}", new.result.trim())]);
        let show = home.run(&["backbone", "show", &file]);
        said(&show, 0, &[new.result.trim(), "recurrent.weight", "kind = \"rnn\""]);
        let spec = show.result.split_once("\n\n").expect("a spec after an empty line").1;
        std::fs::write(home.path("spec.toml"), spec).expect("a small file");
        said(&home.run(&["backbone", "show", "spec.toml"]), 0, &[new.result.trim()]);
        let mut bytes = std::fs::read(home.path(&file)).expect("it was written");
        *bytes.last_mut().expect("it has bytes") ^= 1;
        std::fs::write(home.path(&file), bytes).expect("a small file");
        said(&home.run(&["backbone", "verify", &file]), 1, &["not valid: "]);
    }
    let file = home.run(&["backbone", "new", "--spec", "none", "--out", "x.safetensors"]);
    said(&file, 2, &["unknown backbone `none`", "hint: "]);
}

#[test]
fn data_of_tasks_in_time_are_listed_and_described() {
    let home = Home::new();
    said(&home.run(&["data", "list"]), 0, &["Lorenz' system", "simulated"]);
    let parts = [
        "dx/dt = σ (y − x)",
        "σ 10, ρ 28, β 8/3",
        "13,000 samples, 0.01 apart",
        "Lyapunov   exponent 0.9056",
    ];
    said(&home.run(&["data", "info", "lorenz"]), 0, &parts);
    let reach = json(&home.run(&["data", "info", "reach", "--json"]));
    assert_eq!((reach["train"].as_u64(), reach["test"].as_u64()), (Some(6), Some(12)));
    said(
        &home.run(&["data", "info", "lorenz", "--column", "x"]),
        2,
        &["has no column `x`", "hint: drop `--column`"],
    );
}

#[test]
fn what_is_said_to_come_next_finds_the_data_again() {
    let home = Home::new();
    series(&home, "my load.csv", |t| format!("{:.3}", (t as f64 / 4.0).sin()));
    let train = ["train", "--task", "./my load.csv", "--column", "kwh", "--width", "16", "--epochs", "1"];
    said(
        &home.run(&train),
        0,
        &["next            bl-run --adapter 'my load.safetensors' --task './my load.csv'"],
    );
}

#[test]
fn a_series_with_holes_is_mended_the_same_way_again() {
    let home = Home::new();
    series(&home, "load.csv", |t| {
        if t % 50 == 7 { String::new() } else { format!("{:.3}", (t as f64 / 4.0).sin()) }
    });
    let train = ["train", "--task", "./load.csv", "--column", "kwh", "--width", "16", "--epochs", "1"];
    said(&home.run(&train), 2, &["line 9, column `kwh`", "an empty cell", "hint: `--fill linear`"]);
    said(
        &home.run(&[&train[..], &["--fill", "linear"]].concat()),
        0,
        &["warning: mended: 8 missing samples filled"],
    );
    assert_eq!(
        json(&home.run(&["inspect", "load.safetensors", "--json"]))["training"]["config"]["fill"],
        "linear"
    );
    let eval = ["eval", "--adapter", "load.safetensors", "--task", "./load.csv"];
    said(
        &home.run(&eval),
        0,
        &["all metrics are as recorded", "beside it       R² ", "by a linear autoregression"],
    );
    series(&home, "watts.csv", |t| format!("{:.3}", 1000.0 * (t as f64 / 4.0).sin()));
    let other = ["eval", "--adapter", "load.safetensors", "--task", "./watts.csv"];
    said(
        &home.run(&other),
        0,
        &["warning: `watts` is not like what was learned from", "% of 400 are outside"],
    );
    said(&home.run(&[&other[..], &["--strict"]].concat()), 2, &["is not like what", "drop `--strict`"]);
    said(&home.run(&["data", "info", "lorenz", "--sort"]), 2, &["nothing to sort or fill"]);
}

/// A file with these columns, of which the last is a wave.
fn table(home: &Home, name: &str, head: &str, before: impl Fn(usize) -> String) {
    let line = |t: usize| format!("{}{:.3}\n", before(t), 20.0 + 8.0 * (t as f64 / 4.0).sin());
    let text: String = std::iter::once(format!("{head}\n")).chain((0..400).map(line)).collect();
    std::fs::write(home.path(name), text).expect("a small file");
}

fn hourly(t: usize) -> String {
    format!("2026-01-{:02} {:02}:00,", 1 + t / 24, t % 24)
}

#[test]
fn a_series_that_is_not_like_the_one_learned_is_told_by_every_command() {
    let home = Home::new();
    table(&home, "load.csv", "time,kwh", hourly);
    train(&home, &["./load.csv", "--column", "kwh", "--out", "load.st"]);
    let eval =
        |file: &str, more: &[&str]| home.run(&[&["eval", "load.st", "--task", file][..], more].concat());
    let strict = |file: &str, more: &[&str]| eval(file, &[more, &["--strict"]].concat());
    said(&strict("./load.csv", &[]), 0, &["all metrics are as recorded"]);
    // The same values, so it is the recorded part; another column, or spacing, all the same.
    table(&home, "temp.csv", "time,temp", hourly);
    said(&eval("./temp.csv", &["--column", "temp"]), 0, &["warning: `temp` is not like", "found `temp`"]);
    said(&strict("./temp.csv", &["--column", "temp"]), 2, &["expected the column `kwh`", "drop `--strict`"]);
    table(&home, "half.csv", "time,kwh", |t| {
        format!("2026-01-{:02} {:02}:{:02},", 1 + t / 48, t / 2 % 24, 30 * (t % 2))
    });
    said(&strict("./half.csv", &[]), 2, &["expected samples 1 h apart", "found 30 min"]);
    // What cannot be compared is a note, and refused by the strict.
    for (file, head, before) in [
        ("bare.csv", "kwh", &(|_| String::new()) as &dyn Fn(usize) -> String),
        ("index.csv", "index,kwh", &|t| format!("{t},")),
        ("week.csv", "time,kwh", &|t| format!("{}-W{:02},", 2018 + t / 52, 1 + t % 52)),
    ] {
        table(&home, file, head, before);
        let path = format!("./{file}");
        said(
            &home.run(&["eval", "load.st", "--task", &path]),
            0,
            &["note ", "the spacing cannot be compared"],
        );
        said(
            &strict(&path, &[]),
            2,
            &["the spacing cannot be compared: samples 1 h apart were learned from"],
        );
    }
    said(&eval("./week.csv", &[]), 0, &["warning: column `time` is not understood as times", "`2018-W01`"]);
    said(
        &home.run(&["data", "info", "week.csv", "--column", "kwh"]),
        0,
        &["warning: column `time` is not understood"],
    );
    let week = ["train", "--task", "./week.csv", "--column", "kwh", "--width", "16", "--epochs", "1"];
    said(&home.run(&week), 0, &["warning: column `time` is not understood"]);
    said(&home.run(&[&week[..], &["--sort"]].concat()), 2, &["nothing can be sorted or filled by them"]);

    std::fs::write(
        home.path("watts.csv"),
        std::fs::read_to_string(home.path("load.csv")).expect("text").replace(":00,", ":00,90"),
    )
    .expect("a small file");
    let convert = ["convert", "--to", "i8", "load.st", "--out", "i8.st", "--task", "./watts.csv"];
    said(&home.run(&convert), 0, &["warning: `watts` is not like what", "carries no metrics"]);
    said(&home.run(&[&convert[..], &["--max-drop", "1"]].concat()), 2, &["`watts` is not like what"]);
}

#[test]
fn the_column_of_a_file_with_one_is_found_again_in_a_file_with_several() {
    let home = Home::new();
    table(&home, "one.csv", "kwh", |_| String::new());
    train(&home, &["./one.csv", "--out", "one.st"]);
    table(&home, "two.csv", "temp,kwh", |t| format!("{},", t % 7));
    said(&home.run(&["eval", "one.st", "--task", "./two.csv"]), 0, &["all metrics are as recorded"]);
}

#[test]
fn a_held_out_part_that_does_not_vary_is_borne_by_every_command() {
    let home = Home::new();
    let value = |t: usize| if t < 280 { format!("{:.3}", (t as f64 / 4.0).sin()) } else { "0.5".into() };
    series(&home, "still.csv", value);
    train(&home, &["./still.csv", "--column", "kwh"]);
    said(&home.run(&["eval", "still.safetensors", "--task", "./still.csv"]), 0, &["no R²"]);
    let convert = ["convert", "--to", "i8", "still.safetensors", "--out", "i8.st", "--task", "./still.csv"];
    said(&home.run(&convert), 0, &["bytes        "]);
    said(&home.run(&["verify", "i8.st"]), 0, &["valid: "]);
}

#[test]
fn training_that_diverged_is_said_in_few_digits() {
    let home = Home::new();
    series(&home, "load.csv", |t| format!("{:.3}", 20.0 + 8.0 * (t as f64 / 4.0).sin()));
    let train = ["train", "--task", "./load.csv", "--column", "kwh", "--width", "32", "--epochs", "2"];
    let wild = home.run(&[&train[..], &["--lr", "1e6"]].concat());
    said(&wild, 0, &["warning: R² is -", "far worse than the mean", "try a smaller `--lr`"]);
    let words = wild.words.split(|c: char| c.is_whitespace() || c == ',' || c == ':');
    let numbers = words.filter(|word| word.parse::<f64>().is_ok_and(|number| number.abs() > 1e9));
    assert!(
        numbers.clone().count() > 2 && numbers.clone().all(|number| number.len() <= 11),
        "{}",
        wild.words
    );
    let unmet = home.run(&[&train[..], &["--stop-at-loss", "1e-9"]].concat());
    said(&unmet, 0, &["warning: the loss to stop at, 0.000000001, was not reached: it is "]);
}

#[test]
fn data_info_and_train_agree_on_what_is_enough() {
    let home = Home::new();
    for (samples, code) in [(181, 2), (182, 0)] {
        let lines: Vec<_> = (0..samples).map(|t| format!("{:.3}\n", (f64::from(t) / 4.0).sin())).collect();
        std::fs::write(home.path("short.csv"), lines.concat()).expect("a small file");
        said(&home.run(&["data", "info", "short.csv"]), code, &[]);
        said(&home.run(&["train", "--task", "short.csv", "--width", "16", "--epochs", "1"]), code, &[]);
    }
}
