//! Random bodies: never a fault of the server's.

use std::sync::OnceLock;

use axum::body::Body;
use axum::http::Request;
use proptest::prelude::*;
use serde_json::json;

use crate::adapters::{Small, forecaster, generator, images, reacher};
use crate::support::{HEADER_LENGTH, Service, binary, binary_body, bytes, image, outputs};

fn service() -> &'static Service {
    static SERVICE: OnceLock<Service> = OnceLock::new();
    SERVICE.get_or_init(|| {
        let [wave, song, arm] =
            [forecaster(), generator(), reacher()].map(|adapter| adapter.to_bytes().unwrap());
        let shapes = Small::default().file();
        Service::new(&[("shapes", shapes), ("wave", wave), ("song", song), ("arm", arm)])
    })
}

fn run<T>(task: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(task)
}

/// Answered in order, or refused in words; and others are answered as ever.
fn check(path: &str, json_len: Option<usize>, body: Vec<u8>) -> Result<(), TestCaseError> {
    run(async {
        let mut request = Request::post(path);
        if let Some(len) = json_len {
            request = request.header(HEADER_LENGTH, len);
        }
        let reply = service().send(request.body(Body::from(body)).unwrap()).await;
        prop_assert!(reply.status < 500, "{}: {}", reply.status, reply.text());
        if reply.status != 200 {
            let body: serde_json::Value = serde_json::from_slice(&reply.body).unwrap();
            prop_assert!(body["error"].is_string() && body["code"].is_string());
        }
        let answer = service().infer("shapes", &json!({ "inputs": [image(&images(1))] })).await;
        prop_assert_eq!(answer.output("scores").f32s(), Small::default().scores(&images(1)).concat());
        Ok(())
    })
}

const MODELS: [&str; 5] = ["shapes", "mixed", "wave", "song", "arm"];

/// Requests that are answered.
fn valid(model: usize) -> (usize, Vec<u8>) {
    let (two, zero) = (images(2), 0_f64.to_le_bytes());
    let pixels = || binary("image", "UINT8", &[2, 8, 8], &two.concat());
    let numbers = |name, count: usize| binary(name, "FP64", &[count], &zero.repeat(count));
    let rest = json!({ "id": "1", "parameters": { "binary_data_output": true } });
    match MODELS[model] {
        "shapes" => {
            let rest = json!({ "outputs": outputs(&["scores", "on", "image", "label"]), "id": "2" });
            binary_body(rest, vec![pixels()])
        }
        "mixed" => {
            binary_body(rest, vec![pixels(), binary("adapter", "BYTES", &[2], &bytes(&["shapes", "shapes"]))])
        }
        "wave" => binary_body(json!({ "parameters": { "free_run": 3 } }), vec![numbers("series", 10)]),
        "song" => binary_body(json!({ "parameters": { "steps": 9 } }), vec![]),
        _ => binary_body(rest, vec![numbers("target", 2)]),
    }
}

#[derive(Clone, Debug)]
enum Change {
    Set(usize, u8),
    Cut(usize),
    Insert(usize, Vec<u8>),
    Repeat(usize, usize),
}

fn change() -> impl Strategy<Value = Change> {
    let at = || 0_usize..1000;
    prop_oneof![
        (at(), any::<u8>()).prop_map(|(at, byte)| Change::Set(at, byte)),
        (at(), b'0'..=b'9').prop_map(|(at, byte)| Change::Set(at, byte)),
        at().prop_map(Change::Cut),
        (at(), prop::collection::vec(any::<u8>(), 1..5)).prop_map(|(at, bytes)| Change::Insert(at, bytes)),
        (at(), at()).prop_map(|(from, to)| Change::Repeat(from, to)),
    ]
}

fn changed(mut body: Vec<u8>, changes: &[Change]) -> Vec<u8> {
    for change in changes {
        let len = body.len().max(1);
        match change {
            Change::Set(at, byte) => {
                if let Some(place) = body.get_mut(at % len) {
                    *place = *byte;
                }
            }
            Change::Cut(at) => body.truncate(at % len),
            Change::Insert(at, bytes) => {
                let at = (at % len).min(body.len());
                body.splice(at..at, bytes.iter().copied());
            }
            Change::Repeat(from, to) => {
                let (from, to) = ((from % len).min(body.len()), (to % len).min(body.len()));
                let part = body[from.min(to)..from.max(to)].to_vec();
                body.splice(from..from, part);
            }
        }
    }
    body
}

#[test]
fn valid_requests_are_answered() {
    for (model, name) in MODELS.iter().enumerate() {
        let reply = run(service().infer_binary(name, valid(model)));
        assert_eq!(reply.status, 200, "{name}: {}", reply.text());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn random_bytes(
        model in 0..MODELS.len(),
        len in prop::option::of(0_usize..80),
        body in prop::collection::vec(any::<u8>(), 0..80),
    ) {
        check(&format!("/v2/models/{}/infer", MODELS[model]), len, body.clone())?;
        check("/v2/repository/models/fuzzed/load", None, body.clone())?;
        check("/v2/repository/index", None, body)?;
    }

    #[test]
    fn requests_that_were_changed(
        model in 0..MODELS.len(),
        off in -2_i64..=2,
        changes in prop::collection::vec(change(), 1..4),
    ) {
        let (len, body) = valid(model);
        let body = changed(body, &changes);
        check(&format!("/v2/models/{}/infer", MODELS[model]), len.checked_add_signed(off as isize), body)?;
    }

    #[test]
    fn json_that_was_changed(model in 0..MODELS.len(), changes in prop::collection::vec(change(), 1..4)) {
        let (len, body) = valid(model);
        let body = changed(body[..len].to_vec(), &changes);
        check(&format!("/v2/models/{}/infer", MODELS[model]), None, body)?;
    }

    #[test]
    fn adapters_that_were_changed(which in 0_usize..4, changes in prop::collection::vec(change(), 1..4)) {
        use base64::Engine;
        let file = match which {
            0 => Small::default().file(),
            1 => forecaster().to_bytes().unwrap(),
            2 => generator().to_bytes().unwrap(),
            _ => reacher().to_bytes().unwrap(),
        };
        let file = base64::engine::general_purpose::STANDARD.encode(changed(file, &changes));
        let body = json!({ "parameters": { "file": file } }).to_string().into_bytes();
        check("/v2/repository/models/fuzzed/load", None, body)?;
    }
}
