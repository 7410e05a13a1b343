//! A test set with its frozen half, which many adapters of one backbone are looked at with.

use bl_core::{Adapter, Mlp, Preactivations, Prepared, argmax};
use bl_train::UnitVariance;

use crate::study_error::StudyError;

/// A test set with its frozen half.
pub struct Stage<'a> {
    /// The network.
    pub mlp: &'a Mlp,
    labels: &'a [u8],
    p: Preactivations,
}

impl<'a> Stage<'a> {
    /// Computes the frozen half of labelled images.
    pub fn new(mlp: &'a Mlp, images: &[u8], labels: &'a [u8]) -> Result<Self, StudyError> {
        Ok(Self { mlp, labels, p: mlp.preactivations(images)? })
    }

    /// An adapter made ready for the network.
    fn prepared(&self, adapter: &Adapter) -> Result<Prepared, StudyError> {
        let (_, preprocessing) = adapter.header.io.images()?;
        let parameters = &adapter.parameters;
        Ok(Prepared::with_gains(self.mlp, preprocessing, &parameters.biases, &parameters.gains)?)
    }

    /// The task variance of each unit: of `φ(p + b)` over the images; 0 of units that a mask turns OFF.
    pub fn task_variance(&self, adapter: &Adapter) -> Result<Vec<f64>, StudyError> {
        let mut all = UnitVariance::new(self.p.units());
        all.add_rows(self.mlp, &self.prepared(adapter)?, &self.p, self.p.rows())?;
        Ok(all.variances()?)
    }

    /// Accuracy on the images.
    pub fn accuracy(&self, adapter: &Prepared) -> Result<f64, StudyError> {
        let scores = self.mlp.logits(&self.p, 0..self.labels.len(), adapter)?;
        let rows = scores.chunks_exact(self.mlp.outputs()).zip(self.labels);
        let right = rows.filter(|(scores, label)| argmax(scores) == usize::from(**label)).count();
        Ok(right as f64 / self.labels.len() as f64)
    }
}
