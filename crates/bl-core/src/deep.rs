//! The network in candle: the reference that the kernels are tested against, and the path of deeper nets.

use std::sync::Arc;

use bl_kernels::Preactivations;
use candle_core::{CpuStorage, CustomOp1, Device, Layout, Shape, Tensor};

use crate::error::Error;
use crate::io::Preprocessing;
use crate::lattice::Lattice;
use crate::network::Mlp;

/// `x Wᵀ` with frozen W: the backward pass computes `∂x = ∂y W` and nothing for W, where candle's own
/// product would compute a gradient of the weights too and throw it away.
#[derive(Clone)]
pub struct FrozenLinear {
    weight: Arc<Tensor>, // [out, in]
}

impl FrozenLinear {
    /// A frozen linear map from its lattice.
    pub fn new(matrix: &Lattice) -> Result<Self, Error> {
        let weight = Tensor::from_vec(matrix.weights(), (matrix.rows, matrix.columns), &Device::Cpu)?;
        Ok(Self { weight: Arc::new(weight) })
    }

    /// # Shapes
    /// - `xs`: `[batch, in]`
    /// - returns: `[batch, out]`
    pub fn forward(&self, xs: &Tensor) -> candle_core::Result<Tensor> {
        xs.contiguous()?.apply_op1(self.clone())
    }
}

impl CustomOp1 for FrozenLinear {
    fn name(&self) -> &'static str {
        "frozen-linear"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> candle_core::Result<(CpuStorage, Shape)> {
        let (batch, inputs) = layout.shape().dims2()?;
        let xs = storage.as_slice::<f32>()?;
        let start = layout.start_offset();
        let xs = Tensor::from_slice(&xs[start..start + batch * inputs], (batch, inputs), &Device::Cpu)?;
        let ys = xs.matmul(&self.weight.t()?)?;
        let shape = ys.shape().clone();
        Ok((CpuStorage::F32(ys.flatten_all()?.to_vec1()?), shape))
    }

    fn bwd(&self, _xs: &Tensor, _ys: &Tensor, grad: &Tensor) -> candle_core::Result<Option<Tensor>> {
        Ok(Some(grad.contiguous()?.matmul(&self.weight)?))
    }
}

/// The hidden layers after the first, and the readout.
pub struct DeepLayers {
    hidden: Vec<FrozenLinear>,
    readout: FrozenLinear,
    residual: bool,
}

impl DeepLayers {
    pub(crate) fn new(hidden: &[Lattice], readout: &Lattice, residual: bool) -> Result<Self, Error> {
        let hidden = hidden.iter().map(FrozenLinear::new).collect::<Result<_, _>>()?;
        Ok(Self { hidden, readout: FrozenLinear::new(readout)?, residual })
    }

    /// Class scores from the first layer's activations: differentiable in `h` and in the biases.
    ///
    /// # Shapes
    /// - `h`: `[batch, units of the first layer]`
    /// - `biases`: one `[units]` for each layer after the first
    /// - returns: `[batch, outputs]`
    pub fn forward(&self, h: &Tensor, biases: &[Tensor]) -> Result<Tensor, Error> {
        let mut h = h.clone();
        for (layer, bias) in self.hidden.iter().zip(biases) {
            let next = layer.forward(&h)?.broadcast_add(bias)?.relu()?;
            h = if self.residual { (h + next)? } else { next };
        }
        Ok(self.readout.forward(&h)?)
    }
}

impl Mlp {
    /// The whole adapter half in candle, differentiable in `biases`: what the fused kernel must equal.
    ///
    /// # Shapes
    /// - `p`: `[batch, units]`, raw pre-activations ([`rows`])
    /// - `biases`: one `[units]` for each hidden layer
    /// - returns: `[batch, outputs]`
    pub fn forward(
        &self,
        layers: &DeepLayers,
        p: &Tensor,
        preprocessing: Preprocessing,
        biases: &[Tensor],
    ) -> Result<Tensor, Error> {
        let preprocessing = self.standardisation(preprocessing);
        let shift = Tensor::from_slice(self.row_sums(), self.units(), &Device::Cpu)?
            .affine(preprocessing.mean, 0.0)?;
        let standardised = p.broadcast_sub(&shift)?.affine(1.0 / preprocessing.std, 0.0)?;
        let h = standardised.broadcast_add(&biases[0])?.relu()?;
        layers.forward(&h, &biases[1..])
    }
}

/// Some rows of pre-activations as an f32 tensor `[rows, units]`.
pub fn rows(p: &Preactivations, rows: &[u32]) -> Result<Tensor, Error> {
    if let Some(&row) = rows.iter().find(|&&row| row as usize >= p.rows()) {
        let source = bl_kernels::Error::OutOfRange { what: "row", index: row as usize, len: p.rows() };
        return Err(source.into());
    }
    let values: Vec<f32> = rows.iter().flat_map(|&row| p.row_f32(row as usize)).collect();
    Ok(Tensor::from_vec(values, (rows.len(), p.units()), &Device::Cpu)?)
}
