//! A fully trained network forward and back, as matrix products over buffers that are kept.
//!
//! ```text
//! φ_l = max(W_l h_{l−1} + b_l, 0)      h_l = φ_l, or φ_l + h_{l−1} with residual connections      y = A h
//! ```
//!
//! Activations are kept by unit, `[units, rows]`, so a part of a layer is a run of memory: it goes through its product, bias and
//! φ, and back through mask and gradients, while it is in a core's own cache. Parts have a size of their own, so the sums do
//! not depend on the number of threads.

use std::ops::Range;

use bl_core::{Error, FrontEnd, MlpSpec, Preprocessing};
use bl_kernels::{Error as Disagreement, Isa, Matrix, product};
use rayon::prelude::*;

/// Units of a layer that one thread takes at a time, at most.
const PART: usize = 512;
/// Units of a part are a multiple of this, so that few vectors have a ragged end.
const LANES: usize = 32;
/// Images that one thread standardises at a time.
const IMAGES: usize = 32;

/// Buffers of a batch.
pub(crate) struct Pass {
    /// What stays frozen.
    front: Option<FrontEnd>,
    layers: Vec<Layer>,
    outputs: usize,
    residual: bool,
    /// What a pixel, or a value of the front end, is to the network.
    table: Vec<f32>,
    rows: usize,
    /// `[rows, inputs]`
    x: Vec<f32>,
    /// The gradient of what a layer shows, then of what it has before φ, `[units, rows]`.
    back: Vec<f32>,
    /// The same of the layer above.
    above: Vec<f32>,
    /// What goes past a layer to the one below.
    passed: Vec<f32>,
}

/// One hidden layer.
struct Layer {
    units: usize,
    inputs: usize,
    /// φ, `[units, rows]`.
    active: Vec<f32>,
    /// What the next layer sees, if that is not φ.
    sum: Vec<f32>,
}

impl Layer {
    /// What the next layer sees, `[units, rows]`.
    fn seen(&self) -> &[f32] {
        if self.sum.is_empty() { &self.active } else { &self.sum }
    }
}

/// Cuts `units` into parts.
fn part(units: usize) -> usize {
    units.div_ceil(4).next_multiple_of(LANES).min(PART)
}

fn parts(units: usize) -> impl IndexedParallelIterator<Item = Range<usize>> {
    let part = part(units);
    (0..units.div_ceil(part)).into_par_iter().map(move |i| i * part..units.min((i + 1) * part))
}

impl Pass {
    pub(crate) fn new(spec: &MlpSpec, preprocessing: Preprocessing) -> Result<Self, Error> {
        let front = FrontEnd::generate(spec)?;
        let preprocessing = if front.is_some() { FrontEnd::STANDARDISATION } else { preprocessing };
        let (mean, std) = (preprocessing.mean, preprocessing.std);
        let layers = spec.layers.iter().zip(spec.fan_ins()).map(|(layer, inputs)| Layer {
            units: layer.units as usize,
            inputs,
            active: Vec::new(),
            sum: Vec::new(),
        });
        Ok(Self {
            front,
            layers: layers.collect(),
            outputs: spec.readout.outputs as usize,
            residual: spec.residual,
            table: (0..=255).map(|x| ((f64::from(x) / 255.0 - mean) / std) as f32).collect(),
            rows: 0,
            x: Vec::new(),
            back: Vec::new(),
            above: Vec::new(),
            passed: Vec::new(),
        })
    }

    /// Activations of the first hidden layer, `[rows, units]`.
    pub(crate) fn first_layer(
        &mut self,
        images: &[&[u8]],
        parameters: &[Vec<f32>],
    ) -> Result<Vec<f32>, Error> {
        self.see(images)?;
        self.hidden(0, parameters)?;
        Ok(turned(&self.layers[0].active, self.rows))
    }

    /// Class scores, `[rows, outputs]`.
    pub(crate) fn forward(&mut self, images: &[&[u8]], parameters: &[Vec<f32>]) -> Result<Vec<f32>, Error> {
        self.see(images)?;
        for layer in 0..self.layers.len() {
            self.hidden(layer, parameters)?;
        }
        let Self { layers, outputs, rows, .. } = self;
        let Some(last) = layers.last() else { return Ok(Vec::new()) };
        let readout = Matrix::new(&parameters[2 * layers.len()], *outputs, last.units)?;
        let of_parts = parts(last.units).map(|units| {
            let mut y = vec![0.0; *outputs * *rows];
            let h = Matrix::new(last.seen(), last.units, *rows)?.rows(units.clone())?;
            product(&mut y, readout.columns(units)?, h, false)?;
            Ok(y)
        });
        let mut y = vec![0.0; *outputs * *rows];
        for part in of_parts.collect::<Result<Vec<_>, Disagreement>>()? {
            y.iter_mut().zip(part).for_each(|(y, part)| *y += part);
        }
        Ok(turned(&y, *rows))
    }

    /// The gradient of the parameters, where `delta` is that of the scores of the batch that went forward last.
    ///
    /// # Shapes
    /// - `delta`: `[rows, outputs]`, `into`: as the parameters
    pub(crate) fn backward(
        &mut self,
        delta: &[f32],
        parameters: &[Vec<f32>],
        into: &mut [Vec<f32>],
    ) -> Result<(), Error> {
        let Self { layers, outputs, residual, rows, x, back, above, passed, .. } = self;
        let (count, rows) = (layers.len(), *rows);
        *above = turned(delta, *outputs);
        let mut units_above = *outputs;
        let Some(last) = layers.last() else { return Ok(()) };
        let of_parts = parts(last.units).map(|units| {
            let mut gradient = vec![0.0; *outputs * units.len()];
            let h = Matrix::new(last.seen(), last.units, rows)?.rows(units.clone())?;
            product(&mut gradient, Matrix::new(above, *outputs, rows)?, h.t(), false)?;
            Ok((units, gradient))
        });
        for (units, gradient) in of_parts.collect::<Result<Vec<_>, Disagreement>>()? {
            let rows = into[2 * count].chunks_exact_mut(last.units).zip(gradient.chunks_exact(units.len()));
            rows.for_each(|(into, gradient)| into[units.clone()].copy_from_slice(gradient));
        }
        for (l, layer) in layers.iter().enumerate().rev() {
            let (units, part) = (layer.units, part(layer.units));
            let adds = *residual && l + 1 < count;
            back.resize(units * rows, 0.0);
            if adds {
                back.copy_from_slice(passed);
            }
            let weights_above = Matrix::new(&parameters[2 * l + 2], units_above, units)?.t();
            let above_layer = Matrix::new(above, units_above, rows)?;
            let of_parts = back.par_chunks_mut(part * rows).zip(parts(units));
            of_parts
                .try_for_each(|(back, units)| product(back, weights_above.rows(units)?, above_layer, adds))?;
            if *residual && l > 0 {
                passed.clone_from(back);
            }
            let input = match l {
                0 => Matrix::new(x, rows, layer.inputs)?,
                _ => Matrix::new(layers[l - 1].seen(), layer.inputs, rows)?.t(),
            };
            let [weights, biases] = &mut into[2 * l..][..2] else { unreachable!("two of each layer") };
            let gradients = weights.par_chunks_mut(part * layer.inputs).zip(biases.par_chunks_mut(part));
            let of_parts = back.par_chunks_mut(part * rows).zip(layer.active.par_chunks(part * rows));
            of_parts.zip(gradients).try_for_each(|((back, active), (weights, biases))| {
                let of_units = back.chunks_exact_mut(rows).zip(active.chunks_exact(rows));
                of_units.zip(&mut *biases).for_each(|((back, active), bias)| *bias = masked(back, active));
                product(weights, Matrix::new(back, biases.len(), rows)?, input, false)
            })?;
            std::mem::swap(back, above);
            units_above = units;
        }
        Ok(())
    }

    /// Standardises a batch.
    fn see(&mut self, images: &[&[u8]]) -> Result<(), Error> {
        let inputs = self.layers.first().map_or(0, |layer| layer.inputs);
        self.rows = images.len();
        self.x.resize(images.len() * inputs, 0.0);
        let Self { front, table, x, .. } = self;
        let of_front = front.as_ref().map(|front| front.features(Isa::chosen()?, &images.concat()));
        let of_front = of_front.transpose()?.unwrap_or_default();
        let of_front: Vec<&[u8]> = of_front.chunks_exact(inputs.max(1)).collect();
        let images = if front.is_some() { &of_front } else { images };
        let of_images = x.par_chunks_mut(IMAGES * inputs).zip(images.par_chunks(IMAGES));
        of_images.for_each(|(x, images)| {
            for (x, image) in x.chunks_exact_mut(inputs).zip(images) {
                x.iter_mut().zip(*image).for_each(|(x, &pixel)| *x = table[usize::from(pixel)]);
            }
        });
        Ok(())
    }

    /// One layer, of the batch that was seen.
    fn hidden(&mut self, l: usize, parameters: &[Vec<f32>]) -> Result<(), Disagreement> {
        let Self { layers, residual, rows, x, .. } = self;
        let (rows, (below, from)) = (*rows, layers.split_at_mut(l));
        let layer = &mut from[0];
        let below = below.last().map(Layer::seen);
        let input = match below {
            None => Matrix::new(x, rows, layer.inputs)?.t(),
            Some(below) => Matrix::new(below, layer.inputs, rows)?,
        };
        let (units, part) = (layer.units, part(layer.units));
        let weights = Matrix::new(&parameters[2 * l], units, layer.inputs)?;
        layer.active.resize(units * rows, 0.0);
        let of_parts = layer.active.par_chunks_mut(part * rows).zip(parts(units));
        of_parts.try_for_each(|(active, units)| {
            product(active, weights.rows(units.clone())?, input, false)?;
            for (active, bias) in active.chunks_exact_mut(rows).zip(&parameters[2 * l + 1][units]) {
                for z in active {
                    *z = if *z + bias > 0.0 { *z + bias } else { 0.0 };
                }
            }
            Ok(())
        })?;
        if let Some(below) = below.filter(|_| *residual) {
            layer.sum.clone_from(&layer.active);
            layer.sum.iter_mut().zip(below).for_each(|(sum, below)| *sum += below);
        }
        Ok(())
    }
}

/// Sets the gradient to 0 where a unit was off, and adds it up.
fn masked(back: &mut [f32], active: &[f32]) -> f32 {
    let mut sums = [0.0; 16];
    for (back, active) in back.chunks_mut(sums.len()).zip(active.chunks(sums.len())) {
        for ((back, active), sum) in back.iter_mut().zip(active).zip(&mut sums) {
            *back = if *active > 0.0 { *back } else { 0.0 };
            *sum += *back;
        }
    }
    sums.iter().sum()
}

/// Rows of `width` values as columns.
fn turned(values: &[f32], width: usize) -> Vec<f32> {
    let rows = values.len() / width.max(1);
    (0..values.len()).map(|at| values[at % rows * width + at / rows]).collect()
}

#[cfg(test)]
mod tests;
