//! What the card of an adapter says to people.

use std::fmt::Write;

use bl_core::canonical;
use bl_core::header::{BackboneRef, Header, TrainingRecord};
use bl_core::text::grouped;
use bl_tasks::find_task;

use super::facts::{Facts, Upload};
use super::markdown::{code, metric, plain, size};
use crate::files::PICTURE;

pub(super) fn body(facts: &Facts<'_>) -> String {
    let Facts { header, about, upload, .. } = facts;
    let repo = upload.repo;
    let mut text = format!("# {}\n\n{}\n\n", plain(&header.task.title), what_it_is(facts));
    if upload.picture {
        let _ = write!(text, "![The adapter on held-out data]({PICTURE})\n\n");
    }
    text += &results(header);
    let _ = write!(
        text,
        "## How to run it\n\n```sh\nbl-run --adapter {repo}\nbl-run --adapter {repo}{}\nbl-adapt pull {repo} --out \
         adapter.safetensors\n```\n\nThe first command runs it on the held-out part of its task. `{repo}@COMMIT` pins a \
         commit. {}\n\n",
        about.example,
        if header.backbone.spec.has_head() {
            "The pretrained encoder is not in this repository: name its folder or its own repository with `--backbone`."
        } else {
            "Nothing else is downloaded: the backbone is generated."
        }
    );
    if let Some(training) = &header.training {
        text += &how_it_was_trained(training, about.unit);
    }
    text += &of_backbone(&header.backbone, upload);
    let _ = write!(text, "## Limits\n\n{}\n", about.limits);
    text
}

fn what_it_is(facts: &Facts<'_>) -> String {
    let Facts { header, about, upload, parameters } = facts;
    if header.backbone.spec.has_head() {
        return format!(
            "An adapter for a pretrained text encoder whose weights are frozen: all that was trained is {}. {} trained \
             parameters, {}, beside {} frozen weights. {}",
            header.kind.words(),
            grouped(*parameters),
            size(upload.bytes),
            grouped(header.backbone.spec.frozen_weights()),
            plain(&about.sentence)
        );
    }
    format!(
        "A bias adapter for a network of frozen random weights: all that was trained is {}. {} trained parameters, {}; the \
         {} frozen weights are generated from a seed. {}",
        header.kind.words(),
        grouped(*parameters),
        size(upload.bytes),
        grouped(header.backbone.spec.frozen_weights()),
        plain(&about.sentence)
    )
}

fn results(header: &Header) -> String {
    if header.metrics.is_empty() {
        return String::new();
    }
    let mut text = "## Results\n\n| metric | split | value |\n|---|---|---|\n".to_owned();
    for found in &header.metrics {
        let (name, split) = (plain(&found.name.replace('_', " ")), plain(&found.split));
        let _ = writeln!(text, "| {name} | {split} | {} |", metric(&found.name, found.value));
    }
    text += "\n";
    if let Some(caution) = header.training.as_ref().and_then(caution) {
        let _ = write!(text, "{caution}\n\n");
    }
    text
}

/// What must be said of metrics that are not of the official data.
fn caution(training: &TrainingRecord) -> Option<String> {
    let on = match training.dataset.source.as_str() {
        "sample" => "a sample of the official set",
        "generated" => "generated data in the style of the official set, not on that set itself",
        _ => return None,
    };
    Some(format!("**These metrics were measured on {on}.**"))
}

fn how_it_was_trained(training: &TrainingRecord, unit: &str) -> String {
    let data = &training.dataset;
    let config = serde_json::to_string_pretty(&training.config).unwrap_or_default().replace("```", "");
    format!(
        "## How it was trained\n\n| | |\n|---|---|\n| method | {} |\n| data | {} ({}): {} training, {} validation and {} test \
         {unit} |\n| data sha256 | {}, {} |\n{}| seed | {} |\n| program | {} on {} |\n\n<details><summary>All \
         settings</summary>\n\n```json\n{config}\n```\n\n</details>\n\n",
        code(&training.method),
        code(&data.name),
        plain(&data.source),
        grouped(data.train),
        grouped(data.validation),
        grouped(data.test),
        code(&data.train_sha256),
        code(&data.test_sha256),
        origin(&data.name, &data.source),
        training.seed,
        code(&training.code),
        code(&training.isa),
    )
}

/// Where official data are from, and what their makers ask for.
fn origin(name: &str, source: &str) -> String {
    let is_from_there = ["official", "sample"].contains(&source);
    match find_task(name).filter(|info| is_from_there && info.simulated().is_none()) {
        Some(info) => format!(
            "| data licence | {} |\n| data source | <{}> |\n| data citation | {} |\n",
            plain(info.licence),
            info.home,
            plain(info.citation)
        ),
        None => String::new(),
    }
}

fn of_backbone(backbone: &BackboneRef, upload: &Upload<'_>) -> String {
    let beside = upload
        .backbone
        .map_or(String::new(), |repo| format!(" They are also in [{repo}](https://huggingface.co/{repo})."));
    let spec = canonical::to_string(&backbone.spec).unwrap_or_default().replace("```", "");
    if let Ok(bert) = backbone.spec.bert() {
        let [encoder, tokenizer] = [bert.encoder, bert.tokenizer].map(|digest| code(&digest.to_string()));
        return format!(
            "## Backbone\n\nIt is {}. Encoder {encoder}, tokenizer {tokenizer}: digests of what its files hold, and the adapter runs \
             with no others.\n\n```json\n{spec}\n```\n\n",
            backbone.spec.summary()
        );
    }
    format!(
        "## Backbone\n\n{} hidden units, seed {}: {}. The weights are a function of this spec, the same on every machine, and \
         the adapter runs on no others: another fingerprint is an error.{beside}\n\n```json\n{spec}\n```\n\n",
        grouped(backbone.spec.hidden_units()),
        backbone.spec.seed(),
        code(&backbone.fingerprint.to_string()),
    )
}
