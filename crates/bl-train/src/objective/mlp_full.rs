//! The baseline: every weight and every hidden bias learned, in candle.

use bl_core::{MlpSpec, Net, Preprocessing};
use bl_kernels::BatchLoss;
use bl_tasks::Split;

use super::deep::{backward, variables};
use super::{Initial, Learned, Objective, Validation};
use crate::config::TrainConfig;
use crate::draws::xavier;
use crate::error::Error;
use crate::network::mlp::{MlpNetwork, forward, pixels};

pub(crate) struct Full<'a, 'd> {
    spec: &'a MlpSpec,
    config: &'a TrainConfig,
    preprocessing: Preprocessing,
    data: &'d Split,
    shapes: Vec<(String, Vec<usize>)>,
}

impl<'a, 'd> Full<'a, 'd> {
    pub(crate) fn new(
        spec: &'a MlpSpec,
        config: &'a TrainConfig,
        preprocessing: Preprocessing,
        data: &'d Split,
    ) -> Self {
        Self { spec, config, preprocessing, data, shapes: MlpNetwork::shapes(spec) }
    }

    fn network(&self, parameters: Vec<Vec<f32>>) -> MlpNetwork {
        MlpNetwork::new(self.spec.clone(), self.preprocessing, parameters)
    }

    fn images(&self, rows: &[u32]) -> Vec<u8> {
        rows.iter().flat_map(|&row| self.data.image(row as usize)).copied().collect()
    }
}

impl Objective for Full<'_, '_> {
    fn initial(&self) -> Vec<Initial> {
        let base = self.config.base_bias();
        let shapes = self.shapes.iter().enumerate();
        shapes
            .map(|(i, (name, shape))| Initial {
                name: name.clone(),
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
        let xs = pixels(&self.images(rows), self.spec, self.preprocessing)?;
        let labels = rows.iter().map(|&row| self.data.labels[row as usize].into()).collect();
        let shaped =
            parameters.iter().zip(&self.shapes).map(|(values, (_, shape))| (&**values, shape.clone()));
        let variables = variables(shaped)?;
        let tensors: Vec<_> = variables.iter().map(|v| v.as_tensor().clone()).collect();
        let logits = forward(&xs, &tensors, self.spec.residual)?;
        backward(&logits, labels, &variables, into)
    }

    fn validate(&mut self, parameters: &[Vec<f32>], rows: &[u32]) -> Result<Validation, Error> {
        let network = self.network(parameters.to_vec());
        let mut scores = Vec::new();
        for rows in rows.chunks(self.config.batch_size as usize) {
            scores.extend(network.scores(&self.images(rows))?);
        }
        Ok(Validation::of_scores(&scores, &self.data.labels, rows))
    }

    fn learned(&self, parameters: Vec<Vec<f32>>) -> Learned {
        Learned::Network(Box::new(self.network(parameters).into()))
    }
}
