//! The biases and the readout of a pretrained encoder: forward as it runs, backward to the biases alone (`BitFit`: Ben Zaken et
//! al., ACL 2022, arXiv 2106.10199).

use bl_core::pretrained::{Biases, Tokens};
use bl_core::{Bert, Head, Io, Parameters, UnitGains, argmax, cross_entropy};
use bl_kernels::{BatchLoss, Matrix, product};
use bl_tasks::texts::Corpus;
use rayon::prelude::*;

use super::{Initial, Learned, Objective, Validation};
use crate::config::TrainConfig;
use crate::error::Error;

/// Texts that are judged at a time.
const TOGETHER: usize = 256;

/// Parameters, in this order and as far as they are learned: every bias of the encoder, the readout, what is added to its outputs.
pub(crate) struct Encoded<'a> {
    bert: &'a Bert,
    config: &'a TrainConfig,
    tokens: Vec<Tokens>,
    labels: &'a [u8],
    /// Where no bias is learned, the vector of every text: it stays.
    vectors: Vec<f32>,
}

/// Parameters by what they mean.
struct View<'p> {
    readout: &'p [f32],
    added: &'p [f32],
}

impl<'a> Encoded<'a> {
    pub(crate) fn new(
        bert: &'a Bert,
        config: &'a TrainConfig,
        io: &Io,
        data: &'a Corpus,
    ) -> Result<Self, Error> {
        let longest = io.tokens()?.longest as usize;
        let tokens = data.texts.par_iter().map(|texts| bert.tokens_or_none(texts, longest));
        let tokens: Vec<Tokens> = tokens.collect::<Result<_, _>>()?;
        let mut vectors = Vec::new();
        if !config.method.learns_bias() {
            for tokens in tokens.chunks(TOGETHER) {
                let tokens: Vec<&Tokens> = tokens.iter().collect();
                vectors.extend(read(bert, &tokens, bert.encoder().biases())?);
            }
        }
        Ok(Self { bert, config, tokens, labels: &data.labels, vectors })
    }

    /// Number of bias vectors that are learned.
    fn biases(&self) -> usize {
        if self.config.method.learns_bias() { self.bert.encoder().biases().vectors().len() } else { 0 }
    }

    fn set(&self, parameters: &[Vec<f32>]) -> Result<Biases, Error> {
        let biases = parameters[..self.biases()].to_vec();
        Ok(Biases::new(self.bert.encoder().config(), biases).map_err(encoder)?)
    }

    fn view<'p>(&'p self, parameters: &'p [Vec<f32>]) -> View<'p> {
        match &parameters[self.biases()..] {
            [readout, added] => View { readout, added },
            _ => View { readout: self.bert.readout(), added: &[] },
        }
    }

    fn tokens(&self, rows: &[u32]) -> Vec<&Tokens> {
        rows.iter().map(|&row| &self.tokens[row as usize]).collect()
    }

    fn size(&self) -> usize {
        self.bert.encoder().size()
    }

    /// Vectors of texts whose biases are not learned.
    fn fixed(&self, rows: &[u32]) -> Vec<f32> {
        let vector = |&row: &u32| &self.vectors[row as usize * self.size()..][..self.size()];
        rows.iter().flat_map(vector).copied().collect()
    }

    /// `[texts, outputs]`
    fn scores(&self, vectors: &[f32], view: &View<'_>) -> Result<Vec<f32>, Error> {
        let (size, outputs) = (self.size(), self.bert.outputs());
        let rows = vectors.len() / size;
        let mut scores = vec![0.0; rows * outputs];
        multiply(&mut scores, matrix(vectors, size)?, matrix(view.readout, size)?.t())?;
        for scores in scores.chunks_exact_mut(outputs) {
            scores.iter_mut().zip(view.added).for_each(|(score, added)| *score += added);
        }
        Ok(scores)
    }
}

/// `into = a b`
fn multiply(into: &mut [f32], a: Matrix<'_>, b: Matrix<'_>) -> Result<(), bl_core::Error> {
    Ok(product(into, a, b, false)?)
}

fn matrix(values: &[f32], columns: usize) -> Result<Matrix<'_>, bl_core::Error> {
    Ok(Matrix::new(values, values.len() / columns, columns)?)
}

fn read(bert: &Bert, tokens: &[&Tokens], biases: &Biases) -> Result<Vec<f32>, Error> {
    Ok(bert.encoder().read(tokens, &vec![biases; tokens.len()]).map_err(encoder)?)
}

fn encoder(source: bl_core::pretrained::Error) -> bl_core::Error {
    bl_core::Error::Encoder { source: Box::new(source) }
}

impl Objective for Encoded<'_> {
    fn initial(&self) -> Vec<Initial> {
        let encoder = self.bert.encoder();
        let names = Biases::names(encoder.config()).into_iter().map(|(name, _)| name);
        let biases = names.zip(encoder.biases().vectors()).take(self.biases());
        let mut initial: Vec<Initial> =
            biases.map(|(name, values)| Initial { name, values: values.clone() }).collect();
        if self.config.method.learns_head() {
            let values = self.bert.readout().to_vec();
            initial.push(Initial { name: "head.weight".into(), values });
            initial.push(Initial { name: "head.bias".into(), values: vec![0.0; self.bert.outputs()] });
        }
        initial
    }

    fn loss_and_gradient(
        &mut self,
        parameters: &[Vec<f32>],
        rows: &[u32],
        into: &mut [Vec<f32>],
    ) -> Result<BatchLoss, Error> {
        let (size, outputs, count) = (self.size(), self.bert.outputs(), rows.len());
        let (view, biases) = (self.view(parameters), self.biases());
        let mut kept = None;
        let vectors = if biases == 0 {
            self.fixed(rows)
        } else {
            let set = self.set(parameters)?;
            let read = self.bert.encoder().read_to_learn(&self.tokens(rows), &set).map_err(encoder)?;
            kept = Some(read.kept);
            read.vectors
        };
        let mut scores = self.scores(&vectors, &view)?;
        let (mut sum, mut correct) = (0.0, 0);
        for (scores, &row) in scores.chunks_exact_mut(outputs).zip(rows) {
            let label = usize::from(self.labels[row as usize]);
            correct += usize::from(argmax(scores) == label);
            sum += f64::from(cross_entropy(scores, label, 1.0 / count as f32)); // scores are its gradient now
        }
        let delta = matrix(&scores, outputs)?;
        if let [of_readout, of_added] = &mut into[biases..] {
            multiply(of_readout, delta.t(), matrix(&vectors, size)?)?;
            of_added.fill(0.0);
            for delta in scores.chunks_exact(outputs) {
                of_added.iter_mut().zip(delta).for_each(|(sum, delta)| *sum += delta);
            }
        }
        if let Some(kept) = kept {
            let mut d = vec![0.0; count * size];
            multiply(&mut d, delta, matrix(view.readout, size)?)?;
            let gradient = self.bert.encoder().back(&kept, &d).map_err(encoder)?;
            for (into, gradient) in into.iter_mut().zip(gradient.vectors()) {
                into.copy_from_slice(gradient);
            }
        }
        Ok(BatchLoss { sum, correct })
    }

    fn validate(&mut self, parameters: &[Vec<f32>], rows: &[u32]) -> Result<Validation, Error> {
        let view = self.view(parameters);
        let biases = if self.biases() == 0 { None } else { Some(self.set(parameters)?) };
        let mut scores = Vec::new();
        for rows in rows.chunks(TOGETHER) {
            let vectors = match &biases {
                None => self.fixed(rows),
                Some(biases) => read(self.bert, &self.tokens(rows), biases)?,
            };
            scores.extend(self.scores(&vectors, &view)?);
        }
        Ok(Validation::of_scores(&scores, self.labels, rows))
    }

    fn learned(&self, mut parameters: Vec<Vec<f32>>) -> Learned {
        let mut head = parameters.split_off(self.biases()).into_iter();
        let head = head.next().zip(head.next()).map(|(weights, bias)| Head { weights, bias });
        Learned::Units(Parameters { biases: parameters, gains: UnitGains::One, initial: None, head })
    }
}
