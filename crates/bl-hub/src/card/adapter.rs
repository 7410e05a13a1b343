//! The card of an adapter.

use std::fmt::Write;

use bl_core::header::{Kind, Metric, TrainingRecord};
use bl_core::recurrent::Signal;
use bl_core::{AnyAdapter, canonical};
use bl_tasks::catalogue::find_task;

use super::front_matter::{Entry, quoted};
use super::markdown::{code, figure, grouped, plain, size};
use super::{About, BASE, Card, KIND, LIBRARY, backbone_tag, task_tag};
use crate::files::PICTURE;

/// What both kinds of headers say.
struct Facts<'a> {
    task: &'a str,
    title: &'a str,
    kind: Kind,
    parameters: usize,
    fingerprint: bl_core::Fingerprint,
    spec: String,
    units: usize,
    weights: usize,
    seed: u64,
    training: Option<&'a TrainingRecord>,
    metrics: &'a [Metric],
    license: Option<&'a str>,
    pipeline: &'static str,
    does: String,
    limits: &'static str,
    example: &'static str,
}

const OF_PICTURES: &str = "It names one of its classes for every picture, also for one of something else. Pictures should \
                           look like those it learned from: `bl-run` inverts, cuts out and scales photographs, which \
                           helps only so far.";
const OF_FORECASTS: &str = "Forecasts from true values (teacher-forced) and free runs, which feed forecasts back, are two \
                            figures: a good one of the first kind promises little for the second. A series of another \
                            scale or sampling is another task.";
const OF_GENERATORS: &str = "It goes on by itself from its initial state; small differences between machines add up over \
                             many steps.";
const OF_REACHING: &str = "It moves a point mass to targets at the distance that it learned; nearer and farther ones were \
                           not learned.";

pub(super) fn card(adapter: &AnyAdapter, about: About<'_>) -> Card {
    let facts = facts(adapter);
    Card { front: front(&facts, about), body: body(&facts, about) }
}

fn facts(adapter: &AnyAdapter) -> Facts<'_> {
    let spec_text = |spec: Result<String, serde_json::Error>| spec.unwrap_or_default();
    match adapter {
        AnyAdapter::Pictures(adapter) => {
            let header = &adapter.header;
            let spec = &header.backbone.spec;
            let labels: Vec<String> = header.task.labels.iter().map(|label| plain(label)).collect();
            Facts {
                task: &header.task.name,
                title: &header.task.title,
                kind: header.kind,
                parameters: adapter.parameters(),
                fingerprint: header.backbone.fingerprint,
                spec: spec_text(canonical::to_string(spec)),
                units: spec.hidden_units(),
                weights: spec.frozen_weights(),
                seed: spec.seed,
                training: header.training.as_ref(),
                metrics: &header.metrics,
                license: header.license.as_deref(),
                pipeline: "image-classification",
                does: format!(
                    "It tells pictures of {} × {} pixels apart, in {} classes: {}.",
                    header.input.width,
                    header.input.height,
                    labels.len(),
                    labels.join(", ")
                ),
                limits: OF_PICTURES,
                example: " --input picture.png",
            }
        }
        AnyAdapter::Time(adapter) => {
            let header = &adapter.header;
            let spec = &header.backbone.spec;
            let (pipeline, does, limits, example) = match &header.signal {
                Signal::Forecast(forecast) => (
                    "time-series-forecasting",
                    format!(
                        "It says what {} will be {} samples later.",
                        code(&forecast.variable),
                        forecast.horizon
                    ),
                    OF_FORECASTS,
                    " --input series.csv",
                ),
                Signal::Generate { variable, steps, .. } => (
                    "time-series-forecasting",
                    format!(
                        "It generates {} over time, from nothing; {} steps were learned.",
                        code(variable),
                        grouped(*steps)
                    ),
                    OF_GENERATORS,
                    " --free-run 1000",
                ),
                Signal::Reach(_) => (
                    "robotics",
                    "It moves a point mass to a target, by the forces that come out.".into(),
                    OF_REACHING,
                    " --target 0.05,0.03",
                ),
            };
            Facts {
                task: &header.task.name,
                title: &header.task.title,
                kind: header.kind,
                parameters: adapter.parameters(),
                fingerprint: header.backbone.fingerprint,
                spec: spec_text(canonical::to_string(spec)),
                units: spec.units as usize,
                weights: spec.frozen_weights(),
                seed: spec.seed,
                training: header.training.as_ref(),
                metrics: &header.metrics,
                license: header.license.as_deref(),
                pipeline,
                does,
                limits,
                example,
            }
        }
    }
}

fn front(facts: &Facts<'_>, about: About<'_>) -> Vec<(&'static str, Entry)> {
    let mut tags = vec![
        "adapter".to_owned(),
        LIBRARY.to_owned(),
        "bias-learning".to_owned(),
        backbone_tag(&facts.fingerprint.short()),
        task_tag(facts.task),
        format!("{KIND}{}", facts.kind),
    ];
    tags.extend(about.backbone.map(|backbone| format!("{BASE}{backbone}")));
    let text = |value: &str| Entry::Text(value.to_owned());
    let mut front = vec![
        ("library_name", text(LIBRARY)),
        ("pipeline_tag", text(facts.pipeline)),
        ("tags", Entry::List(tags)),
    ];
    if let Some(license) = facts.license {
        front.extend(of_license(license));
    }
    let datasets = facts.training.and_then(|training| dataset(&training.dataset.name)).into_iter();
    front.push(("datasets", Entry::List(datasets.map(str::to_owned).collect())));
    if let Some(backbone) = about.backbone {
        front.extend([("base_model", text(backbone.as_str())), ("base_model_relation", text("adapter"))]);
    }
    front.push(("model-index", model_index(facts).map_or(Entry::Nothing, Entry::Block)));
    front
}

/// The Hub has names of its own for licences, SPDX in lower case, and `other`.
fn of_license(license: &str) -> Vec<(&'static str, Entry)> {
    const KNOWN: [&str; 14] = [
        "apache-2.0",
        "mit",
        "bsd-2-clause",
        "bsd-3-clause",
        "cc0-1.0",
        "cc-by-4.0",
        "cc-by-3.0",
        "cc-by-sa-3.0",
        "cc-by-sa-4.0",
        "cc-by-nc-4.0",
        "gpl-3.0",
        "lgpl-3.0",
        "mpl-2.0",
        "unlicense",
    ];
    let lower = license.to_lowercase();
    let choices: Vec<&str> = lower.split(" or ").collect();
    if choices.iter().all(|choice| KNOWN.contains(choice)) {
        let lines = choices.iter().map(|choice| format!("- {choice}\n"));
        let entry =
            if choices.len() == 1 { Entry::Text(lower.clone()) } else { Entry::Block(lines.collect()) };
        return vec![("license", entry), ("license_name", Entry::Nothing)];
    }
    vec![("license", Entry::Text("other".into())), ("license_name", Entry::Text(lower.replace(' ', "-")))]
}

/// The data set's repository on the Hub, where its makers have one.
fn dataset(name: &str) -> Option<&'static str> {
    match name {
        "mnist" => Some("ylecun/mnist"),
        "fashion" => Some("zalando-datasets/fashion_mnist"),
        _ => None,
    }
}

/// The metrics as the Hub indexes them, a result for each part of the data.
fn model_index(facts: &Facts<'_>) -> Option<String> {
    if facts.metrics.is_empty() {
        return None;
    }
    let (name, source) = facts.training.map_or((facts.task, ""), |training| {
        (training.dataset.name.as_str(), training.dataset.source.as_str())
    });
    let kind = dataset(name).unwrap_or(name);
    let title = if source.is_empty() { name.to_owned() } else { format!("{name} ({source})") };
    let mut splits: Vec<&str> = Vec::new();
    for metric in facts.metrics {
        if !splits.contains(&metric.split.as_str()) {
            splits.push(&metric.split);
        }
    }
    let mut yaml = format!("- name: {}\n  results:\n", quoted(facts.title));
    for split in splits {
        let _ = write!(
            yaml,
            "  - task:\n      type: {}\n    dataset:\n      name: {}\n      type: {}\n      split: {}\n    metrics:\n",
            facts.pipeline,
            quoted(&title),
            quoted(kind),
            quoted(split)
        );
        for metric in facts.metrics.iter().filter(|metric| metric.split == split) {
            // `Display` never writes an exponent, which YAML 1.1 would read as text.
            let (name, value) = (quoted(&metric.name), metric.value);
            let _ = write!(yaml, "    - type: {name}\n      name: {name}\n      value: {value}\n");
        }
    }
    Some(yaml)
}

fn body(facts: &Facts<'_>, about: About<'_>) -> String {
    let repo = about.repo;
    let mut text = format!("# {}\n\n{}\n\n", plain(facts.title), what_it_is(facts, about));
    if about.picture {
        let _ = write!(text, "![What it makes of held-out data]({PICTURE})\n\n");
    }
    if !facts.metrics.is_empty() {
        text += "## Results\n\n| figure | of | value |\n|---|---|---|\n";
        for metric in facts.metrics {
            let (name, split) = (plain(&metric.name.replace('_', " ")), plain(&metric.split));
            let _ = writeln!(text, "| {name} | {split} | {} |", figure(&metric.name, metric.value));
        }
        text += "\n";
        if let Some(caution) = caution(facts) {
            let _ = write!(text, "{caution}\n\n");
        }
    }
    let _ = write!(
        text,
        "## How to run it\n\n```sh\nbl-run --adapter {repo}\nbl-run --adapter {repo}{}\nbl-adapt pull {repo} --out \
         adapter.safetensors\n```\n\nThe first shows it at work on the held-out part of its task. `{repo}@COMMIT` pins a \
         commit. Nothing else is downloaded: the backbone is generated.\n\n",
        facts.example
    );
    if let Some(training) = facts.training {
        text += &how_it_was_trained(training);
    }
    text += &of_backbone(facts, about);
    let _ = write!(text, "## Limits\n\n{}\n", facts.limits);
    text
}

fn what_it_is(facts: &Facts<'_>, about: About<'_>) -> String {
    let learned = match facts.kind {
        Kind::Bias => "the biases of its hidden units",
        Kind::Mask => "which of its hidden units are on",
        Kind::Gain => "a gain for each of its hidden units",
        Kind::BiasGain => "the biases and gains of its hidden units",
    };
    format!(
        "A bias adapter: a network of frozen random weights, of which nothing was learned but {learned}. {} learned \
         numbers, {}; the {} frozen weights come from a seed. {}",
        grouped(facts.parameters),
        size(about.bytes),
        grouped(facts.weights),
        facts.does
    )
}

/// What must be said of figures that are not of the official data.
fn caution(facts: &Facts<'_>) -> Option<String> {
    let data = &facts.training?.dataset;
    let why = match data.source.as_str() {
        "sample" => "a sample of the official set",
        "generated" => "generated data in the manner of the official set, not of that set itself",
        _ => return None,
    };
    Some(format!("**These figures are of {why}.**"))
}

fn how_it_was_trained(training: &TrainingRecord) -> String {
    let data = &training.dataset;
    let is_from_there = ["official", "sample"].contains(&data.source.as_str());
    let origin = find_task(&data.name).filter(|_| is_from_there).map_or(String::new(), |set| {
        let (licence, home) = (plain(set.licence), set.home);
        format!(
            "| data, licence | {licence} |\n| data, from | <{home}> |\n| data, to be cited | {} |\n",
            plain(set.citation)
        )
    });
    let config = serde_json::to_string_pretty(&training.config).unwrap_or_default().replace("```", "");
    format!(
        "## How it was trained\n\n| | |\n|---|---|\n| method | {} |\n| data | {} ({}): {} to learn from, {} to choose \
         settings by, {} to test on |\n| data, sha256 | {}, {} |\n{origin}| seed | {} |\n| program | {} on {} |\n\n<details><summary>All \
         settings</summary>\n\n```json\n{config}\n```\n\n</details>\n\n",
        code(&training.method),
        code(&data.name),
        plain(&data.source),
        grouped(data.train),
        grouped(data.validation),
        grouped(data.test),
        code(&data.train_sha256),
        code(&data.test_sha256),
        training.seed,
        code(&training.code),
        code(&training.isa),
    )
}

fn of_backbone(facts: &Facts<'_>, about: About<'_>) -> String {
    let beside = about
        .backbone
        .map_or(String::new(), |repo| format!(" They are also in [{repo}](https://huggingface.co/{repo})."));
    format!(
        "## Backbone\n\n{} hidden units, seed {}: {}. The weights are a function of this spec, the same on every machine, and \
         an adapter runs on them alone: another fingerprint is an error.{beside}\n\n```json\n{}\n```\n\n",
        grouped(facts.units),
        facts.seed,
        code(&facts.fingerprint.to_string()),
        facts.spec.replace("```", "")
    )
}
