//! Ctrl-C in the middle of a run, and going on from there.

#![cfg(unix)]

mod support;

use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;

use support::Home;

#[test]
fn an_interrupted_run_says_how_to_go_on_and_ends_at_the_same_bytes() {
    let home = Home::new();
    // Long enough that the signal comes in the middle: some milliseconds an epoch.
    let args = ["train", "--task", "mnist", "--width", "640", "--epochs", "1500", "--lr", "0.01"];
    let mut child = home
        .command(&[&args[..], &["--out", "a.safetensors"]].concat())
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
    let signalled = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(signalled.expect("`kill` is everywhere").success());
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
