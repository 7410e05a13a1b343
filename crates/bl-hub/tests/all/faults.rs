//! Every way in which a download can go wrong: the error says what was found, the cache is as it was, and the next
//! attempt succeeds once the hub behaves.

use std::time::{Duration, Instant};

use bl_hub::{Error, Hub, Target};
use bl_mock_hub::{Fault, MockHub};

use crate::support::{REPO, Scene, TOKEN, adapter, quick};

/// Pulls while the hub is faulty, then once it is not.
fn check(fault: &Fault, words: &[&str], is_right: fn(&Error) -> bool) {
    let (scene, bytes, _) = Scene::with_adapter();
    scene.mock.set(fault.clone());
    let error = scene.pull(REPO).expect_err(&format!("{fault:?}"));
    let text = format!("{error}; {}", error.hint().unwrap_or_default());
    assert!(is_right(&error), "{fault:?}: {error:?}");
    for words in words {
        assert!(text.contains(words), "{fault:?}: `{words}` is not in: {text}");
    }
    assert!(!text.contains(TOKEN), "{text}");
    assert_eq!(scene.cached_files(), Vec::<std::path::PathBuf>::new(), "{fault:?}: {text}");
    assert!(!scene.cache().join("models--ada--bars").exists(), "{fault:?}");
    scene.mock.set(Fault::None);
    let pulled = scene.pull(REPO).expect("the hub behaves");
    assert_eq!(std::fs::read(pulled.path).unwrap(), bytes);
}

/// Pulls while the hub is at fault now and then, which must be no obstacle.
fn check_overcome(fault: &Fault) {
    let (scene, bytes, _) = Scene::with_adapter();
    scene.mock.set(fault.clone());
    let pulled = scene.pull(REPO).unwrap_or_else(|error| panic!("{fault:?}: {error}"));
    assert_eq!(std::fs::read(pulled.path).unwrap(), bytes, "{fault:?}");
}

#[test]
fn an_html_page_is_never_stored() {
    check(&Fault::ErrorPage(200), &["expected the file, got an HTML page"], |e| {
        matches!(e, Error::Page { .. })
    });
    check(&Fault::ErrorPage(500), &["status 500", "try again later"], |e| {
        matches!(e, Error::Status { status: 500, .. })
    });
    check(&Fault::LoginPage, &["X-Repo-Commit", "found nothing", "HF_ENDPOINT"], |e| {
        matches!(e, Error::Header { .. })
    });
}

#[test]
fn content_must_be_what_was_stated() {
    check(&Fault::Truncated, &["bytes, found", "try again"], |e| matches!(e, Error::Size { .. }));
    check(&Fault::WrongSize, &["bytes, found"], |e| matches!(e, Error::Size { .. }));
    check(&Fault::Tampered, &["expected content with the digest", "found"], |e| {
        matches!(e, Error::Content { .. })
    });
    let other = b"another file".to_vec();
    check(&Fault::Changed(other), &["changed during the download", "commit `cccc"], |e| {
        matches!(e, Error::Changed { .. })
    });
}

#[test]
fn sizes_are_limited_before_a_byte_is_fetched() {
    check(&Fault::Huge(1 << 40), &["1099511627776", "expected at most"], |e| {
        matches!(e, Error::TooLarge { .. })
    });
}

#[test]
fn nothing_from_a_header_becomes_a_path() {
    let is_header = |e: &Error| matches!(e, Error::Header { .. });
    for tag in ["\"../../../../escaped\"", "../../escaped", "\"\"", "\"abc\"", "W/\"..\""] {
        check(&Fault::Etag(tag.into()), &["ETag", "40 or 64 hex digits"], is_header);
    }
    for commit in ["../../../escaped", "main", "", &"A".repeat(40)] {
        check(&Fault::Commit(commit.to_owned()), &["X-Repo-Commit", "40 hex digits"], is_header);
    }
}

#[test]
fn refusals_have_words_of_their_own() {
    check(&Fault::Status(401), &["401", "token has expired"], |e| matches!(e, Error::Unauthorized { .. }));
    check(&Fault::Status(403), &["403", "needs permission"], |e| matches!(e, Error::Forbidden { .. }));
    check(&Fault::Status(404), &["404"], |e| matches!(e, Error::Status { status: 404, .. }));
    check(&Fault::Status(503), &["503"], |e| matches!(e, Error::Status { status: 503, .. }));
    let limited = Fault::RateLimited { times: 99, retry_after: 3600 };
    check(&limited, &["429", "retry after 3600 s"], |e| matches!(e, Error::RateLimited { .. }));
}

#[test]
fn what_is_missing_is_named() {
    let (scene, ..) = Scene::with_adapter();
    scene.mock.put("ada/empty", &[("README.md", b"# Nothing")]);
    for (target, words) in [
        ("ada/none", "no repository `ada/none`"),
        ("ada/bars@v9", "no revision `v9`"),
        ("ada/empty", "no file `adapter_model.safetensors`"),
    ] {
        let error = scene.pull(target).unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
        assert!(error.hint().is_some());
    }
    assert!(scene.cached_files().is_empty());
}

#[test]
fn what_passes_is_tried_again() {
    check_overcome(&Fault::RateLimited { times: 2, retry_after: 0 });
    check_overcome(&Fault::Unavailable { times: 2 });
    check_overcome(&Fault::Dropped { times: 2, ranges: true });
    check_overcome(&Fault::Dropped { times: 2, ranges: false });
    check_overcome(&Fault::Slow(Duration::from_millis(50)));
}

#[test]
fn a_server_that_says_how_long_to_wait_is_obeyed() {
    let (scene, ..) = Scene::with_adapter();
    scene.mock.set(Fault::RateLimited { times: 1, retry_after: 1 });
    let start = Instant::now();
    scene.pull(REPO).unwrap();
    assert!(start.elapsed() >= Duration::from_secs(1));
}

#[test]
fn a_transfer_goes_on_where_it_broke_off() {
    let scene = Scene::new();
    let bytes = adapter().to_bytes().unwrap();
    scene.mock.put(REPO, &[("adapter_model.safetensors", &bytes)]);
    scene.mock.set(Fault::Dropped { times: 2, ranges: true });
    let pulled = scene.pull(REPO).unwrap();
    assert_eq!(std::fs::read(pulled.path).unwrap(), bytes);
    let ranges: Vec<usize> = scene.mock.requests().iter().filter_map(|request| request.range).collect();
    let half = bytes.len() / 2;
    assert_eq!(ranges, [half, half + (bytes.len() - half) / 2]);
}

#[test]
fn transfers_that_always_break_off_are_an_error() {
    let fault = Fault::Dropped { times: 99, ranges: false };
    check(&fault, &["interrupted", "expected", "found"], |e| matches!(e, Error::Truncated { .. }));
}

#[test]
fn silence_ends_after_the_time_that_the_environment_sets() {
    for (fault, variable) in [
        (Fault::Slow(Duration::from_secs(3)), "HF_HUB_ETAG_TIMEOUT"),
        (Fault::Stalled(Duration::from_secs(3)), "HF_HUB_DOWNLOAD_TIMEOUT"),
    ] {
        let (scene, ..) = Scene::with_adapter();
        scene.mock.set(fault);
        let environment = scene.environment(&[(variable, "0.2")]);
        let hub = Hub::with_retry(environment, quick(2));
        let error = hub.pull(&REPO.parse::<Target>().unwrap(), &mut |_| {}).unwrap_err();
        assert!(matches!(error, Error::TimedOut { .. }), "{error:?}");
        assert!(error.hint().unwrap().contains(variable));
        assert!(scene.cached_files().is_empty());
    }
}

/// Never silent, and never done.
#[test]
fn an_answer_that_drips_is_given_up() {
    let (scene, ..) = Scene::with_adapter();
    scene.mock.set(Fault::Dripping(Duration::from_millis(50)));
    let hub = Hub::with_retry(scene.environment(&[("HF_HUB_DOWNLOAD_TIMEOUT", "1")]), quick(3));
    let begin = Instant::now();
    let error = hub.pull(&REPO.parse::<Target>().unwrap(), &mut |_| {}).unwrap_err();
    assert!(matches!(error, Error::TooSlow { .. }), "{error:?}");
    assert!(error.hint().unwrap().contains("HF_HUB_DOWNLOAD_TIMEOUT"));
    assert!(scene.cached_files().is_empty());
    // An answer of the API, too.
    let error = hub.search(&bl_hub::Query::default()).unwrap_err();
    assert!(matches!(error, Error::TooSlow { .. }), "{error:?}");
    assert!(begin.elapsed() < Duration::from_secs(10), "{:?}", begin.elapsed());
    scene.mock.set(Fault::None);
    scene.pull(REPO).unwrap();
}

#[test]
fn large_files_come_from_elsewhere_without_the_token() {
    let (scene, bytes, _) = Scene::with_adapter();
    scene.mock.require_token(TOKEN);
    // The other server has the same content, under the address that the redirect names.
    let other = MockHub::start();
    other.put("any/thing", &[("adapter_model.safetensors", &bytes)]);
    scene.mock.send_large_files_to(&other);
    let pulled = scene.pull(REPO).unwrap();
    assert_eq!(std::fs::read(pulled.path).unwrap(), bytes);
    assert_eq!(other.connections(), 1);
    assert!(other.requests().iter().all(|request| request.token.is_none()), "the token went elsewhere");
    let own = scene.mock.requests();
    assert!(own.iter().all(|request| request.token.as_deref() == Some(TOKEN)));
}

#[test]
fn redirects_to_what_is_not_https_are_refused() {
    for to in ["http://192.0.2.1/x", "ftp://192.0.2.1/x", "file:///etc/passwd"] {
        let (scene, ..) = Scene::with_adapter();
        scene.mock.set(Fault::Redirect(to.into()));
        let error = scene.pull(REPO).unwrap_err();
        assert!(matches!(error, Error::Redirect { .. }), "{error:?}");
        assert!(scene.cached_files().is_empty());
    }
    let (scene, ..) = Scene::with_adapter();
    let endless = format!("{}/ada/bars/resolve/main/adapter_model.safetensors", scene.mock.endpoint());
    scene.mock.set(Fault::Redirect(endless));
    let error = scene.pull(REPO).unwrap_err();
    assert!(error.to_string().contains("too many"), "{error}");
}

#[test]
fn a_hub_that_is_not_there_is_said_to_be_so() {
    let (scene, ..) = Scene::with_adapter();
    let hub = scene.hub_with(&[("HF_ENDPOINT", "http://127.0.0.1:9")]);
    let error = hub.pull(&REPO.parse::<Target>().unwrap(), &mut |_| {}).unwrap_err();
    assert!(error.to_string().contains("cannot connect to `127.0.0.1:9`"), "{error}");
    assert!(error.hint().unwrap().contains("HF_HUB_OFFLINE=1"));
}
