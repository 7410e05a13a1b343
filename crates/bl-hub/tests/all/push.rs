//! Pushes: one commit, seen before it is made, and brought back to the byte.

use bl_core::Backbone;
use bl_hub::{Error, PushOptions, Pushed, Query, Target};
use bl_mock_hub::{Fault, sha256};
use serde_json::Value;

use crate::support::{REPO, Scene, TOKEN, adapter, backbone, recurrent_backbone, repo};

#[test]
fn what_is_pushed_comes_back_to_the_byte() {
    let scene = Scene::new();
    scene.mock.require_token(TOKEN);
    let bytes = adapter().to_bytes().unwrap();
    let plan = scene.plan(&bytes);
    let names: Vec<&str> = plan.files.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["adapter_model.safetensors", "adapter_config.json", "README.md"]);
    let Pushed::Committed { commit: Some(commit), .. } = scene.hub().push(&plan).unwrap() else {
        panic!("a new repository gets a commit");
    };
    assert_eq!(scene.mock.commits(REPO), 2, "the hub's own, and one with all files");
    let pulled = scene.pull(REPO).unwrap();
    assert_eq!(pulled.commit, commit);
    assert_eq!(std::fs::read(&pulled.path).unwrap(), bytes);
    for (name, sent) in &plan.files {
        assert_eq!(&std::fs::read(pulled.path.with_file_name(name)).unwrap(), sent, "{name}");
    }
}

#[test]
fn the_config_mirrors_the_header_and_is_none_of_pefts() {
    let scene = Scene::new();
    let options = PushOptions { backbone: Some(repo("ada/net")), ..PushOptions::default() };
    let file = scene.write("a.safetensors", &adapter().to_bytes().unwrap());
    let plan = scene.hub().plan_adapter(&file, &repo(REPO), &options).unwrap();
    let config: Value = serde_json::from_slice(&plan.files[1].1).unwrap();
    assert_eq!(config["peft_type"], "BIAS_LEARNING");
    assert_eq!(config["base_model_name_or_path"], "ada/net");
    assert_eq!(config["task"]["name"], "bars");
    assert_eq!(config["digest"].as_str().map(str::len), Some(71));
}

#[test]
fn the_same_again_makes_no_commit() {
    let (scene, bytes, commit) = Scene::with_adapter();
    let plan = scene.plan(&bytes);
    assert!(plan.is_unchanged);
    assert_eq!(scene.hub().push(&plan).unwrap(), Pushed::Unchanged(commit.parse().unwrap()));
    assert_eq!(scene.mock.commits(REPO), 2);

    let mut other = adapter();
    other.parameters.biases[0][0] = 0.5;
    let plan = scene.plan(&other.to_bytes().unwrap());
    assert!(!plan.is_unchanged);
    assert!(matches!(scene.hub().push(&plan).unwrap(), Pushed::Committed { .. }));
    assert_eq!(scene.mock.commits(REPO), 3);
}

#[test]
fn what_a_person_wrote_in_the_card_survives() {
    let (scene, bytes, _) = Scene::with_adapter();
    let card = String::from_utf8(scene.mock.file(REPO, "README.md").unwrap()).unwrap();
    let mine = card.replacen("---\n", "---\nlanguage: fr # mine\n", 1).replacen(
        "- adapter\n",
        "- adapter\n- my-tag\n",
        1,
    ) + "\n## My notes\n\nKept.\n";
    scene.mock.put(REPO, &[("README.md", mine.as_bytes())]);
    let mut other = adapter();
    other.header.metrics[0].value = 0.5;
    scene.hub().push(&scene.plan(&other.to_bytes().unwrap())).unwrap();
    let merged = String::from_utf8(scene.mock.file(REPO, "README.md").unwrap()).unwrap();
    for words in ["language: fr # mine\n", "- my-tag\n", "## My notes\n\nKept.\n", "50.00 %", "value: 0.5\n"]
    {
        assert!(merged.contains(words), "`{words}` is not in:\n{merged}");
    }
    assert!(!merged.contains("98.12 %"));
    let _ = bytes;
}

#[test]
fn a_branch_that_moved_on_is_not_overwritten() {
    let (scene, ..) = Scene::with_adapter();
    let mut other = adapter();
    other.parameters.biases[0][0] = 0.5;
    let plan = scene.plan(&other.to_bytes().unwrap());
    scene.mock.put(REPO, &[("README.md", b"# In between")]);
    let error = scene.hub().push(&plan).unwrap_err();
    assert!(error.to_string().contains("commit has happened since"), "{error}");
    assert!(error.hint().unwrap().contains("push again"));
    assert_eq!(scene.mock.file(REPO, "README.md").unwrap(), b"# In between");
}

#[test]
fn options_reach_the_hub() {
    let scene = Scene::new();
    let file = scene.write("a.safetensors", &adapter().to_bytes().unwrap());
    let private = PushOptions { private: true, message: Some("First".into()), ..PushOptions::default() };
    let plan = scene.hub().plan_adapter(&file, &repo(REPO), &private).unwrap();
    assert_eq!(plan.message, "First");
    scene.hub().push(&plan).unwrap();
    assert_eq!(scene.mock.is_private(REPO), Some(true));

    let before = scene.mock.file(REPO, "README.md");
    let options =
        PushOptions { create_pr: true, picture: Some(b"\x89PNG".to_vec()), ..PushOptions::default() };
    let plan = scene.hub().plan_adapter(&file, &repo(REPO), &options).unwrap();
    let Pushed::Committed { .. } = scene.hub().push(&plan).unwrap() else { panic!("there is a picture now") };
    assert_eq!(scene.mock.file(REPO, "README.md"), before, "the branch stands where it stood");
    let pulled = scene.pull("ada/bars@refs/pr/1").unwrap();
    assert!(
        std::fs::read_to_string(pulled.path.with_file_name("README.md")).unwrap().contains("](sample.png)")
    );
}

#[test]
fn what_does_not_verify_is_not_planned() {
    let scene = Scene::new();
    let bytes = adapter().to_bytes().unwrap();
    let mut damaged = bytes.clone();
    *damaged.last_mut().unwrap() ^= 1;
    let mut other = adapter();
    other.header.backbone.fingerprint = format!("sha256:{}", "0".repeat(64)).parse().unwrap();
    for bytes in [&damaged, &bytes[..100], &other.to_bytes().unwrap()] {
        let file = scene.write("a.safetensors", bytes);
        let error = scene.hub().plan_adapter(&file, &repo(REPO), &PushOptions::default()).unwrap_err();
        assert!(matches!(error, Error::DoesNotVerify { .. }), "{error:?}");
    }
    assert_eq!(scene.mock.connections(), 0, "that was found out before anything was asked");
}

#[test]
fn a_push_needs_a_token_and_a_connection() {
    let scene = Scene::new();
    let file = scene.write("a.safetensors", &adapter().to_bytes().unwrap());
    let without = scene.hub_with(&[("HF_TOKEN", "")]);
    let plan = without.plan_adapter(&file, &repo(REPO), &PushOptions::default()).expect("a plan needs none");
    let error = without.push(&plan).unwrap_err();
    assert!(
        matches!(error, Error::NoToken { .. }) && error.hint().unwrap().contains("HF_TOKEN"),
        "{error:?}"
    );
    let connections = scene.mock.connections();
    let plan = scene.offline().plan_adapter(&file, &repo(REPO), &PushOptions::default()).unwrap();
    assert!(matches!(scene.offline().push(&plan), Err(Error::Offline { .. })));
    assert_eq!(scene.mock.connections(), connections);
}

#[test]
fn refusals_of_a_push_are_said() {
    let scene = Scene::new();
    let plan = scene.plan(&adapter().to_bytes().unwrap());
    for (status, words) in [(401, "Authentication"), (403, "Forbidden"), (500, "500")] {
        scene.mock.set(Fault::Status(status));
        let error = scene.hub().push(&plan).unwrap_err();
        assert!(error.to_string().contains("cannot create the repository `ada/bars`"), "{error}");
        assert!(error.to_string().contains(words), "{error}");
        assert!(!error.to_string().contains(TOKEN));
        assert_eq!(error.hint().is_some(), status < 500);
    }
    scene.mock.set(Fault::None);
    scene.hub().push(&plan).expect("the hub behaves");
}

#[test]
fn adapters_are_found_by_their_tags() {
    let (scene, ..) = Scene::with_adapter();
    scene.mock.put("eve/other", &[("README.md", b"---\ntags:\n- bias-adapters\n---\n")]);
    let fingerprint = adapter().header.backbone.fingerprint.to_string();
    let found = |backbone: Option<&str>, task: Option<&str>| {
        let query = Query { backbone: backbone.map(str::to_owned), task: task.map(str::to_owned) };
        scene
            .hub()
            .search(&query)
            .unwrap()
            .into_iter()
            .map(|found| found.repo.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(found(None, None), ["ada/bars", "eve/other"]);
    assert_eq!(found(Some(&fingerprint), None), ["ada/bars"]);
    assert_eq!(found(Some("sha256:000000000000"), None), Vec::<String>::new());
    assert_eq!(found(None, Some("bars")), ["ada/bars"]);
    let one = &scene.hub().search(&Query::default()).unwrap()[0];
    assert_eq!(
        (one.tasks.as_slice(), one.backbone.as_deref()),
        (&["bars".to_owned()][..], Some(&fingerprint[7..19]))
    );
}

#[test]
fn backbones_go_with_or_without_their_weights() {
    let scene = Scene::new();
    for (family, backbone) in [("mlp", backbone()), ("rnn", recurrent_backbone())] {
        let file = scene.home.path().join("net.safetensors");
        backbone.save(&file).unwrap();
        for (end, spec_only) in [("net", false), ("spec", true)] {
            let name = format!("ada/{family}-{end}");
            let options = PushOptions::default();
            let plan = scene.hub().plan_backbone(&file, spec_only, &repo(&name), &options).unwrap();
            scene.hub().push(&plan).unwrap();
            let target: Target = name.parse().unwrap();
            let pulled = scene.hub().pull_backbone(&target, &mut |_| {}).unwrap();
            assert_eq!(pulled.fingerprint, backbone.fingerprint());
            assert_eq!(pulled.weights.is_none(), spec_only);
            if let Some(weights) = &pulled.weights {
                assert_eq!(sha256(&std::fs::read(weights).unwrap()), sha256(&std::fs::read(&file).unwrap()));
            }
            let again = scene.offline().pull_backbone(&target, &mut |_| {}).unwrap();
            assert!(again.from_cache && again.fingerprint == pulled.fingerprint);
        }
        for (end, words) in
            [("spec", "`config.json` states sha256"), ("net", "another spec than the weights")]
        {
            let name = format!("ada/{family}-{end}");
            let config = String::from_utf8(scene.mock.file(&name, "config.json").unwrap()).unwrap();
            let other = config.replace("\"seed\": 5", "\"seed\": 6");
            scene.mock.put(&name, &[("config.json", other.as_bytes())]);
            let error = scene.hub().pull_backbone(&name.parse().unwrap(), &mut |_| {}).unwrap_err();
            assert!(error.to_string().contains(words), "{error}");
        }
    }
}

/// Where somebody keeps their data is nobody else's business.
#[test]
fn paths_of_this_machine_are_not_sent() {
    let scene = Scene::new();
    let own = |task: &str, title: &str| {
        let mut adapter = adapter();
        adapter.header.task.title = title.into();
        let training = adapter.header.training.as_mut().unwrap();
        training.config = serde_json::json!({
            "task": task, "backbone": "/home/ada/nets/wide.toml", "lr": 0.02, "column": "kWh/day"
        });
        training.dataset.name = task.into();
        adapter
    };
    for (task, title) in [
        ("/home/ada/private/letters", "the folder `/home/ada/private/letters`"),
        ("C:\\Users\\ada\\private\\letters", "the folder `C:\\Users\\ada\\private\\letters`"),
        ("private/letters", "the folder `private/letters`"),
        ("../private/letters/", "the folder `../private/letters/`"),
    ] {
        let whole = own(task, title);
        let file = scene.write("own.safetensors", &whole.to_bytes().unwrap());
        let plan = |options: PushOptions| scene.hub().plan_adapter(&file, &repo(REPO), &options).unwrap();
        let plan_of = plan(PushOptions::default());
        assert!(plan_of.shortened.iter().any(|(path, name)| path == task && name == "letters"), "{task}");
        for (name, bytes) in &plan_of.files {
            let text = String::from_utf8_lossy(bytes);
            for part in ["private", "/home", "ada/nets", "Users"] {
                assert!(!text.contains(part), "{name} has `{part}`");
            }
        }
        let sent = bl_core::Adapter::from_bytes(&plan_of.files[0].1).unwrap();
        assert_eq!(sent.parameters, whole.parameters);
        assert_eq!(sent.header.task.title, "the folder `letters`");
        let config = &sent.header.training.as_ref().unwrap().config;
        assert_eq!((&config["task"], &config["column"]), (&"letters".into(), &"kWh/day".into()));
        let kept = plan(PushOptions { keep_path: true, ..PushOptions::default() });
        assert_eq!(kept.files[0].1, whole.to_bytes().unwrap());
        assert!(kept.shortened.is_empty());
    }
    // Where there is none, the file is sent as it is.
    let bytes = adapter().to_bytes().unwrap();
    assert_eq!(scene.plan(&bytes).files[0].1, bytes);
}

#[test]
fn a_dry_run_needs_no_connection() {
    let scene = Scene::new();
    let file = scene.write("adapter.safetensors", &adapter().to_bytes().unwrap());
    let options = PushOptions { dry_run: true, ..PushOptions::default() };
    let away = scene.hub_with(&[("HF_ENDPOINT", "http://127.0.0.1:9")]);
    let plan = away.plan_adapter(&file, &repo(REPO), &options).unwrap();
    assert_eq!((plan.state, plan.files.len()), (bl_hub::RepoState::Unknown, 3));
    assert!(away.plan_adapter(&file, &repo(REPO), &PushOptions::default()).is_err(), "a push needs one");
    scene.mock.set(Fault::LoginPage);
    let plan = scene.hub().plan_adapter(&file, &repo(REPO), &options).unwrap();
    assert_eq!(plan.state, bl_hub::RepoState::Unknown);
}

#[test]
fn a_damaged_backbone_is_reported_as_what_it_is() {
    let scene = Scene::new();
    for backbone in [backbone(), recurrent_backbone()] {
        let bytes = backbone.to_bytes().unwrap();
        let mut changed = bytes.clone();
        changed[bytes.len() - 4] ^= 1; // of the last scale, the lowest bit
        for (bytes, words) in [
            (&changed[..], "backbone has fingerprint"),
            (&honest(&changed), "its spec generates"),
            (&bytes[..bytes.len() - 1], "truncated"),
            (&adapter().to_bytes().unwrap(), "no metadata key `bl_backbone`"),
        ] {
            let file = scene.write("net.safetensors", bytes);
            let error =
                scene.hub().plan_backbone(&file, false, &repo(REPO), &PushOptions::default()).unwrap_err();
            assert!(matches!(error, Error::DoesNotVerify { .. }), "{error:?}");
            assert!(error.to_string().contains(words), "`{words}` is not in: {error}");
            assert!(!error.to_string().contains("recurrent"), "{error}");
        }
    }
    assert_eq!(scene.mock.connections(), 0, "that was found out before anything was asked");
}

/// A backbone whose weights are not those of its spec, with the fingerprint that they do have.
fn honest(changed: &[u8]) -> Vec<u8> {
    let Err(bl_core::Error::BackboneContent { expected, found }) = Backbone::from_bytes(changed) else {
        panic!("the fingerprint is that of other weights")
    };
    let (stated, own) = (expected.to_string(), found.to_string());
    let at = changed.windows(stated.len()).position(|part| part == stated.as_bytes()).unwrap();
    let mut bytes = changed.to_vec();
    bytes[at..at + own.len()].copy_from_slice(own.as_bytes());
    bytes
}
