//! The folder of adapters: what in it is skipped and named, and what beside it is never read.

use bl_core::{Adapter, Backbone, Parameters};
use serde_json::{Value, json};

use crate::adapters::{Small, forecaster, images, version};
use crate::support::{Service, image};

fn service() -> Service {
    Service::new(&[("a", Small::number(1).file()), ("b", Small::number(2).file())])
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
