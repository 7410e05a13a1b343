use std::sync::Arc;

use bias_adapters::Model;

use crate::support::{load, mnist, path};

#[test]
fn a_model_knows_what_it_is() {
    let model = load("lorenz");
    assert_eq!((model.name(), model.does()), ("lorenz", "forecasts a series"));
    assert!(model.labels().is_empty());
    assert_eq!(model.about().sentence, "It forecasts lorenz x, 27 samples ahead.");
    assert_eq!(model.backbone().fingerprint(), model.header().backbone.fingerprint);
    assert_eq!(format!("{model:?}"), "Model { `lorenz` forecasts a series, on backbone de3c2089dcd3 }");
    let labels: Vec<String> = (0..10).map(|digit| digit.to_string()).collect();
    assert_eq!(mnist().labels(), labels);
    assert_eq!(mnist().input().unwrap().len(), 784);
}

#[test]
fn every_way_of_loading_gives_the_same_model() {
    let (file, expected) = (path("cosine"), load("cosine").generate(50).unwrap());
    let model = Model::from_bytes(&std::fs::read(&file).unwrap()).unwrap();
    assert_eq!(model.generate(50).unwrap(), expected);
    let shared = Model::load_on(&file, model.backbone()).unwrap();
    assert!(Arc::ptr_eq(shared.backbone(), model.backbone()));
    assert_eq!(shared.generate(50).unwrap(), expected);
    let other: Model = bl_core::Model::load(&file).unwrap().into();
    assert_eq!(other.generate(50).unwrap(), expected);
    let all = Model::load_all([path("lorenz"), file.clone(), file]).unwrap();
    assert!(Arc::ptr_eq(all[1].backbone(), all[2].backbone()));
    assert!(!Arc::ptr_eq(all[0].backbone(), all[1].backbone()));
}

#[test]
fn models_are_shared_between_threads() {
    let model = load("cosine");
    let expected = model.generate(5).unwrap();
    std::thread::scope(|scope| {
        let threads = [0, 1].map(|_| scope.spawn(|| model.generate(5).unwrap()));
        assert!(threads.into_iter().all(|thread| thread.join().unwrap() == expected));
    });
}
