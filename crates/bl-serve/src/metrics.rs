//! What is counted, in the text form of Prometheus (`OpenMetrics`).

mod stats;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bl_runtime::VersionId;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

use crate::names::MIXED;
use stats::Stats;

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Answered {
    model: Label,
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Of {
    model: Label,
}

/// A name as a label's value. The library writes it as it is, so what would end it is escaped here: a name may have quotes.
#[derive(Clone, Debug, Hash, PartialEq, Eq)]
struct Label(String);

impl EncodeLabelValue for Label {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '\\' => encoder.write_str("\\\\")?,
                '"' => encoder.write_str("\\\"")?,
                '\n' => encoder.write_str("\\n")?,
                c => encoder.write_char(c)?,
            }
        }
        Ok(())
    }
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

type Seconds = Family<Of, Histogram, fn() -> Histogram>;

/// All that is counted.
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<Answered, Counter>,
    durations: Seconds,
    batch_rows: Histogram,
    batch_adapters: Histogram,
    loads: Family<Outcome, Counter>,
    load_seconds: Histogram,
    queued: Gauge,
    adapters: Gauge,
    adapter_bytes: Gauge,
    /// All models that something was counted of: what leaves this list leaves the labels too.
    models: Mutex<BTreeMap<String, Model>>,
}

/// What was counted of a model.
#[derive(Default)]
struct Model {
    statuses: BTreeSet<u16>,
    stats: Stats,
}

/// How a request went.
pub(crate) struct Asked {
    pub(crate) begin: Instant,
    /// Of the adapter that answered.
    pub(crate) version: Option<VersionId>,
    pub(crate) rows: usize,
    /// Reading the request, waiting and computing, writing the answer.
    pub(crate) input: Duration,
    pub(crate) infer: Duration,
    pub(crate) output: Duration,
}

impl Asked {
    pub(crate) fn begin() -> Self {
        let none = Duration::ZERO;
        Self { begin: Instant::now(), version: None, rows: 0, input: none, infer: none, output: none }
    }
}

/// Of a model that is not there: clients must not be able to fill the memory with names.
pub(crate) const NO_MODEL: &str = "";

impl Metrics {
    pub(crate) fn new() -> Self {
        // From 100 µs to some 7 s.
        let seconds: fn() -> Histogram = || Histogram::new(exponential_buckets(1e-4, 2.0, 17));
        let rows = || Histogram::new(exponential_buckets(1.0, 2.0, 12));
        let mut all = Self {
            registry: Registry::with_prefix("bl"),
            requests: Family::default(),
            durations: Family::new_with_constructor(seconds),
            batch_rows: rows(),
            batch_adapters: rows(),
            loads: Family::default(),
            load_seconds: seconds(),
            queued: Gauge::default(),
            adapters: Gauge::default(),
            adapter_bytes: Gauge::default(),
            models: Mutex::default(),
        };
        let registry = &mut all.registry;
        registry.register("requests", "Inference requests, by model and status", all.requests.clone());
        let help = "From a request's first byte to its answer";
        registry.register_with_unit("request_duration", help, Unit::Seconds, all.durations.clone());
        registry.register("batch_rows", "Rows that were computed together", all.batch_rows.clone());
        let help = "Adapters that answered in one batch";
        registry.register("batch_adapters", help, all.batch_adapters.clone());
        registry.register(
            "adapter_loads",
            "Adapters that were loaded, swapped, or refused",
            all.loads.clone(),
        );
        let help = "Reading, verifying and preparing an adapter";
        registry.register_with_unit("adapter_load", help, Unit::Seconds, all.load_seconds.clone());
        registry.register("queue_rows", "Rows that wait", all.queued.clone());
        registry.register("adapters", "Adapters that are loaded", all.adapters.clone());
        let help = "Memory of the adapters that are loaded";
        registry.register_with_unit("adapters", help, Unit::Bytes, all.adapter_bytes.clone());
        all
    }

    /// One inference request; `model` is the name of one that is loaded, or [`NO_MODEL`].
    pub(crate) fn request(&self, model: &str, status: u16, asked: &Asked) {
        let took = asked.begin.elapsed();
        let mut models = self.models();
        let known = models.entry(model.to_owned()).or_default();
        known.statuses.insert(status);
        known.stats.add((200..300).contains(&status), took, asked);
        // Under the lock, so that a name that leaves takes all its labels with it.
        let model = Label(model.to_owned());
        self.requests.get_or_create(&Answered { model: model.clone(), status }).inc();
        self.durations.get_or_create(&Of { model }).observe(took.as_secs_f64());
    }

    /// Forgets what was counted of models that are not there any more: clients that load and unload could fill the memory
    /// with names, and a scraper with series.
    pub(crate) fn keep_only(&self, is_loaded: impl Fn(&str) -> bool) {
        self.models().retain(|name, model| {
            let stays = name == NO_MODEL || name == MIXED || is_loaded(name);
            if !stays {
                for &status in &model.statuses {
                    self.requests.remove(&Answered { model: Label(name.clone()), status });
                }
                self.durations.remove(&Of { model: Label(name.clone()) });
            }
            stays
        });
    }

    /// What was asked of a model, as the protocol's statistics extension has it.
    pub(crate) fn stats(&self, model: &str, version: Option<VersionId>) -> serde_json::Value {
        let models = self.models();
        let nothing = Stats::default();
        let stats = models.get(model).map(|known| &known.stats);
        // What another version answered is not of this one.
        let stats = stats.filter(|stats| stats.version == version).unwrap_or(&nothing);
        stats.to_json(model, version)
    }

    fn models(&self) -> MutexGuard<'_, BTreeMap<String, Model>> {
        self.models.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn batch(&self, rows: usize, adapters: usize) {
        self.batch_rows.observe(rows as f64);
        self.batch_adapters.observe(adapters as f64);
    }

    /// `outcome` is `loaded`, `replaced`, `unchanged` or `refused`.
    pub(crate) fn load(&self, outcome: &'static str, took: Duration) {
        self.loads.get_or_create(&Outcome { outcome }).inc();
        self.load_seconds.observe(took.as_secs_f64());
    }

    /// The text, with the state of this moment.
    pub(crate) fn text(&self, queued: usize, adapters: usize, bytes: usize) -> Result<String, fmt::Error> {
        self.queued.set(queued as i64);
        self.adapters.set(adapters as i64);
        self.adapter_bytes.set(bytes as i64);
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}
