//! Feed-forward networks.

use super::{CONV, FILTERS, Family, READOUT, layer_name};
use crate::error::Error;
use crate::io::Io;
use crate::lattice::{Drawn, Lattice, MatrixPlan};
use crate::memory::{Cost, matrix, sum};
use crate::network::{Mlp, Network};
use crate::spec::{Distribution, Front, MlpSpec, RnnSpec};
use crate::text::grouped;

impl Family for MlpSpec {
    fn name(&self) -> &'static str {
        Self::FAMILY
    }

    fn feature(&self) -> Option<&'static str> {
        self.front.as_ref().map(|Front::Conv { .. }| CONV)
    }

    fn seed(&self) -> u64 {
        self.seed
    }

    fn set_seed(&mut self, seed: u64) {
        self.seed = seed;
    }

    fn summary(&self, weights: usize) -> String {
        let weights = format!("{} frozen weights", grouped(weights));
        match self.front {
            None => weights,
            Some(Front::Conv { filters, size, grid }) => {
                format!("{weights}, behind {filters} filters of {size} × {size} over {grid} × {grid} cells")
            }
        }
    }

    fn validate(&self) -> Result<(), Error> {
        self.validate()
    }

    fn matrices(&self) -> Vec<MatrixPlan<'_>> {
        let filters = self.front.as_ref().map(|front| front.conv(self.input)).map(|conv| MatrixPlan {
            name: FILTERS.to_owned(),
            distribution: &Distribution::Normal { std: 1.0 },
            rows: conv.filters,
            columns: conv.taps(),
            drawn: Drawn::Filters,
            factor: 1.0,
        });
        let layers = self.layers.iter().zip(self.fan_ins()).enumerate();
        let mut matrices: Vec<_> = filters.into_iter().collect();
        matrices.extend(layers.map(|(depth, (layer, inputs))| MatrixPlan {
            name: layer_name(depth),
            distribution: &layer.weights,
            rows: layer.units as usize,
            columns: inputs,
            drawn: Drawn::Rows(Some(self.seen())),
            factor: 1.0,
        }));
        matrices.push(MatrixPlan {
            name: READOUT.to_owned(),
            distribution: &self.readout.weights,
            rows: self.outputs(),
            columns: self.layers.last().map_or(0, |layer| layer.units as usize),
            drawn: Drawn::Columns,
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
        let filters = self.front.as_ref().map_or(0, |front| {
            let conv = front.conv(self.input);
            matrix(conv.filters, conv.taps(), 3) // on the lattice, and packed
        });
        let kept = sum([filters, first, deeper, readout, candle, 16 * all]);
        let widest = units.iter().copied().max().unwrap_or(0) as u64;
        let activations = if is_deep { 16 * widest } else { 0 };
        let seen = self.front.as_ref().map_or(0, |front| 2 * front.outputs().values() as u64);
        let row =
            seen + 4 * units.first().map_or(0, |&units| units as u64) + activations + 8 * outputs as u64;
        Cost { kept, peak: sum([kept, first, matrix(last, outputs, 4)]), row }
    }

    fn set_width(&mut self, units: u32) {
        // Scores are sums over the units of a class: their spread stays as it is.
        if let Distribution::OneHot { value } = &mut self.readout.weights
            && let Some(last) = self.layers.last()
        {
            *value = six_digits(*value * (f64::from(last.units) / f64::from(units)).sqrt());
        }
        self.layers.iter_mut().for_each(|layer| layer.units = units);
    }

    fn set_gain(&mut self, _gain: f64) -> Result<(), Error> {
        Err(Error::Family { expected: RnnSpec::FAMILY, found: Self::FAMILY })
    }

    /// One hidden layer of n units has `n (inputs + 1 + outputs)` parameters, no output bias.
    fn width_for(&self, parameters: u64) -> Option<u32> {
        let per_unit = (self.seen().values() + 1 + self.outputs()) as f64;
        (self.layers.len() == 1).then(|| (parameters as f64 / per_unit).round().max(1.0) as u32)
    }

    fn fit(&mut self, io: &Io, classes: usize) -> Result<(), Error> {
        (self.input, _) = io.rows()?;
        self.readout.outputs = classes as u32;
        Ok(())
    }

    fn check_fits(&self, io: &Io, classes: usize) -> Result<(), Error> {
        let (input, _) = io.rows()?;
        if classes != self.outputs() {
            return Err(Error::LabelCount { labels: classes, outputs: self.outputs() });
        }
        let input = [input.height, input.width, input.channels];
        let backbone = [self.input.height, self.input.width, self.input.channels];
        if input == backbone { Ok(()) } else { Err(Error::InputShape { input, backbone }) }
    }

    fn has_state(&self) -> bool {
        false
    }

    fn is_bounded(&self) -> bool {
        true
    }

    fn build(&self, matrices: Vec<Lattice>) -> Result<Network, Error> {
        Ok(Network::Mlp(Box::new(Mlp::new(self, matrices)?)))
    }
}

/// So that files state a value that people can read.
fn six_digits(x: f64) -> f64 {
    format!("{x:.5e}").parse().unwrap_or(x)
}
