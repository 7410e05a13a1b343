//! What a task adds to a backbone: the biases of its hidden units, or a mask or gains over them.

use std::path::Path;

use crate::adapter_file::{self, check_encoding, check_prunable};
use crate::backbone::Backbone;
use crate::encoding::Encoding;
use crate::error::Error;
use crate::files;
use crate::form::{DROPPED, Form};
use crate::form_error::FormError;
use crate::forward::off_bias;
use crate::header::{Header, Kind, UnknownField};
use crate::unit_values::vectors_mut;

/// One task's biases, with everything that is needed to run them.
#[derive(Clone, Debug, PartialEq)]
pub struct BiasAdapter {
    /// What the file says about itself.
    pub header: Header,
    /// One vector for each hidden layer. Where they are not what was learned, those of `header.base_bias`.
    pub biases: Vec<Vec<f32>>,
    /// What multiplies the units' activations.
    pub gains: UnitGains,
    /// How the file holds all this.
    pub(crate) form: Form,
    /// Header fields that this program does not know: kept when the adapter is written again.
    pub(crate) unknown: Vec<UnknownField>,
}

/// What multiplies the activations of the hidden units: `y = A (m ∘ φ(p + b))`.
#[derive(Clone, Debug, PartialEq)]
pub enum UnitGains {
    /// Nothing: m = 1.
    One,
    /// A mask: a unit is ON (1) or OFF (0).
    Mask(Vec<bool>),
    /// A learned factor for each unit.
    Learned(Vec<f32>),
}

impl UnitGains {
    /// m of each unit; empty for 1.
    pub fn factors(&self) -> Vec<f32> {
        match self {
            Self::One => Vec::new(),
            Self::Mask(on) => on.iter().map(|&on| f32::from(u8::from(on))).collect(),
            Self::Learned(gains) => gains.clone(),
        }
    }
}

impl BiasAdapter {
    /// A new adapter of biases; the header and the biases must fit each other and be finite.
    pub fn new(header: Header, biases: Vec<Vec<f32>>) -> Result<Self, Error> {
        Self::with_gains(header, biases, UnitGains::One)
    }

    /// A new adapter with a mask or gains: of the kind that the header names.
    pub fn with_gains(header: Header, biases: Vec<Vec<f32>>, gains: UnitGains) -> Result<Self, Error> {
        let adapter = Self { header, biases, gains, form: Form::default(), unknown: Vec::new() };
        adapter_file::check(&adapter)?;
        Ok(adapter)
    }

    /// Reads and verifies a file.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let bytes = files::read_capped(path, adapter_file::MAX_BYTES)?;
        Self::from_bytes(&bytes).map_err(|error| error.in_file(path))
    }

    /// Reads and verifies the bytes of a file.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        adapter_file::read(bytes)
    }

    /// Writes a file: to a temporary name first, so that an existing one is replaced whole or not at all.
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        files::write_atomically(path, &self.to_bytes()?)
    }

    /// The bytes of a file; the same adapter gives the same bytes.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        adapter_file::write(self)
    }

    /// Number of learned parameters; those of units that were pruned do not count.
    pub fn parameters(&self) -> usize {
        let units: usize = self.biases.iter().map(|bias| self.form.count(bias.len())).sum();
        if self.header.kind == Kind::BiasGain { 2 * units } else { units }
    }

    /// Names of header fields that this program does not know, for a warning.
    pub fn unknown_fields(&self) -> Vec<String> {
        self.unknown.iter().map(UnknownField::name).collect()
    }

    /// How its file holds the values.
    pub fn encoding(&self) -> Encoding {
        self.form.encoding
    }

    /// Which units there are, where the adapter is pruned. The others have a bias that keeps them OFF for every picture.
    pub fn kept(&self) -> Option<&[bool]> {
        self.form.kept.as_deref()
    }

    /// The same adapter with its values rounded to what an encoding holds: no others may be in it when it is written.
    /// Its figures are left out, for they are not of these values. A mask has no values.
    pub fn encoded(&self, encoding: Encoding) -> Result<Self, Error> {
        check_encoding(self.header.kind, encoding)?;
        let mut adapter = self.clone();
        let vectors = vectors_mut(self.header.kind, &mut adapter.biases, &mut adapter.gains);
        if encoding != self.form.encoding {
            adapter.form.encode(encoding, vectors)?;
            adapter.take_form();
        }
        Ok(adapter)
    }

    /// The same adapter without some units, which are OFF for every picture then: those that `keep` is false for, and
    /// those that are pruned already. Its figures are left out. One hidden layer; of a mask, nothing can be pruned.
    pub fn pruned(&self, keep: &[bool]) -> Result<Self, Error> {
        check_prunable(self.header.kind, self.biases.len())?;
        if self.form.encoding == Encoding::I8 {
            return Err(FormError::PrunedI8.into());
        }
        let units = self.biases[0].len();
        if keep.len() != units {
            return Err(FormError::KeptWidth { expected: units, found: keep.len() }.into());
        }
        let mut adapter = self.clone();
        let kept = adapter.form.kept.get_or_insert_with(|| vec![true; units]);
        for (unit, &keep) in keep.iter().enumerate().filter(|(_, keep)| !**keep) {
            kept[unit] = keep;
            adapter.biases[0][unit] = DROPPED;
            if let UnitGains::Learned(gains) = &mut adapter.gains {
                gains[unit] = 0.0;
            }
        }
        adapter.take_form();
        adapter_file::check(&adapter)?;
        Ok(adapter)
    }

    /// States its form, of which no figure is known yet.
    fn take_form(&mut self) {
        self.form.state_in(&mut self.header.requires);
        self.header.metrics.clear();
        self.unknown.retain(|field| !field.is_of_metrics());
    }

    /// A mask as biases: those of OFF units so low that no picture turns them on, so every answer is the same
    /// to the bit. Gains have no such form.
    pub fn to_bias(&self, backbone: &Backbone) -> Result<Self, Error> {
        backbone.check_owns(self)?;
        let UnitGains::Mask(on) = &self.gains else {
            return Err(Error::NoBiasForm { kind: self.header.kind });
        };
        let mut biases = self.biases.clone();
        for ((bias, &on), &sum) in biases[0].iter_mut().zip(on).zip(backbone.row_sums()) {
            if !on {
                *bias = off_bias(self.header.preprocessing, sum);
            }
        }
        let header = Header { kind: Kind::Bias, base_bias: None, ..self.header.clone() };
        let mut adapter = Self::new(header, biases)?;
        adapter.unknown.clone_from(&self.unknown);
        Ok(adapter)
    }
}
