//! A pretrained encoder with a readout: `y = A v + c`, where v is the mean of the last layer over a text's tokens.

use std::borrow::Cow;
use std::sync::Arc;

use bl_bert::{Biases, Encoder, Pretrained, Tokens};
use bl_kernels::{Isa, Linear};
use rayon::prelude::*;

use super::Frozen;
use crate::adapter::{Head, Parameters};
use crate::error::Error;
use crate::io::Io;
use crate::lattice::Lattice;
use crate::pretrained;
use crate::spec::BertSpec;

/// Texts that are read at a time: their activations are in memory.
const TOGETHER: usize = 512;

/// A frozen encoder and a frozen readout. Nothing changes them once they are made.
pub struct Bert {
    pretrained: Arc<Pretrained>,
    lattice: Lattice,
    readout: Arc<[f32]>,
    isa: Isa,
}

/// What a task adds: biases, and perhaps a readout of its own.
pub struct BertHalf {
    /// None for those of the encoder itself.
    biases: Option<Biases>,
    /// A, `[outputs, size]`.
    readout: Arc<[f32]>,
    /// c, `[outputs]`; empty for none.
    added: Vec<f32>,
    longest: usize,
}

impl Bert {
    pub(crate) fn new(spec: &BertSpec, mut matrices: Vec<Lattice>) -> Result<Self, Error> {
        let pretrained = pretrained::find(spec)?;
        let lattice = matrices.pop().ok_or_else(|| Error::Shape { found: "no readout".into() })?;
        Ok(Self { pretrained, readout: lattice.weights().into(), lattice, isa: Isa::chosen()? })
    }

    /// The encoder, which backbones with other readouts have too.
    pub fn encoder(&self) -> &Encoder {
        self.pretrained.encoder()
    }

    /// The frozen readout, `[outputs, size]`.
    pub fn readout(&self) -> &[f32] {
        &self.readout
    }

    /// Number of classes.
    pub fn outputs(&self) -> usize {
        self.lattice.rows
    }

    /// The tokens of a text, or of a pair of texts.
    pub fn tokens(&self, texts: &[impl AsRef<str>], longest: usize) -> Result<Tokens, Error> {
        match self.pretrained.tokenizer().tokens(texts, longest) {
            Err(bl_bert::Error::NoTokens) => Err(Error::NoWords),
            other => other.map_err(encoder),
        }
    }

    /// A readout of texts' vectors on this encoder.
    pub fn linear<'a>(&self, weights: &'a [f32], added: &'a [f32]) -> Result<Linear<'a>, Error> {
        Ok(Linear::new(self.isa, weights, added, self.encoder().size())?)
    }

    /// The vectors of texts, each under its own biases: `[texts, size]`.
    pub fn read(&self, texts: &[&Tokens], sets: &[&Biases]) -> Result<Vec<f32>, Error> {
        let mut vectors = Vec::with_capacity(texts.len() * self.encoder().size());
        for (texts, sets) in texts.chunks(TOGETHER).zip(sets.chunks(TOGETHER)) {
            vectors.extend(self.encoder().read(texts, sets).map_err(encoder)?);
        }
        Ok(vectors)
    }

    /// The class scores of texts of any tasks on this encoder, each with the half of its own: `[outputs]` each.
    pub fn scores(&self, texts: &[(&Tokens, &BertHalf)]) -> Result<Vec<Vec<f32>>, Error> {
        let (tokens, sets): (Vec<&Tokens>, Vec<&Biases>) =
            texts.iter().map(|(tokens, half)| (*tokens, half.biases(self))).unzip();
        let vectors = self.read(&tokens, &sets)?;
        let each = vectors.chunks_exact(self.encoder().size()).zip(texts);
        each.map(|(vector, (_, half))| Ok(self.linear(&half.readout, &half.added)?.scores(vector)?)).collect()
    }

    /// The class scores of texts under one half, `[texts, outputs]`.
    pub(crate) fn scores_of(&self, texts: &[Vec<String>], half: &BertHalf) -> Result<Vec<f32>, Error> {
        let tokens = texts.par_iter().map(|texts| self.tokens(texts, half.longest));
        let tokens: Vec<Tokens> = tokens.collect::<Result<_, _>>()?;
        let texts: Vec<_> = tokens.iter().map(|tokens| (tokens, half)).collect();
        Ok(self.scores(&texts)?.concat())
    }
}

impl BertHalf {
    pub(crate) fn new(bert: &Bert, io: &Io, parameters: &Parameters) -> Result<Self, Error> {
        let longest = io.tokens()?.longest as usize;
        let biases = match parameters.biases.as_slice() {
            [] => None,
            biases => Some(Biases::new(bert.encoder().config(), biases.to_vec()).map_err(encoder)?),
        };
        let (readout, added) = match &parameters.head {
            None => (Arc::clone(&bert.readout), Vec::new()),
            Some(Head { weights, bias }) => (weights.as_slice().into(), bias.clone()),
        };
        Ok(Self { biases, readout, added, longest })
    }

    /// Tokens that a text may have.
    pub fn longest(&self) -> usize {
        self.longest
    }

    fn biases<'a>(&'a self, bert: &'a Bert) -> &'a Biases {
        self.biases.as_ref().unwrap_or_else(|| bert.encoder().biases())
    }

    /// Memory that it holds, beside the backbone.
    pub(crate) fn bytes(&self) -> usize {
        let own = if self.added.is_empty() { 0 } else { self.readout.len() + self.added.len() };
        size_of::<f32>() * (self.biases.as_ref().map_or(0, Biases::count) + own)
    }
}

fn encoder(source: bl_bert::Error) -> Error {
    Error::Encoder { source: Box::new(source) }
}

impl Frozen for Bert {
    fn family(&self) -> &'static str {
        BertSpec::FAMILY
    }

    fn widths(&self) -> (usize, usize) {
        (self.encoder().size(), self.outputs())
    }

    fn matrices(&self) -> Vec<Cow<'_, Lattice>> {
        vec![Cow::Borrowed(&self.lattice)]
    }

    fn isa(&self) -> Isa {
        self.isa
    }

    fn set_isa(&mut self, isa: Isa) {
        self.isa = isa;
    }
}
