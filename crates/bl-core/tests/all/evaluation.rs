//! What an evaluation counts is what the scores say.

use crate::support::{ANYWHERE, Draw, ONE_HOT, adapter, generate, spec};
use bl_core::{Error, argmax};

#[test]
fn confusion_accuracy_and_loss_are_those_of_the_scores() {
    let backbone = generate(&spec(1, &[(65, ANYWHERE[1])], ONE_HOT));
    let prepared = backbone.prepare(&adapter(&backbone, 1)).expect("its own backbone");
    for samples in [1, 10, 1024, 1025, 2500] {
        let images = Draw::new(1).bytes(samples * 24);
        let labels: Vec<u8> = Draw::new(2).bytes(samples).iter().map(|byte| byte % 3).collect();
        let evaluation = backbone.evaluate(&prepared, &images, &labels).expect("labels of three classes");

        let p = backbone.preactivations(&images).expect("whole pictures");
        let scores = backbone.logits(&p, 0..samples, &prepared).expect("rows exist");
        let (mut confusion, mut loss) = (vec![0; 9], 0.0);
        for (scores, &label) in scores.chunks(3).zip(&labels) {
            confusion[usize::from(label) * 3 + argmax(scores)] += 1;
            let sum: f64 = scores.iter().map(|&y| f64::from(y).exp()).sum();
            loss += (sum.ln() - f64::from(scores[usize::from(label)])) / samples as f64;
        }
        assert_eq!(evaluation.confusion, confusion);
        assert_eq!(evaluation.total(), samples);
        assert_eq!(evaluation.correct(), confusion[0] + confusion[4] + confusion[8]);
        assert!((evaluation.accuracy() * samples as f64 - evaluation.correct() as f64).abs() < 1e-9);
        assert!((evaluation.loss - loss).abs() < 1e-5 * loss, "{} {loss}", evaluation.loss);
    }
}

#[test]
fn the_first_of_equal_scores_wins() {
    for (scores, expected) in [(&[1.0, 1.0][..], 0), (&[0.0, 2.0, 2.0], 1), (&[-1.0], 0)] {
        assert_eq!(argmax(scores), expected, "{scores:?}");
    }
}

#[test]
fn pictures_and_labels_that_do_not_fit_are_errors() {
    let backbone = generate(&spec(1, &[(5, ANYWHERE[1])], ONE_HOT));
    let prepared = backbone.prepare(&adapter(&backbone, 1)).expect("its own backbone");
    let check = |pixels: usize, labels: &[u8], expected: &str| {
        let error = backbone.evaluate(&prepared, &vec![0; pixels], labels).expect_err(expected);
        assert!(matches!(error, Error::ImageCount { .. } | Error::LabelOutOfRange { .. }));
        assert_eq!(error.to_string(), expected);
    };
    check(0, &[], "0 pixels are not 0 pictures of 24");
    check(49, &[0, 1], "49 pixels are not 2 pictures of 24");
    check(24, &[0, 1], "24 pixels are not 2 pictures of 24");
    check(48, &[0, 3], "label 3 is out of range, the adapter has 3 classes");
}
