//! The way through: tokens to vectors, in groups of texts.

use std::ops::Range;

use rayon::prelude::*;

use crate::attention::Attention;
use crate::biases::{Biases, at};
use crate::encoder::{Encoder, Layer};
use crate::error::Error;
use crate::maths::{add_biases, gelu, linear, normalise, scaled};
use crate::tokens::Tokens;

/// A group is full once it has so many tokens: enough for the products of matrices, few enough for their caches.
const TOKENS: usize = 256;

/// Vectors of texts, and what the way back needs.
pub struct Read {
    /// `[texts, size]`: the mean over the tokens of each text.
    pub vectors: Vec<f32>,
    /// For [`Encoder::back`].
    pub kept: Kept,
}

/// What the way back needs of a batch.
pub struct Kept(pub(crate) Vec<Group>);

/// Texts that go through together, laid end to end.
pub(crate) struct Group {
    pub(crate) bounds: Vec<Range<usize>>,
    pub(crate) layers: Vec<KeptLayer>,
}

/// Normalised rows, and the factors that made them so.
pub(crate) struct Normal {
    pub(crate) rows: Vec<f32>,
    pub(crate) factors: Vec<f32>,
}

impl Normal {
    fn of(mut rows: Vec<f32>, size: usize, epsilon: f64) -> Self {
        let factors = normalise(&mut rows, size, epsilon);
        Self { rows, factors }
    }
}

/// What the way back needs of a layer: no gradient of a weight is ever wanted, so not what went into its products.
pub(crate) struct KeptLayer {
    pub(crate) attention: Attention,
    pub(crate) attended: Normal,
    /// Of GELU at each value.
    pub(crate) slopes: Vec<f32>,
    pub(crate) out: Normal,
}

impl Encoder {
    /// A vector for each text: the mean of the last layer over its tokens. Each text has biases of its own, so texts of any
    /// tasks go through together.
    ///
    /// # Shapes
    /// - `texts`, `sets`: `[texts]`
    /// - returns: `[texts, size]`
    pub fn read(&self, texts: &[&Tokens], sets: &[&Biases]) -> Result<Vec<f32>, Error> {
        let groups = self.groups(texts, sets)?;
        let read = |range: &Range<usize>| {
            Ok(self.through(&texts[range.clone()], &sets[range.clone()], &mut |_| {})?.1)
        };
        let vectors: Vec<Vec<f32>> = groups.par_iter().map(read).collect::<Result<_, Error>>()?;
        Ok(vectors.concat())
    }

    /// The same under one set of biases, with what [`Self::back`] needs.
    pub fn read_to_learn(&self, texts: &[&Tokens], biases: &Biases) -> Result<Read, Error> {
        let sets = vec![biases; texts.len()];
        let read = |range: &Range<usize>| {
            let mut layers = Vec::new();
            let (bounds, vectors) =
                self.through(&texts[range.clone()], &sets[range.clone()], &mut |layer| layers.push(layer))?;
            Ok((Group { bounds, layers }, vectors))
        };
        let groups: Vec<(Group, Vec<f32>)> =
            self.groups(texts, &sets)?.par_iter().map(read).collect::<Result<_, Error>>()?;
        let (groups, vectors): (Vec<_>, Vec<_>) = groups.into_iter().unzip();
        Ok(Read { vectors: vectors.concat(), kept: Kept(groups) })
    }

    /// Which texts go through together: the same whatever the number of threads.
    fn groups(&self, texts: &[&Tokens], sets: &[&Biases]) -> Result<Vec<Range<usize>>, Error> {
        if texts.len() != sets.len() {
            return Err(Error::Sets { texts: texts.len(), found: sets.len() });
        }
        texts.iter().enumerate().try_for_each(|(i, text)| text.check(&self.config, i))?;
        let (mut groups, mut start, mut tokens) = (Vec::new(), 0, 0);
        for (i, text) in texts.iter().enumerate() {
            tokens += text.ids.len();
            if tokens >= TOKENS {
                groups.push(start..i + 1);
                (start, tokens) = (i + 1, 0);
            }
        }
        if start < texts.len() {
            groups.push(start..texts.len());
        }
        Ok(groups)
    }

    fn through(
        &self,
        texts: &[&Tokens],
        sets: &[&Biases],
        keep: &mut dyn FnMut(KeptLayer),
    ) -> Result<(Vec<Range<usize>>, Vec<f32>), Error> {
        let (size, epsilon) = (self.config.hidden_size, self.config.layer_norm_eps);
        let mut bounds = Vec::new();
        let mut rows = Vec::new();
        for text in texts {
            let start = rows.len() / size;
            for (place, (&id, &kind)) in text.ids.iter().zip(&text.types).enumerate() {
                let row = |table: &'_ [f32], at: usize| table[at * size..(at + 1) * size].to_vec();
                let (word, position) = (row(&self.words, id as usize), row(&self.positions, place));
                let kind = row(&self.types, kind as usize);
                rows.extend(
                    word.iter().zip(position).zip(kind).map(|((word, place), kind)| word + place + kind),
                );
            }
            bounds.push(start..rows.len() / size);
        }
        let mut x = scaled(&Normal::of(rows, size, epsilon).rows, &self.norm);
        add_biases(&mut x, &bounds, |text| sets[text].embeddings());
        for (depth, layer) in self.layers.iter().enumerate() {
            let bias = |place: usize| move |text: usize| sets[text].of(depth, place);
            let (out, kept) = self.layer(layer, &x, &bounds, &bias)?;
            x = out;
            keep(kept);
        }
        let means = means(&x, &bounds, size);
        Ok((bounds, means))
    }

    fn layer<'a, F: Fn(usize) -> &'a [f32]>(
        &self,
        weights: &Layer,
        x: &[f32],
        bounds: &[Range<usize>],
        bias: &impl Fn(usize) -> F,
    ) -> Result<(Vec<f32>, KeptLayer), Error> {
        let (size, epsilon) = (self.config.hidden_size, self.config.layer_norm_eps);
        let with_bias = |mut rows: Vec<f32>, place: usize| {
            add_biases(&mut rows, bounds, bias(place));
            rows
        };
        let query = with_bias(linear(x, &weights.query, size)?, at::QUERY);
        let key = with_bias(linear(x, &weights.key, size)?, at::KEY);
        let value = with_bias(linear(x, &weights.value, size)?, at::VALUE);
        let sizes = (size, self.config.head());
        let (attention, context) = Attention::forward(query, key, value, bounds, sizes)?;
        let mut attended = with_bias(linear(&context, &weights.attention, size)?, at::ATTENTION);
        attended.iter_mut().zip(x).for_each(|(sum, x)| *sum += x);
        let attended = Normal::of(attended, size, epsilon);
        let middle = with_bias(scaled(&attended.rows, &weights.attention_norm), at::ATTENTION_NORM);

        let mut inner = with_bias(linear(&middle, &weights.inner, size)?, at::INNER);
        let slopes = gelu(&mut inner);
        let mut out = with_bias(linear(&inner, &weights.outer, self.config.intermediate_size)?, at::OUTER);
        out.iter_mut().zip(&middle).for_each(|(sum, x)| *sum += x);
        let out = Normal::of(out, size, epsilon);
        let rows = with_bias(scaled(&out.rows, &weights.outer_norm), at::OUTER_NORM);
        Ok((rows, KeptLayer { attention, attended, slopes, out }))
    }
}

/// The mean row of each text.
fn means(rows: &[f32], bounds: &[Range<usize>], size: usize) -> Vec<f32> {
    let mut means = vec![0.0; bounds.len() * size];
    for (mean, text) in means.chunks_exact_mut(size).zip(bounds) {
        for row in rows[text.start * size..text.end * size].chunks_exact(size) {
            mean.iter_mut().zip(row).for_each(|(sum, x)| *sum += x);
        }
        for sum in mean.iter_mut() {
            *sum /= text.len() as f32;
        }
    }
    means
}
