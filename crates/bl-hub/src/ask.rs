//! What is asked of a server.

use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::Value;
use url::Url;

/// One request.
pub(crate) struct Ask<'a> {
    pub(crate) method: Method,
    pub(crate) url: Url,
    /// Of what error messages speak.
    pub(crate) what: &'a str,
    /// Bytes that are there already.
    pub(crate) from: u64,
    pub(crate) body: Option<Value>,
}

impl<'a> Ask<'a> {
    pub(crate) fn get(url: Url, what: &'a str) -> Self {
        Self { method: Method::GET, url, what, from: 0, body: None }
    }

    pub(crate) fn head(url: Url, what: &'a str) -> Self {
        Self { method: Method::HEAD, ..Self::get(url, what) }
    }
}

/// A header as text.
pub(crate) fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

pub(crate) fn host(url: &Url) -> String {
    match (url.host_str(), url.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (host, _) => host.unwrap_or_default().to_owned(),
    }
}
