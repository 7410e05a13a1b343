//! A fully trained network, the baseline of every adapter: `y = A φ(B x + b)` with A, B and b learned.

use bl_core::{MlpSpec, Net, Preprocessing, Spec};
use candle_core::{CpuStorage, CustomOp1, Device, Layout, Shape, Tensor};

use super::{Named, Whole};
use crate::error::Error;

/// A network whose weights are its own. Its spec gives the architecture; the distributions, the seed and the
/// generator say nothing here.
#[derive(Clone, Debug, PartialEq)]
pub struct MlpNetwork {
    spec: MlpSpec,
    preprocessing: Preprocessing,
    /// In the order of [`Self::shapes`].
    parameters: Vec<Vec<f32>>,
}

impl MlpNetwork {
    pub(crate) fn new(spec: MlpSpec, preprocessing: Preprocessing, parameters: Vec<Vec<f32>>) -> Self {
        Self { spec, preprocessing, parameters }
    }

    /// Names and shapes: `hidden.L.weight` `[units, inputs]`, `hidden.L.bias` `[units]`, and `readout.weight`
    /// `[outputs, units]`; no output bias.
    pub fn shapes(spec: &MlpSpec) -> Vec<(String, Vec<usize>)> {
        let fan_ins: Vec<usize> = spec.fan_ins().collect();
        let mut shapes = Vec::new();
        for (layer, (hidden, &inputs)) in spec.layers.iter().zip(&fan_ins).enumerate() {
            let units = hidden.units as usize;
            shapes.push((format!("hidden.{layer}.weight"), vec![units, inputs]));
            shapes.push((format!("hidden.{layer}.bias"), vec![units]));
        }
        let outputs = spec.readout.outputs as usize;
        shapes.push(("readout.weight".to_owned(), vec![outputs, fan_ins[fan_ins.len() - 1]]));
        shapes
    }

    /// The architecture.
    pub fn spec(&self) -> &MlpSpec {
        &self.spec
    }

    /// Standardisation of the pixels.
    pub fn preprocessing(&self) -> Preprocessing {
        self.preprocessing
    }

    /// Parameter vectors by name and shape.
    pub fn parameters(&self) -> impl Iterator<Item = (String, Vec<usize>, &[f32])> {
        let shapes = Self::shapes(&self.spec).into_iter();
        shapes.zip(&self.parameters).map(|((name, shape), values)| (name, shape, &**values))
    }

    /// Number of learned parameters.
    pub fn parameter_count(&self) -> usize {
        self.parameters.iter().map(Vec::len).sum()
    }

    /// Activations of the first hidden layer, `[rows, units]`.
    pub fn activations(&self, images: &[u8]) -> Result<Vec<f32>, Error> {
        let hidden = |xs: &Tensor, parameters: &[Tensor], _| first_layer(xs, parameters);
        Ok(self.forward(images, hidden)?.flatten_all()?.to_vec1()?)
    }

    fn forward(
        &self,
        images: &[u8],
        forward: impl Fn(&Tensor, &[Tensor], bool) -> candle_core::Result<Tensor>,
    ) -> Result<Tensor, bl_core::Error> {
        let tensors = self
            .parameters()
            .map(|(_, shape, values)| Tensor::from_slice(values, shape, &Device::Cpu))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(forward(&pixels(images, &self.spec, self.preprocessing)?, &tensors, self.spec.residual)?)
    }
}

impl Whole for MlpNetwork {
    fn architecture(&self) -> Spec {
        self.spec.clone().into()
    }

    fn named(&self) -> Named<'_> {
        self.parameters().collect()
    }

    fn count(&self) -> usize {
        self.parameter_count()
    }
}

impl Net for MlpNetwork {
    fn family(&self) -> &'static str {
        MlpSpec::FAMILY
    }

    fn inputs(&self) -> usize {
        self.spec.input.values()
    }

    fn outputs(&self) -> usize {
        self.spec.outputs()
    }

    fn scores(&self, images: &[u8]) -> Result<Vec<f32>, bl_core::Error> {
        Ok(self.forward(images, forward)?.flatten_all()?.to_vec1()?)
    }
}

/// Standardised pixels, `[rows, inputs]`.
pub(crate) fn pixels(
    images: &[u8],
    spec: &MlpSpec,
    preprocessing: Preprocessing,
) -> Result<Tensor, candle_core::Error> {
    let (mean, std) = (preprocessing.mean, preprocessing.std);
    let table: Vec<f32> = (0..=255).map(|x| ((f64::from(x) / 255.0 - mean) / std) as f32).collect();
    let values: Vec<f32> = images.iter().map(|&x| table[usize::from(x)]).collect();
    let inputs = spec.input.values();
    Tensor::from_vec(values, (images.len() / inputs, inputs), &Device::Cpu)
}

/// Class scores, differentiable in the parameters (in the order of [`MlpNetwork::shapes`]).
///
/// # Shapes
/// - `xs`: `[batch, inputs]`, returns `[batch, outputs]`
pub(crate) fn forward(xs: &Tensor, parameters: &[Tensor], residual: bool) -> candle_core::Result<Tensor> {
    let mut h = first_layer(xs, parameters)?;
    for layer in parameters[2..parameters.len() - 1].chunks_exact(2) {
        let next = h.matmul(&layer[0].t()?)?.broadcast_add(&layer[1])?.relu()?;
        h = if residual { (h + next)? } else { next };
    }
    h.matmul(&parameters[parameters.len() - 1].t()?)
}

fn first_layer(xs: &Tensor, parameters: &[Tensor]) -> candle_core::Result<Tensor> {
    parameters[0].contiguous()?.apply_op1(OfPixels { xs: xs.clone() })?.broadcast_add(&parameters[1])?.relu()
}

/// `x Wᵀ` as a function of W alone: nobody asks for the gradient of the pixels, which candle's own product would
/// compute too, a third of the work of a wide layer.
struct OfPixels {
    xs: Tensor, // [batch, in]
}

impl CustomOp1 for OfPixels {
    fn name(&self) -> &'static str {
        "linear-of-pixels"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> candle_core::Result<(CpuStorage, Shape)> {
        let (out, inputs) = layout.shape().dims2()?;
        let weight = &storage.as_slice::<f32>()?[layout.start_offset()..][..out * inputs];
        let weight = Tensor::from_slice(weight, (out, inputs), &Device::Cpu)?;
        let ys = self.xs.matmul(&weight.t()?)?;
        let shape = ys.shape().clone();
        Ok((CpuStorage::F32(ys.flatten_all()?.to_vec1()?), shape))
    }

    fn bwd(&self, _weight: &Tensor, _ys: &Tensor, grad: &Tensor) -> candle_core::Result<Option<Tensor>> {
        Ok(Some(grad.t()?.contiguous()?.matmul(&self.xs)?))
    }
}
