//! All biases of an encoder, by name.

use crate::config::Config;
use crate::error::Error;

/// A vector for each bias of a linear or `LayerNorm` layer, in the order of [`Biases::names`].
#[derive(Clone, Debug, PartialEq)]
pub struct Biases(pub(crate) Vec<Vec<f32>>);

/// Places of a layer's vectors among its own eight.
pub(crate) mod at {
    pub(crate) const QUERY: usize = 0;
    pub(crate) const KEY: usize = 1;
    pub(crate) const VALUE: usize = 2;
    pub(crate) const ATTENTION: usize = 3;
    pub(crate) const ATTENTION_NORM: usize = 4;
    pub(crate) const INNER: usize = 5;
    pub(crate) const OUTER: usize = 6;
    pub(crate) const OUTER_NORM: usize = 7;
}

const OF_LAYER: [&str; 8] = [
    "attention.self.query",
    "attention.self.key",
    "attention.self.value",
    "attention.output.dense",
    "attention.output.LayerNorm",
    "intermediate.dense",
    "output.dense",
    "output.LayerNorm",
];

impl Biases {
    /// Names and widths: that of the embeddings, then eight of each layer.
    pub fn names(config: &Config) -> Vec<(String, usize)> {
        let mut names = vec![("embeddings.LayerNorm.bias".to_owned(), config.hidden_size)];
        for layer in 0..config.num_hidden_layers {
            names.extend(OF_LAYER.iter().enumerate().map(|(place, name)| {
                let width = if place == at::INNER { config.intermediate_size } else { config.hidden_size };
                (format!("encoder.layer.{layer}.{name}.bias"), width)
            }));
        }
        names
    }

    /// Vectors in the order of [`Self::names`]; another number or width is an error.
    pub fn new(config: &Config, vectors: Vec<Vec<f32>>) -> Result<Self, Error> {
        let names = Self::names(config);
        for (i, (name, expected)) in names.iter().enumerate() {
            let found = vectors.get(i).map_or(0, Vec::len);
            if found != *expected {
                return Err(Error::BiasWidth { name: name.clone(), expected: *expected, found });
            }
        }
        match vectors.get(names.len()) {
            None => Ok(Self(vectors)),
            Some(more) => Err(Error::BiasWidth { name: "one more".into(), expected: 0, found: more.len() }),
        }
    }

    /// Zeros, for sums of gradients.
    pub fn zeros(config: &Config) -> Self {
        Self(Self::names(config).into_iter().map(|(_, width)| vec![0.0; width]).collect())
    }

    /// The vectors, in the order of [`Self::names`].
    pub fn vectors(&self) -> &[Vec<f32>] {
        &self.0
    }

    /// The same, to be changed.
    pub fn vectors_mut(&mut self) -> impl Iterator<Item = &mut [f32]> {
        self.0.iter_mut().map(Vec::as_mut_slice)
    }

    /// Number of values.
    pub fn count(&self) -> usize {
        self.0.iter().map(Vec::len).sum()
    }

    pub(crate) fn embeddings(&self) -> &[f32] {
        &self.0[0]
    }

    /// One of a layer.
    pub(crate) fn of(&self, layer: usize, place: usize) -> &[f32] {
        &self.0[1 + OF_LAYER.len() * layer + place]
    }

    pub(crate) fn embeddings_mut(&mut self) -> &mut [f32] {
        &mut self.0[0]
    }

    pub(crate) fn of_mut(&mut self, layer: usize, place: usize) -> &mut [f32] {
        &mut self.0[1 + OF_LAYER.len() * layer + place]
    }

    pub(crate) fn add(&mut self, other: &Self) {
        for (sum, values) in self.0.iter_mut().zip(&other.0) {
            sum.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
        }
    }
}
