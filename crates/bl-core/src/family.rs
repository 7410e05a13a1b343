//! The families of networks: what generator, files, fingerprints and adapters ask of each. The one `match` is
//! [`Spec::family`]; a new family is a spec, a network, and a file here.

mod bert;
mod mlp;
mod rnn;

use crate::error::Error;
use crate::io::Io;
use crate::lattice::{Lattice, MatrixPlan};
use crate::memory::{Cost, limit};
use crate::network::Network;
use crate::spec::{MAX_WEIGHTS, Spec, range};

/// What a family says of itself.
pub(crate) trait Family {
    /// For messages.
    fn name(&self) -> &'static str;
    /// The feature that an adapter's header requires: a reader that does not know the family must refuse it.
    fn feature(&self) -> Option<&'static str>;
    fn seed(&self) -> u64;
    fn set_seed(&mut self, seed: u64);
    /// In a few words, for people.
    fn summary(&self, weights: usize) -> String;
    fn validate(&self) -> Result<(), Error>;
    /// In the order of the fingerprint.
    fn matrices(&self) -> Vec<MatrixPlan<'_>>;
    /// Units of each hidden layer; of an encoder, values of each bias.
    fn layers(&self) -> Vec<usize>;
    /// Names of the biases in files, one for each of [`Self::layers`].
    fn bias_names(&self) -> Vec<String> {
        (0..self.layers().len()).map(|layer| format!("hidden.{layer}.bias")).collect()
    }
    /// Frozen weights beside those that are drawn.
    fn pretrained_weights(&self) -> usize {
        0
    }
    /// Whether a readout can be learned and be part of an adapter.
    fn has_head(&self) -> bool {
        false
    }
    /// Memory of the network.
    fn cost(&self) -> Cost;
    fn set_width(&mut self, units: u32);
    /// Sets the scale g of recurrent weights.
    fn set_gain(&mut self, gain: f64) -> Result<(), Error>;
    /// The width at which a fully trained network has about so many parameters; none if that is not defined.
    fn width_for(&self, parameters: u64) -> Option<u32>;
    /// Takes the inputs and outputs of a task.
    fn fit(&mut self, io: &Io, classes: usize) -> Result<(), Error>;
    /// Whether inputs and outputs are those of a task; `classes` is the number of its labels.
    fn check_fits(&self, io: &Io, classes: usize) -> Result<(), Error>;
    /// Whether a state goes from step to step, whose start and gain can be chosen.
    fn has_state(&self) -> bool;
    /// Whether some bias keeps a unit OFF whatever goes in: only then can units be dropped, or a mask become biases.
    fn is_bounded(&self) -> bool;
    fn build(&self, matrices: Vec<Lattice>) -> Result<Network, Error>;
}

/// The feature of recurrent networks, in `requires` of a header.
pub const RECURRENT: &str = "recurrent";
/// The feature of pretrained encoders.
pub(crate) const BERT: &str = "bert";
/// The feature of a convolution as front end.
pub(crate) const CONV: &str = "conv";

impl Spec {
    pub(crate) fn family(&self) -> &dyn Family {
        match self {
            Self::Mlp(spec) => spec,
            Self::Rnn(spec) => spec,
            Self::Bert(spec) => &**spec,
        }
    }

    fn family_mut(&mut self) -> &mut dyn Family {
        match self {
            Self::Mlp(spec) => spec,
            Self::Rnn(spec) => spec,
            Self::Bert(spec) => &mut **spec,
        }
    }

    /// The family's name, for messages: `feed-forward`, `recurrent` or `pretrained encoder`.
    pub fn family_name(&self) -> &'static str {
        self.family().name()
    }

    /// The features that a file requires of its readers, for the network and for what goes into it.
    pub fn features(&self, io: &Io) -> Vec<&'static str> {
        self.family().feature().into_iter().chain(io.feature()).collect()
    }

    /// Seed of all weights.
    pub fn seed(&self) -> u64 {
        self.family().seed()
    }

    /// Takes another seed.
    pub fn set_seed(&mut self, seed: u64) {
        self.family_mut().set_seed(seed);
    }

    /// How large the network is, in a few words: `25,408,000 frozen weights`.
    pub fn summary(&self) -> String {
        self.family().summary(self.frozen_weights())
    }

    /// Names of an adapter's biases in its file, one for each of [`Self::layers`].
    pub fn bias_names(&self) -> Vec<String> {
        self.family().bias_names()
    }

    /// Whether a readout can be learned and be part of an adapter.
    pub fn has_head(&self) -> bool {
        self.family().has_head()
    }

    /// Units of each hidden layer, first to last; of an encoder, values of each bias.
    pub fn layers(&self) -> Vec<usize> {
        self.family().layers()
    }

    /// Number of hidden units of all layers: the parameters of a bias adapter.
    pub fn hidden_units(&self) -> usize {
        self.layers().iter().sum()
    }

    /// Number of frozen weights.
    pub fn frozen_weights(&self) -> usize {
        let drawn = self.family().matrices();
        let drawn = drawn.iter().map(|matrix| matrix.rows.saturating_mul(matrix.columns));
        drawn.fold(self.family().pretrained_weights(), usize::saturating_add)
    }

    /// Number of weights that training everything learns: all but those of a front end.
    pub fn learnable_weights(&self) -> usize {
        let matrices = self.family().matrices();
        let behind = matrices.iter().filter(|matrix| matrix.name != FILTERS);
        behind.map(|matrix| matrix.rows.saturating_mul(matrix.columns)).sum()
    }

    /// Memory of the network that the spec describes, before any of it is taken.
    pub fn cost(&self) -> Cost {
        self.family().cost()
    }

    /// Whether this process may have such a network: an error if it needs more memory than [`limit`].
    pub fn check_memory(&self) -> Result<(), Error> {
        self.cost().check(self.frozen_weights(), 0, limit())
    }

    /// Gives every hidden layer another width.
    ///
    /// The value of a one-hot readout follows, so that units · value² stays.
    pub fn set_width(&mut self, units: u32) {
        self.family_mut().set_width(units);
    }

    /// Sets g, the scale of recurrent weights; a family without them is an error.
    pub fn set_gain(&mut self, gain: f64) -> Result<(), Error> {
        self.family_mut().set_gain(gain)?;
        self.validate()
    }

    /// The width at which a fully trained network of this architecture has about so many parameters; none if it has several
    /// hidden layers.
    pub fn width_for(&self, parameters: u64) -> Option<u32> {
        self.family().width_for(parameters)
    }

    /// Takes the inputs and outputs of a task with `classes` labels (0 for signals).
    pub fn fit(&mut self, io: &Io, classes: usize) -> Result<(), Error> {
        self.family_mut().fit(io, classes)?;
        self.validate()
    }

    /// Whether the network has the inputs and outputs of a task with `classes` labels (0 for signals).
    pub fn check_fits(&self, io: &Io, classes: usize) -> Result<(), Error> {
        self.family().check_fits(io, classes)
    }

    /// Whether a state goes from step to step.
    pub fn has_state(&self) -> bool {
        self.family().has_state()
    }

    /// Checks every field; whatever holds a spec has passed this.
    pub fn validate(&self) -> Result<(), Error> {
        self.family().validate()?;
        range("number of weights", self.frozen_weights() as f64, 1.0, MAX_WEIGHTS as f64)
    }
}

/// Name of the weights of hidden layer `depth`, in files and as part of the generator's key.
pub(crate) fn layer_name(depth: usize) -> String {
    format!("hidden.{depth}.weight")
}

/// Name of the filters of a front end.
const FILTERS: &str = "front.weight";

/// Name of the readout's weights.
const READOUT: &str = "readout.weight";
