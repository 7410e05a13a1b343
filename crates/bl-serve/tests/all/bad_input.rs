//! Whatever a client sends, it is told what is wrong with it, and the server goes on.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::http::Request;
use hyper::body::Frame;
use serde_json::{Value, json};

use crate::adapters::{PIXELS, Small, image_of, images};
use crate::support::{HEADER_LENGTH, Service, binary, binary_body, bytes, image, outputs, strings};

pub(crate) fn service() -> Service {
    Service::with(&[("shapes", Small::default().file())], |settings, _| {
        settings.max_batch = 32;
        settings.max_body = 100_000;
    })
}

/// Refused in these words, and the next request is answered.
pub(crate) async fn check(service: &Service, body: impl Into<Body>, code: &str, words: &str) {
    let reply = service.post("/v2/models/shapes/infer", body).await;
    let found = reply.refused(400, code);
    assert!(found.contains(words), "no `{words}` in `{found}`");
    service.infer("shapes", &json!({ "inputs": [image(&images(1))] })).await.ok();
}

#[tokio::test]
async fn json_that_cannot_be_read() {
    let service = service();
    let deep = |opening: &str, depth: usize| format!(r#"{{"inputs":{}"#, opening.repeat(depth));
    let nested = format!(
        r#"{{"name":"image","datatype":"UINT8","shape":[1],"data":{}1{}}}"#,
        "[".repeat(5000),
        "]".repeat(5000)
    );
    let cases: Vec<Vec<u8>> = vec![
        b"".to_vec(),
        b"{".to_vec(),
        b"null".to_vec(),
        b"[]".to_vec(),
        b"7".to_vec(),
        b"\xff\xfe".to_vec(),
        b"{} {}".to_vec(),
        br#"{"inputs":{}}"#.to_vec(),
        br#"{"inputs":null}"#.to_vec(),
        br#"{"inputs":[{}]}"#.to_vec(),
        br#"{"inputs":[],"inputs":[]}"#.to_vec(),
        br#"{"id":7}"#.to_vec(),
        br#"{"parameters":[]}"#.to_vec(),
        br#"{"outputs":["scores"]}"#.to_vec(),
        br#"{"inputs":[{"name":"image","datatype":"UINT8","shape":[-1],"data":[]}]}"#.to_vec(),
        br#"{"inputs":[{"name":"image","datatype":"UINT8","shape":[1.5],"data":[]}]}"#.to_vec(),
        br#"{"inputs":[{"name":"image","datatype":"UINT8","shape":[18446744073709551616],"data":[]}]}"#
            .to_vec(),
        br#"{"inputs":[{"name":"image","datatype":"UINT8","shape":[1],"data":[NaN]}]}"#.to_vec(),
        br#"{"inputs":[{"name":"image","datatype":"UINT8","shape":[1],"data":[1e999]}]}"#.to_vec(),
        br#"{"inputs":[{"name":"image","datatype":"UINT8","shape":[2],"data":[1,"a"]}]}"#.to_vec(),
        br#"{"inputs":[{"name":"image","datatype":"UINT8","shape":[1],"data":[{}]}]}"#.to_vec(),
        br#"{"inputs":[{"name":"image","datatype":"UINT8","shape":[1],"data":[null]}]}"#.to_vec(),
        deep("[", 50_000).into_bytes(),
        deep(r#"{"a":"#, 15_000).into_bytes(),
        format!(r#"{{"inputs":[{nested}]}}"#).into_bytes(),
    ];
    for body in cases {
        check(&service, body, "malformed_json", "the body cannot be read").await;
    }
}

#[tokio::test]
async fn tensors_of_another_form() {
    let service = service();
    let image = |datatype: &str, shape: Value, data: Value| {
        json!({ "inputs": [{ "name": "image", "datatype": datatype, "shape": shape, "data": data }] })
            .to_string()
    };
    let pixels = || json!(image_of(1));
    let (one, half) = (json!([1, PIXELS]), 1_u64 << 33);
    let cases = [
        (image("UINT8", json!([1, 8, 9]), pixels()), "but 64 values"),
        (image("UINT8", json!([2, 8, 8]), pixels()), "but 64 values"),
        (image("UINT8", json!([64]), pixels()), "expected [rows, 8, 8] or [rows, 64]"),
        (image("UINT8", json!([1, 4, 16]), pixels()), "expected [rows, 8, 8] or [rows, 64]"),
        (image("UINT8", json!([2, 32]), pixels()), "expected [rows, 8, 8] or [rows, 64]"),
        (image("UINT8", json!([1, 1, 8, 8]), pixels()), "expected [rows, 8, 8] or [rows, 64]"),
        (image("UINT8", json!([]), json!([1])), "expected [rows, 8, 8] or [rows, 64]"),
        (image("UINT8", json!([]), pixels()), "but 64 values"),
        (image("UINT8", json!([half, half]), json!([])), "but 0 values"),
        (image("UINT8", json!([half, half, 0]), json!([])), "but 0 values"),
        (image("UINT8", json!([u64::MAX]), pixels()), "but 64 values"),
        (image("UINT8", json!([0, 8, 8]), json!([])), "no rows"),
        (image("UINT8", json!([0, 64]), json!([])), "no rows"),
        (image("UINT8", one.clone(), json!(vec![0.5; PIXELS])), "whole numbers from 0 to 255"),
        (image("UINT8", one.clone(), json!(vec![256; PIXELS])), "whole numbers from 0 to 255"),
        (image("UINT8", one.clone(), json!(vec![-1; PIXELS])), "whole numbers from 0 to 255"),
        (image("UINT8", one.clone(), json!(vec!["1"; PIXELS])), "expected numbers for UINT8"),
        (image("FP32", one.clone(), pixels()), "has datatype FP32, expected UINT8"),
        (image("BYTES", one.clone(), pixels()), "expected strings for BYTES"),
        (image("INT64", one.clone(), pixels()), "has datatype `INT64`, expected one of"),
        (image("", one.clone(), pixels()), "has datatype ``, expected one of"),
        (image("uint8", one, pixels()), "has datatype `uint8`"),
        (image("UINT8", json!([33, 8, 8]), json!(images(33).concat())), "at most 32"),
        (
            json!({ "inputs": [{ "name": "image", "datatype": "UINT8", "shape": [1] }] }).to_string(),
            "expected `data`",
        ),
    ];
    for (body, words) in cases {
        check(&service, body, "bad_input", words).await;
    }
}

#[tokio::test]
async fn names_that_are_not_known_or_are_there_twice() {
    let service = service();
    let (one, two) = (images(1), images(2));
    let with = |field: &str, value: Value| {
        let mut request = json!({ "inputs": [image(&one)] });
        request[field] = value;
        request.to_string()
    };
    let cases = [
        (json!({}).to_string(), "there is no input"),
        (json!({ "inputs": [] }).to_string(), "there is no input"),
        (json!({ "inputs": [image(&one), image(&two)] }).to_string(), "is there twice"),
        (json!({ "inputs": [image(&one), strings("picture", &[""])] }).to_string(), "both"),
        (
            json!({ "inputs": [image(&one), strings("adapter", &["shapes"])] }).to_string(),
            "unknown input `adapter`",
        ),
        (with("outputs", outputs(&["scores", "logits"])), "unknown output `logits`"),
        (with("outputs", outputs(&["label", "scores", "label"])), "output `label` is requested twice"),
        (with("outputs", outputs(&["scores"; 1000])), "output `scores` is requested twice"),
        (with("parameters", json!({ "temperature": 1 })), "unknown parameter `temperature`"),
        (with("parameters", json!({ "binary_data_output": "yes" })), "expected true or false"),
        (
            with("outputs", json!([{ "name": "scores", "parameters": { "binary_data": 1 } }])),
            "expected true or false",
        ),
    ];
    for (body, words) in cases {
        check(&service, body, "bad_input", words).await;
    }
}

#[tokio::test]
async fn binary_tensors_of_another_size() {
    let service = service();
    let one = image_of(1);
    let image = |shape: &[usize], bytes: &[u8]| binary("image", "UINT8", shape, bytes);
    let stated = |size: Value| {
        let head = json!({ "name": "image", "datatype": "UINT8", "shape": [1, 64], "parameters": { "binary_data_size": size } });
        vec![(head, one.clone())]
    };
    let both = {
        let (mut head, bytes) = image(&[1, 64], &one);
        head["data"] = json!(one);
        vec![(head, bytes)]
    };
    let cases = [
        (vec![image(&[1, 64], &one[..63])], "but 63 values"),
        (vec![image(&[2, 64], &one)], "but 64 values"),
        (
            vec![
                image(&[1, 64], &one),
                (json!({ "name": "x", "datatype": "UINT8", "shape": [1], "data": [1] }), vec![1]),
            ],
            "1 bytes after",
        ),
        (stated(json!(65)), "but 64 bytes are left"),
        (stated(json!(63)), "but 63 values"),
        (stated(json!(u64::MAX)), "but 64 bytes are left"),
        (stated(json!(-1)), "expected a length"),
        (stated(json!("64")), "expected a length"),
        (both, "expected `data` or `binary_data_size`"),
        (vec![binary("image", "FP32", &[1, 16], &one[..63])], "not a whole number of FP32"),
        (vec![binary("image", "FP64", &[1, 8], &one[..63])], "not a whole number of FP64"),
        (vec![binary("picture", "BYTES", &[1], &bytes(&["abc"])[..6])], "cut off"),
        (vec![binary("picture", "BYTES", &[1], &[1, 0])], "cut off"),
        (vec![binary("picture", "BYTES", &[1], &[255; 4])], "cut off"),
        (vec![binary("picture", "BYTES", &[2], &bytes(&["abc"]))], "but 1 values"),
    ];
    for (tensors, words) in cases {
        let reply = service.infer_binary("shapes", binary_body(json!({}), tensors)).await;
        let found = reply.refused(400, "bad_input");
        assert!(found.contains(words), "no `{words}` in `{found}`");
    }
    let body = json!({ "inputs": [crate::support::image(&[one])] }).to_string();
    for len in ["-1", "x", "", "18446744073709551616", &(body.len() + 1).to_string()] {
        let request = Request::post("/v2/models/shapes/infer").header(HEADER_LENGTH, len);
        let reply = service.send(request.body(body.clone().into()).unwrap()).await;
        reply.refused(400, "bad_input");
    }
    service.infer_binary("shapes", (body.len() - 1, body.into_bytes())).await.refused(400, "malformed_json");
    service.lives().await;
}

#[tokio::test]
async fn bodies_that_are_too_large_or_encoded() {
    let service = service();
    for path in [
        "/v2/models/shapes/infer",
        "/v2/models/mixed/infer",
        "/v2/repository/models/x/load",
        "/v2/repository/index",
    ] {
        service.post(path, vec![b' '; 100_001]).await.refused(413, "body_too_large");
        let pieces = (0..200).map(|_| Ok::<_, std::io::Error>(Bytes::from_static(&[b' '; 1000])));
        let chunked = Body::new(Pieces(pieces));
        service.send(Request::post(path).body(chunked).unwrap()).await.refused(413, "body_too_large");
        let stated =
            Request::post(path).header("content-length", "99999999999999").body(Body::empty()).unwrap();
        service.send(stated).await.refused(413, "body_too_large");
        for encoding in ["gzip", "br", "zstd", "identity, gzip", "\u{7f}"] {
            let Ok(request) = Request::post(path).header("content-encoding", encoding).body(Body::from("{}"))
            else {
                continue; // no header can say this
            };
            service.send(request).await.refused(415, "unsupported_encoding");
        }
        let fits = service.post(path, vec![b' '; 100_000]).await;
        assert_eq!(fits.status, 400, "{}", fits.text());
    }
    let identity = Request::post("/v2/repository/index").header("content-encoding", "identity");
    service.send(identity.body(Body::from("{}")).unwrap()).await.ok();
    let broken = [Ok(Bytes::from_static(b"{")), Err(std::io::Error::other("the line is cut"))];
    let broken = Body::new(Pieces(broken.into_iter()));
    let request = Request::post("/v2/models/shapes/infer").body(broken).unwrap();
    service.send(request).await.refused(400, "bad_body");
    service.lives().await;
}

/// A body that comes in pieces, and does not say how long it is.
struct Pieces<I>(I);

impl<I: Iterator<Item = Result<Bytes, std::io::Error>> + Unpin> HttpBody for Pieces<I> {
    type Data = Bytes;
    type Error = std::io::Error;
    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        Poll::Ready(self.0.next().map(|piece| piece.map(Frame::data)))
    }
}

#[tokio::test]
async fn scores_that_are_no_numbers() {
    let mut adapter = Small::default().adapter();
    adapter.parameters.biases[0].fill(f32::MAX);
    let service = Service::new(&[("huge", adapter.to_bytes().unwrap()), ("shapes", Small::default().file())]);
    service.infer("huge", &json!({ "inputs": [image(&images(1))] })).await.refused(422, "not_finite");
    service.infer("shapes", &json!({ "inputs": [image(&images(1))] })).await.ok();
}
