//! Ctrl-C in the middle of a run, and going on from there.

#![cfg(unix)]

mod support;

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStderr, Stdio};

use support::Home;

/// A run that is past its first epoch, and what it has yet to say.
fn under_way(home: &Home, args: &[&str]) -> (Child, BufReader<ChildStderr>) {
    let mut child = home
        .command(args)
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("the program was built");
    let mut words = BufReader::new(child.stderr.take().expect("it is piped"));
    let mut line = String::new();
    while !line.starts_with("epoch   1/") {
        line.clear();
        assert!(words.read_line(&mut line).expect("text") > 0, "the run ended before its first epoch");
    }
    (child, words)
}

fn send(signal: &str, child: &Child) {
    let sent = std::process::Command::new("kill").args([signal, &child.id().to_string()]).output();
    assert!(sent.is_ok(), "`kill` is everywhere"); // to one that has ended already: no matter
}

#[test]
fn however_often_a_signal_comes_within_moments_the_run_ends_in_order() {
    let home = Home::new();
    let args = ["train", "--task", "mnist", "--width", "64", "--epochs", "200000", "--out", "a.safetensors"];
    // `timeout` and a terminal that closes send two; a wrapper passes a second Ctrl-C on.
    for signals in [&["-TERM", "-TERM"][..], &["-HUP", "-HUP"], &["-INT", "-TERM", "-HUP", "-INT"]] {
        let (mut child, mut words) = under_way(&home, &args);
        for signal in signals {
            send(signal, &child);
        }
        let mut rest = String::new();
        words.read_to_string(&mut rest).expect("text");
        assert_eq!(child.wait().expect("it was started").code(), Some(2), "{signals:?}: {rest}");
        assert!(rest.contains("hint: run the same command with `--resume`"), "{rest}");
        assert!(home.path("a.safetensors.checkpoint").exists());
        assert!(!home.path("a.safetensors.lock").exists());
    }
}

#[test]
fn an_interrupted_run_says_how_to_go_on_and_ends_at_the_same_bytes() {
    let home = Home::new();
    // Long enough that the signal comes in the middle: some milliseconds an epoch.
    let args = ["train", "--task", "mnist", "--width", "640", "--epochs", "1500", "--lr", "0.01"];
    let (mut child, mut words) = under_way(&home, &[&args[..], &["--out", "a.safetensors"]].concat());
    send("-INT", &child);
    let mut rest = String::new();
    words.read_to_string(&mut rest).expect("text");
    assert_eq!(child.wait().expect("it was started").code(), Some(2), "{rest}");
    assert!(rest.contains("error: stopped in epoch"), "{rest}");
    assert!(rest.contains("hint: run the same command with `--resume`"), "{rest}");
    assert!(!home.path("a.safetensors").exists());

    let resumed = home.run(&[&args[..], &["--out", "a.safetensors", "--resume"]].concat());
    assert_eq!(resumed.code, 0, "{}", resumed.words);
    assert!(!resumed.words.contains("epoch   1/"), "it began again:\n{}", resumed.words);
    assert!(!home.path("a.safetensors.checkpoint").exists());
    let whole = home.run(&[&args[..], &["--out", "b.safetensors"]].concat());
    assert_eq!(whole.code, 0, "{}", whole.words);
    let bytes = |name| std::fs::read(home.path(name)).expect("it was written");
    assert_eq!(bytes("a.safetensors"), bytes("b.safetensors"));
}
