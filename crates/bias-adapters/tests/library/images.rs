use std::sync::Arc;

use bias_adapters::{Model, NamedPicture, classify_all};
use bl_core::{Net, softmax};
use image::{GrayImage, imageops};

use crate::support::{digits, load, mnist, path};

#[test]
fn classify_is_the_best_of_the_scores() {
    let (model, test) = (mnist(), digits().test);
    let count = 20;
    let images = &test.images[..count * test.pixels()];
    let scores = model.scores(images).unwrap();
    assert_eq!(scores, model.core().scores(images).unwrap());
    let probabilities = model.probabilities(images).unwrap();
    assert_eq!((scores.len(), probabilities.len()), (10 * count, 10 * count));
    let mut right = 0;
    for i in 0..count {
        let expected = softmax(&scores[10 * i..][..10]);
        assert_eq!(probabilities[10 * i..][..10], expected);
        let top = model.classify(test.image(i)).unwrap();
        assert_eq!(top.label, model.labels()[top.class]);
        assert!(expected.iter().all(|&other| other <= top.probability));
        assert!((top.probability - expected[top.class]).abs() < 1e-6);
        right += usize::from(top.class == usize::from(test.labels[i]));
    }
    assert!(right >= 19, "{right} of {count}");
}

#[test]
fn an_image_file_is_brought_to_the_form_of_the_training_images() {
    let (model, test) = (mnist(), digits().test);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("digit.png");
    let digit = GrayImage::from_raw(28, 28, test.image(0).to_vec()).unwrap();
    digit.save(&file).unwrap();
    assert_eq!(model.classify_file(&file).unwrap(), model.classify(test.image(0)).unwrap());

    // Dark ink on light paper, larger, and not in the middle.
    let mut paper = GrayImage::from_pixel(150, 120, image::Luma([255]));
    let mut large = imageops::resize(&digit, 84, 84, imageops::FilterType::Triangle);
    imageops::invert(&mut large);
    imageops::overlay(&mut paper, &large, 5, 30);
    paper.save(&file).unwrap();
    let top = model.classify_file(&file).unwrap();
    assert_eq!(top.label, "7");
    assert!(top.probability > 0.9, "{top:?}");
    let [NamedPicture { name, pixels, how, .. }] = &*model.read_images(&file).unwrap() else { panic!() };
    assert_eq!((name.as_str(), pixels.len()), ("digit.png", 784));
    assert!(how.starts_with("inverted (bright border)"), "{how}");
    assert_eq!(model.classify(pixels).unwrap(), top);

    digit.save(folder.path().join("other.png")).unwrap();
    assert_eq!(model.read_images(folder.path()).unwrap().len(), 2);
}

#[test]
fn many_tasks_from_one_frozen_half_say_the_same_as_one_by_one() {
    let test = digits().test;
    let names = ["mnist", "kmnist", "mnist-mask"];
    let models = Model::load_all(names.map(path)).unwrap();
    assert!(models.iter().all(|model| Arc::ptr_eq(model.backbone(), models[0].backbone())));
    for i in 0..5 {
        let together = classify_all(&models, test.image(i)).unwrap();
        let one_by_one: Vec<_> = models.iter().map(|model| model.classify(test.image(i)).unwrap()).collect();
        assert_eq!(together, one_by_one);
    }
    assert_eq!(classify_all([], test.image(0)).unwrap(), []);
}

#[test]
fn a_mask_classifies() {
    let (model, test) = (load("mnist-mask"), digits().test);
    assert_eq!((model.name(), model.does()), ("mnist", "classifies images"));
    let right =
        (0..100).filter(|&i| model.classify(test.image(i)).unwrap().class == usize::from(test.labels[i]));
    let right = right.count();
    assert!(right >= 93, "{right} of 100");
}
