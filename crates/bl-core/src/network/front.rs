//! The front end of a feed-forward network: `f(x)` in `y = A φ(B f(x) + b)`.

use std::sync::Arc;

use bl_kernels::{Conv, Isa, PackedWeights, Preactivations};

use crate::error::Error;
use crate::family::Family;
use crate::io::Preprocessing;
use crate::lattice::Lattice;
use crate::spec::MlpSpec;

/// A frozen front end, ready to compute.
#[derive(Clone)]
pub struct FrontEnd {
    conv: Arc<Conv>,
    filters: Lattice,
}

impl FrontEnd {
    /// Mean and standard deviation of what comes out, as pixels are standardised: on the 28 × 28 sets, of 90 as root mean
    /// square, means are 67 to 70.
    pub const STANDARDISATION: Preprocessing = Preprocessing { mean: 68.0 / 255.0, std: 59.0 / 255.0 };

    /// Takes the matrix of the front end, the first one, if the spec has one.
    pub(crate) fn new(spec: &MlpSpec, matrices: &mut Vec<Lattice>) -> Result<Option<Self>, Error> {
        let Some(front) = &spec.front else { return Ok(None) };
        let filters = matrices.remove(0);
        let conv = Conv::new(&filters.q, &filters.scales, front.conv(spec.input))?;
        Ok(Some(Self { conv: Arc::new(conv), filters }))
    }

    /// The front end of a spec alone, without the layers behind it; none if the spec has none.
    pub fn generate(spec: &MlpSpec) -> Result<Option<Self>, Error> {
        let filters = spec.matrices().into_iter().next().map(|plan| plan.draw(spec.seed));
        Self::new(spec, &mut filters.filter(|_| spec.front.is_some()).into_iter().collect())
    }

    /// The filters, `[filters, size · size · channels]`.
    pub fn filters(&self) -> &Lattice {
        &self.filters
    }

    /// What it makes of some images.
    ///
    /// # Shapes
    /// - `images`: `[rows, height, width, channels]`
    /// - returns: `[rows, grid, grid, 2, filters]`
    pub fn features(&self, isa: Isa, images: &[u8]) -> Result<Vec<u8>, Error> {
        let shape = self.conv.shape();
        let mut out = vec![0; images.len() / shape.inputs() * shape.outputs()];
        self.conv.features(isa, images, &mut out)?;
        Ok(out)
    }
}

/// The frozen half `p = B f(x)` of some images, into rows `first..` of a buffer; without a front end f, `p = B x`.
pub(crate) fn frozen_half(
    front: Option<&FrontEnd>,
    weights: &PackedWeights,
    isa: Isa,
    images: &[u8],
    out: &mut Preactivations,
    first: usize,
) -> Result<(), Error> {
    /// Images whose values are held at once.
    const TOGETHER: usize = 512;
    let Some(front) = front else { return Ok(weights.preactivations(isa, images, out, first)?) };
    for (i, images) in images.chunks(TOGETHER * front.conv.shape().inputs()).enumerate() {
        weights.preactivations(isa, &front.features(isa, images)?, out, first + i * TOGETHER)?;
    }
    Ok(())
}
