//! Recurrent networks.

use super::{Family, READOUT, RECURRENT};
use crate::error::Error;
use crate::io::Io;
use crate::lattice::{Drawn, Lattice, MatrixPlan};
use crate::memory::{Cost, matrix, sum};
use crate::network::{Network, Rnn};
use crate::spec::RnnSpec;
use crate::text::grouped;

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
            drawn: Drawn::Rows(None),
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
                drawn: Drawn::Columns,
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

    fn fit(&mut self, io: &Io, classes: usize) -> Result<(), Error> {
        let (inputs, outputs) = io.signal()?.widths(classes);
        (self.input.values, self.readout.outputs) = (inputs as u32, outputs as u32);
        Ok(())
    }

    fn check_fits(&self, io: &Io, classes: usize) -> Result<(), Error> {
        let (expected, found) = (io.signal()?.widths(classes), self.widths());
        if expected == found { Ok(()) } else { Err(Error::SignalWidths { expected, found }) }
    }

    fn has_state(&self) -> bool {
        true
    }

    fn is_bounded(&self) -> bool {
        false // a state may grow beyond any bias
    }

    fn build(&self, matrices: Vec<Lattice>) -> Result<Network, Error> {
        Ok(Network::Rnn(Box::new(Rnn::new(self, matrices)?)))
    }
}
