//! The biases and the readout of a pretrained encoder: forward as it runs, backward to the biases alone (`BitFit`: Ben Zaken et
//! al., ACL 2022, arXiv 2106.10199).

use bl_core::pretrained::{Biases, Tokens};
use bl_core::{Bert, Head, Io, Parameters, UnitGains, argmax, cross_entropy};
use bl_kernels::{BatchLoss, Linear};
use bl_tasks::texts::Corpus;
use rayon::prelude::*;

use super::{Initial, Learned, Objective, Validation};
use crate::config::TrainConfig;
use crate::error::Error;

/// Parameters, in this order and as far as they are learned: every bias of the encoder, the readout, what is added to its outputs.
pub(crate) struct Encoded<'a> {
    bert: &'a Bert,
    config: &'a TrainConfig,
    tokens: Vec<Tokens>,
    labels: &'a [u8],
    /// Where no bias is learned, the vector of every text: it stays.
    vectors: Vec<f32>,
}

impl<'a> Encoded<'a> {
    pub(crate) fn new(
        bert: &'a Bert,
        config: &'a TrainConfig,
        io: &Io,
        data: &'a Corpus,
    ) -> Result<Self, Error> {
        let longest = io.tokens()?.longest as usize;
        let tokens = data.texts.par_iter().map(|texts| bert.tokens(texts, longest));
        let tokens: Vec<Tokens> = tokens.collect::<Result<_, _>>()?;
        let mut vectors = Vec::new();
        if !config.method.learns_bias() {
            let tokens: Vec<&Tokens> = tokens.iter().collect();
            vectors = bert.read(&tokens, &vec![bert.encoder().biases(); tokens.len()])?;
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

    fn readout<'p>(&'p self, parameters: &'p [Vec<f32>]) -> Result<Linear<'p>, Error> {
        let (weights, added) = match &parameters[self.biases()..] {
            [weights, added] => (&**weights, &**added),
            _ => (self.bert.readout(), &[][..]),
        };
        Ok(self.bert.linear(weights, added)?)
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

    /// Class scores as they will be at test time, `[rows, outputs]`.
    fn scores(&self, parameters: &[Vec<f32>], rows: &[u32]) -> Result<Vec<f32>, Error> {
        let vectors = if self.biases() == 0 {
            self.fixed(rows)
        } else {
            let set = self.set(parameters)?;
            self.bert.read(&self.tokens(rows), &vec![&set; rows.len()])?
        };
        Ok(self.readout(parameters)?.scores(&vectors).map_err(bl_core::Error::from)?)
    }
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
        let (outputs, count) = (self.bert.outputs(), rows.len());
        let (readout, biases) = (self.readout(parameters)?, self.biases());
        let mut kept = None;
        let vectors = if biases == 0 {
            self.fixed(rows)
        } else {
            let set = self.set(parameters)?;
            let read = self.bert.encoder().read_to_learn(&self.tokens(rows), &set).map_err(encoder)?;
            kept = Some(read.kept);
            read.vectors
        };
        let mut scores = readout.scores(&vectors).map_err(bl_core::Error::from)?;
        let (mut sum, mut correct) = (0.0, 0);
        for (scores, &row) in scores.chunks_exact_mut(outputs).zip(rows) {
            let label = usize::from(self.labels[row as usize]);
            correct += usize::from(argmax(scores) == label);
            sum += f64::from(cross_entropy(scores, label, 1.0 / count as f32)); // scores are its gradient now
        }
        let delta = scores;
        if let [weights, added] = &mut into[biases..] {
            readout.gradient(&delta, &vectors, weights, added).map_err(bl_core::Error::from)?;
        }
        if let Some(kept) = kept {
            let d = readout.back(&delta).map_err(bl_core::Error::from)?;
            let gradient = self.bert.encoder().back(&kept, &d).map_err(encoder)?;
            for (into, gradient) in into.iter_mut().zip(gradient.vectors()) {
                into.copy_from_slice(gradient);
            }
        }
        Ok(BatchLoss { sum, correct })
    }

    fn validate(&mut self, parameters: &[Vec<f32>], rows: &[u32]) -> Result<Validation, Error> {
        Ok(Validation::of_scores(&self.scores(parameters, rows)?, self.labels, rows))
    }

    fn learned(&self, mut parameters: Vec<Vec<f32>>) -> Learned {
        let mut head = parameters.split_off(self.biases()).into_iter();
        let head = head.next().zip(head.next()).map(|(weights, bias)| Head { weights, bias });
        Learned::Units(Parameters { biases: parameters, gains: UnitGains::One, initial: None, head })
    }
}

#[cfg(test)]
mod tests {
    use bl_core::io::{TextSchema, TokenSchema};
    use bl_core::pretrained::{self, tiny};
    use bl_core::{Backbone, Half, Net, Preprocessing, Spec};

    use super::*;
    use crate::config::Settings;
    use crate::method::Method;

    #[test]
    fn what_training_judges_is_what_runs_to_the_bit() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        tiny::write(folder.path()).expect("small files");
        let input = TextSchema::Tokens(TokenSchema { longest: 16, texts: 1 });
        let io = Io::Text { input, preprocessing: Preprocessing::NONE };
        let encoder = pretrained::load(folder.path()).expect("an encoder");
        let mut spec = Spec::from(pretrained::spec_of(&encoder).expect("digests"));
        spec.fit(&io, 3).expect("a valid spec");
        let backbone = Backbone::generate(&spec).expect("small");
        let words = |i: usize| vec![[tiny::WORDS[i % 12], tiny::WORDS[(i / 12) % 11], "it"].join(" ")];
        let texts: Vec<Vec<String>> = (0..600).map(words).collect();
        let corpus = Corpus { labels: vec![0; texts.len()], texts };
        let rows: Vec<u32> = (0..600).collect();
        for method in Method::OF_ENCODERS {
            let (epochs, lr) = (Some(1), Some(0.1));
            let settings = Settings {
                backbone: Some("x".into()),
                method: Some(method),
                epochs,
                lr,
                ..Settings::default()
            };
            let config = settings.resolve("words").expect("valid");
            let trained =
                Encoded::new(backbone.bert().expect("an encoder"), &config, &io, &corpus).expect("known");
            let mut parameters: Vec<Vec<f32>> = trained.initial().into_iter().map(|of| of.values).collect();
            for (i, value) in parameters.iter_mut().flatten().enumerate() {
                *value += 0.1 * libm::sinf(i as f32);
            }
            let judged = trained.scores(&parameters, &rows).expect("finite");
            let Learned::Units(learned) = trained.learned(parameters) else { panic!("an adapter") };
            let half = Half::new(&backbone, &io, &learned).expect("it fits");
            let runs = backbone.with(&half).texts(&corpus.texts).expect("known");
            let bits = |scores: &[f32]| scores.iter().map(|score| score.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(&judged), bits(&runs), "{method:?}");
        }
    }
}
