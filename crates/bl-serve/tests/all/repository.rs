//! Loading, replacing, unloading, and what is never read.

use axum::body::Body;
use axum::http::Request;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bl_core::{Adapter, Backbone, Parameters};
use serde_json::{Value, json};

use crate::adapters::{Small, forecaster, images, version};
use crate::support::{Service, image};

fn service() -> Service {
    Service::new(&[("a", Small::number(1).file()), ("b", Small::number(2).file())])
}

#[tokio::test]
async fn by_its_own_file_by_another_and_by_bytes() {
    let service = service();
    let (one, two, three) = (Small::number(1).file(), Small::number(2).file(), Small::number(3).file());
    let loaded = |name: &str, file: &[u8], replaced: Option<&[u8]>| json!({ "name": name, "version": version(file), "replaced": replaced.map(version) });
    service.write("a.safetensors", &three);
    let path = "/v2/repository/models/a/load";
    for body in ["", "{}", r#"{"parameters":{}}"#] {
        let before = if body.is_empty() { &one } else { &three };
        assert_eq!(service.post(path, body).await.ok(), loaded("a", &three, Some(before)));
    }
    let by_source = service.load("a", json!({ "source": "b.safetensors" })).await.ok();
    assert_eq!(by_source, loaded("a", &two, Some(&three)));
    std::fs::create_dir(service.path("deeper")).unwrap();
    service.write("deeper/c.safetensors", &one);
    let deeper = service.load("new%20name", json!({ "source": "deeper/c.safetensors" })).await.ok();
    assert_eq!(deeper, loaded("new name", &one, None));
    assert_eq!(service.load_bytes("bytes", &three).await.ok(), loaded("bytes", &three, None));
    let forecast = service.load_bytes("wave", &forecaster().to_bytes().unwrap()).await.ok();
    assert_eq!(forecast["replaced"], Value::Null);

    let names: Vec<String> = service.index("{}").await.into_iter().map(|[name, ..]| name).collect();
    assert_eq!(names, ["a", "b", "bytes", "new name", "wave"]);
    let reply = service.infer("bytes", &json!({ "inputs": [image(&images(1))] })).await;
    assert_eq!(reply.output("scores").f32s(), Small::number(3).scores(&images(1)).concat());
}

#[tokio::test]
async fn a_swap_compares_before_it_sets() {
    let service = service();
    let (one, three) = (version(&Small::number(1).file()), Small::number(3).file());
    let with = |parameters: Value| {
        let mut all = json!({ "file": STANDARD.encode(&three) });
        all.as_object_mut().unwrap().extend(parameters.as_object().unwrap().clone());
        all
    };
    for wrong in [json!("0123456789abcdef"), json!(""), json!(one[..15])] {
        let reply = service.load("a", with(json!({ "expected_version": wrong }))).await;
        reply.refused(409, "generation_mismatch");
    }
    let nobody = service.load("new", with(json!({ "expected_version": one }))).await;
    nobody.refused(409, "generation_mismatch");
    service.load("a", with(json!({ "replace": false }))).await.refused(409, "already_loaded");
    assert_eq!(service.version("a").await.unwrap(), one);
    let index = service.index("{}").await;
    assert!(index.iter().all(|[_, _, state, reason]| state == "READY" && reason.is_empty()), "{index:?}");

    let full = service.get("/v2/models/a").await.ok()["adapter"]["generation"].clone();
    let swapped = service.load("a", with(json!({ "expected_version": full }))).await.ok();
    assert_eq!(swapped["replaced"], one);
    let back = json!({ "source": "a.safetensors", "expected_version": version(&three) });
    assert_eq!(service.load("a", back).await.ok()["version"], one);
    assert_eq!(service.load("new", with(json!({ "replace": false }))).await.ok()["replaced"], Value::Null);
}

#[tokio::test]
async fn nobody_may_change_anything_unless_allowed() {
    let service =
        Service::with(&[("a", Small::number(1).file())], |settings, _| settings.allow_mutation = false);
    service.load_bytes("a", &Small::number(2).file()).await.refused(403, "mutation_disabled");
    service.unload("a").await.refused(403, "mutation_disabled");
    assert_eq!(service.version("a").await.unwrap(), version(&Small::number(1).file()));
    assert_eq!(service.get("/v2").await.ok()["mutation"], false);
}

#[tokio::test]
async fn a_page_from_elsewhere_may_not_change_anything() {
    let service = service();
    let check = async |origin: Option<&str>, host: &str, allowed: bool| {
        for action in ["load", "unload"] {
            let mut request = Request::post(format!("/v2/repository/models/a/{action}")).header("host", host);
            if let Some(origin) = origin {
                request = request.header("origin", origin);
            }
            let reply = service.send(request.body(Body::empty()).unwrap()).await;
            if allowed {
                reply.ok();
            } else {
                reply.refused(403, "cross_origin");
            }
        }
        assert_eq!(service.version("a").await.is_none(), allowed, "{origin:?} {host}");
    };
    for origin in ["http://evil.example", "null", "http://127.0.0.1:9000", "http://127.0.0.1", "", "http://"]
    {
        check(Some(origin), "127.0.0.1:8000", false).await;
    }
    check(Some("http://127.0.0.1:8000"), "127.0.0.1:8000", true).await;
    for (origin, host) in [
        (Some("http://[::1]:8000"), "[::1]:8000"),
        (Some("http://localhost"), "localhost"),
        (None, "10.0.0.1:80"),
    ] {
        check(origin, host, true).await;
    }
}

#[tokio::test]
async fn one_adapter_is_loaded_at_a_time() {
    let service = service();
    let large = Small { seed: 7, units: 60_000, ..Small::default() }.file();
    let (large, small) = tokio::join!(service.load_bytes("large", &large), async {
        service.load_bytes("small", &Small::number(3).file()).await
    });
    large.ok();
    small.refused(429, "load_busy");
    assert_eq!(small.headers["retry-after"], "1");
    service.load_bytes("small", &Small::number(3).file()).await.ok();
}

#[tokio::test]
async fn a_client_that_leaves_does_not_make_room_for_a_second_load() {
    let service = service();
    let large = Small { seed: 8, units: 200_000, ..Small::default() }.file();
    let left =
        tokio::time::timeout(std::time::Duration::from_millis(1), service.load_bytes("large", &large)).await;
    assert!(left.is_err(), "it was loaded before the client left");
    service.load_bytes("small", &Small::number(3).file()).await.refused(429, "load_busy");
    while service.version("large").await.is_none() {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    assert_eq!(service.load_bytes("small", &Small::number(3).file()).await.status, 200);
}

#[tokio::test]
async fn unloading() {
    let service = service();
    assert_eq!(service.unload("a").await.ok(), json!({}));
    service.unload("a").await.refused(404, "unknown_model");
    service.unload("mixed").await.refused(404, "unknown_model");
    service.infer("a", &json!({ "inputs": [image(&images(1))] })).await.refused(404, "unknown_model");
    let index = service.index("{}").await;
    assert_eq!(index[0], ["a", "", "UNAVAILABLE", "not loaded"].map(String::from));
    assert_eq!(service.index(r#"{"ready":true}"#).await.len(), 1);
    service.load("a", json!({})).await.ok();
    assert_eq!(
        service.index("").await[0],
        ["a", &version(&Small::number(1).file()), "READY", ""].map(String::from)
    );
}

/// Asks while others swap on the same thread: the answer is that of the version it names.
#[tokio::test]
async fn requests_keep_the_version_they_began_with() {
    let (service, images) = (service(), images(64));
    let request = json!({ "inputs": [image(&images)] });
    let (asked, unloaded) = tokio::join!(biased; service.infer("a", &request), service.unload("a"));
    unloaded.ok();
    let asked = asked.output("scores").f32s();
    assert_eq!(asked, Small::number(1).scores(&images).concat());
}

#[tokio::test]
async fn nothing_outside_the_folder_is_read() {
    let service = service();
    let outside = tempfile::TempDir::new().unwrap();
    let secret = outside.path().join("secret.safetensors");
    std::fs::write(&secret, Small::number(5).file()).unwrap();
    let name = outside.path().file_name().unwrap().to_str().unwrap();
    let up = format!("../{name}/secret.safetensors");
    let absolute = secret.to_str().unwrap();
    std::fs::create_dir(service.path("folder.safetensors")).unwrap();
    std::fs::create_dir(service.path("sub")).unwrap();
    std::fs::write(service.path("CAPITAL.SAFETENSORS"), Small::number(5).file()).unwrap();
    let mut cases = vec![
        (up.as_str(), 403, "outside_root"),
        ("sub/../../x.safetensors", 403, "outside_root"),
        ("sub/../a.safetensors", 403, "outside_root"),
        ("..", 403, "outside_root"),
        ("/", 403, "outside_root"),
        (absolute, 403, "outside_root"),
        ("/etc/passwd", 403, "outside_root"),
        ("", 404, "no_such_file"),
        (".", 404, "no_such_file"),
        ("sub", 404, "no_such_file"),
        ("folder.safetensors", 404, "no_such_file"),
        ("nothing.safetensors", 404, "no_such_file"),
        ("a.safetensors/b", 404, "no_such_file"),
        ("a\0.safetensors", 404, "no_such_file"),
    ];
    #[cfg(unix)]
    {
        use std::os::unix::fs::symlink;
        symlink(&secret, service.path("link.safetensors")).unwrap();
        symlink(outside.path(), service.path("linked")).unwrap();
        symlink(service.path("a.safetensors"), service.path("within.safetensors")).unwrap();
        symlink(service.path("loop.safetensors"), service.path("loop.safetensors")).unwrap();
        cases.extend([
            ("link.safetensors", 403, "outside_root"),
            ("linked/secret.safetensors", 403, "outside_root"),
            ("loop.safetensors", 404, "no_such_file"),
        ]);
        let within = service.load("within", json!({})).await.ok();
        assert_eq!(within["version"], version(&Small::number(1).file()));
    }
    for (source, status, code) in cases {
        let words = service.load("x", json!({ "source": source })).await.refused(status, code);
        assert!(!words.contains(service.folder.path().to_str().unwrap()), "{words}");
    }
    for encoded in
        ["..%2F..%2Fsecret", "%2Fetc%2Fpasswd", "a%2Fb", "%2e%2e%2fa", "a%5Cb", "a%00", ".hidden", "a%0A"]
    {
        let reply = service.load(encoded, json!({})).await;
        assert!(matches!(reply.status, 400 | 403 | 404), "{encoded}: {}", reply.text());
        let body: Value = serde_json::from_slice(&reply.body).unwrap();
        assert!(body["error"].is_string());
        let bytes = service.load_bytes(encoded, &Small::number(3).file()).await;
        bytes.refused(400, "bad_input");
    }
    let index = service.index(r#"{"ready":true}"#).await;
    assert!(index.iter().all(|[name, ..]| ["a", "b", "within"].contains(&name.as_str())), "{index:?}");
    let names: Vec<_> = service.index("{}").await.into_iter().map(|[name, ..]| name).collect();
    // What is there and not served is named, with the reason.
    let index = service.index("{}").await;
    let reason = |name: &str| index.iter().find(|entry| entry[0] == name).map(|[.., reason]| reason.as_str());
    assert_eq!(reason("folder"), Some("it is a folder"), "{names:?}");
    assert!(reason("CAPITAL.SAFETENSORS").is_some_and(|why| why.contains("rename the file")), "{names:?}");
    #[cfg(unix)]
    {
        assert!(reason("link").is_some_and(|why| why.contains("link that leads outside")), "{index:?}");
        assert!(reason("loop").is_some_and(|why| why.contains("leads nowhere")), "{index:?}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn what_is_not_a_file_is_not_opened() {
    let service = service();
    let made = std::process::Command::new("mkfifo").arg(service.path("pipe.safetensors")).status().unwrap();
    assert!(made.success());
    service.load("pipe", json!({})).await.refused(404, "no_such_file");
    service.load("a", json!({})).await.ok();
}

#[tokio::test]
async fn what_is_not_an_adapter_is_refused_and_the_old_one_stays() {
    let service = service();
    let good = Small::number(3).file();
    let mut header = Small::number(3).header();
    header.backbone.fingerprint =
        Backbone::generate(&Small { seed: 2, ..Small::default() }.spec()).unwrap().fingerprint();
    let regenerated =
        Adapter::new(header, Parameters::of_biases(vec![vec![0.0; 101]])).unwrap().to_bytes().unwrap();
    let mut flipped = good.clone();
    *flipped.last_mut().unwrap() ^= 1;
    let wave = forecaster().to_bytes().unwrap();
    let cases =
        [&b""[..], b"garbage", &good[..good.len() - 1], &good[..100], &wave[..200], &flipped, &regenerated];
    for bytes in cases {
        service.load_bytes("a", bytes).await.refused(422, "invalid_adapter");
        service.load_bytes("new", bytes).await.refused(422, "invalid_adapter");
        service.write("a.safetensors", bytes);
        let words = service.load("a", json!({})).await.refused(422, "invalid_adapter");
        assert!(!words.contains(service.folder.path().to_str().unwrap()), "{words}");
    }
    let index = service.index("{}").await;
    assert_eq!((index.len(), index[0][2].as_str()), (2, "READY"));
    assert!(!index[0][3].is_empty(), "the index says why the file is not served");
    assert_eq!(service.version("a").await.unwrap(), version(&Small::number(1).file()));
    let answer = service.infer("a", &json!({ "inputs": [image(&images(2))] })).await;
    assert_eq!(answer.output("scores").f32s(), Small::number(1).scores(&images(2)).concat());
    service.load_bytes("a", &good).await.ok();
    assert_eq!(service.index("{}").await[0][3], "");
}

#[tokio::test]
async fn bodies_that_say_nothing_sensible_are_refused() {
    let service = service();
    let cases = [
        (json!({ "parameters": { "file": "no base64!" } }), "bad_input"),
        (json!({ "parameters": { "file": "", "source": "a.safetensors" } }), "bad_input"),
        (json!({ "parameters": { "sauce": "a.safetensors" } }), "malformed_json"),
        (json!({ "parameters": { "replace": "no" } }), "malformed_json"),
        (json!({ "parameters": { "source": 7 } }), "malformed_json"),
        (json!({ "parameter": {} }), "malformed_json"),
        (json!(7), "malformed_json"),
    ];
    for (body, code) in cases {
        service.post("/v2/repository/models/a/load", body.to_string()).await.refused(400, code);
    }
    service.post("/v2/repository/models/a/load", "{").await.refused(400, "malformed_json");
    service.post("/v2/repository/index", "{").await.refused(400, "malformed_json");
    service.load_bytes("mixed", &Small::number(3).file()).await.refused(400, "bad_input");
    service.load_bytes(&"x".repeat(129), &Small::number(3).file()).await.refused(400, "bad_input");
    assert_eq!(service.index("{}").await.len(), 2);
}

#[tokio::test]
async fn limits_hold() {
    let bytes = |small: Small| {
        let runtime = bl_runtime::Runtime::new(bl_runtime::Limits::default());
        runtime.prepare(&small.file()).unwrap().resident_bytes()
    };
    let (a, b, c) = (Small::number(1), Small::number(2), Small::number(3));
    let files = [("a", a.file()), ("b", b.file())];
    let count = Service::with(&files, |_, limits| limits.adapters = 2);
    count.load_bytes("c", &c.file()).await.refused(507, "limit_reached");
    count.load_bytes("b", &c.file()).await.ok();
    count.unload("a").await.ok();
    count.load_bytes("c", &c.file()).await.ok();

    let size = Service::with(&files, |_, limits| limits.adapter_bytes = bytes(a) + bytes(b) + 10);
    size.load_bytes("c", &c.file()).await.refused(507, "limit_reached");
    let weights = Service::with(&files, |_, limits| limits.backbone_weights = 101 * 64 + 101 * 3 + 10);
    weights.load_bytes("c", &c.file()).await.ok();
    let other = Small { seed: 9, ..c };
    weights.load_bytes("c", &other.file()).await.refused(507, "limit_reached");
    assert_eq!(weights.version("c").await.unwrap(), version(&c.file()));

    // More than the whole process may take: some kilobytes of a file that ask for gigabytes.
    let mut header = Small { seed: 77, ..c }.header(); // of a backbone that is not there yet
    if let (bl_core::Spec::Mlp(spec), bl_core::Io::Images { input, .. }) =
        (&mut header.backbone.spec, &mut header.io)
    {
        (spec.input.height, spec.input.width, spec.layers[0].units) = (256, 256, 30_000);
        (input.height, input.width) = (256, 256);
    }
    let greedy = Adapter::new(header, Parameters::of_biases(vec![vec![0.0; 30_000]])).unwrap();
    let reply = count.load_bytes("greedy", &greedy.to_bytes().unwrap()).await;
    let words = reply.refused(507, "limit_reached");
    assert!(words.contains("of memory, at most"), "{words}");
    let hint = reply.text();
    assert!(hint.contains("--max-memory") && !hint.contains("BL_MAX_MEMORY"), "{hint}");
}

/// One bad thing never stops the rest: whatever lies beside a good adapter, that one is served and the others are named.
#[tokio::test]
async fn bad_files_beside_a_good_one_are_skipped_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let good = Small::number(1).file();
    let put = |name: &[u8], bytes: &[u8]| {
        #[cfg(unix)]
        let name: &std::ffi::OsStr = std::os::unix::ffi::OsStrExt::from_bytes(name);
        #[cfg(not(unix))]
        let name = std::str::from_utf8(name).unwrap();
        std::fs::write(folder.path().join(name), bytes).unwrap();
    };
    let cases: [(&[u8], &[u8], &str, &str); 9] = [
        (b"cut", &good[..200], "cut", "truncated"),
        (
            b"pointer",
            b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n",
            "pointer",
            "git lfs pull",
        ),
        (b"page", b"<!doctype html><html></html>", "page", "HTML page"),
        (b"mixed", &good, "mixed", "address of mixed batches"),
        (b" spaced ", &good, " spaced ", "begins or ends with a space"),
        (b"\x07bell", &good, "\u{7}bell", "control character"),
        (b"n\xe9", &good, "n\u{fffd}", "not UTF-8"),
        ("turned\u{202e}".as_bytes(), &good, "turned\u{202e}", "one that nobody sees"),
        ("wide\u{200b}r".as_bytes(), &good, "wide\u{200b}r", "one that nobody sees"),
    ];
    for (name, bytes, ..) in cases {
        put(&[name, b".safetensors"].concat(), bytes);
    }
    put(b"good.safetensors", &good);
    std::fs::create_dir(folder.path().join("sub.safetensors")).unwrap();
    let large = std::fs::File::create(folder.path().join("large.safetensors")).unwrap();
    large.set_len(bl_core::MAX_ADAPTER_BYTES + 1).unwrap();

    let settings = bl_serve::Settings::new(folder.path().to_owned());
    let runtime = bl_runtime::Runtime::new(bl_runtime::Limits::default());
    let server = bl_serve::Server::new(settings, runtime).unwrap();
    let told = std::sync::Arc::new(std::sync::Mutex::new(String::new()));
    let log = std::sync::Arc::clone(&told);
    server.on_event(move |event| log.lock().unwrap().extend([event, "\n"]));
    let loaded: Vec<String> = server.load_folder().unwrap().into_iter().map(|(name, _)| name).collect();
    assert_eq!(loaded, ["good"]);
    let told = told.lock().unwrap().clone();
    let service = Service::of(folder, server);
    let index = service.index("{}").await;
    let entries = service.post("/v2/repository/index", "{}").await.ok();
    let named = cases.map(|(.., name, words)| (name, words));
    for (name, words) in named.into_iter().chain([("sub", "folder"), ("large", "bytes")]) {
        let entry =
            index.iter().find(|entry| entry[0] == name).unwrap_or_else(|| panic!("{name}: {index:?}"));
        assert_eq!(entry[2], "UNAVAILABLE");
        assert!(entry[3].contains(words), "{entry:?}");
        let is_file = ["cut", "pointer", "page", "large"].contains(&name);
        let found = entries.as_array().unwrap().iter().find(|entry| entry["name"] == name).unwrap();
        assert_eq!(found["loadable"], json!(is_file), "{found}");
        assert!(told.contains(&format!("skipped `{name}`: ")), "{name} is not in {told}");
    }
    let path = service.folder.path().to_str().unwrap();
    assert!(!told.contains(path) && index.iter().all(|entry| !entry[3].contains(path)), "{told} {index:?}");
}

/// A link is exchanged with a file again and again while it is read: never is it the file outside.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_exchanged_while_it_is_opened_is_never_read_from_outside() {
    let service = service();
    let outside = tempfile::tempdir().unwrap();
    let secret = Small::number(5).file();
    std::fs::create_dir(service.path("sub")).unwrap();
    std::fs::write(outside.path().join("x.safetensors"), &secret).unwrap();
    service.write("sub/x.safetensors", &Small::number(3).file());
    let done = std::sync::atomic::AtomicBool::new(false);
    let (file, folder) = (service.path("sub/x.safetensors"), service.path("sub"));
    let aside = service.path("aside");
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(std::sync::atomic::Ordering::Relaxed) {
                // The file, then the folder that it is in, is a link that leads outside, for a moment.
                for (path, to) in
                    [(&file, outside.path().join("x.safetensors")), (&folder, outside.path().into())]
                {
                    std::fs::rename(path, &aside).unwrap();
                    std::os::unix::fs::symlink(to, path).unwrap();
                    std::fs::remove_file(path).unwrap();
                    std::fs::rename(&aside, path).unwrap();
                }
            }
        });
        let asking = async {
            for _ in 0..400 {
                let reply = service.load("x", json!({ "source": "sub/x.safetensors" })).await;
                if reply.status == 200 {
                    assert_ne!(reply.ok()["version"], version(&secret), "the file outside was read");
                }
            }
        };
        tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(asking));
        done.store(true, std::sync::atomic::Ordering::Relaxed);
    });
}

#[test]
fn a_folder_of_which_nothing_can_be_served_is_an_error() {
    let check = |name: &str, file: &[u8], expected: &str| {
        let folder = tempfile::TempDir::new().unwrap();
        std::fs::write(folder.path().join(name), file).unwrap();
        let settings = bl_serve::Settings::new(folder.path().to_owned());
        let runtime = bl_runtime::Runtime::new(bl_runtime::Limits::default());
        let server = bl_serve::Server::new(settings, runtime).unwrap();
        match server.load_folder() {
            Ok(all) => assert_eq!((all.len(), expected), (0, ""), "{name}"),
            Err(error) => {
                assert!(!expected.is_empty() && error.to_string().contains(expected), "{name}: {error}");
            }
        }
    };
    let good = Small::default().file();
    check("mixed.safetensors", &good, "`mixed` is not a valid adapter name");
    check("bad.safetensors", b"garbage", "adapter `bad`");
    check("bad.safetensors", &good[..good.len() - 1], "adapter `bad`");
    check(".hidden.safetensors", b"garbage", "");
    check("notes.txt", b"garbage", "");
    let elsewhere = tempfile::TempDir::new().unwrap();
    let backbone = elsewhere.path().join("backbone.safetensors");
    Backbone::generate(&Small::default().spec()).unwrap().save(&backbone).unwrap();
    check("backbone.safetensors", &std::fs::read(backbone).unwrap(), "");
}
