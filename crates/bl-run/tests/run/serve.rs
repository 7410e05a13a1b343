//! `bl-run serve`: an address on standard output, answers there, and an end in order.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use bl_core::Net;
use serde_json::{Value, json};

use crate::support::{Sandbox, adapter, backbone};

/// A server that ends with the test.
struct Serving {
    child: Child,
    address: String,
}

impl Serving {
    fn start(sandbox: &Sandbox, line: &str) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bl-run"));
        for name in ["BL_ADAPTERS", "BL_LISTEN", "BL_THREADS", "RUST_BACKTRACE"] {
            command.env_remove(name);
        }
        command.current_dir(sandbox.folder.path()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.args(line.split_whitespace()).spawn().unwrap();
        let mut first = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut first).unwrap();
        let address = first.trim_end().strip_prefix("http://").unwrap().to_owned();
        Self { child, address }
    }

    /// Status and JSON of an answer.
    fn ask(&self, method: &str, path: &str, body: &str) -> (u16, Value) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let len = body.len();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {len}\r\n\r\n"
        );
        stream.write_all(&[head.as_bytes(), body.as_bytes()].concat()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head[9..12].parse().unwrap(), serde_json::from_str(body).unwrap_or(Value::Null))
    }

    /// Exit code and words, after the system's request to end.
    fn stop(mut self) -> (Option<i32>, String) {
        let sent = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(sent.success());
        let start = Instant::now();
        let status = loop {
            match self.child.try_wait().unwrap() {
                Some(status) => break status,
                None => assert!(start.elapsed() < Duration::from_secs(60), "it does not end"),
            }
            std::thread::sleep(Duration::from_millis(10));
        };
        let mut words = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut words).unwrap();
        (status.code(), words)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("adapters/notes.txt", "not an adapter");
    sandbox.save("adapters/m.safetensors", &adapter(&backbone(1), 0));
    sandbox
}

#[cfg(unix)]
#[test]
fn it_answers_until_it_is_told_to_end() {
    let sandbox = sandbox();
    let serving = Serving::start(&sandbox, "serve --adapters adapters --listen 127.0.0.1:0 --allow-mutation");
    assert_eq!(serving.ask("GET", "/v2/health/ready", "").0, 200);
    let pixels = crate::support::strokes(1);
    let image = json!({ "name": "image", "datatype": "UINT8", "shape": [1, 28, 28], "data": pixels });
    let request = json!({ "inputs": [image], "outputs": [{ "name": "scores" }] }).to_string();
    let (status, answer) = serving.ask("POST", "/v2/models/m/infer", &request);
    assert_eq!(status, 200, "{answer}");
    let scores: Vec<f32> = serde_json::from_value(answer["outputs"][0]["data"].clone()).unwrap();
    let backbone = backbone(1);
    let half = backbone.prepare(&adapter(&backbone, 0)).unwrap();
    assert_eq!(scores, backbone.with(&half).scores(&pixels).unwrap());

    sandbox.save("adapters/second.safetensors", &adapter(&backbone, 1));
    assert_eq!(serving.ask("POST", "/v2/repository/models/second/load", "").0, 200);
    let (status, refusal) = serving.ask("POST", "/v2/models/secnod/infer", "");
    assert_eq!((status, &refusal["hint"]), (404, &json!("did you mean `second`?")));

    let (code, words) = serving.stop();
    assert_eq!(code, Some(0), "{words}");
    for part in ["adapter      m: ", "serving      1 adapter on 1 backbone", "loaded `second`", "stopping"] {
        assert!(words.contains(part), "no `{part}` in {words}");
    }
}

#[cfg(unix)]
#[test]
fn files_that_change_are_served_under_watch() {
    let sandbox = sandbox();
    let serving = Serving::start(&sandbox, "serve --adapters adapters --listen 127.0.0.1:0 --watch");
    let version = || serving.ask("GET", "/v2/models/m", "").1["versions"][0].clone();
    let (before, start) = (version(), Instant::now());
    assert_eq!(serving.ask("POST", "/v2/repository/models/m/unload", "").0, 403);
    sandbox.save("adapters/m.safetensors", &adapter(&backbone(1), 5));
    while version() == before {
        assert!(start.elapsed() < Duration::from_secs(60));
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(serving.stop().0, Some(0));
}

#[cfg(unix)]
#[test]
fn frozen_weights_are_taken_from_a_file_whatever_the_family() {
    let sandbox = Sandbox::new();
    let in_time = crate::sequence_support::adapter(&sandbox, "lorenz", 1);
    sandbox.write("all/lorenz.safetensors", in_time.to_bytes().unwrap());
    in_time.generate_backbone().unwrap().save(sandbox.path("time.safetensors")).unwrap();
    sandbox.save("all/m.safetensors", &adapter(&backbone(1), 0));
    backbone(1).save(sandbox.path("images.safetensors")).unwrap();
    for file in ["images.safetensors", "time.safetensors"] {
        let line = format!("serve --adapters all --listen 127.0.0.1:0 --backbone {file}");
        let serving = Serving::start(&sandbox, &line);
        assert_eq!(serving.ask("GET", "/v2/health/ready", "").0, 200, "{file}");
        assert_eq!(serving.stop().0, Some(0), "{file}");
    }
}

/// Exit code 2, nothing on standard output, and these words in this order.
#[track_caller]
fn check(sandbox: &Sandbox, line: &str, expected: &[&str]) {
    let ran = sandbox.run(line);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{line}: {}", ran.stderr);
    let mut rest = ran.stderr.as_str();
    for part in expected {
        let at = rest.find(part).unwrap_or_else(|| panic!("{line}: no `{part}` in: {}", ran.stderr));
        rest = &rest[at + part.len()..];
    }
}

#[test]
fn what_cannot_be_served_is_said_with_a_hint() {
    let sandbox = sandbox();
    let free = "--listen 127.0.0.1:0";
    check(&sandbox, &format!("serve {free}"), &["error: ", "--adapters <DIR>"]);
    check(
        &sandbox,
        &format!("serve --adapters nowhere {free}"),
        &["error: cannot read the folder of adapters `nowhere`", "hint: `--adapters` names a folder"],
    );
    sandbox.write(
        "damaged/bad.safetensors",
        &std::fs::read(sandbox.path("adapters/m.safetensors")).unwrap()[..200],
    );
    check(&sandbox, &format!("serve --adapters damaged {free}"), &["error: adapter `bad`", "hint: "]);
    sandbox.save("reserved/mixed.safetensors", &adapter(&backbone(1), 0));
    check(
        &sandbox,
        &format!("serve --adapters reserved {free}"),
        &["error: `mixed` is not a valid adapter name", "hint: rename the file"],
    );
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let hint = "hint: `--listen 127.0.0.1:0` takes any free port";
    check(
        &sandbox,
        &format!("serve --adapters adapters --listen {address}"),
        &["error: cannot listen on `127.0.0.1:", "in use", hint],
    );
    for nonsense in ["nonsense", "127.0.0.1", "127.0.0.1:99999", ":", "256.1.1.1:80"] {
        let words = format!("error: cannot listen on `{nonsense}`");
        check(&sandbox, &format!("serve --adapters adapters --listen {nonsense}"), &[&words, hint]);
    }
    for (limit, words) in [
        ("--max-batch 0", "expected a number from 1"),
        ("--max-queue x", "expected a number from 1"),
        ("--max-body 1.5.5", "'1.5.5'"),
        ("--timeout -1", "error: "),
        ("--timeout 1e300", "'1e300'"),
        ("--timeout nan", "'nan'"),
    ] {
        check(&sandbox, &format!("serve --adapters adapters {free} {limit}"), &[words]);
    }
}
