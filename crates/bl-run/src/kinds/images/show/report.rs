//! What `bl-run --adapter FILE --json` prints.

use serde::Serialize;

use super::{Figures, Sample, Speed};
use crate::adapters::Loaded;
use crate::backbones::{Group, Origin};
use crate::held_out::HeldOut;

/// The one JSON object; field names are part of the command line's contract.
#[derive(Serialize)]
pub(super) struct Report<'a> {
    adapter: String,
    task: &'a str,
    title: &'a str,
    backbone: BackboneReport,
    data: DataReport<'a>,
    samples: Vec<SampleReport<'a>>,
    accuracy: f64,
    correct: usize,
    total: usize,
    loss: f64,
    recorded_accuracy: Option<f64>,
    /// Pictures judged otherwise than when the adapter was made; null where that cannot be known.
    differing_from_recorded: Option<usize>,
    per_class: Vec<ClassReport<'a>>,
    speed: &'a Speed,
    seconds: f64,
}

#[derive(Serialize)]
struct BackboneReport {
    fingerprint: String,
    units: usize,
    origin: Origin,
    seconds: f64,
}

#[derive(Serialize)]
struct DataReport<'a> {
    task: &'a str,
    source: bl_tasks::Source,
    notice: Option<&'a str>,
    test: usize,
    test_sha256: &'a str,
    /// Whether these are the test pictures of the training record; null without one.
    as_recorded: Option<bool>,
}

#[derive(Serialize)]
struct SampleReport<'a> {
    index: usize,
    truth: &'a str,
    class: &'a str,
    probability: f32,
    correct: bool,
}

#[derive(Serialize)]
struct ClassReport<'a> {
    class: &'a str,
    total: usize,
    correct: usize,
}

impl<'a> Report<'a> {
    pub(super) fn of(
        adapter: &'a Loaded,
        group: &Group,
        found: &'a HeldOut,
        samples: &[Sample],
        figures: &'a Figures,
        seconds: f64,
    ) -> Self {
        let header = &adapter.bias.header;
        let label = |class: usize| header.task.labels[class].as_str();
        let evaluation = &figures.evaluation;
        let sample = |sample: &Sample| SampleReport {
            index: sample.index,
            truth: label(sample.truth),
            class: label(sample.guess.class),
            probability: sample.guess.probability,
            correct: sample.truth == sample.guess.class,
        };
        let class = |(class, counts): (usize, &[usize])| ClassReport {
            class: label(class),
            total: counts.iter().sum(),
            correct: counts[class],
        };
        Self {
            adapter: adapter.path.display().to_string(),
            task: &header.task.name,
            title: &header.task.title,
            backbone: BackboneReport {
                fingerprint: group.backbone.fingerprint().to_string(),
                units: group.backbone.spec().hidden_units(),
                origin: group.origin,
                seconds: group.seconds,
            },
            data: DataReport {
                task: &found.task,
                source: found.source,
                notice: found.notice.as_deref(),
                test: found.test.len(),
                test_sha256: &found.sha256,
                as_recorded: found.as_recorded,
            },
            samples: samples.iter().map(sample).collect(),
            accuracy: evaluation.accuracy(),
            correct: evaluation.correct(),
            total: evaluation.total(),
            loss: evaluation.loss,
            recorded_accuracy: figures.recorded.map(|recorded| recorded.accuracy),
            differing_from_recorded: figures.recorded.and_then(|recorded| recorded.differing),
            per_class: evaluation.confusion.chunks_exact(evaluation.classes).enumerate().map(class).collect(),
            speed: &figures.speed,
            seconds,
        }
    }
}
