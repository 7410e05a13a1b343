//! The adapters in the repository stay what they are: read and written again, each is the same bytes.

use std::path::Path;

use bl_core::{Adapter, Encoding, Header, Model, Net};
use sha2::{Digest, Sha256};

#[test]
fn adapters_of_the_repository_are_written_again_as_the_same_bytes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../adapters");
    if !folder.is_dir() {
        return; // a package without the repository
    }
    let mut count = 0;
    for entry in std::fs::read_dir(&folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|extension| extension != "safetensors") {
            continue;
        }
        let bytes = std::fs::read(&path).expect("a file");
        let adapter = Adapter::load(&path).expect("an adapter");
        assert_eq!(adapter.unknown_fields(), [""; 0], "{}", path.display());
        let again = adapter.to_bytes().expect("an adapter that was read");
        assert_eq!(Sha256::digest(&again), Sha256::digest(&bytes), "{}", path.display());
        // As a program builds it, and not as it was read.
        let header: Header = serde_json::from_value(serde_json::to_value(&adapter.header).expect("JSON"))
            .expect("its own header");
        assert_eq!(header, adapter.header);
        let metrics = header.metrics.clone();
        let built = Adapter::new(header, adapter.parameters.clone()).expect("header and values fit");
        let mut built = built.encoded(adapter.encoding()).expect("values that it holds");
        built.header.metrics = metrics;
        if adapter.kept().is_none() && adapter.encoding() != Encoding::I8 {
            assert!(built == adapter, "{}", path.display());
        }
        count += 1;
    }
    assert_eq!(count, 13);
}

#[test]
fn a_model_of_each_family_runs() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../adapters");
    if !folder.is_dir() {
        return;
    }
    let digits = Model::load(folder.join("mnist-mask.safetensors")).expect("an adapter");
    let scores = digits.scores(&vec![0; digits.inputs()]).expect("one image");
    assert_eq!((scores.len(), digits.header.task.labels.len()), (digits.outputs(), 10));
    let waves = Model::load(folder.join("cosine.safetensors")).expect("an adapter");
    let y = waves.run(&[], 50, &mut waves.initial().to_vec()).expect("no input");
    assert!(y.len() == 50 && y.iter().all(|y| y.is_finite()));
}
