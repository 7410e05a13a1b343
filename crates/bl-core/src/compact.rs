//! One adapter alone, on the units that it needs: a smaller network than its backbone, and a faster one.

use bl_kernels::{AdapterHalf, Isa, PackedWeights, Preactivations, Readout, logits, padded_units};

use crate::adapter::BiasAdapter;
use crate::backbone::Backbone;
use crate::error::Error;
use crate::evaluate::Evaluation;
use crate::form_error::FormError;

/// The rows of B and the columns of A of the units that some picture can turn on, with one adapter's biases.
///
/// Its p are the backbone's to the bit, and so are the activations; scores agree within the rounding of sums, which are
/// taken in another order. It serves one adapter: where several share a backbone, [`Backbone::logits`] shares p too.
pub struct Compact {
    weights: PackedWeights,
    /// c, padded for the kernels; 0 in empty slots, whose weights are 0.
    bias: Vec<f32>,
    /// `A diag(m)`
    readout: Readout,
    /// 1/σ
    scale: f32,
    kept: usize,
    isa: Isa,
}

/// A c at or below this keeps a unit OFF for every picture: p is at most 65504, the largest f16.
const OFF: f32 = -65504.0;

impl Compact {
    /// Takes what an adapter needs out of its backbone, which has one hidden layer. Units that a mask, a bias or pruning
    /// turns OFF for every picture are left out.
    pub fn new(backbone: &Backbone, adapter: &BiasAdapter) -> Result<Self, Error> {
        if !backbone.is_shallow() {
            return Err(FormError::PrunedLayers { layers: backbone.spec().layers.len() }.into());
        }
        let prepared = backbone.prepare(adapter)?;
        let half = prepared.half(backbone);
        let is_on = |unit: usize| half.bias[unit] > OFF;
        let kept: Vec<usize> = (0..backbone.units()).filter(|&unit| is_on(unit)).collect();
        let slots = match half.readout {
            Readout::OneHot { classes, .. } => by_class(&kept, *classes),
            Readout::Dense { .. } => kept.iter().copied().map(Some).collect(),
        };
        let mut bias: Vec<f32> = slots.iter().map(|slot| slot.map_or(0.0, |unit| half.bias[unit])).collect();
        bias.resize(padded_units(slots.len()), 0.0);
        Ok(Self {
            weights: weights(backbone, &slots)?,
            bias,
            readout: readout(half.readout, &slots)?,
            scale: half.scale,
            kept: kept.len(),
            isa: backbone.isa(),
        })
    }

    /// Units of the adapter that are in it.
    pub fn kept(&self) -> usize {
        self.kept
    }

    /// Slots of its hidden layer: its units, and empty ones where a readout by position asks for them.
    pub fn slots(&self) -> usize {
        self.weights.units()
    }

    /// Memory that it holds: weights, scales, biases and readout.
    pub fn bytes(&self) -> usize {
        let (units, inputs) = (self.weights.units(), self.weights.inputs());
        units * inputs + (units + self.bias.len()) * size_of::<f32>() + self.readout.bytes()
    }

    /// Class scores of some pictures.
    ///
    /// # Shapes
    /// - `images`: 8-bit pixels, `[rows, inputs]`
    /// - returns: `[rows, outputs]`
    pub fn logits(&self, images: &[u8]) -> Result<Vec<f32>, Error> {
        let rows = images.len() / self.weights.inputs();
        let mut p = Preactivations::zeroed(rows, self.slots())?;
        self.logits_with(images, &mut p)
    }

    /// As [`Self::logits`] in a buffer of the caller's, of as many rows or more.
    fn logits_with(&self, images: &[u8], p: &mut Preactivations) -> Result<Vec<f32>, Error> {
        self.weights.preactivations(self.isa, images, p, 0)?;
        let rows: Vec<u32> = (0..images.len() / self.weights.inputs()).map(|row| row as u32).collect();
        let half = AdapterHalf {
            bias: &self.bias,
            readout: &self.readout,
            frozen: &self.readout,
            scale: self.scale,
        };
        let mut out = vec![0.0; rows.len() * self.readout.classes()];
        logits(self.isa, p, &rows, &half, &mut out)?;
        Ok(out)
    }

    /// Runs labelled pictures through it.
    ///
    /// # Shapes
    /// - `images`: `[samples, inputs]`, `labels`: `[samples]`, at least one
    pub fn evaluate(&self, images: &[u8], labels: &[u8]) -> Result<Evaluation, Error> {
        const TOGETHER: usize = 1024;
        let (inputs, classes) = (self.weights.inputs(), self.readout.classes());
        if labels.is_empty() || images.len() != labels.len() * inputs {
            return Err(Error::ImageCount { values: images.len(), inputs, labels: labels.len() });
        }
        let mut p = Preactivations::zeroed(TOGETHER.min(labels.len()), self.slots())?;
        let mut evaluation = Evaluation::new(classes);
        for (images, labels) in images.chunks(TOGETHER * inputs).zip(labels.chunks(TOGETHER)) {
            let mut scores = self.logits_with(images, &mut p)?;
            for (scores, &label) in scores.chunks_exact_mut(classes).zip(labels) {
                evaluation.add(scores, label)?;
            }
        }
        Ok(evaluation)
    }
}

/// Slots such that a unit of class k is in one of class k, by position: each class as long as the longest, the rest empty.
fn by_class(kept: &[usize], classes: usize) -> Vec<Option<usize>> {
    let mut of_class = vec![Vec::new(); classes];
    for &unit in kept {
        of_class[unit % classes].push(unit);
    }
    let longest = of_class.iter().map(Vec::len).max().unwrap_or(0);
    (0..longest * classes).map(|slot| of_class[slot % classes].get(slot / classes).copied()).collect()
}

fn weights(backbone: &Backbone, slots: &[Option<usize>]) -> Result<PackedWeights, Error> {
    let lattice = backbone.first_lattice();
    let inputs = lattice.columns;
    let mut q = vec![0; slots.len() * inputs];
    for (row, slot) in q.chunks_exact_mut(inputs).zip(slots) {
        if let Some(unit) = slot {
            row.copy_from_slice(&lattice.q[unit * inputs..][..inputs]);
        }
    }
    let pixel_scale = |unit: usize| lattice.scales[unit] / 255.0;
    let scales: Vec<f32> = slots.iter().map(|slot| slot.map_or(0.0, pixel_scale)).collect();
    Ok(PackedWeights::new(&q, &scales, slots.len(), inputs)?)
}

fn readout(full: &Readout, slots: &[Option<usize>]) -> Result<Readout, Error> {
    let of = |column: &[f32]| -> Vec<f32> {
        slots.iter().map(|slot| slot.map_or(0.0, |unit| column[unit])).collect()
    };
    Ok(match full {
        Readout::OneHot { weights, classes } => Readout::one_hot(&of(weights), *classes)?,
        Readout::Dense { weights, classes } => {
            let rows: Vec<f32> = weights.chunks_exact(weights.len() / classes).flat_map(of).collect();
            Readout::dense(&rows, *classes, slots.len())?
        }
    })
}
