//! A server on a socket, and a client of few words.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use bl_serve::{Server, serve};
use tokio::sync::oneshot;

use crate::support::{HEADER_LENGTH, Reply};

/// A server on a thread of its own, which is stopped in order when this is dropped.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    pub(crate) fn start(server: &Arc<Server>) -> Self {
        let (server, (stop, stopped)) = (Arc::clone(server), oneshot::channel());
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let run = move || {
            let threads =
                tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
            threads.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                serve(server, listener, async { drop(stopped.await) }).await;
            });
        };
        Self { address, stop: Some(stop), thread: Some(std::thread::spawn(run)) }
    }

    pub(crate) fn connect(&self) -> Client {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        stream.set_nodelay(true).unwrap();
        Client { stream, received: Vec::new() }
    }

    /// Tells it to stop, and does not wait.
    pub(crate) fn ask_to_stop(&mut self) {
        self.stop.take().into_iter().for_each(|stop| _ = stop.send(()));
    }

    /// Whether it has stopped.
    pub(crate) fn has_stopped(&self) -> bool {
        self.thread.as_ref().is_none_or(JoinHandle::is_finished)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.ask_to_stop();
        if let Some(Err(panic)) = self.thread.take().map(JoinHandle::join) {
            assert!(std::thread::panicking(), "the server panicked: {panic:?}");
        }
    }
}

/// A connection that is kept.
pub(crate) struct Client {
    pub(crate) stream: TcpStream,
    received: Vec<u8>,
}

/// A request as bytes.
pub(crate) fn post(path: &str, json_len: Option<usize>, body: &[u8]) -> Vec<u8> {
    let binary = json_len.map_or_else(String::new, |len| format!("{HEADER_LENGTH}: {len}\r\n"));
    let len = body.len();
    let head = format!("POST {path} HTTP/1.1\r\nHost: localhost\r\n{binary}Content-Length: {len}\r\n\r\n");
    [head.as_bytes(), body].concat()
}

pub(crate) fn get(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").into_bytes()
}

impl Client {
    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).unwrap();
    }

    pub(crate) fn ask(&mut self, request: &[u8]) -> Reply {
        self.send(request);
        self.receive().unwrap()
    }

    /// The next answer; nothing if the server closed the connection first.
    pub(crate) fn receive(&mut self) -> Option<Reply> {
        let end_of_head = loop {
            match self.received.windows(4).position(|window| window == b"\r\n\r\n") {
                Some(at) => break at + 4,
                None => self.more()?,
            }
        };
        let head = String::from_utf8(self.received[..end_of_head].to_vec()).unwrap();
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let fields = lines.filter_map(|line| line.split_once(": "));
        let headers: HeaderMap = fields
            .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap()))
            .collect();
        let len: usize =
            headers.get("content-length").map_or(0, |len| len.to_str().unwrap().parse().unwrap());
        while self.received.len() < end_of_head + len {
            self.more()?;
        }
        let rest = self.received.split_off(end_of_head + len);
        let body = std::mem::replace(&mut self.received, rest).split_off(end_of_head);
        Some(Reply { status, headers, body })
    }

    fn more(&mut self) -> Option<()> {
        let mut buffer = [0; 1 << 14];
        let found = self.stream.read(&mut buffer).ok()?;
        self.received.extend_from_slice(&buffer[..found]);
        (found > 0).then_some(())
    }

    /// Whether the server has closed it, or does so now.
    pub(crate) fn is_closed(&mut self) -> bool {
        self.more().is_none()
    }
}
