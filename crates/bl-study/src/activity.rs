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
        let mut all = UnitVariance::new(self.p.units());
        add_rows(self.backbone, &prepared, &self.p, self.p.rows(), &mut all)?;
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

/// Mean and variance of each unit's activation `φ(p + b)` over pictures, as many as there are: only some of their p are
/// held at a time. A mean of 0 is that of a unit that no picture turns on.
///
/// # Shapes
/// - `images`: `[pictures, inputs]`
pub fn unit_activity(
    backbone: &Backbone,
    adapter: &BiasAdapter,
    images: &[u8],
) -> Result<UnitVariance, StudyError> {
    const TOGETHER: usize = 4 * CHUNK;
    let inputs = backbone.spec().input.values();
    let prepared = backbone.prepare(adapter)?;
    let mut p = Preactivations::zeroed(TOGETHER.min(images.len() / inputs), backbone.units())
        .map_err(bl_core::Error::from)?;
    let mut all = UnitVariance::new(backbone.units());
    for images in images.chunks(TOGETHER * inputs) {
        backbone.preactivations_into(images, &mut p, 0)?;
        add_rows(backbone, &prepared, &p, images.len() / inputs, &mut all)?;
    }
    Ok(all)
}

/// Takes in the activations of the first `rows` pictures of `p`.
fn add_rows(
    backbone: &Backbone,
    adapter: &Prepared,
    p: &Preactivations,
    rows: usize,
    all: &mut UnitVariance,
) -> Result<(), StudyError> {
    let half = adapter.half(backbone);
    let (units, scale) = (p.units(), half.scale);
    let rows: Vec<usize> = (0..rows).collect();
    let parts = rows
        .par_chunks(CHUNK)
        .map(|rows| {
            let mut variance = UnitVariance::new(units);
            let mut h = vec![0.0_f32; units];
            for &row in rows {
                bits(p.row(row)).convert_to_f32_slice(&mut h);
                for (h, c) in h.iter_mut().zip(half.bias) {
                    *h = (*h + c).max(0.0) * scale;
                }
                variance.add(&h)?;
            }
            Ok(variance)
        })
        .collect::<Result<Vec<_>, StudyError>>()?;
    parts.iter().try_for_each(|part| all.merge(part))?;
    Ok(())
}

fn bits(row: &[u16]) -> Vec<f16> {
    row.iter().map(|&bits| f16::from_bits(bits)).collect()
}
