//! The backbones of some adapters: adapters with the same fingerprint share one.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use bl_core::Backbone;
use bl_runtime::PictureModel;

use crate::adapters::Loaded;
use crate::error::Error;
use bl_cli::words::{duration, grouped};

/// One backbone and the adapters that run on it.
pub(crate) struct Group {
    pub(crate) backbone: Arc<Backbone>,
    /// How long it took to have it.
    pub(crate) seconds: f64,
    pub(crate) origin: Origin,
    pub(crate) members: Vec<Member>,
}

/// An adapter, by its place in the list, ready to run.
pub(crate) struct Member {
    pub(crate) adapter: usize,
    pub(crate) model: PictureModel,
}

/// Where a backbone's weights came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Origin {
    /// Generated from the spec in the adapter's header.
    Generated,
    /// Read from the file the user named.
    File,
}

impl Group {
    /// What was verified, in words.
    pub(crate) fn words(&self) -> String {
        let spec = self.backbone.spec();
        let layers: Vec<String> = spec.layers.iter().map(|layer| grouped(layer.units as usize)).collect();
        let how = match self.origin {
            Origin::Generated => format!("generated from seed {}", spec.seed),
            Origin::File => "read".to_owned(),
        };
        format!(
            "{} hidden units, {how} in {}: {} as stated",
            layers.join(" + "),
            duration(self.seconds),
            short(&self.backbone),
        )
    }
}

/// The beginning of a fingerprint, for people.
pub(crate) fn short(backbone: &Backbone) -> String {
    format!("sha256:{}…", backbone.fingerprint().short())
}

/// One group for each fingerprint, in the order of the adapters; with a `file`, one group for them all.
pub(crate) fn group(adapters: &[Loaded], file: Option<&Path>) -> anyhow::Result<Vec<Group>> {
    let mut groups: Vec<Group> = Vec::new();
    if let Some(path) = file {
        let start = Instant::now();
        let backbone = Arc::new(Backbone::load(path)?);
        let seconds = start.elapsed().as_secs_f64();
        groups.push(Group { backbone, seconds, origin: Origin::File, members: Vec::new() });
    }
    for (index, adapter) in adapters.iter().enumerate() {
        let stated = adapter.bias.header.backbone.fingerprint;
        let same = groups.iter().position(|group| file.is_some() || group.backbone.fingerprint() == stated);
        if same.is_none() {
            groups.push(generate(adapter)?);
        }
        let place = same.unwrap_or(groups.len() - 1);
        let Group { backbone, members, .. } = &mut groups[place];
        let model = PictureModel {
            header: adapter.bias.header.clone(),
            backbone: Arc::clone(backbone),
            prepared: backbone.prepare(&adapter.bias)?,
        };
        members.push(Member { adapter: index, model });
    }
    Ok(groups)
}

fn generate(adapter: &Loaded) -> anyhow::Result<Group> {
    let stated = &adapter.bias.header.backbone;
    let start = Instant::now();
    let backbone = Arc::new(Backbone::generate(&stated.spec)?);
    let seconds = start.elapsed().as_secs_f64();
    if backbone.fingerprint() != stated.fingerprint {
        let (expected, found) = (stated.fingerprint, backbone.fingerprint());
        return Err(
            Error::Regenerated { adapter: adapter.path.display().to_string(), expected, found }.into()
        );
    }
    Ok(Group { backbone, seconds, origin: Origin::Generated, members: Vec::new() })
}
