//! What an evaluation counts is what the scores say.

use std::ops::ControlFlow;

use bl_core::{Net, argmax};
use bl_tasks::kinds::evaluate;
use bl_tasks::{Error, Evaluation, Split};

use crate::files::pixels;

/// Three scores of a row of 24 values, with some that are equal.
struct Sums;

impl Net for Sums {
    fn family(&self) -> &'static str {
        "feed-forward"
    }

    fn inputs(&self) -> usize {
        24
    }
    fn outputs(&self) -> usize {
        3
    }
    fn scores(&self, rows: &[u8]) -> Result<Vec<f32>, bl_core::Error> {
        let sum = |part: &[u8]| part.iter().map(|x| f32::from(x % 5)).sum::<f32>() / 4.0;
        Ok(rows.chunks_exact(8).map(sum).collect())
    }
}

fn split(samples: usize, seed: usize) -> Split {
    let labels = pixels(samples, seed).iter().map(|byte| byte % 3).collect();
    Split { height: 4, width: 6, channels: 1, images: pixels(samples * 24, seed + 1), labels }
}

fn evaluated(data: &Split) -> Result<Evaluation, Error> {
    Ok(evaluate(&Sums, data, &mut |_| ControlFlow::Continue(()))?.expect("nobody stopped it"))
}

#[test]
fn confusion_accuracy_and_loss_are_those_of_the_scores() {
    for samples in [1, 10, 1024, 1025, 2500] {
        let data = split(samples, 1);
        let (mut confusion, mut loss) = (vec![0; 9], 0.0);
        for (scores, &label) in Sums.scores(&data.images).unwrap().chunks(3).zip(&data.labels) {
            confusion[usize::from(label) * 3 + argmax(scores)] += 1;
            let sum: f64 = scores.iter().map(|&y| f64::from(y).exp()).sum();
            loss += (sum.ln() - f64::from(scores[usize::from(label)])) / samples as f64;
        }
        let mut shares = Vec::new();
        let evaluation = evaluate(&Sums, &data, &mut |share| {
            shares.push(share);
            ControlFlow::Continue(())
        });
        let evaluation = evaluation.unwrap().unwrap();
        assert_eq!(evaluation.confusion, confusion);
        assert_eq!(evaluation.total(), samples);
        assert_eq!(evaluation.correct(), confusion[0] + confusion[4] + confusion[8]);
        assert!((evaluation.accuracy() * samples as f64 - evaluation.correct() as f64).abs() < 1e-9);
        assert!((evaluation.loss - loss).abs() < 1e-5 * loss, "{} {loss}", evaluation.loss);
        assert_eq!((shares.len(), shares.last()), (samples.div_ceil(1024), Some(&1.0)));
    }
}

#[test]
fn parts_together_are_the_whole_and_who_asks_stops_it() {
    let data = split(2000, 3);
    let mut parts = evaluated(&data.take(700)).unwrap();
    let rest =
        Split { images: data.images[700 * 24..].to_vec(), labels: data.labels[700..].to_vec(), ..data };
    let whole = Split {
        images: [data.take(700).images, rest.images.clone()].concat(),
        labels: data.labels.clone(),
        ..data
    };
    let whole = evaluated(&whole).unwrap();
    parts.merge(&evaluated(&rest).unwrap());
    parts.merge(&Evaluation::new(3));
    assert_eq!((&parts.confusion, parts.total()), (&whole.confusion, 2000));
    assert!((parts.loss - whole.loss).abs() < 1e-9);
    assert_eq!(evaluate(&Sums, &rest, &mut |_| ControlFlow::Break(())).unwrap(), None);
}

#[test]
fn the_first_of_equal_scores_wins() {
    for (scores, expected) in [(&[1.0, 1.0][..], 0), (&[0.0, 2.0, 2.0], 1), (&[-1.0], 0)] {
        assert_eq!(argmax(scores), expected, "{scores:?}");
    }
}

#[test]
fn images_and_labels_that_do_not_fit_are_errors() {
    let check = |pixels: usize, labels: &[u8], expected: &str| {
        let data =
            Split { height: 4, width: 6, channels: 1, images: vec![0; pixels], labels: labels.to_vec() };
        let error = evaluated(&data).expect_err(expected);
        assert!(matches!(error, Error::ImageCount { .. } | Error::LabelOutOfRange { .. }));
        assert_eq!(error.to_string(), expected);
    };
    check(0, &[], "0 pixels are not 0 images of 24");
    check(49, &[0, 1], "49 pixels are not 2 images of 24");
    check(24, &[0, 1], "24 pixels are not 2 images of 24");
    check(48, &[0, 3], "label 3 is out of range, the network has 3 classes");
}
