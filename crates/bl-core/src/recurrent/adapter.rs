//! What a task adds to a recurrent backbone.

use std::path::Path;

use super::adapter_file;
use super::backbone::RecurrentBackbone;
use super::header::RecurrentHeader;
use super::net::{Adaptation, Adapted};
use crate::adapter::UnitGains;
use crate::adapter_file::MAX_BYTES;
use crate::error::Error;
use crate::files;
use crate::header::{Kind, UnknownField};

/// One recurrent task's biases, mask or gains, with everything that is needed to run them.
#[derive(Clone, Debug, PartialEq)]
pub struct RecurrentAdapter {
    /// What the file says about itself.
    pub header: RecurrentHeader,
    /// b, `[units]`. Where they are not what was learned, those of `header.base_bias`.
    pub biases: Vec<f32>,
    /// m
    pub gains: UnitGains,
    /// r₀, `[units]`, where it was learned.
    pub initial: Option<Vec<f32>>,
    /// Header fields that this program does not know: kept when the adapter is written again.
    pub(crate) unknown: Vec<UnknownField>,
}

impl RecurrentAdapter {
    /// A new adapter; header and values must fit each other and be finite.
    pub fn new(
        header: RecurrentHeader,
        biases: Vec<f32>,
        gains: UnitGains,
        initial: Option<Vec<f32>>,
    ) -> Result<Self, Error> {
        let adapter = Self { header, biases, gains, initial, unknown: Vec::new() };
        adapter_file::check(&adapter)?;
        Ok(adapter)
    }

    /// Reads and verifies a file.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let bytes = files::read_capped(path, MAX_BYTES)?;
        Self::from_bytes(&bytes).map_err(|error| error.in_file(path))
    }

    /// Reads and verifies the bytes of a file.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        adapter_file::read(bytes)
    }

    /// Writes a file, whole or not at all.
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        files::write_atomically(path, &self.to_bytes()?)
    }

    /// The bytes of a file; the same adapter gives the same bytes.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        adapter_file::write(self)
    }

    /// Number of learned parameters.
    pub fn parameters(&self) -> usize {
        let vectors = if self.header.kind == Kind::BiasGain { 2 } else { 1 };
        (vectors + usize::from(self.initial.is_some())) * self.biases.len()
    }

    /// Memory of its values.
    pub fn resident_bytes(&self) -> usize {
        let gains = match &self.gains {
            UnitGains::One => 0,
            UnitGains::Mask(on) => on.len(),
            UnitGains::Learned(gains) => size_of_val(&**gains),
        };
        size_of_val(&*self.biases) + gains + self.initial.as_ref().map_or(0, |state| size_of_val(&**state))
    }

    /// Names of header fields that this program does not know, for a warning.
    pub fn unknown_fields(&self) -> Vec<String> {
        self.unknown.iter().map(UnknownField::name).collect()
    }

    /// Generates the backbone that the header names, and checks its fingerprint.
    pub fn generate_backbone(&self) -> Result<RecurrentBackbone, Error> {
        let backbone = RecurrentBackbone::generate(&self.header.backbone.spec)?;
        self.check_owner(&backbone)?;
        Ok(backbone)
    }

    /// The network that this adapter makes of its backbone; another backbone is an error.
    pub fn on<'a>(&'a self, backbone: &'a RecurrentBackbone) -> Result<Adapted<'a>, Error> {
        self.check_owner(backbone)?;
        let initial = self.initial.as_deref();
        let adapted = backbone.with(Adaptation { biases: &self.biases, gains: &[], initial })?;
        adapted.owning_gains(self.gains.factors())
    }

    fn check_owner(&self, backbone: &RecurrentBackbone) -> Result<(), Error> {
        let (expected, found) = (self.header.backbone.fingerprint, backbone.fingerprint());
        if expected == found {
            return Ok(());
        }
        Err(Error::BackboneMismatch { adapter: self.header.task.name.clone(), expected, found })
    }
}
