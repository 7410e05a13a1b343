//! All adapters' scores for the user's pictures, with no frozen half computed twice.
//!
//! The frozen half of a picture is computed once for each backbone and each distinct way in which the adapters
//! see it: input schemas that differ only in how they fit other sizes agree on a picture that has the right
//! size already.

use std::ops::Range;

use bl_core::Preactivations;

use crate::backbones::Group;
use crate::prepared::Inputs;

/// Computes scores batch by batch.
pub(crate) struct Answerer<'a> {
    groups: &'a [Group],
    inputs: &'a Inputs,
    /// Room for the frozen halves of one batch, one for each group.
    buffers: Vec<Preactivations>,
    /// Frozen halves computed so far.
    pub(crate) frozen_halves: usize,
}

/// Inputs answered together: enough to fill the kernels, little enough to see lines come.
pub(crate) const BATCH: usize = 512;

impl<'a> Answerer<'a> {
    pub(crate) fn new(groups: &'a [Group], inputs: &'a Inputs) -> Result<Self, bl_core::Error> {
        let rows = inputs.len().min(BATCH) * inputs.prepared.len();
        let room = |group: &Group| Preactivations::zeroed(rows, group.backbone.units());
        let buffers = groups.iter().map(room).collect::<Result<_, _>>()?;
        Ok(Self { groups, inputs, buffers, frozen_halves: 0 })
    }

    /// Scores of some inputs, at most [`BATCH`], for each adapter: `[batch.len(), classes]`.
    pub(crate) fn scores(&mut self, batch: Range<usize>) -> Result<Vec<Vec<f32>>, bl_core::Error> {
        let mut scores = vec![Vec::new(); self.inputs.of_adapter.len()];
        for (group, p) in self.groups.iter().zip(&mut self.buffers) {
            let schemas = schemas_of(group, self.inputs);
            let plan = Plan::of(self.inputs, &schemas, batch.clone());
            group.backbone.preactivations_into(&plan.images, p, 0)?;
            self.frozen_halves += plan.distinct;
            for member in &group.members {
                let schema = self.inputs.of_adapter[member.adapter];
                let place =
                    schemas.iter().position(|&known| known == schema).expect("collected from the members");
                scores[member.adapter] =
                    group.backbone.logits_of_rows(p, &plan.rows[place], &member.prepared)?;
            }
        }
        Ok(scores)
    }
}

/// The distinct schemas that a group's adapters take, by their place in the inputs.
fn schemas_of(group: &Group, inputs: &Inputs) -> Vec<usize> {
    let mut schemas: Vec<usize> =
        group.members.iter().map(|member| inputs.of_adapter[member.adapter]).collect();
    schemas.sort_unstable();
    schemas.dedup();
    schemas
}

/// Which frozen halves a batch needs on one backbone.
#[derive(Debug, Default, PartialEq)]
struct Plan {
    /// Distinct pictures, one after the other.
    images: Vec<u8>,
    distinct: usize,
    /// `[schemas, inputs]`: the place of each input's picture among them.
    rows: Vec<Vec<u32>>,
}

impl Plan {
    fn of(inputs: &Inputs, schemas: &[usize], batch: Range<usize>) -> Self {
        let mut plan = Self { rows: vec![Vec::new(); schemas.len()], ..Self::default() };
        for input in batch {
            let pixels = |schema: usize| &inputs.prepared[schemas[schema]].1[input].pixels;
            for schema in 0..schemas.len() {
                let same = (0..schema).find(|&earlier| pixels(earlier) == pixels(schema));
                let row = if let Some(earlier) = same {
                    *plan.rows[earlier].last().expect("this input has a row there")
                } else {
                    plan.images.extend_from_slice(pixels(schema));
                    plan.distinct += 1;
                    plan.distinct as u32 - 1
                };
                plan.rows[schema].push(row);
            }
        }
        plan
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bl_core::schema::{Fit, InputSchema, Polarity};
    use bl_tasks::inputs::NamedPicture;

    fn inputs(prepared: &[&[&[u8]]]) -> Inputs {
        let schema = |side| InputSchema {
            height: 1,
            width: 2,
            channels: 1,
            polarity: Polarity::AsIs,
            fit: Fit::InkBox { side },
        };
        let picture = |pixels: &&[u8]| NamedPicture {
            name: String::new(),
            pixels: pixels.to_vec(),
            how: String::new(),
            label: None,
        };
        let prepared = (1..).zip(prepared).map(|(side, p)| (schema(side), p.iter().map(picture).collect()));
        Inputs { prepared: prepared.collect(), of_adapter: Vec::new() }
    }

    #[test]
    fn equal_pictures_of_two_schemas_share_a_row() {
        let inputs = inputs(&[&[&[1, 2], &[3, 4]], &[&[1, 2], &[5, 6]], &[&[1, 2], &[5, 6]]]);
        let plan = Plan::of(&inputs, &[0, 1, 2], 0..2);
        assert_eq!(plan.images, [1, 2, 3, 4, 5, 6]);
        assert_eq!(plan.rows, [[0, 1], [0, 2], [0, 2]]);
        assert_eq!(plan.distinct, 3);
        assert_eq!(Plan::of(&inputs, &[1], 1..2).rows, [[0]]);
    }
}
