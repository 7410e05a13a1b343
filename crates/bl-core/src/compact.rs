//! One adapter alone, on the units that it needs: a smaller network than its backbone, and a faster one.

use bl_kernels::{AdapterHalf, Isa, PackedWeights, Padded, Preactivations, Readout, logits};

use crate::adapter::{Adapter, FormError};
use crate::backbone::Backbone;
use crate::error::Error;
use crate::model::Net;
use crate::network::{FrontEnd, Mlp, frozen_half};
use crate::spec::MlpSpec;

/// The rows of B and the columns of A of the units that some image can turn on, with one adapter's biases.
///
/// Its p are the backbone's to the bit, and so are the activations; scores agree within the rounding of sums, which are
/// taken in another order. It serves one adapter: where several share a backbone, [`Mlp::logits`] shares p too.
pub struct Compact {
    front: Option<FrontEnd>,
    inputs: usize,
    weights: PackedWeights,
    /// c, padded for the kernels; 0 in empty slots, whose weights are 0.
    bias: Padded,
    /// m, padded; empty for 1
    gains: Padded,
    /// The columns of A.
    readout: Readout,
    /// 1/σ
    scale: f32,
    kept: usize,
    isa: Isa,
}

/// A c at or below this keeps a unit OFF for every image: p is at most 65504, the largest f16.
const OFF: f32 = -65504.0;

impl Compact {
    /// Takes what an adapter needs out of its backbone, which has one hidden layer. Units that a mask, a bias or pruning
    /// turns OFF for every image are left out.
    pub fn new(backbone: &Backbone, adapter: &Adapter) -> Result<Self, Error> {
        let mlp = backbone.mlp()?;
        if !mlp.is_shallow() {
            return Err(FormError::PrunedLayers { layers: mlp.spec().layers.len() }.into());
        }
        let prepared = backbone.prepare(adapter)?;
        let (_, prepared) = backbone.with(&prepared).mlp()?;
        let half = prepared.kernel_args(mlp);
        let is_on = |unit: usize| half.bias[unit] > OFF;
        let kept: Vec<usize> = (0..mlp.units()).filter(|&unit| is_on(unit)).collect();
        let slots = if half.readout.is_one_hot() {
            by_class(&kept, half.readout.classes())
        } else {
            kept.iter().copied().map(Some).collect()
        };
        let of_slots = |values: &[f32]| {
            let own: Vec<f32> = slots.iter().map(|slot| slot.map_or(0.0, |unit| values[unit])).collect();
            Padded::from(&*own)
        };
        Ok(Self {
            front: mlp.front().cloned(),
            inputs: mlp.inputs(),
            weights: weights(mlp, &slots)?,
            bias: of_slots(half.bias),
            gains: if half.gains.is_empty() { Padded::default() } else { of_slots(half.gains) },
            readout: half.readout.of_units(&slots),
            scale: half.scale,
            kept: kept.len(),
            isa: mlp.isa(),
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
        let numbers = units + self.bias.len() + self.gains.len();
        units * inputs + numbers * size_of::<f32>() + self.readout.bytes()
    }
}

impl Net for Compact {
    fn family(&self) -> &'static str {
        MlpSpec::FAMILY
    }

    fn inputs(&self) -> usize {
        self.inputs
    }

    fn outputs(&self) -> usize {
        self.readout.classes()
    }

    fn scores(&self, images: &[u8]) -> Result<Vec<f32>, Error> {
        let rows = images.len() / self.inputs();
        let mut p = Preactivations::zeroed(rows, self.slots())?;
        frozen_half(self.front.as_ref(), &self.weights, self.isa, images, &mut p, 0)?;
        let rows: Vec<u32> = (0..rows as u32).collect();
        let half =
            AdapterHalf { bias: &self.bias, gains: &self.gains, readout: &self.readout, scale: self.scale };
        let mut out = vec![0.0; rows.len() * self.outputs()];
        logits(self.isa, &p, &rows, &half, &mut out)?;
        Ok(out)
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

fn weights(mlp: &Mlp, slots: &[Option<usize>]) -> Result<PackedWeights, Error> {
    let lattice = mlp.first_lattice();
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
