//! What a task adds to a backbone: the biases of its hidden units, or a mask or gains over them.

mod base_bias;
pub mod blend;
mod check;
mod encoding;
mod file;
mod form;
mod form_error;
pub mod header;
mod parameters;
pub mod task_fields;
mod unknown;
mod values;

pub use base_bias::{BaseBias, uniform};
pub(crate) use blend::weighted;
pub use encoding::Encoding;
#[cfg(feature = "fs")]
pub use file::MAX_BYTES;
pub use form_error::FormError;
pub use parameters::{Head, Parameters, UnitGains};

use crate::backbone::Backbone;
use crate::error::Error;
use crate::network::off_bias;
use crate::spec::Spec;
use check::{check_encoding, check_prunable};
use form::{DROPPED, Form};
use header::{AdapterKind, Header};
use unknown::UnknownField;
use values::vectors_mut;

/// One task's parameters, with everything that is needed to run them on their backbone.
#[derive(Clone, Debug, PartialEq)]
pub struct Adapter {
    /// What the file says about itself.
    pub header: Header,
    /// What was learned; biases that were not are those of `header.base_bias`.
    pub parameters: Parameters,
    /// How the file holds all this.
    form: Form,
    /// Header fields that this program does not know: kept when the adapter is written again.
    unknown: Vec<UnknownField>,
}

impl Adapter {
    /// A new adapter; header and parameters must fit each other and be finite. Of the header's `requires`, what the
    /// network's family demands is added.
    pub fn new(mut header: Header, parameters: Parameters) -> Result<Self, Error> {
        let form = Form::default();
        let features = header.features();
        form.state_in(&mut header.requires, &features);
        let adapter = Self { header, parameters, form, unknown: Vec::new() };
        check::check(&adapter)?;
        Ok(adapter)
    }

    /// Number of learned parameters; those of units that were pruned do not count.
    pub fn parameter_count(&self) -> usize {
        let biases = &self.parameters.biases;
        let units = biases.iter().map(|bias| self.form.count(bias.len())).sum();
        let head = self.parameters.head.as_ref().map_or(0, |head| head.weights.len() + head.bias.len());
        self.header.kind.count(units, self.parameters.initial.as_ref().map_or(0, Vec::len)) + head
    }

    /// Memory that its values take.
    pub fn resident_bytes(&self) -> usize {
        self.parameters.bytes()
    }

    /// Memory that its half takes once it is made ready to run, from its header and its widths alone.
    pub fn half_bytes(&self) -> usize {
        let spec = &self.header.backbone.spec;
        let units: usize = spec.hidden_units();
        let of_readout = match (&self.parameters.gains, spec) {
            (UnitGains::Learned(_), Spec::Mlp(spec)) if !spec.readout.weights.is_one_hot() => {
                units.saturating_mul(spec.outputs())
            }
            _ => units,
        };
        units.saturating_mul(2).saturating_add(of_readout).saturating_mul(size_of::<f32>())
    }

    /// Names of header fields that this program does not know, for a warning.
    pub fn unknown_fields(&self) -> Vec<String> {
        self.unknown.iter().map(UnknownField::name).collect()
    }

    /// The same adapter with other words about its task and its training; what it computes, and its values, stay.
    /// Labels are left as they are: answers are made of them.
    pub fn with_words(&self, change: impl Fn(&str) -> String) -> Result<Self, Error> {
        let mut adapter = self.clone();
        let Header { task, training, .. } = &mut adapter.header;
        task.name = change(&task.name);
        task.title = change(&task.title);
        if let Some(training) = training {
            training.dataset.name = change(&training.dataset.name);
            unknown::change_words(&mut training.config, &change);
        }
        adapter.unknown.iter_mut().for_each(|field| field.change_words(&change));
        check::check(&adapter)?;
        Ok(adapter)
    }

    /// How its file holds the values.
    pub fn encoding(&self) -> Encoding {
        self.form.encoding
    }

    /// Which units there are, where the adapter is pruned. The others have a bias that keeps them OFF for every input.
    pub fn kept(&self) -> Option<&[bool]> {
        self.form.kept.as_deref()
    }

    /// Generates the backbone that the header names, and checks its fingerprint.
    pub fn generate_backbone(&self) -> Result<Backbone, Error> {
        let backbone = Backbone::generate(&self.header.backbone.spec)?;
        self.header.check_owner(&backbone)?;
        Ok(backbone)
    }

    /// The same adapter with its values rounded to what an encoding holds: no others may be in it when it is written.
    /// Its metrics are left out, for they are not of these values. A mask has no values.
    pub fn encoded(&self, encoding: Encoding) -> Result<Self, Error> {
        check_encoding(self.header.kind, encoding)?;
        let mut adapter = self.clone();
        if encoding != self.form.encoding {
            let names = self.header.backbone.spec.bias_names();
            adapter.form.encode(encoding, vectors_mut(self.header.kind, names, &mut adapter.parameters))?;
            adapter.take_form();
        }
        Ok(adapter)
    }

    /// The same adapter without some units, which are OFF for every input then: those that `keep` is false for, and
    /// those that are pruned already. Its metrics are left out. One hidden layer of a feed-forward network; of a mask,
    /// nothing can be pruned.
    pub fn pruned(&self, keep: &[bool]) -> Result<Self, Error> {
        check_prunable(&self.header)?;
        if self.form.encoding == Encoding::I8 {
            return Err(FormError::PrunedI8.into());
        }
        let units = self.parameters.biases[0].len();
        if keep.len() != units {
            return Err(FormError::KeptWidth { expected: units, found: keep.len() }.into());
        }
        let mut adapter = self.clone();
        let kept = adapter.form.kept.get_or_insert_with(|| vec![true; units]);
        for (unit, &keep) in keep.iter().enumerate().filter(|(_, keep)| !**keep) {
            kept[unit] = keep;
            adapter.parameters.biases[0][unit] = DROPPED;
            if let UnitGains::Learned(gains) = &mut adapter.parameters.gains {
                gains[unit] = 0.0;
            }
        }
        adapter.take_form();
        check::check(&adapter)?;
        Ok(adapter)
    }

    /// States its form, of which no metric is known yet.
    fn take_form(&mut self) {
        let features = self.header.features();
        self.form.state_in(&mut self.header.requires, &features);
        self.header.metrics.clear();
        self.unknown.retain(|field| !field.is_of_metrics());
    }

    /// A mask as biases: those of OFF units so low that no image turns them on, so every answer is the same to the bit.
    /// Gains have no such form, nor has a mask of a recurrent network.
    pub fn to_bias(&self, backbone: &Backbone) -> Result<Self, Error> {
        self.header.check_owner(backbone)?;
        let UnitGains::Mask(on) = &self.parameters.gains else {
            return Err(Error::NoBiasForm { kind: self.header.kind });
        };
        if !backbone.spec().family().is_bounded() {
            let (what, family) = ("write the mask as biases", backbone.spec().family_name());
            return Err(Error::Unbounded { what, family });
        }
        let (_, preprocessing) = self.header.io.rows()?;
        let mlp = backbone.mlp()?;
        let preprocessing = mlp.standardisation(preprocessing);
        let mut biases = self.parameters.biases.clone();
        for ((bias, &on), &sum) in biases[0].iter_mut().zip(on).zip(mlp.row_sums()) {
            if !on {
                *bias = off_bias(preprocessing, sum);
            }
        }
        let header = Header { kind: AdapterKind::Bias, base_bias: None, ..self.header.clone() };
        let mut adapter = Self::new(header, Parameters::of_biases(biases))?;
        adapter.unknown.clone_from(&self.unknown);
        Ok(adapter)
    }
}
