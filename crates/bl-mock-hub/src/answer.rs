//! What the hub says.

use std::io::{Result, Write};
use std::net::TcpStream;

use serde_json::Value;

/// Status, headers and body.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: Vec::new(), body: body.into() }
    }

    pub(crate) fn json(value: &Value) -> Self {
        Self::new(200, value.to_string()).with("content-type", "application/json")
    }

    /// An error as the Hub words it.
    pub(crate) fn error(status: u16, words: &str) -> Self {
        let body = serde_json::json!({ "error": words }).to_string();
        Self::new(status, body).with("content-type", "application/json").with("x-error-message", words)
    }

    /// An HTML page.
    pub(crate) fn page(status: u16) -> Self {
        let body = "<!DOCTYPE html><html><body><h1>Something went wrong</h1></body></html>";
        Self::new(status, body).with("content-type", "text/html; charset=utf-8")
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value.into()));
        self
    }

    /// Sends the head, and of the body what `part` leaves of it.
    pub(crate) fn send(&self, head_only: bool, part: usize, stream: &mut TcpStream) -> Result<()> {
        let mut head = Vec::new();
        write!(head, "HTTP/1.1 {} Status\r\nconnection: close\r\n", self.status)?;
        if !self.headers.iter().any(|(name, _)| *name == "content-length") {
            write!(head, "content-length: {}\r\n", self.body.len())?;
        }
        for (name, value) in &self.headers {
            write!(head, "{name}: {value}\r\n")?;
        }
        head.extend(b"\r\n");
        stream.write_all(&head)?;
        if !head_only {
            stream.write_all(&self.body[..part.min(self.body.len())])?;
        }
        stream.flush()
    }
}
