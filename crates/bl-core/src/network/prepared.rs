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

use bl_kernels::{AdapterHalf, Padded, Preactivations, logits};

use super::mlp::Mlp;
use crate::adapter::UnitGains;
use crate::error::Error;
use crate::io::Preprocessing;

/// An adapter's biases made ready for one backbone: an argument of [`Mlp::logits`].
pub struct Prepared {
    /// c of the first layer, padded for the kernels.
    first: Padded,
    /// 1/σ
    scale: f32,
    /// m, padded for the kernels; empty where units have no gains
    gains: Padded,
    /// Biases of the layers after the first.
    deeper: Vec<Vec<f32>>,
}

impl Prepared {
    /// Folds the preprocessing into the first layer's biases; `biases` has one slice for each layer.
    pub fn new(mlp: &Mlp, preprocessing: Preprocessing, biases: &[Vec<f32>]) -> Result<Self, Error> {
        check_widths(mlp, biases)?;
        let preprocessing = mlp.standardisation(preprocessing);
        let mut first = Padded::zeroed(mlp.units());
        fold(mlp, preprocessing, &biases[0], &mut first);
        let deeper = biases[1..].to_vec();
        Ok(Self { first, scale: (1.0 / preprocessing.std) as f32, gains: Padded::default(), deeper })
    }

    /// As [`Self::new`], with a mask or gains.
    pub fn with_gains(
        mlp: &Mlp,
        preprocessing: Preprocessing,
        biases: &[Vec<f32>],
        gains: &UnitGains,
    ) -> Result<Self, Error> {
        let mut prepared = Self::new(mlp, preprocessing, biases)?;
        match gains {
            UnitGains::One => {}
            UnitGains::Mask(on) => prepared.set_mask(mlp, on)?,
            UnitGains::Learned(gains) => prepared.set_gains(mlp, gains)?,
        }
        Ok(prepared)
    }

    /// The arguments that the kernels take.
    pub fn kernel_args<'a>(&'a self, mlp: &'a Mlp) -> AdapterHalf<'a> {
        AdapterHalf { bias: &self.first, gains: &self.gains, readout: mlp.readout(), scale: self.scale }
    }

    /// Memory that it holds, beside the mlp.
    pub fn bytes(&self) -> usize {
        let deeper: usize = self.deeper.iter().map(|bias| size_of_val(&**bias)).sum();
        size_of_val(&*self.first) + size_of_val(&*self.gains) + deeper
    }

    /// Replaces the first layer's biases, as every training step does.
    pub fn set_first(&mut self, mlp: &Mlp, preprocessing: Preprocessing, bias: &[f32]) {
        fold(mlp, mlp.standardisation(preprocessing), bias, &mut self.first);
    }

    /// Sets the gains of the units; one hidden layer.
    pub fn set_gains(&mut self, mlp: &Mlp, gains: &[f32]) -> Result<(), Error> {
        if !mlp.is_shallow() || gains.len() != mlp.units() {
            return Err(Error::GainWidth { expected: mlp.units(), found: gains.len() });
        }
        self.gains = gains.into();
        Ok(())
    }

    /// Turns units OFF by their biases: a mask costs nothing more than biases do.
    fn set_mask(&mut self, mlp: &Mlp, on: &[bool]) -> Result<(), Error> {
        if !mlp.is_shallow() || on.len() != mlp.units() {
            return Err(Error::GainWidth { expected: mlp.units(), found: on.len() });
        }
        for (c, _) in self.first.iter_mut().zip(on).filter(|(_, on)| !**on) {
            *c = OFF;
        }
        Ok(())
    }
}

/// A bias that no f16 pre-activation, 65504 at most, brings above zero.
const OFF: f32 = -131_072.0;

/// The bias b with `c = σ b − μ Σ_j B_ij` = [`OFF`], or below: a unit with it is OFF for every image.
pub(crate) fn off_bias(preprocessing: Preprocessing, row_sum: f32) -> f32 {
    let Preprocessing { mean, std } = preprocessing;
    ((f64::from(OFF) - (mean * f64::from(row_sum)).abs()) / std) as f32
}

fn fold(mlp: &Mlp, preprocessing: Preprocessing, bias: &[f32], out: &mut [f32]) {
    let (mean, std) = (preprocessing.mean as f32, preprocessing.std as f32);
    for ((c, b), sum) in out.iter_mut().zip(bias).zip(mlp.row_sums()) {
        *c = std * b - mean * sum;
    }
}

pub(crate) fn check_widths(mlp: &Mlp, biases: &[Vec<f32>]) -> Result<(), Error> {
    let expected: Vec<usize> = mlp.spec().layers.iter().map(|layer| layer.units as usize).collect();
    let found: Vec<usize> = biases.iter().map(Vec::len).collect();
    if expected == found { Ok(()) } else { Err(Error::BiasWidths { expected, found }) }
}

impl Mlp {
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

    /// Which units of the first hidden layer are ON for a row of `p`: those whose `p + b` is above zero.
    ///
    /// # Shapes
    /// - returns: `[units]`
    pub fn on_units(&self, p: &Preactivations, row: usize, adapter: &Prepared) -> Vec<bool> {
        p.row_f32(row).iter().zip(adapter.first.iter()).map(|(p, c)| p + c > 0.0).collect()
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
        logits(self.isa(), p, rows, &adapter.kernel_args(self), &mut out)?;
        Ok(out)
    }

    #[cfg(not(feature = "candle"))]
    fn deep_logits(&self, _: &Preactivations, _: &[u32], _: &Prepared) -> Result<Vec<f32>, Error> {
        Err(Error::NoCandle { layers: self.spec().layers.len() })
    }

    #[cfg(feature = "candle")]
    fn deep_logits(&self, p: &Preactivations, rows: &[u32], adapter: &Prepared) -> Result<Vec<f32>, Error> {
        use candle_core::{Device, Tensor};
        const TOGETHER: usize = 512; // activations of every layer are held for this many rows
        let (expected, found) = (bl_kernels::padded_units(self.units()), adapter.first.len());
        if expected != found {
            return Err(bl_kernels::Error::Length { what: "bias", expected, found }.into());
        }
        let tensor = |values: &[f32]| Tensor::from_slice(values, values.len(), &Device::Cpu);
        let first = tensor(&adapter.first[..self.units()])?;
        let deeper = adapter.deeper.iter().map(|bias| tensor(bias)).collect::<Result<Vec<_>, _>>()?;
        let layers = self.layers_after_first()?;
        let mut out = Vec::with_capacity(rows.len() * self.outputs());
        for rows in rows.chunks(TOGETHER) {
            let p = crate::deep::rows(p, rows)?;
            let h = (p.broadcast_add(&first)?.relu()? * f64::from(adapter.scale))?;
            out.extend(layers.forward(&h, &deeper)?.flatten_all()?.to_vec1::<f32>()?);
        }
        Ok(out)
    }
}
