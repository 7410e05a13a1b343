//! Requests that come together are computed together: one frozen half for all their images, whatever the tasks.
//!
//! There is no fixed wait. While a batch is computed others arrive, and the next batch is all of them; a batch waits, for
//! a bounded time, only while a request is being read at this moment. A single client never waits.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use bl_runtime::{Input, Query, Scratch, Version, predict};
use tokio::sync::oneshot;

use crate::failure::Failure;
use crate::metrics::Metrics;
use crate::settings::Settings;

/// What one request asks: images or texts, and for each row which of them and who answers.
pub(crate) struct Questions {
    pub(crate) inputs: Vec<Input>,
    pub(crate) rows: Vec<(usize, Arc<Version>)>,
}

/// Class scores of each row.
type Scores = Vec<Vec<f32>>;

struct Job {
    questions: Questions,
    reply: oneshot::Sender<Result<Scores, Failure>>,
}

/// The way to the thread that computes.
pub(crate) struct Batcher {
    jobs: Sender<Job>,
    counts: Arc<Counts>,
    max_queue: usize,
    /// The most that one request may have.
    max_rows: usize,
}

#[derive(Default)]
struct Counts {
    /// Rows that wait or are computed.
    queued: AtomicUsize,
    /// Requests that were received and are being read.
    arriving: AtomicUsize,
}

/// A request that is being read: a batch may wait for it.
pub(crate) struct Arrival(Arc<Counts>);

impl Drop for Arrival {
    fn drop(&mut self) {
        self.0.arriving.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Batcher {
    /// Starts the thread, which ends with the last way to it.
    pub(crate) fn start(settings: &Settings, metrics: Arc<Metrics>) -> std::io::Result<Self> {
        let (jobs, waiting) = channel();
        let counts = Arc::new(Counts::default());
        let mut worker = Worker {
            waiting,
            counts: Arc::clone(&counts),
            metrics,
            max_batch: settings.max_batch,
            max_wait: settings.max_wait,
            scratch: Scratch::default(),
        };
        std::thread::Builder::new().name("batches".into()).spawn(move || {
            // A bug of ours in one batch must not end the service: its requests fail, and the next are answered.
            while catch_unwind(AssertUnwindSafe(|| worker.run())).is_err() {}
        })?;
        Ok(Self { jobs, counts, max_queue: settings.max_queue, max_rows: settings.max_rows() })
    }

    /// Says that a request is being read.
    pub(crate) fn arrival(&self) -> Arrival {
        self.counts.arriving.fetch_add(1, Ordering::Relaxed);
        Arrival(Arc::clone(&self.counts))
    }

    /// Rows that wait or are computed.
    pub(crate) fn queued(&self) -> usize {
        self.counts.queued.load(Ordering::Relaxed)
    }

    /// Whether a request may have that many rows. To be asked before anything is done for them.
    pub(crate) fn check_rows(&self, rows: usize) -> Result<(), Failure> {
        match (rows, self.max_rows) {
            (0, _) => Err(Failure::bad_input("the request has no rows")),
            (rows, max) if rows > max => Err(Failure::bad_input(format!(
                "{rows} rows are requested, at most {max} are computed at a time"
            ))),
            _ => Ok(()),
        }
    }

    /// Computes the answers. `arrival` ends when the questions stand in the queue.
    pub(crate) async fn ask(&self, questions: Questions, arrival: Arrival) -> Result<Scores, Failure> {
        let rows = questions.rows.len();
        self.check_rows(rows)?;
        let before = self.counts.queued.fetch_add(rows, Ordering::Relaxed);
        if before + rows > self.max_queue {
            self.counts.queued.fetch_sub(rows, Ordering::Relaxed);
            return Err(Failure::busy());
        }
        let (reply, scores) = oneshot::channel();
        let stopped = || Failure::internal("the thread that computes has stopped");
        self.jobs.send(Job { questions, reply }).map_err(|_| stopped())?;
        drop(arrival);
        scores.await.map_err(|_| stopped())?
    }
}

struct Worker {
    waiting: Receiver<Job>,
    counts: Arc<Counts>,
    metrics: Arc<Metrics>,
    max_batch: usize,
    max_wait: Duration,
    scratch: Scratch,
}

impl Worker {
    fn run(&mut self) {
        while let Ok(first) = self.waiting.recv() {
            let mut left_over = Some(first);
            while let Some(first) = left_over.take() {
                let batch = self.gather(first, &mut left_over);
                let batch = self.still_wanted(batch);
                if !batch.is_empty() {
                    self.compute(batch);
                }
            }
        }
    }

    /// Without the questions of clients that have gone.
    fn still_wanted(&self, mut batch: Vec<Job>) -> Vec<Job> {
        let gone = batch.extract_if(.., |job| job.reply.is_closed());
        let rows: usize = gone.map(|job| job.questions.rows.len()).sum();
        self.counts.queued.fetch_sub(rows, Ordering::Relaxed);
        batch
    }

    /// As many jobs as fit; one that does not is left over for the next batch.
    fn gather(&self, first: Job, left_over: &mut Option<Job>) -> Vec<Job> {
        let mut rows = first.questions.rows.len();
        let mut batch = vec![first];
        let until = Instant::now() + self.max_wait;
        while rows < self.max_batch {
            let Some(job) = self.next(until) else { break };
            if rows + job.questions.rows.len() > self.max_batch {
                *left_over = Some(job);
                break;
            }
            rows += job.questions.rows.len();
            batch.push(job);
        }
        batch
    }

    /// What waits already; or else what comes until then, while somebody is about to come.
    fn next(&self, until: Instant) -> Option<Job> {
        loop {
            if let Ok(job) = self.waiting.try_recv() {
                return Some(job);
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || self.counts.arriving.load(Ordering::Relaxed) == 0 {
                return None;
            }
            match self.waiting.recv_timeout(left.min(Duration::from_micros(20))) {
                Ok(job) => return Some(job),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return None,
            }
        }
    }

    fn compute(&mut self, batch: Vec<Job>) {
        let rows: usize = batch.iter().map(|job| job.questions.rows.len()).sum();
        // A bug of ours in one batch must not end the service.
        let scores = catch_unwind(AssertUnwindSafe(|| self.scores(&batch)));
        let scores = scores.unwrap_or_else(|_| {
            self.scratch = Scratch::default();
            Err(Failure::internal("the computation failed"))
        });
        self.counts.queued.fetch_sub(rows, Ordering::Relaxed);
        match scores {
            Ok(scores) => {
                let mut scores = scores.into_iter();
                for Job { questions, reply } in batch {
                    let own = scores.by_ref().take(questions.rows.len()).collect();
                    let _ = reply.send(Ok(own)); // who has gone wants no answer
                }
            }
            Err(failure) => batch.into_iter().for_each(|job| drop(job.reply.send(Err(failure.clone())))),
        }
    }

    fn scores(&mut self, batch: &[Job]) -> Result<Scores, Failure> {
        let (mut inputs, mut queries) = (Vec::new(), Vec::new());
        for Job { questions, .. } in batch {
            let first = inputs.len();
            inputs.extend(&questions.inputs);
            for (image, version) in &questions.rows {
                queries.push(Query { image: first + image, model: version.model() });
            }
        }
        let mut models: Vec<_> = queries.iter().map(|query| std::ptr::from_ref(query.model)).collect();
        models.sort_unstable();
        models.dedup();
        self.metrics.batch(queries.len(), models.len());
        Ok(predict(&inputs, &queries, &mut self.scratch)?)
    }
}
