//! `bl-run bench --server`: the same answers over HTTP, on a socket of this machine.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bl_core::{Adapter, Model};
use bl_runtime::{Expect, Limits, Query, Runtime, Scratch, predict_batch};
use bl_serve::{Server, Settings};
use serde::Serialize;
use serde_json::json;

use crate::latency::{Effort, Quantiles};

/// Clients at a time.
const CLIENTS: [usize; 3] = [1, 4, 16];

#[derive(Serialize)]
pub(super) struct ServerReport {
    /// One image by the library, without a server.
    pub(super) library: Quantiles,
    /// One client, one image at a time: what the server adds at the median.
    pub(super) overhead_us: f64,
    /// The same with pixels as JSON numbers instead of bytes.
    pub(super) overhead_json_us: f64,
    pub(super) loads: Vec<Load>,
}

#[derive(Serialize)]
pub(super) struct Load {
    pub(super) clients: usize,
    /// Whether the version was swapped all the while, as fast as that goes.
    pub(super) swapping: bool,
    pub(super) swaps: usize,
    pub(super) latency: Quantiles,
    pub(super) requests_per_second: f64,
}

/// Serves two versions of an adapter and asks for one image at a time.
pub(super) fn measure(
    model: &Model,
    adapter: &Adapter,
    image: &[u8],
    effort: Effort,
) -> anyhow::Result<ServerReport> {
    let folder = tempfile::tempdir()?;
    let runtime = Runtime::new(Limits::default());
    runtime.share_backbone(&model.backbone);
    let server = Server::new(Settings::new(folder.path().to_owned()), runtime)?;
    server.load_folder()?;
    let versions = ["first", "second"].map(|title| {
        let mut copy = adapter.clone();
        title.clone_into(&mut copy.header.task.title);
        anyhow::Ok(server.runtime().prepare(&copy.to_bytes()?)?)
    });
    let [first, second] = versions;
    let versions = [first?, second?];
    server.runtime().publish("task", &versions[0], Expect::Anything)?;

    let (query, mut scratch) = (Query { image: 0, model: versions[0].model() }, Scratch::default());
    let library = effort.times(|_| {
        let begin = Instant::now();
        std::hint::black_box(predict_batch(&[image], &[query], &mut scratch)?);
        Ok(begin.elapsed().as_secs_f64())
    })?;
    let library = Quantiles::of(&library);

    let threads = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let listener = threads.block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))?;
    let address = listener.local_addr()?;
    threads.spawn(bl_serve::serve(Arc::clone(&server), listener, std::future::pending()));

    let mut loads = Vec::new();
    for clients in CLIENTS {
        for swapping in [false, true] {
            let (stop, swaps) = (AtomicBool::new(false), AtomicUsize::new(0));
            let load = std::thread::scope(|scope| {
                if swapping {
                    scope.spawn(|| {
                        while !stop.load(Ordering::Relaxed) {
                            let next = &versions[swaps.fetch_add(1, Ordering::Relaxed) % 2];
                            drop(server.runtime().publish("task", next, Expect::Anything));
                            std::thread::sleep(Duration::from_micros(50)); // or it takes a core for itself
                        }
                    });
                }
                let load = ask_all(address, &binary_request(image), clients, effort);
                stop.store(true, Ordering::Relaxed);
                load
            });
            let (times, seconds) = load?;
            loads.push(Load {
                clients,
                swapping,
                swaps: swaps.into_inner(),
                latency: Quantiles::of(&times),
                requests_per_second: times.len() as f64 / seconds,
            });
        }
    }
    let (json, _) = ask_all(address, &json_request(image), 1, effort)?;
    threads.shutdown_background();
    Ok(ServerReport {
        overhead_us: loads[0].latency.p50_us - library.p50_us,
        overhead_json_us: Quantiles::of(&json).p50_us - library.p50_us,
        library,
        loads,
    })
}

/// Seconds of every request, and of all together.
fn ask_all(
    address: SocketAddr,
    request: &[u8],
    clients: usize,
    effort: Effort,
) -> anyhow::Result<(Vec<f64>, f64)> {
    let start = Instant::now();
    let times = std::thread::scope(|scope| {
        let client = || {
            let mut stream = TcpStream::connect(address)?;
            stream.set_nodelay(true)?;
            let mut buffer = Vec::new();
            effort.times(|_| {
                let begin = Instant::now();
                stream.write_all(request)?;
                read_answer(&mut stream, &mut buffer)?;
                Ok(begin.elapsed().as_secs_f64())
            })
        };
        let clients: Vec<_> = (0..clients).map(|_| scope.spawn(client)).collect();
        let join = |client: std::thread::ScopedJoinHandle<'_, anyhow::Result<Vec<f64>>>| {
            client.join().unwrap_or_else(|_| Err(anyhow::anyhow!("a client failed")))
        };
        clients.into_iter().map(join).collect::<anyhow::Result<Vec<_>>>()
    })?;
    Ok((times.concat(), start.elapsed().as_secs_f64()))
}

/// A whole answer, which must be a good one.
fn read_answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> anyhow::Result<()> {
    buffer.clear();
    let mut part = [0; 8192];
    loop {
        let len = stream.read(&mut part)?;
        if len == 0 {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        }
        buffer.extend_from_slice(&part[..len]);
        let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&buffer[..end]).to_lowercase();
        anyhow::ensure!(head.starts_with("http/1.1 200"), "the server said {head}");
        let length =
            head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
        let length = length.ok_or_else(|| anyhow::anyhow!("an answer without a length"))?;
        if buffer.len() >= end + 4 + length {
            return Ok(());
        }
    }
}

fn binary_request(image: &[u8]) -> Vec<u8> {
    let input = json!({ "name": "image", "datatype": "UINT8", "shape": [1, image.len()],
                        "parameters": { "binary_data_size": image.len() } });
    let head = json!({ "inputs": [input], "parameters": { "binary_data_output": true } }).to_string();
    let length = format!("Inference-Header-Content-Length: {}\r\n", head.len());
    request(&length, &[head.as_bytes(), image].concat())
}

fn json_request(image: &[u8]) -> Vec<u8> {
    let input = json!({ "name": "image", "datatype": "UINT8", "shape": [1, image.len()], "data": image });
    request("", json!({ "inputs": [input] }).to_string().as_bytes())
}

fn request(headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "POST /v2/models/task/infer HTTP/1.1\r\nHost: localhost\r\n{headers}Content-Length: {length}\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}
