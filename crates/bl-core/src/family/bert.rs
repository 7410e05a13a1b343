//! Pretrained encoders of texts.

use super::{BERT, Family, READOUT};
use crate::error::Error;
use crate::io::Io;
use crate::lattice::{Drawn, Lattice, MatrixPlan};
use crate::memory::{Cost, matrix, sum};
use crate::network::Network;
use crate::spec::{BertSpec, RnnSpec};
use crate::text::grouped;

impl Family for BertSpec {
    fn name(&self) -> &'static str {
        Self::FAMILY
    }

    fn feature(&self) -> Option<&'static str> {
        Some(BERT)
    }

    fn seed(&self) -> u64 {
        self.seed
    }

    fn set_seed(&mut self, seed: u64) {
        self.seed = seed;
    }

    fn summary(&self, weights: usize) -> String {
        let config = &self.config;
        format!(
            "a pretrained encoder of {} layers of {} values, {} frozen weights",
            config.num_hidden_layers,
            config.hidden_size,
            grouped(weights)
        )
    }

    fn validate(&self) -> Result<(), Error> {
        self.validate()
    }

    fn matrices(&self) -> Vec<MatrixPlan<'_>> {
        vec![MatrixPlan {
            name: READOUT.to_owned(),
            distribution: &self.readout.weights,
            rows: self.outputs(),
            columns: self.config.hidden_size,
            drawn: Drawn::Columns,
            factor: 1.0,
        }]
    }

    fn pretrained_weights(&self) -> usize {
        self.config.weights()
    }

    fn layers(&self) -> Vec<usize> {
        self.biases().into_iter().map(|(_, width)| width).collect()
    }

    fn bias_names(&self) -> Vec<String> {
        self.biases().into_iter().map(|(name, _)| name).collect()
    }

    /// The files are in memory while the weights are made of them.
    fn cost(&self) -> Cost {
        let readout = matrix(self.config.hidden_size, self.outputs(), 5);
        let kept = sum([self.config.bytes(), readout]);
        let row = 16 * self.config.hidden_size as u64 + 8 * self.outputs() as u64;
        Cost { kept, peak: sum([kept, self.config.bytes()]), row }
    }

    fn set_width(&mut self, _units: u32) {}

    fn set_gain(&mut self, _gain: f64) -> Result<(), Error> {
        Err(Error::Family { expected: RnnSpec::FAMILY, found: Self::FAMILY })
    }

    fn width_for(&self, _parameters: u64) -> Option<u32> {
        None
    }

    fn fit(&mut self, io: &Io, classes: usize) -> Result<(), Error> {
        io.tokens()?;
        self.readout.outputs = classes as u32;
        Ok(())
    }

    fn check_fits(&self, io: &Io, classes: usize) -> Result<(), Error> {
        let longest = io.tokens()?.longest as usize;
        let most = self.config.max_position_embeddings;
        if longest > most {
            return Err(Error::Longest { found: longest, most });
        }
        let (labels, outputs) = (classes, self.outputs());
        if labels == outputs { Ok(()) } else { Err(Error::LabelCount { labels, outputs }) }
    }

    fn has_state(&self) -> bool {
        false
    }

    fn is_bounded(&self) -> bool {
        false
    }

    fn has_head(&self) -> bool {
        true
    }

    #[cfg(feature = "bert")]
    fn build(&self, matrices: Vec<Lattice>) -> Result<Network, Error> {
        Ok(Network::Bert(Box::new(crate::network::Bert::new(self, matrices)?)))
    }

    #[cfg(not(feature = "bert"))]
    fn build(&self, _matrices: Vec<Lattice>) -> Result<Network, Error> {
        Err(Error::NoEncoders)
    }
}
