//! A network's frozen weights, shared by every task.

use std::sync::OnceLock;

use bl_kernels::{Isa, PackedWeights, Preactivations, Readout};
use rayon::prelude::*;

use crate::error::Error;
use crate::fingerprint::{Fingerprint, Hasher};
use crate::lattice::{Sampler, Streams};
use crate::spec::{BackboneSpec, Distribution, InputShape};
use crate::tensor::DeepLayers;

/// Frozen random weights: `p = B x`, deeper layers, and the readout. Nothing changes it once it is made.
pub struct Backbone {
    spec: BackboneSpec,
    fingerprint: Fingerprint,
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
    deep: OnceLock<DeepLayers>,
    isa: Isa,
}

/// One weight matrix: integers and what a step is worth, for the whole matrix or for each row.
#[derive(Clone, Debug, PartialEq)]
pub struct Lattice {
    /// `[rows, columns]`
    pub q: Vec<i8>,
    /// One for each row; for the readout, one in all.
    pub scales: Vec<f32>,
    /// Output units.
    pub rows: usize,
    /// Input units.
    pub columns: usize,
}

impl Lattice {
    /// The same weights times a factor.
    pub(crate) fn scaled(mut self, factor: f64) -> Self {
        self.scales.iter_mut().for_each(|scale| *scale = (f64::from(*scale) * factor) as f32);
        self
    }

    /// The weights `q · scale`, `[rows, columns]`.
    pub fn weights(&self) -> Vec<f32> {
        if self.columns == 0 {
            return Vec::new();
        }
        let shared = self.scales.len() == 1;
        self.q
            .chunks(self.columns)
            .enumerate()
            .flat_map(|(row, q)| {
                let scale = self.scales[if shared { 0 } else { row }];
                q.iter().map(move |&q| f32::from(q) * scale)
            })
            .collect()
    }
}

/// Name of the weights of hidden layer `depth`, in files and as part of the generator's key.
pub(crate) fn layer_name(depth: usize) -> String {
    format!("hidden.{depth}.weight")
}

/// Name of the readout's weights.
pub(crate) const READOUT_NAME: &str = "readout.weight";

impl Backbone {
    /// Draws every weight from the spec: the same bits on every platform.
    pub fn generate(spec: &BackboneSpec) -> Result<Self, Error> {
        spec.validate()?;
        let layers = spec
            .layers
            .iter()
            .zip(spec.fan_ins())
            .enumerate()
            .map(|(depth, (layer, inputs))| {
                let name = layer_name(depth);
                let shape = Some(spec.input);
                generate_rows(spec.seed, &name, &layer.weights, shape, layer.units as usize, inputs)
            })
            .collect();
        let (units, outputs) = (spec.layers.last().map_or(0, |layer| layer.units), spec.readout.outputs);
        let weights = &spec.readout.weights;
        let readout = generate_columns(spec.seed, READOUT_NAME, weights, units as usize, outputs as usize);
        Self::from_lattices(spec, layers, readout)
    }

    /// Puts a backbone together from its matrices, generated or read from a file.
    pub(crate) fn from_lattices(
        spec: &BackboneSpec,
        layers: Vec<Lattice>,
        readout_lattice: Lattice,
    ) -> Result<Self, Error> {
        let mut hasher = Hasher::new(spec)?;
        layers.iter().chain([&readout_lattice]).for_each(|matrix| hasher.add(matrix));
        let fingerprint = hasher.finish();

        let mut layers = layers.into_iter();
        let first = layers.next().ok_or(Error::OutOfRange {
            what: "number of hidden layers",
            found: 0.0,
            min: 1.0,
            max: 64.0,
        })?;
        let row_sums = row_sums(&first);
        // Pixels are 0..=255 and stand for 0..=1.
        let pixel_scales: Vec<f32> = first.scales.iter().map(|scale| scale / 255.0).collect();
        let packed = PackedWeights::new(&first.q, &pixel_scales, first.rows, first.columns)?;
        let readout = readout_for_kernels(spec, &readout_lattice)?;
        Ok(Self {
            spec: spec.clone(),
            fingerprint,
            first: packed,
            first_scales: first.scales,
            row_sums,
            deeper: layers.collect(),
            readout_lattice,
            readout,
            deep: OnceLock::new(),
            isa: Isa::best(),
        })
    }

    /// The same backbone computing with another instruction set, for tests and benchmarks.
    #[must_use]
    pub fn with_isa(mut self, isa: Isa) -> Self {
        self.isa = isa;
        self
    }

    /// What the weights were generated from.
    pub fn spec(&self) -> &BackboneSpec {
        &self.spec
    }

    /// What identifies the weights.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// The instruction set it computes with.
    pub fn isa(&self) -> Isa {
        self.isa
    }

    /// Hidden units of the first layer.
    pub fn units(&self) -> usize {
        self.first.units()
    }

    /// Output units.
    pub fn outputs(&self) -> usize {
        self.spec.readout.outputs as usize
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
        let rows = images.len() / self.first.inputs();
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
        Ok(self.first.preactivations(self.isa, images, out, first)?)
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

    /// The frozen layers behind the first, as candle takes them.
    pub fn layers_after_first(&self) -> Result<&DeepLayers, Error> {
        if let Some(layers) = self.deep.get() {
            return Ok(layers);
        }
        let layers = DeepLayers::new(&self.deeper, &self.readout_lattice, self.spec.residual)?;
        Ok(self.deep.get_or_init(|| layers))
    }

    /// Weights of the readout, `[outputs, units]`.
    pub fn readout_lattice(&self) -> &Lattice {
        &self.readout_lattice
    }
}

/// A matrix drawn row by row: row i from the stream of unit i. `shape` is that of the pictures, for distributions that
/// know of places.
pub(crate) fn generate_rows(
    seed: u64,
    name: &str,
    distribution: &Distribution,
    shape: Option<InputShape>,
    rows: usize,
    columns: usize,
) -> Lattice {
    if columns == 0 {
        return Lattice { q: Vec::new(), scales: vec![0.0; rows], rows, columns };
    }
    let sampler = Sampler::new(Streams::new(seed, name), distribution, shape.unwrap_or(row_of(columns)));
    let mut q = vec![0; rows * columns];
    let mut scales = vec![0.0; rows];
    q.par_chunks_exact_mut(columns)
        .zip(&mut scales)
        .enumerate()
        .for_each_init(Vec::new, |bytes, (unit, (row, scale))| *scale = sampler.draw(unit, row, bytes));
    Lattice { q, scales, rows, columns }
}

/// Inputs that are nowhere in particular.
fn row_of(columns: usize) -> InputShape {
    InputShape { height: 1, width: columns as u32, channels: 1 }
}

/// A readout, drawn column by column: column i, what hidden unit i sends out, from the stream of unit i.
pub(crate) fn generate_columns(
    seed: u64,
    name: &str,
    distribution: &Distribution,
    units: usize,
    outputs: usize,
) -> Lattice {
    let sampler = Sampler::new(Streams::new(seed, name), distribution, row_of(outputs));
    let mut columns = vec![0_i8; units * outputs];
    let mut scales = vec![0.0; units];
    columns
        .par_chunks_exact_mut(outputs)
        .zip(&mut scales)
        .enumerate()
        .for_each_init(Vec::new, |bytes, (unit, (column, scale))| *scale = sampler.draw(unit, column, bytes));
    let mut q = vec![0; units * outputs];
    for (unit, column) in columns.chunks_exact(outputs).enumerate() {
        for (output, &value) in column.iter().enumerate() {
            q[output * units + unit] = value;
        }
    }
    // No distribution of a readout scales its units apart, so the first scale is everyone's.
    Lattice { q, scales: scales[..1].to_vec(), rows: outputs, columns: units }
}

fn row_sums(matrix: &Lattice) -> Vec<f32> {
    matrix
        .q
        .par_chunks_exact(matrix.columns)
        .zip(&matrix.scales)
        .map(|(row, &scale)| {
            let sum: i64 = row.iter().map(|&q| i64::from(q)).sum();
            (sum as f64 * f64::from(scale)) as f32
        })
        .collect()
}

fn readout_for_kernels(spec: &BackboneSpec, matrix: &Lattice) -> Result<Readout, Error> {
    let weights = matrix.weights();
    Ok(match spec.readout.weights {
        Distribution::OneHot { .. } => {
            let own = |unit: usize| weights[unit % matrix.rows * matrix.columns + unit];
            let own: Vec<f32> = (0..matrix.columns).map(own).collect();
            Readout::one_hot(&own, matrix.rows)?
        }
        _ => Readout::dense(&weights, matrix.rows, matrix.columns)?,
    })
}
