//! What the Hub indexes of an adapter: tags, licence, data set and metrics, as front matter.

use std::fmt::Write;

use super::facts::Facts;
use super::front_matter::{Entry, quoted};
use super::tags::{BASE, KIND, LIBRARY, backbone_tag, task_tag};

/// The fields in the order in which a new card has them.
pub(super) fn front(facts: &Facts<'_>) -> Vec<(&'static str, Entry)> {
    let (header, backbone) = (facts.header, facts.upload.backbone);
    let mut tags = vec![
        "adapter".to_owned(),
        LIBRARY.to_owned(),
        "bias-learning".to_owned(),
        backbone_tag(&header.backbone.fingerprint.short()),
        task_tag(&header.task.name),
        format!("{KIND}{}", header.kind),
    ];
    tags.extend(backbone.map(|backbone| format!("{BASE}{backbone}")));
    let text = |value: &str| Entry::Text(value.to_owned());
    let mut front = vec![
        ("library_name", text(LIBRARY)),
        ("pipeline_tag", text(facts.about.pipeline)),
        ("tags", Entry::List(tags)),
    ];
    front.extend(header.license.as_deref().into_iter().flat_map(of_license));
    let datasets = header.training.iter().filter_map(|training| dataset(&training.dataset.name));
    front.push(("datasets", Entry::List(datasets.map(str::to_owned).collect())));
    if let Some(backbone) = backbone {
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

/// The metrics as the Hub indexes them, one result for each part of the data.
fn model_index(facts: &Facts<'_>) -> Option<String> {
    let header = facts.header;
    if header.metrics.is_empty() {
        return None;
    }
    let (name, source) = header.training.as_ref().map_or((header.task.name.as_str(), ""), |training| {
        (training.dataset.name.as_str(), training.dataset.source.as_str())
    });
    let kind = dataset(name).unwrap_or(name);
    let title = if source.is_empty() { name.to_owned() } else { format!("{name} ({source})") };
    let mut splits: Vec<&str> = Vec::new();
    for metric in &header.metrics {
        if !splits.contains(&metric.split.as_str()) {
            splits.push(&metric.split);
        }
    }
    let mut yaml = format!("- name: {}\n  results:\n", quoted(&header.task.title));
    for split in splits {
        let _ = write!(
            yaml,
            "  - task:\n      type: {}\n    dataset:\n      name: {}\n      type: {}\n      split: {}\n    metrics:\n",
            facts.about.pipeline,
            quoted(&title),
            quoted(kind),
            quoted(split)
        );
        for metric in header.metrics.iter().filter(|metric| metric.split == split) {
            // `Display` never writes an exponent, which YAML 1.1 would read as text.
            let (name, value) = (quoted(&metric.name), metric.value);
            let _ = write!(yaml, "    - type: {name}\n      name: {name}\n      value: {value}\n");
        }
    }
    Some(yaml)
}
