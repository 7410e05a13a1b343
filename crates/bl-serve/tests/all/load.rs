//! Single and mixed batches without pause while versions are swapped as fast as they can be: every answer is, to the
//! bit, that of the version it names.
//!
//! `BL_SOAK_SECONDS` says for how long; `--nocapture` shows how much was asked.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::adapters::{Small, images, version};
use crate::socket::{Running, get, post};
use crate::support::{Reply, Service, binary, binary_body, bytes, outputs};

/// Adapters; the last is swapped by its file, the others by a client.
const NAMES: [&str; 4] = ["zero", "one", "two", "file"];
/// Of each.
const VERSIONS: usize = 6;
const IMAGES: usize = 8;
const CLIENTS: usize = 3;

/// Names share two backbones.
fn small(name: usize, nth: usize) -> Small {
    Small { seed: 1 + name as u64 % 2, which: 10 * name + nth, units: 4000, ..Small::default() }
}

/// What is right.
struct Truth {
    files: Vec<Vec<Vec<u8>>>,
    /// Scores of every image, by version.
    scores: HashMap<String, Vec<Vec<f32>>>,
    images: Vec<Vec<u8>>,
}

impl Truth {
    fn new() -> Self {
        let images = images(IMAGES);
        let (mut files, mut scores) = (Vec::new(), HashMap::new());
        for name in 0..NAMES.len() {
            let of_name = |nth| {
                let small = small(name, nth);
                let file = small.file();
                scores.insert(version(&file), small.scores(&images));
                file
            };
            files.push((0..VERSIONS).map(of_name).collect());
        }
        Self { files, scores, images }
    }

    /// Every row of an answer: by which version, of which image.
    fn check(&self, reply: &Reply, rows: &[(String, usize)]) {
        let scores = reply.output("scores").f32s();
        for (row, (version, image)) in rows.iter().enumerate() {
            let expected = &self.scores[version][*image];
            assert_eq!(&scores[3 * row..3 * row + 3], expected, "row {row}, version {version}");
        }
    }
}

/// Numbers without pattern, the same every time.
struct Draws(u64);

impl Draws {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % n
    }
}

#[derive(Default)]
struct Counts {
    single: AtomicUsize,
    mixed: AtomicUsize,
    rows: AtomicUsize,
    swaps: AtomicUsize,
    rewrites: AtomicUsize,
    done: AtomicBool,
}

/// Ends the others when a thread fails, too.
struct Done<'a>(&'a AtomicBool);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn ask(running: &Running, truth: &Truth, counts: &Counts, seed: u64) {
    let _done = Done(&counts.done);
    let (mut client, mut draws) = (running.connect(), Draws(seed));
    let answer = json!({ "outputs": outputs(&["scores"]), "parameters": { "binary_data_output": true } });
    for round in 0_usize.. {
        if counts.done.load(Ordering::Relaxed) {
            return;
        }
        if round % 500 == 499 {
            client = running.connect(); // now and then
        }
        let rows = 1 + draws.below(8);
        let shown: Vec<usize> = (0..rows).map(|_| draws.below(IMAGES)).collect();
        let pixels: Vec<u8> = shown.iter().flat_map(|&image| truth.images[image].clone()).collect();
        if draws.below(2) == 0 {
            let mut rest = answer.clone();
            rest["outputs"] = outputs(if draws.below(4) == 0 { &["on", "scores"] } else { &["scores"] });
            let (len, body) = binary_body(rest, vec![binary("image", "UINT8", &[rows, 64], &pixels)]);
            let path = format!("/v2/models/{}/infer", NAMES[draws.below(NAMES.len())]);
            let reply = client.ask(&post(&path, Some(len), &body));
            let version = reply.ok()["model_version"].as_str().unwrap().to_owned();
            truth.check(&reply, &shown.iter().map(|&image| (version.clone(), image)).collect::<Vec<_>>());
            counts.single.fetch_add(1, Ordering::Relaxed);
            counts.rows.fetch_add(rows, Ordering::Relaxed);
        } else {
            let one_for_all = draws.below(2) == 0;
            let (pixels, images) = if one_for_all { (&pixels[..64], 1) } else { (&*pixels, rows) };
            let names: Vec<&str> = (0..rows).map(|_| NAMES[draws.below(NAMES.len())]).collect();
            let mut rest = answer.clone();
            rest["outputs"] = outputs(&["generation", "scores"]);
            let tensors = vec![
                binary("image", "UINT8", &[images, 64], pixels),
                binary("adapter", "BYTES", &[rows], &bytes(&names)),
            ];
            let (len, body) = binary_body(rest, tensors);
            let reply = client.ask(&post("/v2/models/mixed/infer", Some(len), &body));
            let versions = reply.output("generation").strings();
            assert_eq!(versions.len(), rows);
            let image = |row: usize| if one_for_all { shown[0] } else { shown[row] };
            let rows: Vec<_> =
                versions.into_iter().enumerate().map(|(row, version)| (version, image(row))).collect();
            truth.check(&reply, &rows);
            counts.mixed.fetch_add(1, Ordering::Relaxed);
            counts.rows.fetch_add(rows.len(), Ordering::Relaxed);
        }
    }
}

fn swap(running: &Running, truth: &Truth, counts: &Counts) {
    let _done = Done(&counts.done);
    let body = |file: &Vec<u8>| json!({ "parameters": { "file": STANDARD.encode(file) } }).to_string();
    let bodies: Vec<Vec<String>> = truth.files.iter().map(|files| files.iter().map(body).collect()).collect();
    let (mut client, mut draws) = (running.connect(), Draws(99));
    while !counts.done.load(Ordering::Relaxed) {
        let name = draws.below(NAMES.len() - 1);
        let path = format!("/v2/repository/models/{}/load", NAMES[name]);
        let nth = draws.below(VERSIONS);
        let reply = client.ask(&post(&path, None, bodies[name][nth].as_bytes()));
        assert_eq!(reply.ok()["version"], version_of(&truth.files[name][nth]));
        counts.swaps.fetch_add(1, Ordering::Relaxed);
    }
}

fn version_of(file: &[u8]) -> Value {
    use std::cell::RefCell;
    thread_local!(static KNOWN: RefCell<HashMap<Vec<u8>, String>> = RefCell::default());
    KNOWN.with_borrow_mut(|known| known.entry(file.to_vec()).or_insert_with(|| version(file)).clone().into())
}

/// In place and by renaming in turn. A file that is read while it is written must not be served.
fn rewrite(service: &Service, truth: &Truth, counts: &Counts) {
    let _done = Done(&counts.done);
    let mut draws = Draws(7);
    while !counts.done.load(Ordering::Relaxed) {
        let file = &truth.files[NAMES.len() - 1][draws.below(VERSIONS)];
        if draws.below(2) == 0 {
            service.write("file.safetensors", file);
        } else {
            service.write("file.part", file);
            std::fs::rename(service.path("file.part"), service.path("file.safetensors")).unwrap();
        }
        counts.rewrites.fetch_add(1, Ordering::Relaxed);
        std::thread::sleep(Duration::from_millis(3));
    }
}

#[test]
fn every_answer_is_that_of_the_version_it_names() {
    let seconds = std::env::var("BL_SOAK_SECONDS").map_or(20.0, |text| text.parse().unwrap());
    let truth = Truth::new();
    let first: Vec<_> =
        NAMES.iter().zip(&truth.files).map(|(name, files)| (*name, files[0].clone())).collect();
    let service = Service::new(&first);
    bl_serve::watch(&service.server, Duration::from_millis(5)).unwrap();
    let (running, counts) = (Running::start(&service.server), Counts::default());
    let start = Instant::now();
    std::thread::scope(|scope| {
        let (running, truth, counts, service) = (&running, &truth, &counts, &service);
        for client in 0..CLIENTS {
            scope.spawn(move || ask(running, truth, counts, 1 + client as u64));
        }
        scope.spawn(move || swap(running, truth, counts));
        scope.spawn(move || rewrite(service, truth, counts));
        let _done = Done(&counts.done);
        while !counts.done.load(Ordering::Relaxed) && start.elapsed().as_secs_f64() < seconds {
            std::thread::sleep(Duration::from_millis(20));
        }
    });
    let metrics = running.connect().ask(&get("/metrics")).text();
    let metric = |name: &str| -> f64 {
        let line = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.unwrap_or("0").parse().unwrap()
    };
    let count = |count: &AtomicUsize| count.load(Ordering::Relaxed);
    let (answers, batches) = (count(&counts.single) + count(&counts.mixed), metric("bl_batch_rows_count"));
    let replaced = metric(r#"bl_adapter_loads_total{outcome="replaced"}"#);
    println!(
        "{seconds} s: {} single and {} mixed answers of {} rows in {batches} batches ({:.2} rows, {:.2} adapters a batch), \
         {} loads by a client, {} rewrites of a file, {replaced} swaps",
        count(&counts.single),
        count(&counts.mixed),
        count(&counts.rows),
        metric("bl_batch_rows_sum") / batches,
        metric("bl_batch_adapters_sum") / batches,
        count(&counts.swaps),
        count(&counts.rewrites),
    );
    assert_eq!(metric("bl_queue_rows"), 0.0);
    let enough = |found: f64, a_second: f64| found >= (a_second * seconds).max(1.0);
    assert!(enough(answers as f64, 50.0), "{answers} answers mean nothing");
    assert!(enough(replaced, 10.0), "{replaced} swaps mean nothing");
    assert!(batches > 0.0 && batches <= answers as f64);
}
