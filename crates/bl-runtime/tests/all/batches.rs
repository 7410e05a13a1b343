//! Mixed batches answer as each question by itself does.

use std::sync::Arc;

use bl_core::{Backbone, UnitGains};
use bl_runtime::{Ask, Error, Generation, Scratch, answer, best_fit};
use proptest::prelude::*;

use crate::support::{adapter, file, forecaster, masked, picture, runtime, spec};

/// Two backbones, three adapters and a mask.
fn generations() -> Vec<Arc<Generation>> {
    let runtime = runtime();
    [file(1, 0), file(1, 1), file(2, 0), masked(1)]
        .iter()
        .map(|file| runtime.prepare(file).unwrap())
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_row_has_the_bits_that_it_has_alone(asks in prop::collection::vec((0_usize..6, 0_usize..4), 0..40)) {
        let (generations, mut scratch) = (generations(), Scratch::default());
        let images: Vec<Vec<u8>> = (0..6).map(picture).collect();
        let images: Vec<&[u8]> = images.iter().map(Vec::as_slice).collect();
        let asks: Vec<Ask<'_>> = asks
            .into_iter()
            .map(|(image, who)| Ask { image, model: generations[who].pictures().unwrap() })
            .collect();
        let together = answer(&images, &asks, &mut scratch).unwrap();
        for (ask, scores) in asks.iter().zip(&together) {
            let alone = answer(&images, &[*ask], &mut Scratch::default()).unwrap();
            prop_assert_eq!(&alone[0], scores);
        }
    }
}

#[test]
fn answers_are_those_of_the_core() {
    let adapter = adapter(1, 7);
    let backbone = Backbone::generate(&spec(1)).unwrap();
    let image = picture(3);
    let p = backbone.preactivations(&image).unwrap();
    let expected = backbone.logits(&p, 0..1, &backbone.prepare(&adapter).unwrap()).unwrap();

    let generation = runtime().prepare(&adapter.to_bytes().unwrap()).unwrap();
    let ask = Ask { image: 0, model: generation.pictures().unwrap() };
    assert_eq!(answer(&[&image], &[ask], &mut Scratch::default()).unwrap(), [expected]);
}

#[test]
fn scratch_room_of_a_larger_batch_or_of_another_backbone_changes_nothing() {
    let (generations, mut scratch) = (generations(), Scratch::default());
    let images: Vec<Vec<u8>> = (0..20).map(picture).collect();
    let images: Vec<&[u8]> = images.iter().map(Vec::as_slice).collect();
    let all = |who: usize, scratch: &mut Scratch, images: &[&[u8]]| {
        let model = generations[who].pictures().unwrap();
        let asks: Vec<_> = (0..images.len()).map(|image| Ask { image, model }).collect();
        answer(images, &asks, scratch).unwrap()
    };
    let first = all(0, &mut scratch, &images);
    all(2, &mut scratch, &images[5..]);
    assert_eq!(all(0, &mut scratch, &images[3..4]), first[3..4]);
    assert_eq!(all(0, &mut scratch, &images), first);
}

#[test]
fn wrong_questions_are_errors() {
    let generations = generations();
    let model = generations[0].pictures().unwrap();
    let mut scratch = Scratch::default();
    let too_short = answer(&[&[1, 2, 3]], &[Ask { image: 0, model }], &mut scratch);
    assert!(matches!(too_short, Err(Error::ImageLength { expected: 20, found: 3, .. })));
    let no_image = answer(&[], &[Ask { image: 0, model }], &mut scratch);
    assert!(matches!(no_image, Err(Error::NoSuchImage { image: 0, images: 0 })));
    let in_time = runtime().prepare(&forecaster()).unwrap();
    assert!(matches!(in_time.pictures(), Err(Error::OtherKind { .. })));
    assert!(in_time.time().unwrap().net().is_ok());
}

#[test]
fn the_adapter_that_is_sure_of_an_input_fits_it_best() {
    // Gains that scale the readout make an adapter surer of everything.
    let mut sure = adapter(1, 0);
    sure.header.kind = bl_core::header::Kind::BiasGain;
    sure.gains = UnitGains::Learned(vec![20.0; sure.biases[0].len()]);
    let runtime = runtime();
    let generations = [file(1, 0), sure.to_bytes().unwrap()].map(|file| runtime.prepare(&file).unwrap());
    let images: Vec<Vec<u8>> = (0..5).map(picture).collect();
    let images: Vec<&[u8]> = images.iter().map(Vec::as_slice).collect();
    let scores: Vec<_> = generations
        .iter()
        .map(|generation| {
            let model = generation.pictures().unwrap();
            let asks: Vec<_> = (0..5).map(|image| Ask { image, model }).collect();
            answer(&images, &asks, &mut Scratch::default()).unwrap()
        })
        .collect();
    assert_eq!(best_fit(&scores), Some(1));
}
