//! The feed-forward network of a backbone: `p = B x`, deeper layers, and the readout.

use std::borrow::Cow;

use bl_kernels::{Isa, PackedWeights, Preactivations, Readout};

use super::Frozen;
use super::front::{FrontEnd, frozen_half};
use crate::error::Error;
use crate::io::Preprocessing;
use crate::lattice::Lattice;
use crate::spec::MlpSpec;

/// A frozen feed-forward network. Nothing changes it once it is made.
pub struct Mlp {
    spec: MlpSpec,
    front: Option<FrontEnd>,
    first: PackedWeights,
    /// What a lattice step of each unit of the first layer is worth.
    first_scales: Vec<f32>,
    /// `Σ_j B_ij`: what a grey image adds to unit i for each unit of brightness.
    row_sums: Vec<f32>,
    /// Weights of the hidden layers after the first, `[units, inputs]`.
    deeper: Vec<Lattice>,
    readout_lattice: Lattice,
    readout: Readout,
    /// The layers behind the first as candle takes them, once they are asked for.
    #[cfg(feature = "candle")]
    deep: std::sync::OnceLock<crate::deep::DeepLayers>,
    isa: Isa,
}

impl Mlp {
    /// Puts a network together from its matrices, the readout last.
    pub(crate) fn new(spec: &MlpSpec, mut matrices: Vec<Lattice>) -> Result<Self, Error> {
        let none = Error::OutOfRange { what: "number of hidden layers", found: 0.0, min: 1.0, max: 64.0 };
        let (Some(readout_lattice), false) = (matrices.pop(), matrices.is_empty()) else { return Err(none) };
        let front = FrontEnd::new(spec, &mut matrices)?;
        if matrices.is_empty() {
            return Err(none);
        }
        let first = matrices.remove(0);
        // Pixels are 0..=255 and stand for 0..=1.
        let pixel_scales: Vec<f32> = first.scales.iter().map(|scale| scale / 255.0).collect();
        Ok(Self {
            spec: spec.clone(),
            front,
            first: PackedWeights::new(&first.q, &pixel_scales, first.rows, first.columns)?,
            row_sums: first.row_sums(),
            first_scales: first.scales,
            deeper: matrices,
            readout: readout_for_kernels(spec, &readout_lattice)?,
            readout_lattice,
            #[cfg(feature = "candle")]
            deep: std::sync::OnceLock::new(),
            isa: Isa::chosen()?,
        })
    }

    /// What the weights were generated from.
    pub fn spec(&self) -> &MlpSpec {
        &self.spec
    }

    /// The instruction set it computes with.
    pub fn isa(&self) -> Isa {
        self.isa
    }

    /// Values of one image.
    pub fn inputs(&self) -> usize {
        self.spec.input.values()
    }

    /// The front end, if there is one.
    pub fn front(&self) -> Option<&FrontEnd> {
        self.front.as_ref()
    }

    /// How the inputs of the first layer are standardised: as the task's images are, or, behind a front end, by its own
    /// constants, for its values are of the same size whatever the images.
    pub fn standardisation(&self, of_images: Preprocessing) -> Preprocessing {
        if self.front.is_some() { FrontEnd::STANDARDISATION } else { of_images }
    }

    /// Hidden units of the first layer.
    pub fn units(&self) -> usize {
        self.first.units()
    }

    /// Output units.
    pub fn outputs(&self) -> usize {
        self.spec.outputs()
    }

    /// Whether the adapter half is the fused kernel: one hidden layer.
    pub fn is_shallow(&self) -> bool {
        self.deeper.is_empty()
    }

    /// The frozen half `p = B x`: no task and no adapter is involved.
    ///
    /// # Shapes
    /// - `images`: 8-bit pixels, `[rows, inputs]`; 255 stands for 1.0
    /// - returns: `[rows, units]`
    pub fn preactivations(&self, images: &[u8]) -> Result<Preactivations, Error> {
        let rows = images.len() / self.inputs();
        let mut p = Preactivations::zeroed(rows, self.units())?;
        self.preactivations_into(images, &mut p, 0)?;
        Ok(p)
    }

    /// As [`Self::preactivations`], into rows `first..` of a buffer that exists.
    pub fn preactivations_into(
        &self,
        images: &[u8],
        out: &mut Preactivations,
        first: usize,
    ) -> Result<(), Error> {
        frozen_half(self.front(), &self.first, self.isa, images, out, first)
    }

    /// The readout as the kernels take it.
    pub fn readout(&self) -> &Readout {
        &self.readout
    }

    /// `Σ_j B_ij` of each unit of the first layer.
    pub fn row_sums(&self) -> &[f32] {
        &self.row_sums
    }

    /// Weights of the first hidden layer, `[units, inputs]`.
    pub fn first_lattice(&self) -> Lattice {
        Lattice {
            q: self.first.unpack(),
            scales: self.first_scales.clone(),
            rows: self.units(),
            columns: self.first.inputs(),
        }
    }

    /// Weights of the hidden layers after the first, `[units, inputs]` each.
    pub fn deeper_lattices(&self) -> &[Lattice] {
        &self.deeper
    }

    /// Weights of the readout, `[outputs, units]`.
    pub fn readout_lattice(&self) -> &Lattice {
        &self.readout_lattice
    }

    /// The frozen layers behind the first, as candle takes them.
    #[cfg(feature = "candle")]
    pub fn layers_after_first(&self) -> Result<&crate::deep::DeepLayers, Error> {
        if let Some(layers) = self.deep.get() {
            return Ok(layers);
        }
        let layers = crate::deep::DeepLayers::new(&self.deeper, &self.readout_lattice, self.spec.residual)?;
        Ok(self.deep.get_or_init(|| layers))
    }
}

impl Frozen for Mlp {
    fn family(&self) -> &'static str {
        MlpSpec::FAMILY
    }

    fn widths(&self) -> (usize, usize) {
        (self.inputs(), self.outputs())
    }

    fn matrices(&self) -> Vec<Cow<'_, Lattice>> {
        let filters = self.front.iter().map(|front| Cow::Borrowed(front.filters()));
        let first = [Cow::Owned(self.first_lattice())];
        let behind = self.deeper.iter().chain([&self.readout_lattice]).map(Cow::Borrowed);
        filters.chain(first).chain(behind).collect()
    }

    fn isa(&self) -> Isa {
        self.isa
    }

    fn set_isa(&mut self, isa: Isa) {
        self.isa = isa;
    }
}

fn readout_for_kernels(spec: &MlpSpec, matrix: &Lattice) -> Result<Readout, Error> {
    let Lattice { q, scales, rows: outputs, columns: units } = matrix;
    let scale = scales[0]; // of the whole matrix
    Ok(if spec.readout.weights.is_one_hot() {
        let own: Vec<i8> = (0..*units).map(|unit| q[unit % outputs * units + unit]).collect();
        Readout::one_hot(&own, *outputs, scale)?
    } else {
        Readout::dense(q, *outputs, *units, scale)?
    })
}
