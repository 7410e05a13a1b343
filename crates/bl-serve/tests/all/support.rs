//! The service without a socket, and its answers.

use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bl_runtime::{Limits, Runtime};
use bl_serve::{Server, Settings, app};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt;

/// How long the JSON before binary tensors is.
pub(crate) const HEADER_LENGTH: &str = "inference-header-content-length";

/// A server over a folder of its own.
pub(crate) struct Service {
    pub(crate) folder: TempDir,
    pub(crate) server: Arc<Server>,
    app: Router,
}

/// Files by name.
pub(crate) type Files<'a> = &'a [(&'a str, Vec<u8>)];

impl Service {
    /// Clients may load and unload.
    pub(crate) fn new(adapters: Files<'_>) -> Self {
        Self::with(adapters, |_, _| {})
    }

    pub(crate) fn with(adapters: Files<'_>, change: impl FnOnce(&mut Settings, &mut Limits)) -> Self {
        let folder = TempDir::new().unwrap();
        for (name, file) in adapters {
            std::fs::write(folder.path().join(format!("{name}.safetensors")), file).unwrap();
        }
        let (mut settings, mut limits) = (Settings::new(folder.path().to_owned()), Limits::default());
        settings.allow_mutation = true;
        change(&mut settings, &mut limits);
        let server = Server::new(settings, Runtime::new(limits)).unwrap();
        server.load_folder().unwrap();
        Self::of(folder, server)
    }

    /// Of a server that has loaded its folder.
    pub(crate) fn of(folder: TempDir, server: Arc<Server>) -> Self {
        Self { folder, app: app(Arc::clone(&server)), server }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.path(name), bytes).unwrap();
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Reply {
        let response = self.app.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        Reply { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, body: impl Into<Body>) -> Reply {
        self.send(Request::post(path).body(body.into()).unwrap()).await
    }

    pub(crate) async fn infer(&self, model: &str, request: &Value) -> Reply {
        self.post(&format!("/v2/models/{model}/infer"), request.to_string()).await
    }

    /// Asks with binary tensors.
    pub(crate) async fn infer_binary(&self, model: &str, (json, body): (usize, Vec<u8>)) -> Reply {
        let request = Request::post(format!("/v2/models/{model}/infer")).header(HEADER_LENGTH, json);
        self.send(request.body(body.into()).unwrap()).await
    }

    pub(crate) async fn load(&self, name: &str, parameters: Value) -> Reply {
        let path = format!("/v2/repository/models/{name}/load");
        self.post(&path, json!({ "parameters": parameters }).to_string()).await
    }

    pub(crate) async fn load_bytes(&self, name: &str, file: &[u8]) -> Reply {
        self.load(name, json!({ "file": STANDARD.encode(file) })).await
    }

    pub(crate) async fn unload(&self, name: &str) -> Reply {
        self.post(&format!("/v2/repository/models/{name}/unload"), Body::empty()).await
    }

    /// What the index says: name, version, state and reason.
    pub(crate) async fn index(&self, body: &'static str) -> Vec<[String; 4]> {
        let entries = self.post("/v2/repository/index", body).await.ok();
        let field = |entry: &Value, name: &str| entry[name].as_str().unwrap().to_owned();
        let fields = |entry| ["name", "version", "state", "reason"].map(|name| field(entry, name));
        entries.as_array().unwrap().iter().map(fields).collect()
    }

    /// The version that a name stands for, if any.
    pub(crate) async fn version(&self, name: &str) -> Option<String> {
        let reply = self.get(&format!("/v2/models/{name}")).await;
        (reply.status == 200).then(|| reply.ok()["versions"][0].as_str().unwrap().to_owned())
    }

    /// Whether it still answers.
    #[track_caller]
    pub(crate) fn lives(&self) -> impl Future<Output = ()> {
        let live = self.app.clone().oneshot(Request::get("/v2/health/live").body(Body::empty()).unwrap());
        async { assert_eq!(live.await.unwrap().status(), 200) }
    }
}

/// Images as the input `image`.
pub(crate) fn image(images: &[Vec<u8>]) -> Value {
    json!({ "name": "image", "datatype": "UINT8", "shape": [images.len(), 8, 8], "data": images.concat() })
}

/// Strings as a tensor.
pub(crate) fn strings(name: &str, values: &[impl AsRef<str>]) -> Value {
    let values: Vec<&str> = values.iter().map(AsRef::as_ref).collect();
    json!({ "name": name, "datatype": "BYTES", "shape": [values.len()], "data": values })
}

/// A request for outputs by name.
pub(crate) fn outputs(names: &[&str]) -> Value {
    names.iter().map(|name| json!({ "name": name })).collect()
}

/// A tensor that comes after the JSON.
pub(crate) fn binary(name: &str, datatype: &str, shape: &[usize], bytes: &[u8]) -> (Value, Vec<u8>) {
    let parameters = json!({ "binary_data_size": bytes.len() });
    (json!({ "name": name, "datatype": datatype, "shape": shape, "parameters": parameters }), bytes.to_vec())
}

/// A body of JSON and the binary tensors after it, and how long the JSON is. `rest` are the request's other fields.
pub(crate) fn binary_body(mut rest: Value, tensors: Vec<(Value, Vec<u8>)>) -> (usize, Vec<u8>) {
    let (heads, bytes): (Vec<Value>, Vec<Vec<u8>>) = tensors.into_iter().unzip();
    rest["inputs"] = heads.into();
    let mut body = rest.to_string().into_bytes();
    let len = body.len();
    body.extend(bytes.concat());
    (len, body)
}

/// Strings as BYTES travel: each after its length.
pub(crate) fn bytes(strings: &[impl AsRef<[u8]>]) -> Vec<u8> {
    let one = |string: &[u8]| [&(string.len() as u32).to_le_bytes(), string].concat();
    strings.iter().flat_map(|string| one(string.as_ref())).collect()
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The JSON of one that went well, without binary tensors.
    #[track_caller]
    pub(crate) fn ok(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text());
        serde_json::from_slice(&self.body[..self.json_len()]).unwrap()
    }

    /// The words of one that was refused, in the form that all refusals have.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, code: &str) -> String {
        assert_eq!(self.status, status, "{}", self.text());
        assert_eq!(self.headers["content-type"], "application/json");
        let body: Value = serde_json::from_slice(&self.body).unwrap();
        assert_eq!(body["code"], code, "{body}");
        assert!(body["hint"].is_null() || body["hint"].is_string(), "{body}");
        body["error"].as_str().unwrap().to_owned()
    }

    fn json_len(&self) -> usize {
        self.headers.get(HEADER_LENGTH).map_or(self.body.len(), |len| len.to_str().unwrap().parse().unwrap())
    }

    /// Names of the outputs, in their order.
    #[track_caller]
    pub(crate) fn names(&self) -> Vec<String> {
        let name = |output: &Value| output["name"].as_str().unwrap().to_owned();
        self.ok()["outputs"].as_array().unwrap().iter().map(name).collect()
    }

    /// An output, whether it came in JSON or after it.
    #[track_caller]
    pub(crate) fn output(&self, name: &str) -> Output {
        let json = self.ok();
        let mut rest = &self.body[self.json_len()..];
        for output in json["outputs"].as_array().unwrap() {
            let size = output["parameters"]["binary_data_size"].as_u64().unwrap_or(0) as usize;
            let (own, after) = rest.split_at(size);
            rest = after;
            if output["name"] == name {
                let binary = output["data"].is_null().then(|| own.to_vec());
                return Output { head: output.clone(), binary };
            }
        }
        panic!("no output `{name}` in {json}")
    }
}

/// One output.
pub(crate) struct Output {
    pub(crate) head: Value,
    binary: Option<Vec<u8>>,
}

impl Output {
    pub(crate) fn shape(&self) -> Vec<usize> {
        serde_json::from_value(self.head["shape"].clone()).unwrap()
    }

    #[track_caller]
    pub(crate) fn f32s(&self) -> Vec<f32> {
        assert_eq!(self.head["datatype"], "FP32");
        self.values(|b| f32::from_le_bytes(*b))
    }

    #[track_caller]
    pub(crate) fn f64s(&self) -> Vec<f64> {
        assert_eq!(self.head["datatype"], "FP64");
        self.values(|b| f64::from_le_bytes(*b))
    }

    #[track_caller]
    pub(crate) fn u8s(&self) -> Vec<u8> {
        assert_eq!(self.head["datatype"], "UINT8");
        self.values(|[b]: &[u8; 1]| *b)
    }

    #[track_caller]
    pub(crate) fn strings(&self) -> Vec<String> {
        assert_eq!(self.head["datatype"], "BYTES");
        let Some(mut rest) = self.binary.as_deref() else {
            return serde_json::from_value(self.head["data"].clone()).unwrap();
        };
        let mut all = Vec::new();
        while let Some((len, after)) = rest.split_first_chunk::<4>() {
            let (string, after) = after.split_at(u32::from_le_bytes(*len) as usize);
            all.push(String::from_utf8(string.to_vec()).unwrap());
            rest = after;
        }
        all
    }

    #[track_caller]
    fn values<T: for<'de> serde::Deserialize<'de>, const N: usize>(
        &self,
        of: impl Fn(&[u8; N]) -> T,
    ) -> Vec<T> {
        let values: Vec<T> = match &self.binary {
            None => serde_json::from_value(self.head["data"].clone()).unwrap(),
            Some(bytes) => bytes.as_chunks::<N>().0.iter().map(of).collect(),
        };
        assert_eq!(values.len(), self.shape().iter().product::<usize>());
        values
    }
}
