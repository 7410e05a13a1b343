//! All adapters' scores for the user's images, with no frozen half computed twice.
//!
//! The frozen half of a image is computed once for each backbone and each distinct way in which the adapters
//! see it: input schemas that differ only in how they fit other sizes agree on a image that has the right
//! size already.

use std::collections::BTreeSet;
use std::ops::Range;

use bl_runtime::{Query, Scratch, predict_batch};

use super::prepared::Inputs;
use crate::models::{Loaded, groups};

/// Computes scores batch by batch.
pub(super) struct Answerer<'a> {
    adapters: &'a [Loaded],
    /// Places of the adapters on each backbone.
    groups: Vec<Vec<usize>>,
    inputs: &'a Inputs,
    scratch: Scratch,
    /// Frozen halves computed so far.
    pub(super) frozen_halves: usize,
}

/// Inputs answered together: enough to fill the kernels, little enough to see lines come.
pub(super) const BATCH: usize = 512;

impl<'a> Answerer<'a> {
    pub(super) fn new(adapters: &'a [Loaded], inputs: &'a Inputs) -> Self {
        let place = |of: &Loaded| adapters.iter().position(|adapter| std::ptr::eq(adapter, of));
        let places = |group: Vec<&Loaded>| group.into_iter().filter_map(place).collect();
        let groups = groups(adapters).into_iter().map(places).collect();
        Self { adapters, groups, inputs, scratch: Scratch::default(), frozen_halves: 0 }
    }

    /// Scores of some inputs, at most [`BATCH`], for each adapter: `[adapters][batch.len()][classes]`; none of what an
    /// adapter cannot use.
    pub(super) fn scores(&mut self, batch: Range<usize>) -> anyhow::Result<Vec<Vec<Option<Vec<f32>>>>> {
        let views = Views::of(self.inputs, batch);
        let places = |&adapter: &usize| &views.places[self.inputs.of_adapter[adapter]];
        for group in &self.groups {
            let distinct: BTreeSet<usize> = group.iter().flat_map(places).flatten().copied().collect();
            self.frozen_halves += distinct.len();
        }
        let queries = self.adapters.iter().enumerate().flat_map(|(nth, adapter)| {
            places(&nth).iter().flatten().map(|&image| Query { image, model: &adapter.model })
        });
        let queries: Vec<Query<'_>> = queries.collect();
        let mut scores = predict_batch(&views.images, &queries, &mut self.scratch)?.into_iter();
        let mut of_place = |place: &Option<usize>| place.and_then(|_| scores.next());
        Ok((0..self.adapters.len()).map(|nth| places(&nth).iter().map(&mut of_place).collect()).collect())
    }
}

/// A batch as the adapters see it.
#[derive(Debug, Default, PartialEq)]
struct Views<'a> {
    /// Distinct images.
    images: Vec<&'a [u8]>,
    /// `[schemas][inputs]`: the place of each input's image among them, if the schema can be given it.
    places: Vec<Vec<Option<usize>>>,
}

impl<'a> Views<'a> {
    fn of(inputs: &'a Inputs, batch: Range<usize>) -> Self {
        let schemas = inputs.prepared.len();
        let mut views = Self { places: vec![Vec::new(); schemas], ..Self::default() };
        for input in batch {
            let pixels = |schema: usize| Some(&*inputs.prepared[schema].1[input].as_ref().ok()?.pixels);
            for schema in 0..schemas {
                let same = (0..schema).find(|&earlier| pixels(earlier) == pixels(schema));
                let place = match (same, pixels(schema)) {
                    (Some(earlier), _) => {
                        *views.places[earlier].last().expect("this input has a place there")
                    }
                    (None, Some(pixels)) => {
                        views.images.push(pixels);
                        Some(views.images.len() - 1)
                    }
                    (None, None) => None,
                };
                views.places[schema].push(place);
            }
        }
        views
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bl_core::io::{Fit, InputSchema, Polarity};
    use bl_tasks::inputs::NamedPicture;

    /// Where there are no pixels, the image cannot be used.
    fn inputs(prepared: &[&[&[u8]]]) -> Inputs {
        let schema = |side| InputSchema {
            height: 1,
            width: 2,
            channels: 1,
            polarity: Polarity::AsIs,
            fit: Fit::InkBox { side },
        };
        let picture = |pixels: &&[u8]| {
            let (name, how) = (String::new(), String::new());
            let picture = NamedPicture { name, pixels: pixels.to_vec(), how, note: None, label: None };
            if pixels.is_empty() { Err("blank".to_owned()) } else { Ok(picture) }
        };
        let prepared = (1..).zip(prepared).map(|(side, p)| (schema(side), p.iter().map(picture).collect()));
        Inputs { prepared: prepared.collect(), of_adapter: Vec::new(), skipped: Vec::new() }
    }

    #[test]
    fn equal_images_of_two_schemas_are_one() {
        let inputs = inputs(&[&[&[1, 2], &[3, 4]], &[&[1, 2], &[5, 6]], &[&[1, 2], &[5, 6]]]);
        let views = Views::of(&inputs, 0..2);
        assert_eq!(views.images, [[1, 2], [3, 4], [5, 6]]);
        assert_eq!(views.places, [[0, 1], [0, 2], [0, 2]].map(|of| of.map(Some)));
        assert_eq!(Views::of(&inputs, 1..2).places, [[0], [1], [1]].map(|of| of.map(Some)));
    }

    #[test]
    fn an_image_that_one_schema_cannot_use_is_there_for_the_others() {
        let inputs = inputs(&[&[&[], &[3, 4]], &[&[1, 2], &[]], &[&[], &[3, 4]]]);
        let views = Views::of(&inputs, 0..2);
        assert_eq!(views.images, [[1, 2], [3, 4]]);
        assert_eq!(views.places, [[None, Some(1)], [Some(0), None], [None, Some(1)]]);
    }
}
