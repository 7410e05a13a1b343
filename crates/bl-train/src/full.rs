//! The baseline: every weight and every hidden bias learned, in candle.

use bl_core::{BackboneSpec, Preprocessing};
use bl_kernels::BatchLoss;
use bl_tasks::Split;

use crate::config::TrainConfig;
use crate::deep::{backward, variables};
use crate::draws::xavier;
use crate::error::Error;
use crate::network::{Network, forward, pixels};
use crate::objective::{Classifier, Initial, Learned, Objective};
use crate::shallow::base_bias;

pub(crate) struct Full<'a, 'd> {
    spec: &'a BackboneSpec,
    config: &'a TrainConfig,
    preprocessing: Preprocessing,
    data: &'d Split,
    shapes: Vec<(String, Vec<usize>)>,
}

impl<'a, 'd> Full<'a, 'd> {
    pub(crate) fn new(
        spec: &'a BackboneSpec,
        config: &'a TrainConfig,
        preprocessing: Preprocessing,
        data: &'d Split,
    ) -> Self {
        Self { spec, config, preprocessing, data, shapes: Network::shapes(spec) }
    }

    fn images(&self, rows: &[u32]) -> Vec<u8> {
        rows.iter().flat_map(|&row| self.data.image(row as usize)).copied().collect()
    }
}

impl Objective for Full<'_, '_> {
    fn initial(&self) -> Vec<Initial> {
        let base = base_bias(self.config);
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
}

impl Classifier for Full<'_, '_> {
    fn scores(&mut self, parameters: &[Vec<f32>], rows: &[u32]) -> Result<Vec<f32>, Error> {
        let Learned::Network(network) = self.learned(parameters.to_vec()) else { unreachable!() };
        let mut scores = Vec::new();
        for rows in rows.chunks(self.config.batch_size as usize) {
            scores.extend(network.logits(&self.images(rows))?);
        }
        Ok(scores)
    }

    fn learned(&self, parameters: Vec<Vec<f32>>) -> Learned {
        Learned::Network(Network::new(self.spec.clone(), self.preprocessing, parameters))
    }
}
