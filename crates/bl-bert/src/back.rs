//! The way back, to the biases alone.

use rayon::prelude::*;

use crate::biases::{Biases, at};
use crate::encoder::{Encoder, Layer};
use crate::error::Error;
use crate::forward::{Group, Kept, KeptLayer};
use crate::maths::{add_rows, linear_back, normalise_back};

impl Encoder {
    /// The gradient at the biases, summed over the texts, from that at their vectors.
    ///
    /// # Shapes
    /// - `d`: `[texts, size]`
    pub fn back(&self, kept: &Kept, d: &[f32]) -> Result<Biases, Error> {
        let size = self.config.hidden_size;
        let texts: usize = kept.0.iter().map(|group| group.bounds.len()).sum();
        if d.len() != texts * size {
            return Err(Error::Sets { texts, found: d.len() / size });
        }
        let mut rest = d;
        let parts: Vec<&[f32]> = kept
            .0
            .iter()
            .map(|group| {
                let (part, after) = rest.split_at(group.bounds.len() * size);
                rest = after;
                part
            })
            .collect();
        let back = |(group, d): (&Group, &[f32])| self.back_of(group, d);
        let groups: Vec<Biases> = kept.0.par_iter().zip(parts).map(back).collect::<Result<_, Error>>()?;
        let mut sum = Biases::zeros(&self.config);
        for group in &groups {
            sum.add(group); // in the order of the texts
        }
        Ok(sum)
    }

    fn back_of(&self, group: &Group, d: &[f32]) -> Result<Biases, Error> {
        let size = self.config.hidden_size;
        let mut gradient = Biases::zeros(&self.config);
        let mut dx = Vec::new();
        for (d, text) in d.chunks_exact(size).zip(&group.bounds) {
            let row: Vec<f32> = d.iter().map(|d| d / text.len() as f32).collect();
            (0..text.len()).for_each(|_| dx.extend_from_slice(&row));
        }
        for (depth, (layer, kept)) in self.layers.iter().zip(&group.layers).enumerate().rev() {
            dx = self.back_of_layer(layer, kept, dx, group, |place, rows| {
                add_rows(gradient.of_mut(depth, place), rows);
            })?;
        }
        add_rows(gradient.embeddings_mut(), &dx);
        Ok(gradient)
    }

    /// From the gradient at a layer's output to that at its input; `bias` is told the rows of which each bias takes the sum.
    fn back_of_layer(
        &self,
        weights: &Layer,
        kept: &KeptLayer,
        mut d: Vec<f32>,
        group: &Group,
        mut bias: impl FnMut(usize, &[f32]),
    ) -> Result<Vec<f32>, Error> {
        let (size, inner) = (self.config.hidden_size, self.config.intermediate_size);
        bias(at::OUTER_NORM, &d);
        normalise_back(&mut d, &kept.out.rows, &kept.out.factors, &weights.outer_norm);
        bias(at::OUTER, &d);
        let mut d_inner = vec![0.0; kept.slopes.len()];
        linear_back(&mut d_inner, &d, &weights.outer, size)?;
        d_inner.iter_mut().zip(&kept.slopes).for_each(|(d, slope)| *d *= slope);
        bias(at::INNER, &d_inner);
        linear_back(&mut d, &d_inner, &weights.inner, inner)?;
        bias(at::ATTENTION_NORM, &d);
        normalise_back(&mut d, &kept.attended.rows, &kept.attended.factors, &weights.attention_norm);
        bias(at::ATTENTION, &d);
        let mut d_context = vec![0.0; d.len()];
        linear_back(&mut d_context, &d, &weights.attention, size)?;
        let sizes = (size, self.config.head());
        let [dq, dk, dv] = kept.attention.back(&d_context, &group.bounds, sizes)?;
        for (place, rows, weights) in
            [(at::QUERY, dq, &weights.query), (at::KEY, dk, &weights.key), (at::VALUE, dv, &weights.value)]
        {
            bias(place, &rows);
            linear_back(&mut d, &rows, weights, size)?;
        }
        Ok(d)
    }
}
