//! The families of networks: what generator, files, fingerprints and adapters ask of each. The one `match` is
//! [`Spec::family`]; a new family is a spec, a network, and an `impl` here.

use crate::error::Error;
use crate::io::Io;
use crate::lattice::{Drawn, Lattice, MatrixPlan};
use crate::memory::{Cost, limit, matrix, sum};
use crate::network::{Mlp, Network, Rnn};
use crate::spec::{InputShape, MAX_WEIGHTS, MlpSpec, RnnSpec, Spec, range};
use crate::text::grouped;

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
    /// Units of each hidden layer.
    fn layers(&self) -> Vec<usize>;
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
    /// Whether some bias keeps a unit OFF whatever goes in: only then can units be dropped, or a mask become biases.
    fn is_bounded(&self) -> bool;
    fn build(&self, matrices: Vec<Lattice>) -> Result<Network, Error>;
}

/// The feature of recurrent networks, in `requires` of a header.
pub const RECURRENT: &str = "recurrent";

impl Spec {
    pub(crate) fn family(&self) -> &dyn Family {
        match self {
            Self::Mlp(spec) => spec,
            Self::Rnn(spec) => spec,
        }
    }

    fn family_mut(&mut self) -> &mut dyn Family {
        match self {
            Self::Mlp(spec) => spec,
            Self::Rnn(spec) => spec,
        }
    }

    /// The family's name, for messages: `feed-forward` or `recurrent`.
    pub fn family_name(&self) -> &'static str {
        self.family().name()
    }

    /// The feature that a file of this family requires of its readers, if any.
    pub fn feature(&self) -> Option<&'static str> {
        self.family().feature()
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

    /// Units of each hidden layer, first to last.
    pub fn layers(&self) -> Vec<usize> {
        self.family().layers()
    }

    /// Number of hidden units of all layers: the parameters of a bias adapter.
    pub fn hidden_units(&self) -> usize {
        self.layers().iter().sum()
    }

    /// Number of frozen weights.
    pub fn frozen_weights(&self) -> usize {
        self.family().matrices().iter().map(|matrix| matrix.rows.saturating_mul(matrix.columns)).sum()
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

/// Name of the readout's weights.
const READOUT: &str = "readout.weight";

impl Family for MlpSpec {
    fn name(&self) -> &'static str {
        Self::FAMILY
    }

    fn feature(&self) -> Option<&'static str> {
        None
    }

    fn seed(&self) -> u64 {
        self.seed
    }

    fn set_seed(&mut self, seed: u64) {
        self.seed = seed;
    }

    fn summary(&self, weights: usize) -> String {
        format!("{} frozen weights", grouped(weights))
    }

    fn validate(&self) -> Result<(), Error> {
        self.validate()
    }

    fn matrices(&self) -> Vec<MatrixPlan<'_>> {
        let layers = self.layers.iter().zip(self.fan_ins()).enumerate();
        let mut matrices: Vec<_> = layers
            .map(|(depth, (layer, inputs))| MatrixPlan {
                name: layer_name(depth),
                distribution: &layer.weights,
                rows: layer.units as usize,
                columns: inputs,
                drawn: Drawn::ByRow(Some(self.input)),
                factor: 1.0,
            })
            .collect();
        matrices.push(MatrixPlan {
            name: READOUT.to_owned(),
            distribution: &self.readout.weights,
            rows: self.outputs(),
            columns: self.layers.last().map_or(0, |layer| layer.units as usize),
            drawn: Drawn::ByColumn,
            factor: 1.0,
        });
        matrices
    }

    fn layers(&self) -> Vec<usize> {
        self.layers.iter().map(|layer| layer.units as usize).collect()
    }

    /// A byte a weight on the lattice, which the first layer has twice while it is packed. The readout is kept as f32 too,
    /// and for several layers so is all behind the first, as candle takes it.
    fn cost(&self) -> Cost {
        let (units, outputs) = (Family::layers(self), self.outputs());
        let sides: Vec<(usize, usize)> = units.iter().copied().zip(self.fan_ins()).collect();
        let last = units.last().copied().unwrap_or(0);
        let is_deep = units.len() > 1;
        let first = sides.first().map_or(0, |&(rows, columns)| matrix(rows, columns, 1));
        let deeper = sum(sides.iter().skip(1).map(|&(rows, columns)| matrix(rows, columns, 5)));
        let readout = matrix(last, outputs, if self.readout.weights.is_one_hot() { 1 } else { 5 });
        let candle = if is_deep { matrix(last, outputs, 4) } else { 0 };
        let all = sum(units.iter().map(|&units| units as u64));
        let kept = sum([first, deeper, readout, candle, 16 * all]);
        let widest = units.iter().copied().max().unwrap_or(0) as u64;
        let activations = if is_deep { 16 * widest } else { 0 };
        let row = 4 * units.first().map_or(0, |&units| units as u64) + activations + 8 * outputs as u64;
        Cost { kept, peak: sum([kept, first, matrix(last, outputs, 4)]), row }
    }

    fn set_width(&mut self, units: u32) {
        self.layers.iter_mut().for_each(|layer| layer.units = units);
    }

    fn set_gain(&mut self, _gain: f64) -> Result<(), Error> {
        Err(Error::Family { expected: RnnSpec::FAMILY, found: Self::FAMILY })
    }

    /// One hidden layer of n units has `n (inputs + 1 + outputs)` parameters, no output bias.
    fn width_for(&self, parameters: u64) -> Option<u32> {
        let per_unit = (self.input.values() + 1 + self.outputs()) as f64;
        (self.layers.len() == 1).then(|| (parameters as f64 / per_unit).round().max(1.0) as u32)
    }

    fn fit(&mut self, io: &Io, classes: usize) -> Result<(), Error> {
        let (input, _) = io.images()?;
        self.input = InputShape { height: input.height, width: input.width, channels: input.channels };
        self.readout.outputs = classes as u32;
        Ok(())
    }

    fn check_fits(&self, io: &Io, classes: usize) -> Result<(), Error> {
        let (input, _) = io.images()?;
        if classes != self.outputs() {
            return Err(Error::LabelCount { labels: classes, outputs: self.outputs() });
        }
        let input = [input.height, input.width, input.channels];
        let backbone = [self.input.height, self.input.width, self.input.channels];
        if input == backbone { Ok(()) } else { Err(Error::InputShape { input, backbone }) }
    }

    fn is_bounded(&self) -> bool {
        true
    }

    fn build(&self, matrices: Vec<Lattice>) -> Result<Network, Error> {
        Ok(Network::Mlp(Box::new(Mlp::new(self, matrices)?)))
    }
}

impl Family for RnnSpec {
    fn name(&self) -> &'static str {
        Self::FAMILY
    }

    fn feature(&self) -> Option<&'static str> {
        Some(RECURRENT)
    }

    fn seed(&self) -> u64 {
        self.seed
    }

    fn set_seed(&mut self, seed: u64) {
        self.seed = seed;
    }

    fn summary(&self, weights: usize) -> String {
        let units = grouped(self.units as usize);
        format!(
            "{units} recurrent units, {} frozen weights, gain {:.3}",
            grouped(weights),
            self.recurrent.gain
        )
    }

    fn validate(&self) -> Result<(), Error> {
        self.validate()
    }

    fn matrices(&self) -> Vec<MatrixPlan<'_>> {
        let (units, (inputs, outputs)) = (self.units as usize, self.widths());
        let rows = |name: &str, distribution, columns, factor| MatrixPlan {
            name: name.to_owned(),
            distribution,
            rows: units,
            columns,
            drawn: Drawn::ByRow(None),
            factor,
        };
        let gain = self.recurrent.gain / f64::from(self.units).sqrt();
        vec![
            rows("recurrent.weight", &self.recurrent.weights, units, gain),
            rows("input.weight", &self.input.weights, inputs, 1.0),
            MatrixPlan {
                name: READOUT.to_owned(),
                distribution: &self.readout.weights,
                rows: outputs,
                columns: units,
                drawn: Drawn::ByColumn,
                factor: 1.0 / self.readout.divided_by.at(self.units),
            },
        ]
    }

    fn layers(&self) -> Vec<usize> {
        vec![self.units as usize]
    }

    /// W is kept as a lattice, and packed in both directions; B and C as lattices and as f32.
    fn cost(&self) -> Cost {
        let (units, (inputs, outputs)) = (self.units as usize, self.widths());
        let [w, b, c] = [(units, units, 3), (units, inputs, 5), (units, outputs, 5)]
            .map(|(m, n, size)| matrix(m, n, size));
        let kept = sum([w, b, c, 16 * units as u64]);
        let peak = sum([kept, b, c]);
        Cost { kept, peak, row: 8 * units as u64 + 8 * outputs as u64 }
    }

    fn set_width(&mut self, units: u32) {
        self.units = units;
    }

    fn set_gain(&mut self, gain: f64) -> Result<(), Error> {
        self.recurrent.gain = gain;
        Ok(())
    }

    /// `n² + n (inputs + 1 + outputs)` parameters.
    fn width_for(&self, parameters: u64) -> Option<u32> {
        let (inputs, outputs) = self.widths();
        let linear = (inputs + 1 + outputs) as f64;
        let n = ((linear * linear + 4.0 * parameters as f64).sqrt() - linear) / 2.0;
        Some(n.round().max(1.0) as u32)
    }

    fn fit(&mut self, io: &Io, _classes: usize) -> Result<(), Error> {
        let (inputs, outputs) = io.signal()?.widths();
        (self.input.values, self.readout.outputs) = (inputs as u32, outputs as u32);
        Ok(())
    }

    fn check_fits(&self, io: &Io, _classes: usize) -> Result<(), Error> {
        let (expected, found) = (io.signal()?.widths(), self.widths());
        if expected == found { Ok(()) } else { Err(Error::SignalWidths { expected, found }) }
    }

    fn is_bounded(&self) -> bool {
        false // a state may grow beyond any bias
    }

    fn build(&self, matrices: Vec<Lattice>) -> Result<Network, Error> {
        Ok(Network::Rnn(Box::new(Rnn::new(self, matrices)?)))
    }
}
