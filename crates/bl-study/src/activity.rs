//! What the hidden units of an adapter do on pictures: the variance of each one's activation.

use bl_core::{Backbone, BiasAdapter, Preactivations, Prepared, argmax};
use half::f16;
use half::slice::HalfFloatSliceExt;
use rayon::prelude::*;

use crate::analysis::UnitVariance;
use crate::study_error::StudyError;

/// Pictures that one thread takes at a time; partial results are merged in order, so that threads change no bit.
const CHUNK: usize = 500;

/// A test set with its frozen half, which many adapters of one backbone are looked at with.
pub struct Stage<'a> {
    /// The backbone.
    pub backbone: &'a Backbone,
    labels: &'a [u8],
    p: Preactivations,
}

impl<'a> Stage<'a> {
    /// Computes the frozen half of labelled pictures.
    pub fn new(backbone: &'a Backbone, images: &[u8], labels: &'a [u8]) -> Result<Self, StudyError> {
        Ok(Self { backbone, labels, p: backbone.preactivations(images)? })
    }

    /// The task variance of each unit: of `φ(p + b)` over the pictures; 0 of units that a mask turns off.
    pub fn task_variance(&self, adapter: &BiasAdapter) -> Result<Vec<f64>, StudyError> {
        let prepared = self.backbone.prepare(adapter)?;
        let half = prepared.half(self.backbone);
        let (units, scale) = (self.p.units(), half.scale);
        let rows: Vec<usize> = (0..self.p.rows()).collect();
        let parts = rows
            .par_chunks(CHUNK)
            .map(|rows| {
                let mut variance = UnitVariance::new(units);
                let mut h = vec![0.0_f32; units];
                for &row in rows {
                    bits(self.p.row(row)).convert_to_f32_slice(&mut h);
                    for (h, c) in h.iter_mut().zip(half.bias) {
                        *h = (*h + c).max(0.0) * scale;
                    }
                    variance.add(&h)?;
                }
                Ok(variance)
            })
            .collect::<Result<Vec<_>, StudyError>>()?;
        let mut all = UnitVariance::new(units);
        for part in &parts {
            all.merge(part)?;
        }
        Ok(all.variances()?)
    }

    /// Accuracy on the pictures.
    pub fn accuracy(&self, adapter: &Prepared) -> Result<f64, StudyError> {
        let scores = self.backbone.logits(&self.p, 0..self.labels.len(), adapter)?;
        let rows = scores.chunks_exact(self.backbone.outputs()).zip(self.labels);
        let right = rows.filter(|(scores, label)| argmax(scores) == usize::from(**label)).count();
        Ok(right as f64 / self.labels.len() as f64)
    }
}

fn bits(row: &[u16]) -> Vec<f16> {
    row.iter().map(|&bits| f16::from_bits(bits)).collect()
}
