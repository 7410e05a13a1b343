//! What a task adds to a recurrent backbone.

use std::path::Path;

use super::adapter_file::{self, STATE};
use super::backbone::RecurrentBackbone;
use super::header::RecurrentHeader;
use super::net::{Adaptation, Adapted};
use crate::adapter::UnitGains;
use crate::adapter_file::{MAX_BYTES, check_encoding};
use crate::encoding::Encoding;
use crate::error::Error;
use crate::files;
use crate::form::Form;
use crate::header::{Kind, UnknownField};
use crate::unit_values::vectors_mut;

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
    /// How the file holds all this.
    pub(crate) form: Form,
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
        let (form, unknown) = (Form::default(), Vec::new());
        let adapter = Self { header, biases, gains, initial, form, unknown };
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

    /// How its file holds the values.
    pub fn encoding(&self) -> Encoding {
        self.form.encoding
    }

    /// As [`crate::BiasAdapter::encoded`]; a learned state is rounded too.
    pub fn encoded(&self, encoding: Encoding) -> Result<Self, Error> {
        check_encoding(self.header.kind, encoding)?;
        let mut adapter = self.clone();
        let biases = std::slice::from_mut(&mut adapter.biases);
        let mut vectors = vectors_mut(self.header.kind, biases, &mut adapter.gains);
        vectors.extend(adapter.initial.as_mut().map(|state| (STATE.to_owned(), &mut **state)));
        if encoding != self.form.encoding {
            adapter.form.encode(encoding, vectors)?;
            adapter.form.state_in(&mut adapter.header.requires);
            adapter.header.metrics.clear();
            adapter.unknown.retain(|field| !field.is_of_metrics());
        }
        Ok(adapter)
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
