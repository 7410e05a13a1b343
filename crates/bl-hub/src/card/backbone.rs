//! The card of a backbone.

use bl_core::Fingerprint;

use super::front_matter::Entry;
use super::markdown::{code, grouped, size};
use super::{Card, LIBRARY, backbone_tag};
use crate::name::RepoName;

/// What the card of a backbone says.
#[derive(Clone, Debug, PartialEq)]
pub struct BackboneCard<'a> {
    /// The repository.
    pub repo: &'a RepoName,
    /// What identifies the weights.
    pub fingerprint: Fingerprint,
    /// The canonical spec.
    pub spec: String,
    /// Hidden units.
    pub units: usize,
    /// Weights, none of which is learned.
    pub weights: usize,
    /// Size of the file of weights, if it goes with the spec.
    pub bytes: Option<u64>,
}

impl BackboneCard<'_> {
    /// The card.
    pub fn card(&self) -> Card {
        let tags = [LIBRARY, "bias-learning", "random-network"].map(str::to_owned);
        let tags = tags.into_iter().chain([backbone_tag(&self.fingerprint.short())]).collect();
        let files = match self.bytes {
            Some(bytes) => {
                format!("`model.safetensors` has the weights ({}), `config.json` the spec.", size(bytes))
            }
            None => "There is no file of weights: `config.json` has the spec, which is all it takes.".into(),
        };
        let repo = self.repo;
        let body = format!(
            "# A frozen random network\n\nA backbone for bias adapters: {} hidden units and {} random weights, none of which \
             was or will be trained. {files}\n\nFingerprint: {}\n\n## How to use it\n\n```sh\nbl-adapt train --task mnist \
             --backbone {repo}\nbl-adapt search --backbone {}\n```\n\nAdapters do not need this repository: the weights are \
             generated from the spec in their header, the same on every machine.\n\n## Spec\n\n```json\n{}\n```\n",
            grouped(self.units),
            grouped(self.weights),
            code(&self.fingerprint.to_string()),
            self.fingerprint,
            self.spec.replace("```", "")
        );
        Card { front: vec![("library_name", Entry::Text(LIBRARY.into())), ("tags", Entry::List(tags))], body }
    }
}
