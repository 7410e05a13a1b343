//! An adapter on its backbone, loaded from a file or from the Hub.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use bl_core::{Adapter, Backbone, Header};
use bl_tasks::about::{About, about, does};

use crate::Error;

/// An adapter on its backbone: what answers.
///
/// What it can answer depends on what the adapter was trained for ([`does`](Self::does)); a method for something else is an
/// error that names both. Every method takes `&self`: share a model between threads in an [`Arc`].
///
/// | adapter | methods |
/// |---|---|
/// | classifies images | [`classify`](Self::classify), [`classify_file`](Self::classify_file), [`probabilities`](Self::probabilities), [`scores`](Self::scores), [`read_images`](Self::read_images) |
/// | forecasts a series | [`forecast`](Self::forecast), [`forecast_file`](Self::forecast_file), [`forecast_column`](Self::forecast_column), [`free_run`](Self::free_run) |
/// | generates a trajectory | [`generate`](Self::generate) |
/// | classifies rows of values | [`row_probabilities`](Self::row_probabilities), [`row_scores`](Self::row_scores) |
/// | estimates numbers | [`estimate`](Self::estimate) |
/// | moves an arm to targets | [`reach`](Self::reach) |
pub struct Model {
    core: bl_core::Model,
}

impl Model {
    /// Reads an adapter file, checks its digest, and generates the backbone that its header names: tenths of a second for
    /// 32,000 units.
    ///
    /// With the feature `hub`, `org/name` or `org/name@revision` is pulled from the Hugging Face Hub and verified, or taken
    /// from its cache; a file or folder of that name comes first. The environment is that of Hugging Face's own tools
    /// (`HF_HOME`, `HF_TOKEN`, `HF_HUB_OFFLINE`, …).
    ///
    /// ```
    /// let model = bias_adapters::Model::load("../../adapters/mnist.safetensors")?;
    /// assert_eq!(model.does(), "classifies images");
    /// assert_eq!(model.labels()[3], "3");
    /// # Ok::<(), bias_adapters::Error>(())
    /// ```
    pub fn load(path: impl AsRef<Path>) -> Result<Self, Error> {
        let adapter = load_adapter(path)?;
        let backbone = adapter.generate_backbone()?;
        Self::new(adapter, Arc::new(backbone))
    }

    /// As [`load`](Self::load), on a backbone that is there, such as [`backbone`](Self::backbone) of another model. An
    /// adapter that was trained on another one is an error.
    pub fn load_on(path: impl AsRef<Path>, backbone: &Arc<Backbone>) -> Result<Self, Error> {
        Self::new(load_adapter(path)?, backbone.clone())
    }

    /// Loads several adapters; those with the same backbone share it.
    pub fn load_all<P: AsRef<Path>>(paths: impl IntoIterator<Item = P>) -> Result<Vec<Self>, Error> {
        let mut models: Vec<Self> = Vec::new();
        for path in paths {
            let adapter = load_adapter(path)?;
            let fingerprint = adapter.header.backbone.fingerprint;
            let known = models.iter().map(Self::backbone).find(|known| known.fingerprint() == fingerprint);
            let backbone = match known {
                Some(known) => known.clone(),
                None => Arc::new(adapter.generate_backbone()?),
            };
            models.push(Self::new(adapter, backbone)?);
        }
        Ok(models)
    }

    /// As [`load`](Self::load), from the bytes of a file.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let adapter = Adapter::from_bytes(bytes)?;
        let backbone = adapter.generate_backbone()?;
        Self::new(adapter, Arc::new(backbone))
    }

    /// An adapter on the backbone that it was trained on; another one is an error.
    pub fn new(adapter: Adapter, backbone: Arc<Backbone>) -> Result<Self, Error> {
        Ok(bl_core::Model::new(adapter, backbone)?.into())
    }

    /// The task that it was trained for, such as `mnist`.
    pub fn name(&self) -> &str {
        &self.core.header.task.name
    }

    /// What it does, in three words: `classifies images`.
    pub fn does(&self) -> &'static str {
        does(&self.core.header.io)
    }

    /// What it does, at length.
    pub fn about(&self) -> About {
        about(&self.core.header.io, self.labels())
    }

    /// The classes, in the order of the scores; none where no images go in.
    pub fn labels(&self) -> &[String] {
        &self.core.header.task.labels
    }

    /// What the adapter's file says about itself: task, input, training, metrics.
    pub fn header(&self) -> &Header {
        &self.core.header
    }

    /// The frozen weights.
    pub fn backbone(&self) -> &Arc<Backbone> {
        &self.core.backbone
    }

    /// The model of `bl-core`, which a [`Kind`](crate::task::Kind) judges as a [`Net`](bl_core::Net).
    pub fn core(&self) -> &bl_core::Model {
        &self.core
    }

    pub(crate) fn other_kind(&self, expected: &'static str) -> Error {
        Error::OtherKind { adapter: self.name().to_owned(), expected, found: self.does() }
    }
}

impl From<bl_core::Model> for Model {
    fn from(core: bl_core::Model) -> Self {
        Self { core }
    }
}

impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let backbone = self.backbone().fingerprint();
        write!(f, "Model {{ `{}` {}, on backbone {} }}", self.name(), self.does(), backbone.short())
    }
}

/// Reads and verifies an adapter alone, as [`Model::load`] does: a file, or with the feature `hub` a name on the Hub.
#[cfg(feature = "hub")]
pub fn load_adapter(path: impl AsRef<Path>) -> Result<Adapter, Error> {
    use bl_hub::{Environment, Hub, Target};

    let path = path.as_ref();
    match Target::of_argument(path) {
        Some(target) => pulled(&Hub::new(Environment::of_process()?), &target),
        None => Ok(Adapter::load(path)?),
    }
}

#[cfg(feature = "hub")]
fn pulled(hub: &bl_hub::Hub, target: &bl_hub::Target) -> Result<Adapter, Error> {
    Ok(Adapter::load(hub.pull(target, &mut |_| {})?.path)?)
}

#[cfg(feature = "hub")]
impl Model {
    /// As [`load`](Self::load) with a name, from a hub and a cache of the caller's choice.
    pub fn pull(hub: &bl_hub::Hub, target: &bl_hub::Target) -> Result<Self, Error> {
        let adapter = pulled(hub, target)?;
        let backbone = adapter.generate_backbone()?;
        Self::new(adapter, Arc::new(backbone))
    }
}

/// Reads and verifies an adapter alone, as [`Model::load`] does: a file, or with the feature `hub` a name on the Hub.
#[cfg(not(feature = "hub"))]
pub fn load_adapter(path: impl AsRef<Path>) -> Result<Adapter, Error> {
    let path = path.as_ref();
    if is_like_a_name(path) {
        return Err(Error::NoHub { name: path.display().to_string() });
    }
    Ok(Adapter::load(path)?)
}

/// `org/name`, where there is neither such a file nor the folder it would be in.
#[cfg(not(feature = "hub"))]
fn is_like_a_name(path: &Path) -> bool {
    let is_in_no_folder = !path.parent().is_some_and(Path::is_dir);
    let parts = path.to_str().map_or(0, |text| text.split('/').filter(|part| !part.is_empty()).count());
    is_in_no_folder && parts == 2 && path.is_relative() && path.extension().is_none_or(|e| e != "safetensors")
}
