//! The baseline: every weight and every hidden bias learned.

use bl_core::{MlpSpec, Preprocessing};
use bl_kernels::{BatchLoss, argmax, cross_entropy};
use bl_tasks::Split;

use super::{Initial, Learned, Objective, Validation};
use crate::config::TrainConfig;
use crate::draws::xavier;
use crate::error::Error;
use crate::network::mlp::{MlpNetwork, Pass};

pub(crate) struct Full<'a, 'd> {
    spec: &'a MlpSpec,
    config: &'a TrainConfig,
    preprocessing: Preprocessing,
    data: &'d Split,
    pass: Pass,
}

impl<'a, 'd> Full<'a, 'd> {
    pub(crate) fn new(
        spec: &'a MlpSpec,
        config: &'a TrainConfig,
        preprocessing: Preprocessing,
        data: &'d Split,
    ) -> Result<Self, Error> {
        Ok(Self { spec, config, preprocessing, data, pass: Pass::new(spec, preprocessing)? })
    }

    fn network(&self, parameters: Vec<Vec<f32>>) -> MlpNetwork {
        MlpNetwork::new(self.spec.clone(), self.preprocessing, parameters)
    }

    fn images(&self, rows: &[u32]) -> Vec<&'d [u8]> {
        rows.iter().map(|&row| self.data.image(row as usize)).collect()
    }
}

impl Objective for Full<'_, '_> {
    fn initial(&self) -> Vec<Initial> {
        let base = self.config.base_bias();
        let shapes = MlpNetwork::shapes(self.spec).into_iter().enumerate();
        shapes
            .map(|(i, (name, shape))| Initial {
                name,
                values: match shape[..] {
                    [out, input] => xavier(self.config.seed, i / 2, input, out), // weight, bias, weight, …
                    _ => base.draw(i / 2, shape[0]),
                },
            })
            .collect()
    }

    fn loss_and_gradient(
        &mut self,
        parameters: &[Vec<f32>],
        rows: &[u32],
        into: &mut [Vec<f32>],
    ) -> Result<BatchLoss, Error> {
        let mut scores = self.pass.forward(&self.images(rows), parameters)?;
        let (mut loss, share) = (BatchLoss { sum: 0.0, correct: 0 }, 1.0 / rows.len() as f32);
        for (scores, &row) in scores.chunks_exact_mut(self.spec.outputs()).zip(rows) {
            let label = usize::from(self.data.labels[row as usize]);
            loss.correct += usize::from(argmax(scores) == label);
            loss.sum += f64::from(cross_entropy(scores, label, share));
        }
        self.pass.backward(&scores, parameters, into)?;
        Ok(loss)
    }

    fn validate(&mut self, parameters: &[Vec<f32>], rows: &[u32]) -> Result<Validation, Error> {
        let mut scores = Vec::new();
        for rows in rows.chunks(self.config.batch_size as usize) {
            scores.extend(self.pass.forward(&self.images(rows), parameters)?);
        }
        Ok(Validation::of_scores(&scores, &self.data.labels, rows))
    }

    fn learned(&self, parameters: Vec<Vec<f32>>) -> Learned {
        Learned::Network(Box::new(self.network(parameters).into()))
    }
}
