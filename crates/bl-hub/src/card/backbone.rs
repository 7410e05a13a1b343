//! The card of a backbone.

use bl_core::canonical;
use bl_core::header::BackboneRef;
use bl_core::text::grouped;

use super::front_matter::Entry;
use super::markdown::{code, size};
use super::tags::{LIBRARY, backbone_tag};
use crate::name::RepoName;

/// The fields in the order in which a new card has them.
pub(super) fn front(backbone: &BackboneRef) -> Vec<(&'static str, Entry)> {
    let tags = [LIBRARY, "bias-learning", "random-network"].map(str::to_owned);
    let tags = tags.into_iter().chain([backbone_tag(&backbone.fingerprint.short())]).collect();
    vec![("library_name", Entry::Text(LIBRARY.into())), ("tags", Entry::List(tags))]
}

/// `bytes` is the size of the file of weights, if that goes with the spec.
pub(super) fn body(backbone: &BackboneRef, bytes: Option<u64>, repo: &RepoName) -> String {
    let BackboneRef { fingerprint, spec } = backbone;
    let files = match bytes {
        Some(bytes) => {
            format!("`model.safetensors` holds the weights ({}), `config.json` the spec.", size(bytes))
        }
        None => "There is no file of weights: they are generated from the spec in `config.json`.".into(),
    };
    format!(
        "# A frozen random network\n\nA backbone for bias adapters: {} hidden units and {} random weights, which are never \
         trained. {files}\n\nFingerprint: {}\n\n## How to use it\n\n```sh\nbl-adapt train --task TASK --backbone \
         {repo}\nbl-adapt search --backbone {fingerprint}\n```\n\nAdapters do not need this repository: the weights are \
         generated from the spec in their header, the same on every machine.\n\n## Spec\n\n```json\n{}\n```\n",
        grouped(spec.hidden_units()),
        grouped(spec.frozen_weights()),
        code(&fingerprint.to_string()),
        canonical::to_string(spec).unwrap_or_default().replace("```", "")
    )
}
