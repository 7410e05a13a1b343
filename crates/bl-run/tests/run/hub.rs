//! Adapters by their names on the Hub.

use bl_mock_hub::{Fault, MockHub};

use crate::support::{Sandbox, backbone, trained};

/// A sandbox, and a hub with an adapter.
fn scene() -> (Sandbox, MockHub) {
    let hub = MockHub::start();
    hub.put("ada/digits", &[("adapter_model.safetensors", &trained(&backbone(1)).to_bytes().unwrap())]);
    (Sandbox::new(), hub)
}

#[test]
fn a_name_on_the_hub_is_as_good_as_a_file() {
    let (sandbox, hub) = scene();
    let environment = [("HF_ENDPOINT", hub.endpoint())];
    let ran = sandbox.run_with("--adapter ada/digits --quiet --json", &environment);
    let report = ran.json();
    assert_eq!(report["data"]["as_recorded"], true, "{report}");
    let asked = hub.requests();
    assert!(
        asked.iter().all(|request| request.path.starts_with("/ada/digits/resolve/")),
        "nothing but the adapter"
    );
    assert!(
        !asked.iter().any(|request| request.path.ends_with("/model.safetensors")),
        "no backbone is fetched"
    );

    let ran = sandbox.run_with("--adapter ada/digits", &environment);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let commit = hub.put("ada/digits", &[("README.md", b"# Digits")]);
    let pinned = sandbox.run_with(&format!("--adapter ada/digits@{commit}"), &environment);
    assert!(pinned.stderr.contains(&format!("ada/digits@{commit}, pulled")), "{}", pinned.stderr);
}

#[test]
fn offline_the_cache_is_enough_and_nothing_is_connected_to() {
    let (sandbox, hub) = scene();
    let online = [("HF_ENDPOINT", hub.endpoint())];
    let offline = [("HF_ENDPOINT", hub.endpoint()), ("HF_HUB_OFFLINE", "1".to_owned())];
    let ran = sandbox.run_with("--adapter ada/digits", &offline);
    assert_eq!(ran.code, 2);
    for words in ["HF_HUB_OFFLINE", "huggingface/hub", "hint: unset"] {
        assert!(ran.stderr.contains(words), "`{words}` is not in: {}", ran.stderr);
    }
    assert_eq!(hub.connections(), 0);
    assert_eq!(sandbox.run_with("--adapter ada/digits", &online).code, 0);
    let connections = hub.connections();
    let ran = sandbox.run_with("--adapter ada/digits", &offline);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("in the cache"), "{}", ran.stderr);
    assert_eq!(hub.connections(), connections);
}

#[test]
fn what_the_hub_does_wrong_is_said_with_a_hint() {
    let (sandbox, hub) = scene();
    let environment = [("HF_ENDPOINT", hub.endpoint())];
    hub.set(Fault::Tampered);
    let ran = sandbox.run_with("--adapter ada/digits", &environment);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains("expected content with the digest") && ran.stderr.contains("hint: "),
        "{}",
        ran.stderr
    );
    hub.set(Fault::None);
    let ran = sandbox.run_with("--adapter ada/none", &environment);
    assert!(ran.stderr.contains("no repository `ada/none`"), "{}", ran.stderr);
    let ran = sandbox.run_with("--adapter ada/digits", &[("HF_ENDPOINT", "http://example.org".to_owned())]);
    assert!(ran.stderr.contains("`HF_ENDPOINT` is `http://example.org`"), "{}", ran.stderr);
}

#[test]
fn a_backbone_may_come_from_the_hub_too() {
    let (sandbox, hub) = scene();
    let net = backbone(1);
    net.save(sandbox.path("net.safetensors")).unwrap();
    let config = serde_json::json!({ "format": "bl-backbone", "version": 1, "fingerprint": net.fingerprint(), "spec": net.spec() });
    hub.put("ada/spec", &[("config.json", config.to_string().as_bytes())]);
    let weights = std::fs::read(sandbox.path("net.safetensors")).unwrap();
    hub.put("ada/net", &[("config.json", config.to_string().as_bytes()), ("model.safetensors", &weights)]);
    let environment = [("HF_ENDPOINT", hub.endpoint())];
    let ran = sandbox.run_with("--adapter ada/digits --backbone ada/net --json", &environment);
    assert_eq!(ran.json()["backbone"]["origin"], "file");
    let ran = sandbox.run_with("--adapter ada/digits --backbone ada/spec", &environment);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains("only a spec and no weights") && ran.stderr.contains("drop `--backbone`"),
        "{}",
        ran.stderr
    );
}
