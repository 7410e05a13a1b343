//! What a client asks for.

use std::io::{BufRead, BufReader, Error, Read, Result};
use std::net::TcpStream;

/// A request, read whole.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// `GET`, `HEAD`, `POST` or `PUT`.
    pub method: String,
    /// The path, percent-decoded, without the query.
    pub path: String,
    /// Names and values of the query, decoded.
    pub query: Vec<(String, String)>,
    /// What follows `Bearer`.
    pub token: Option<String>,
    /// What the client calls this server.
    pub host: String,
    /// First byte asked for.
    pub range: Option<usize>,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    pub(crate) fn read(stream: &mut TcpStream) -> Result<Self> {
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let mut parts = line.split_whitespace();
        let (Some(method), Some(target)) = (parts.next(), parts.next()) else {
            return Err(Error::other("no request"));
        };
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut request = Self { method: method.to_owned(), path: decoded(path), ..Self::default() };
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        request.query = pairs.map(|(name, value)| (decoded(name), decoded(value))).collect();
        let (mut length, mut chunked) = (0, false);
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            let value = value.trim();
            match name.to_ascii_lowercase().as_str() {
                "authorization" => request.token = value.strip_prefix("Bearer ").map(str::to_owned),
                "host" => value.clone_into(&mut request.host),
                "content-length" => length = value.parse().map_err(Error::other)?,
                "transfer-encoding" => chunked = value == "chunked",
                "range" => {
                    let first = value.strip_prefix("bytes=").and_then(|range| range.split_once('-'));
                    request.range = first.and_then(|(first, _)| first.parse().ok());
                }
                _ => {}
            }
        }
        if chunked {
            request.body = read_chunks(&mut reader)?;
        } else {
            request.body = vec![0; length];
            reader.read_exact(&mut request.body)?;
        }
        Ok(request)
    }

    /// A value of the query.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

fn read_chunks(reader: &mut impl BufRead) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let size = usize::from_str_radix(line.trim_end(), 16).map_err(Error::other)?;
        let start = body.len();
        body.resize(start + size, 0);
        reader.read_exact(&mut body[start..])?;
        reader.read_line(&mut String::new())?;
        if size == 0 {
            return Ok(body);
        }
    }
}

fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let (mut decoded, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while at < bytes.len() {
        let escape = text.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        if let Some(byte) = escape.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            decoded.push(byte);
            at += 3;
        } else {
            decoded.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}
