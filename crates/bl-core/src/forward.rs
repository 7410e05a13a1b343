//! The adapter half for a loaded adapter: the one path of training, evaluation and serving.
//!
//! Standardisation `x̂ = (x − μ)/σ` belongs to the task, the frozen half to all tasks. φ is positively
//! homogeneous, so it moves into the biases:
//!
//! ```text
//! φ(B x̂ + b) = φ(p + c) / σ        c_i = σ b_i − μ Σ_j B_ij        p = B x
//! ```
//!
//! and one p serves adapters of any preprocessing.

use std::ops::Range;

use bl_kernels::{AdapterHalf, Preactivations, logits, padded_units};
use candle_core::{Device, Tensor};

use crate::adapter::BiasAdapter;
use crate::backbone::Backbone;
use crate::error::Error;
use crate::header::Preprocessing;

/// An adapter's biases made ready for one backbone: an argument of [`Backbone::logits`].
pub struct Prepared {
    /// c of the first layer, padded for the kernels.
    first: Vec<f32>,
    /// 1/σ
    gain: f32,
    /// Biases of the layers after the first.
    deeper: Vec<Tensor>,
}

impl Prepared {
    /// Folds the preprocessing into the first layer's biases; `biases` has one slice for each layer.
    pub fn new(
        backbone: &Backbone,
        preprocessing: Preprocessing,
        biases: &[Vec<f32>],
    ) -> Result<Self, Error> {
        check_widths(backbone, biases)?;
        let mut first = vec![0.0; padded_units(backbone.units())];
        fold(backbone, preprocessing, &biases[0], &mut first);
        let deeper = biases[1..]
            .iter()
            .map(|bias| Tensor::from_slice(bias, bias.len(), &Device::Cpu))
            .collect::<Result<_, _>>()?;
        Ok(Self { first, gain: (1.0 / preprocessing.std) as f32, deeper })
    }

    /// As the kernels take it.
    pub fn half<'a>(&'a self, backbone: &'a Backbone) -> AdapterHalf<'a> {
        AdapterHalf { bias: &self.first, readout: backbone.readout(), gain: self.gain }
    }

    /// Replaces the first layer's biases, as every training step does.
    pub fn set_first(&mut self, backbone: &Backbone, preprocessing: Preprocessing, bias: &[f32]) {
        fold(backbone, preprocessing, bias, &mut self.first);
    }
}

fn fold(backbone: &Backbone, preprocessing: Preprocessing, bias: &[f32], out: &mut [f32]) {
    let (mean, std) = (preprocessing.mean as f32, preprocessing.std as f32);
    for ((c, b), sum) in out.iter_mut().zip(bias).zip(backbone.row_sums()) {
        *c = std * b - mean * sum;
    }
}

pub(crate) fn check_widths(backbone: &Backbone, biases: &[Vec<f32>]) -> Result<(), Error> {
    let expected: Vec<usize> = backbone.spec().layers.iter().map(|layer| layer.units as usize).collect();
    let found: Vec<usize> = biases.iter().map(Vec::len).collect();
    if expected == found { Ok(()) } else { Err(Error::BiasWidths { expected, found }) }
}

impl Backbone {
    /// Makes an adapter ready, once it is known to belong to this backbone.
    pub fn prepare(&self, adapter: &BiasAdapter) -> Result<Prepared, Error> {
        let expected = adapter.header.backbone.fingerprint;
        if expected != self.fingerprint() {
            return Err(Error::BackboneMismatch {
                adapter: adapter.header.task.name.clone(),
                expected,
                found: self.fingerprint(),
            });
        }
        Prepared::new(self, adapter.header.preprocessing, &adapter.biases)
    }

    /// The adapter half: class scores of some rows of `p` under one adapter. With one hidden layer a row's bits
    /// do not depend on the others; deeper layers are candle's products, which round by the number of rows.
    ///
    /// # Shapes
    /// - returns: `[rows.len(), outputs]`
    pub fn logits(
        &self,
        p: &Preactivations,
        rows: Range<usize>,
        adapter: &Prepared,
    ) -> Result<Vec<f32>, Error> {
        let rows: Vec<u32> = rows.map(|row| row as u32).collect();
        self.logits_of_rows(p, &rows, adapter)
    }

    /// As [`Self::logits`], for rows in any order.
    pub fn logits_of_rows(
        &self,
        p: &Preactivations,
        rows: &[u32],
        adapter: &Prepared,
    ) -> Result<Vec<f32>, Error> {
        if !self.is_shallow() {
            return self.deep_logits(p, rows, adapter);
        }
        let mut out = vec![0.0; rows.len() * self.outputs()];
        logits(self.isa(), p, rows, &adapter.half(self), &mut out)?;
        Ok(out)
    }

    fn deep_logits(&self, p: &Preactivations, rows: &[u32], adapter: &Prepared) -> Result<Vec<f32>, Error> {
        const TOGETHER: usize = 512; // activations of every layer are held for this many rows
        let (expected, found) = (padded_units(self.units()), adapter.first.len());
        if expected != found {
            return Err(bl_kernels::Error::Length { what: "bias", expected, found }.into());
        }
        let first = Tensor::from_slice(&adapter.first[..self.units()], self.units(), &Device::Cpu)?;
        let layers = self.layers_after_first()?;
        let mut out = Vec::with_capacity(rows.len() * self.outputs());
        for rows in rows.chunks(TOGETHER) {
            let p = crate::tensor::rows(p, rows)?;
            let h = (p.broadcast_add(&first)?.relu()? * f64::from(adapter.gain))?;
            out.extend(layers.forward(&h, &adapter.deeper)?.flatten_all()?.to_vec1::<f32>()?);
        }
        Ok(out)
    }
}
