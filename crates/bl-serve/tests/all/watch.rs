//! A folder that is watched: what is in it is what is served.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bl_serve::watch;

use crate::adapters::{Small, version};
use crate::support::{Files, Service};

fn watched(adapters: Files<'_>) -> Service {
    let service = Service::new(adapters);
    watch(&service.server, Duration::from_millis(10)).unwrap();
    service
}

/// Waits until `name` is served as that version, or not at all.
#[track_caller]
fn becomes(service: &Service, name: &str, expected: Option<&str>) -> impl Future<Output = ()> {
    let place = std::panic::Location::caller();
    async move {
        let until = Instant::now() + Duration::from_secs(30);
        while service.version(name).await.as_deref() != expected {
            assert!(Instant::now() < until, "{place}: `{name}` does not become {expected:?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

fn files() -> [Vec<u8>; 3] {
    [1, 2, 3].map(|which| Small::number(which).file())
}

#[tokio::test]
async fn files_that_change_come_or_go() {
    let [one, two, three] = files();
    let service = watched(&[("a", one.clone())]);
    service.write("a.safetensors", &two); // in place
    becomes(&service, "a", Some(&version(&two))).await;
    service.write("new.safetensors", &three);
    becomes(&service, "new", Some(&version(&three))).await;
    service.write("a.safetensors.part", &three); // written whole, and renamed
    std::fs::rename(service.path("a.safetensors.part"), service.path("a.safetensors")).unwrap();
    becomes(&service, "a", Some(&version(&three))).await;
    std::fs::remove_file(service.path("new.safetensors")).unwrap();
    becomes(&service, "new", None).await;
    assert_eq!(service.index("{}").await.len(), 1);
    service.write("new.safetensors", &three);
    becomes(&service, "new", Some(&version(&three))).await;
}

#[tokio::test]
async fn what_cannot_be_loaded_leaves_the_old_one_and_says_so() {
    let [one, two, three] = files();
    let service = watched(&[("a", one.clone())]);
    service.write("a.safetensors", b"garbage");
    service.write("b.safetensors", &two[..100]);
    let until = Instant::now() + Duration::from_secs(30);
    loop {
        let index = service.index("{}").await;
        let said = |at: usize| {
            index.get(at).is_some_and(|[.., reason]| !reason.is_empty() && reason != "not loaded")
        };
        if said(0) && said(1) {
            assert_eq!(index[0][..3], ["a", &version(&one), "READY"]);
            assert_eq!(index[1][..3], ["b", "", "UNAVAILABLE"]);
            break;
        }
        assert!(Instant::now() < until, "{index:?}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    service.write("a.safetensors", &three);
    service.write("b.safetensors", &two);
    becomes(&service, "a", Some(&version(&three))).await;
    becomes(&service, "b", Some(&version(&two))).await;
    assert!(
        service.index("{}").await.iter().all(|[_, _, state, reason]| state == "READY" && reason.is_empty())
    );
}

#[tokio::test]
async fn what_was_skipped_at_the_start_is_told_once() {
    let [one, two, _] = files();
    let service = Service::new(&[("good", one), ("cut", two[..100].to_vec())]);
    let told = Arc::new(Mutex::new(Vec::new()));
    let events = Arc::clone(&told);
    service.server.on_event(move |event| events.lock().unwrap().push(event.to_owned()));
    watch(&service.server, Duration::from_millis(10)).unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(*told.lock().unwrap(), Vec::<String>::new(), "it was told when the folder was loaded");
}

/// What could not be served is as soon as it is mended, whatever was wrong with it.
#[cfg(unix)]
#[tokio::test]
async fn what_was_skipped_at_the_start_is_served_when_it_is_mended() {
    let [one, two, three] = files();
    let elsewhere = tempfile::tempdir().unwrap();
    std::fs::write(elsewhere.path().join("x.safetensors"), &one).unwrap();
    let service = Service::new(&[("good", one.clone()), ("cut", two[..100].to_vec())]);
    std::os::unix::fs::symlink(elsewhere.path().join("x.safetensors"), service.path("link.safetensors"))
        .unwrap();
    service.write("mixed.safetensors", &three);
    watch(&service.server, Duration::from_millis(10)).unwrap();
    becomes(&service, "good", Some(&version(&one))).await;
    service.write("cut.safetensors", &two);
    std::fs::remove_file(service.path("link.safetensors")).unwrap();
    service.write("link.safetensors", &three);
    std::fs::rename(service.path("mixed.safetensors"), service.path("renamed.safetensors")).unwrap();
    becomes(&service, "cut", Some(&version(&two))).await;
    becomes(&service, "link", Some(&version(&three))).await;
    becomes(&service, "renamed", Some(&version(&three))).await;
    let index = service.index("{}").await;
    assert!(index.iter().all(|[_, _, state, reason]| state == "READY" && reason.is_empty()), "{index:?}");
    // And what is exchanged for a link that leads outside is served no more.
    std::fs::remove_file(service.path("link.safetensors")).unwrap();
    std::os::unix::fs::symlink(elsewhere.path().join("x.safetensors"), service.path("link.safetensors"))
        .unwrap();
    becomes(&service, "link", None).await;
    let index = service.index("{}").await;
    let why = index.iter().find(|entry| entry[0] == "link").map(|[.., why]| why.clone()).unwrap();
    assert!(why.contains("leads outside"), "{why}");
}

#[tokio::test]
async fn a_change_before_the_first_look_is_seen() {
    let [one, two, three] = files();
    let service = Service::new(&[("a", one), ("gone", three)]);
    service.write("a.safetensors", &two);
    std::fs::remove_file(service.path("gone.safetensors")).unwrap();
    watch(&service.server, Duration::from_millis(10)).unwrap();
    becomes(&service, "a", Some(&version(&two))).await;
    becomes(&service, "gone", None).await;
}

/// Files of one size with the times of an archive: only what they hold tells them apart.
#[cfg(unix)]
#[tokio::test]
async fn a_file_of_the_same_size_and_time_is_seen() {
    let [one, two, _] = files();
    assert_eq!(one.len(), two.len());
    let then = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    let set = |path| std::fs::File::options().write(true).open(path).unwrap().set_modified(then).unwrap();
    let service = Service::new(&[("a", one)]);
    set(service.path("a.safetensors"));
    watch(&service.server, Duration::from_millis(10)).unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    service.write("b.part", &two);
    set(service.path("b.part"));
    std::fs::rename(service.path("b.part"), service.path("a.safetensors")).unwrap();
    becomes(&service, "a", Some(&version(&two))).await;
}

/// Written twice within the grain of the file system's clock.
#[tokio::test]
async fn the_last_of_many_changes_is_what_is_served() {
    let all: Vec<Vec<u8>> = (0..8).map(|which| Small::number(which).file()).collect();
    let service = watched(&[("a", all[0].clone())]);
    for round in 0..40 {
        for write in 0..5 {
            service.write("a.safetensors", &all[(round + write) % 8]);
            std::thread::sleep(Duration::from_micros(700));
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    service.write("a.safetensors", &all[5]);
    becomes(&service, "a", Some(&version(&all[5]))).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(service.version("a").await, Some(version(&all[5])));
}

#[tokio::test]
async fn what_clients_loaded_is_theirs() {
    let [one, two, three] = files();
    let service = watched(&[("a", one)]);
    service.load_bytes("theirs", &two).await.ok();
    service.unload("a").await.ok();
    service.write("b.safetensors", &three);
    becomes(&service, "b", Some(&version(&three))).await;
    service.load_bytes("b", &two).await.ok();
    tokio::time::sleep(Duration::from_secs(4)).await; // files are read again when their last write is 3 s ago
    assert_eq!(service.version("theirs").await, Some(version(&two)));
    assert_eq!(service.version("a").await, None);
    assert_eq!(service.version("b").await, Some(version(&two)));
}

#[tokio::test]
async fn the_thread_ends_with_the_server() {
    let service = watched(&[("a", Small::default().file())]);
    let server = Arc::downgrade(&service.server);
    drop(service);
    let until = Instant::now() + Duration::from_secs(30);
    while server.strong_count() > 0 {
        assert!(Instant::now() < until);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_folder_that_goes_and_comes_back_is_told() {
    let [one, two, _] = files();
    let service = Service::new(&[("a", one.clone())]);
    let told = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&told);
    service.server.on_event(move |event| log.lock().unwrap().push(event.to_owned()));
    watch(&service.server, Duration::from_millis(10)).unwrap();
    let says = async |words: &str| {
        let until = Instant::now() + Duration::from_secs(30);
        while !told.lock().unwrap().iter().any(|event| event.contains(words)) {
            assert!(Instant::now() < until, "{words}: {told:?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let aside = service.folder.path().with_extension("aside");
    std::fs::rename(service.folder.path(), &aside).unwrap();
    says("the folder of adapters cannot be read").await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(service.version("a").await, Some(version(&one)), "what is loaded stays");
    std::fs::write(aside.join("a.safetensors"), &two).unwrap();
    std::fs::rename(&aside, service.folder.path()).unwrap();
    says("can be read again").await;
    becomes(&service, "a", Some(&version(&two))).await;
    let about_it =
        told.lock().unwrap().iter().filter(|event| event.contains("the folder of adapters")).count();
    assert_eq!(about_it, 2, "once each: {told:?}");
}
