//! A fully trained network, the baseline of every adapter: `y = A φ(B x + b)` with A, B and b learned.

mod pass;

use bl_core::{MlpSpec, Net, Preprocessing, Spec};

use super::{Named, Whole};
use crate::error::Error;
pub(crate) use pass::Pass;

/// Images that go through the network at a time.
const AT_ONCE: usize = 512;

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
        Ok(self.through(images, Pass::first_layer)?)
    }

    /// What a pass makes of images, a few at a time.
    fn through(
        &self,
        images: &[u8],
        act: impl Fn(&mut Pass, &[&[u8]], &[Vec<f32>]) -> Result<Vec<f32>, bl_core::Error>,
    ) -> Result<Vec<f32>, bl_core::Error> {
        let mut pass = Pass::new(&self.spec, self.preprocessing)?;
        let images: Vec<&[u8]> = images.chunks_exact(self.spec.input.values()).collect();
        let mut all = Vec::new();
        for images in images.chunks(AT_ONCE) {
            all.extend(act(&mut pass, images, &self.parameters)?);
        }
        Ok(all)
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
        self.through(images, Pass::forward)
    }
}
