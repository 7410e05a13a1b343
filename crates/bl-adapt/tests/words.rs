//! Words never end a program, and a program that ends in the middle leaves nothing and loses nothing.

#![cfg(target_os = "linux")]

mod support;

use std::fs::File;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use support::{Home, json};

const TRAIN: [&str; 7] = ["train", "--task", "mnist", "--width", "64", "--epochs", "2"];
const LONG: [&str; 9] =
    ["train", "--task", "mnist", "--width", "640", "--epochs", "100000", "--out", "a.safetensors"];

fn full() -> Stdio {
    File::options().write(true).open("/dev/full").expect("Linux has it").into()
}

/// A pipe whose reader has gone.
fn closed() -> Stdio {
    let mut child = Command::new("true").stdin(Stdio::piped()).spawn().expect("`true` is everywhere");
    let pipe = child.stdin.take().expect("it is piped");
    child.wait().expect("it ends");
    pipe.into()
}

#[test]
fn words_that_cannot_be_written_end_no_run() {
    let home = Home::new();
    let outcome = |command: &mut Command, words: Stdio| {
        command.stderr(words).stdout(Stdio::null()).status().expect("the program was built").code()
    };
    for (nth, words) in [full(), closed()].into_iter().enumerate() {
        let out = format!("{nth}.safetensors");
        let args = [&TRAIN[..], &["--out", &out]].concat();
        assert_eq!(outcome(&mut home.command(&args), words), Some(0));
        assert!(home.path(&out).exists());
    }
    for (args, code) in [(&["verify", "0.safetensors"][..], 0), (&["verify", "none"], 2), (&["--x"], 2)] {
        for words in [full(), closed()] {
            assert_eq!(outcome(&mut home.command(args), words), Some(code), "{args:?}");
        }
    }
}

#[test]
fn a_result_that_cannot_be_written_is_an_error_and_one_that_nobody_reads_is_none() {
    let home = Home::new();
    let code = |args: &[&str], out: Stdio| home.command(args).stdout(out).status().expect("built").code();
    assert_eq!(code(&TRAIN, full()), Some(2));
    assert!(home.path("mnist.safetensors").exists(), "the file was written first");
    assert_eq!(code(&["inspect", "mnist.safetensors"], full()), Some(2));
    assert_eq!(code(&["--help"], full()), Some(2));
    assert_eq!(code(&["inspect", "mnist.safetensors"], closed()), Some(0));
}

#[test]
fn names_of_strangers_are_printed_without_what_moves_the_cursor() {
    let home = Home::new();
    assert_eq!(home.run(&[&TRAIN[..], &["--out", "a.safetensors"]].concat()).code, 0);
    let name = "a\u{1b}[2J\u{9b}31m\u{202e}\u{200b}\nhint: x.safetensors";
    std::fs::copy(home.path("a.safetensors"), home.path(name)).expect("a file");
    let commands: [&[&str]; 8] = [
        &["verify", name],
        &["inspect", name],
        &["eval", "--adapter", name],
        &["convert", "--to", "f16", name, "--out", name],
        &["blend", &format!("{name}=1"), "--out", name],
        &["verify", &format!("{name}?")],
        &["train", "--task", name],
        &["train", "--lr", name],
    ];
    for command in commands {
        for json in [&[][..], &["--json"]] {
            let run = home.run(&[command, json].concat());
            let moves = |c: char| (c.is_control() && c != '\n') || ['\u{202e}', '\u{200b}'].contains(&c);
            let printed = run.result + &run.words;
            assert!(!printed.contains(moves), "{command:?}: {printed:?}");
            let begins = |line: &str| line.starts_with("hint: x");
            assert!(!printed.lines().any(begins), "{command:?}: {printed:?}");
        }
    }
    let report = json(&home.run(&["convert", "--to", "i8", name, "--out", name, "--json"]));
    assert_eq!(report["out"], name, "JSON has the name itself");
}

#[test]
fn one_run_at_a_time_writes_a_file() {
    let home = Home::new();
    let lock = bl_core::files::Lock::of(&home.path("mnist.safetensors")).expect("nobody holds it");
    let run = home.run(&TRAIN);
    assert!(run.code == 2 && run.words.contains("another program is writing"), "{}", run.words);
    assert!(run.words.contains("hint: ") && run.words.contains("--out"), "{}", run.words);
    drop(lock);
    std::fs::write(home.path("mnist.safetensors.lock"), "").expect("left by one that was killed");
    assert_eq!(home.run(&TRAIN).code, 0);
    let left = std::fs::read_dir(home.path(".")).expect("a folder").count();
    assert_eq!(left, 1, "the adapter alone");
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args([name, &child.id().to_string()]).status();
    assert!(sent.expect("`kill` is everywhere").success());
}

/// Waits a while for a program to end.
fn ended(child: &mut Child) -> Option<std::process::ExitStatus> {
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_secs(20) {
        if let Some(status) = child.try_wait().expect("it was started") {
            return Some(status);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    child.kill().expect("it runs");
    None
}

fn wait_for(what: impl Fn() -> bool) {
    let begin = Instant::now();
    while !what() {
        assert!(begin.elapsed() < Duration::from_secs(60), "it never came");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn one_signal_ends_a_program_that_waits_for_a_file() {
    let home = Home::new();
    let made = Command::new("mkfifo").arg(home.path("x.csv")).status();
    assert!(made.expect("`mkfifo` is everywhere").success());
    let mut child = home
        .command(&["train", "--task", "./x.csv"])
        .stderr(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .expect("the program was built");
    let holds_it_open = "exec 9> x.csv; touch is_read; exec sleep 60"; // the first waits for a reader
    let mut writer =
        Command::new("sh").args(["-c", holds_it_open]).current_dir(home.path(".")).spawn().expect("a shell");
    wait_for(|| home.path("is_read").exists());
    std::thread::sleep(Duration::from_millis(300));
    signal(&child, "-TERM");
    assert!(ended(&mut child).is_some(), "it goes on waiting");
    writer.kill().expect("it sleeps");
    writer.wait().expect("it was started");
}

#[test]
fn a_hang_up_that_is_ignored_stays_ignored() {
    let home = Home::new();
    for (ignores, ends) in [(true, false), (false, true)] {
        let _ = std::fs::remove_file(home.path("words")); // of the run before
        let trap = if ignores { "trap '' HUP; " } else { "" };
        let mut child = Command::new("sh")
            .arg("-c")
            .arg(format!("{trap}exec \"$0\" \"$@\" 2>words >/dev/null"))
            .arg(env!("CARGO_BIN_EXE_bl-adapt"))
            .args(LONG)
            .current_dir(home.path("."))
            .spawn()
            .expect("`sh` is everywhere");
        let words = || std::fs::read_to_string(home.path("words")).unwrap_or_default();
        wait_for(|| words().contains("epoch "));
        signal(&child, "-HUP");
        std::thread::sleep(Duration::from_secs(1));
        assert_eq!(child.try_wait().expect("it was started").is_some(), ends, "{}", words());
        if !ends {
            signal(&child, "-TERM"); // SIGINT is ignored where the tests run in the background
        }
        assert_eq!(ended(&mut child).and_then(|status| status.code()), Some(2), "{}", words());
    }
}

#[test]
fn a_variable_that_is_set_to_nothing_is_not_set() {
    let home = Home::new();
    let names = [
        "BL_SEED",
        "BL_EPOCHS",
        "BL_DATA_DIR",
        "BL_THREADS",
        "BL_METHOD",
        "BL_BACKBONE",
        "HF_HOME",
        "NO_COLOR",
    ];
    let run = home.run_with(&TRAIN, &names.map(|name| (name, "")));
    assert_eq!(run.code, 0, "{}", run.words);
}

#[test]
fn what_was_typed_wrongly_is_answered_with_what_was_meant() {
    let home = Home::new();
    std::fs::write(home.path("c.toml"), "epoch = 3").expect("a small file");
    for (more, expected) in [
        (&["--config", "c.toml"][..], "hint: did you mean `epochs`?"),
        (&["--min-accuracy", "95"], "95 % is `0.95`"),
        (&["--min-metric", "95"], "95 % is `0.95`"),
        (&["--lr", "-1"], "`lr` is -1, expected a value from 1e-38 to 1e38"),
        (&["--lr", "0"], "`lr` is 0, expected a value from 1e-38 to 1e38"),
        (&["--batch-size", "-5"], "'-5'"),
    ] {
        let run = home.run(&[&TRAIN[..], more].concat());
        assert!(run.code == 2 && run.words.contains(expected), "{more:?}: {}", run.words);
    }
}

#[test]
fn a_log_has_few_lines_of_a_long_run_and_its_last() {
    let home = Home::new();
    let run = home.run(&["train", "--task", "mnist", "--width", "32", "--epochs", "200"]);
    let lines: Vec<&str> = run.words.lines().filter(|line| line.starts_with("epoch")).collect();
    assert!((2..50).contains(&lines.len()), "{}", run.words);
    assert!(lines[0].starts_with("epoch   1/200") && lines[lines.len() - 1].starts_with("epoch 200/200"));
    assert!(lines[0].contains("train accuracy"), "{}", lines[0]);
}

#[test]
fn a_baseline_that_is_matched_trains_as_long_as_the_adapter() {
    let home = Home::new();
    let base = ["train", "--task", "mnist", "--config", "c.toml", "--method", "full", "--json"];
    std::fs::write(home.path("c.toml"), "stop_at_loss = 1e30").expect("a small file");
    let recorded = |more: &[&str]| {
        assert_eq!(home.run(&[&base[..], more].concat()).code, 0);
        bl_train::NetworkFile::load(&home.path("mnist.safetensors")).expect("a file").expect("a network")
    };
    let epochs = |file: bl_train::NetworkFile| file.header.training.config["epochs"].clone();
    assert_eq!(epochs(recorded(&["--match-parameters", "2000"])), 70, "as configs/tasks/images.toml");
    assert_eq!(epochs(recorded(&["--width", "2"])), 10, "as configs/methods/full.toml");
    assert_eq!(epochs(recorded(&["--match-parameters", "2000", "--epochs", "3"])), 3);
}
