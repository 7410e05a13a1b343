//! What is counted, in the text form of Prometheus (`OpenMetrics`).

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Asked {
    model: String,
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Of {
    model: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

type Seconds = Family<Of, Histogram, fn() -> Histogram>;

/// All that is counted.
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<Asked, Counter>,
    durations: Seconds,
    batch_rows: Histogram,
    batch_adapters: Histogram,
    loads: Family<Outcome, Counter>,
    load_seconds: Histogram,
    queued: Gauge,
    adapters: Gauge,
    adapter_bytes: Gauge,
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
    pub(crate) fn request(&self, model: &str, status: u16, took: Duration) {
        self.requests.get_or_create(&Asked { model: model.to_owned(), status }).inc();
        self.durations.get_or_create(&Of { model: model.to_owned() }).observe(took.as_secs_f64());
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
    pub(crate) fn text(
        &self,
        queued: usize,
        adapters: usize,
        bytes: usize,
    ) -> Result<String, std::fmt::Error> {
        self.queued.set(queued as i64);
        self.adapters.set(adapters as i64);
        self.adapter_bytes.set(bytes as i64);
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}
