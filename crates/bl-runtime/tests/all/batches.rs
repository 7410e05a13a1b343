//! Mixed batches answer as each question by itself does.

use std::sync::Arc;

use bl_core::header::AdapterKind;
use bl_core::{Backbone, UnitGains};
use bl_runtime::{Error, Query, Scratch, Version, best_fit, predict_batch};
use proptest::prelude::*;

use crate::support::{adapter, file, forecaster, image, masked, runtime, spec};

/// Two backbones, three adapters and a mask.
fn versions() -> Vec<Arc<Version>> {
    let runtime = runtime();
    [file(1, 0), file(1, 1), file(2, 0), masked(1)]
        .iter()
        .map(|file| runtime.prepare(file).unwrap())
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_row_has_the_bits_that_it_has_alone(queries in prop::collection::vec((0_usize..6, 0_usize..4), 0..40)) {
        let (versions, mut scratch) = (versions(), Scratch::default());
        let images: Vec<Vec<u8>> = (0..6).map(image).collect();
        let images: Vec<&[u8]> = images.iter().map(Vec::as_slice).collect();
        let queries: Vec<Query<'_>> = queries
            .into_iter()
            .map(|(image, who)| Query { image, model: versions[who].model() })
            .collect();
        let together = predict_batch(&images, &queries, &mut scratch).unwrap();
        for (query, scores) in queries.iter().zip(&together) {
            let alone = predict_batch(&images, &[*query], &mut Scratch::default()).unwrap();
            prop_assert_eq!(&alone[0], scores);
        }
    }
}

#[test]
fn answers_are_those_of_the_core() {
    let adapter = adapter(1, 7);
    let backbone = Backbone::generate(&spec(1)).unwrap();
    let image = image(3);
    let half = backbone.prepare(&adapter).unwrap();
    let (mlp, half) = backbone.with(&half).mlp().unwrap();
    let p = mlp.preactivations(&image).unwrap();
    let expected = mlp.logits(&p, 0..1, half).unwrap();

    let version = runtime().prepare(&adapter.to_bytes().unwrap()).unwrap();
    let query = Query { image: 0, model: version.model() };
    assert_eq!(predict_batch(&[&image], &[query], &mut Scratch::default()).unwrap(), [expected]);
}

#[test]
fn scratch_room_of_a_larger_batch_or_of_another_backbone_changes_nothing() {
    let (versions, mut scratch) = (versions(), Scratch::default());
    let images: Vec<Vec<u8>> = (0..20).map(image).collect();
    let images: Vec<&[u8]> = images.iter().map(Vec::as_slice).collect();
    let all = |who: usize, scratch: &mut Scratch, images: &[&[u8]]| {
        let model = versions[who].model();
        let queries: Vec<_> = (0..images.len()).map(|image| Query { image, model }).collect();
        predict_batch(images, &queries, scratch).unwrap()
    };
    let first = all(0, &mut scratch, &images);
    all(2, &mut scratch, &images[5..]);
    assert_eq!(all(0, &mut scratch, &images[3..4]), first[3..4]);
    assert_eq!(all(0, &mut scratch, &images), first);
}

#[test]
fn wrong_questions_are_errors() {
    let versions = versions();
    let model = versions[0].model();
    let mut scratch = Scratch::default();
    let too_short = predict_batch(&[&[1, 2, 3]], &[Query { image: 0, model }], &mut scratch);
    assert!(matches!(too_short, Err(Error::ImageLength { expected: 20, found: 3, .. })));
    let no_image = predict_batch(&[], &[Query { image: 0, model }], &mut scratch);
    assert!(matches!(no_image, Err(Error::NoSuchImage { image: 0, images: 0 })));
    let recurrent = runtime().prepare(&forecaster()).unwrap();
    let query = Query { image: 0, model: recurrent.model() };
    let no_scores = predict_batch(&[&[1, 2, 3]], &[query], &mut scratch);
    assert!(matches!(no_scores, Err(Error::Core(bl_core::Error::Family { found: "recurrent", .. }))));
    assert!(recurrent.model().rnn().is_ok());
}

#[test]
fn the_adapter_that_is_sure_of_an_input_fits_it_best() {
    // Gains that scale the readout make an adapter surer of everything.
    let mut sure = adapter(1, 0);
    sure.header.kind = AdapterKind::BiasGain;
    sure.parameters.gains = UnitGains::Learned(vec![20.0; sure.parameters.biases[0].len()]);
    let runtime = runtime();
    let versions = [file(1, 0), sure.to_bytes().unwrap()].map(|file| runtime.prepare(&file).unwrap());
    let images: Vec<Vec<u8>> = (0..5).map(image).collect();
    let images: Vec<&[u8]> = images.iter().map(Vec::as_slice).collect();
    let scores: Vec<_> = versions
        .iter()
        .map(|version| {
            let model = version.model();
            let queries: Vec<_> = (0..5).map(|image| Query { image, model }).collect();
            predict_batch(&images, &queries, &mut Scratch::default()).unwrap()
        })
        .collect();
    assert_eq!(best_fit(&scores), Some(1));
}
