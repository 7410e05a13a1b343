use bl_hub::{Environment, Hub};

use bias_adapters::{Error, Model};

use crate::support::{load, path};

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// A hub that must not be asked, and its cache.
fn offline(cache: &std::path::Path) -> Hub {
    let lookup = |name: &str| match name {
        "HF_HUB_OFFLINE" => Some("1".into()),
        "HF_HUB_CACHE" => Some(cache.into()),
        _ => None,
    };
    Hub::new(Environment::from_lookup(lookup, None).unwrap())
}

#[test]
fn what_was_pulled_before_loads_without_a_connection() {
    let cache = tempfile::tempdir().unwrap();
    let repo = cache.path().join("models--ada--cosine");
    let snapshot = repo.join("snapshots").join(COMMIT);
    std::fs::create_dir_all(&snapshot).unwrap();
    std::fs::create_dir_all(repo.join("refs")).unwrap();
    std::fs::write(repo.join("refs/main"), COMMIT).unwrap();
    std::fs::copy(path("cosine"), snapshot.join(bl_hub::files::ADAPTER)).unwrap();
    let hub = offline(cache.path());
    for name in ["ada/cosine".to_owned(), format!("ada/cosine@{COMMIT}")] {
        let model = Model::pull(&hub, &name.parse().unwrap()).unwrap();
        assert_eq!(model.generate(5).unwrap(), load("cosine").generate(5).unwrap());
    }
}

#[test]
fn what_was_not_needs_one() {
    let cache = tempfile::tempdir().unwrap();
    let hub = offline(cache.path());
    let Err(error @ Error::Hub(_)) = Model::pull(&hub, &"ada/none".parse().unwrap()) else { panic!() };
    assert!(error.to_string().contains("`HF_HUB_OFFLINE` forbids"), "{error}");
    assert!(error.hint().unwrap().starts_with("unset `HF_HUB_OFFLINE`"), "{error}");
}
