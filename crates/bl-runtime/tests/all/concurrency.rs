//! Swaps while others ask: every answer is that of the version it was asked of.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use bl_runtime::{Expect, Query, Scratch, predict_batch};

use crate::support::{file, image, runtime};

#[test]
fn no_answer_is_mixed_while_names_are_swapped() {
    let runtime = runtime();
    let versions: Vec<_> = (0..8).map(|which| runtime.prepare(&file(1, which)).unwrap()).collect();
    let image = image(2);
    let scores_of = |version: &bl_runtime::Version| {
        let query = Query { image: 0, model: version.model() };
        predict_batch(&[&image], &[query], &mut Scratch::default()).unwrap().remove(0)
    };
    let expected: Vec<_> = versions.iter().map(|version| (version.id(), scores_of(version))).collect();
    runtime.publish("task", &versions[0], Expect::Nothing).unwrap();

    let (done, swaps) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        let swapper = scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                let swaps = 1 + swaps.fetch_add(1, Ordering::Relaxed);
                let old = runtime.get("task").unwrap().id();
                let new = &versions[swaps % versions.len()];
                assert_eq!(runtime.publish("task", new, Expect::Version(old)).unwrap().unwrap().id(), old);
            }
        });
        let askers: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let mut asked = 0;
                    // As long as it takes: a machine may be busy with something else.
                    while asked < 500 || swaps.load(Ordering::Relaxed) <= 8 && asked < 1_000_000 {
                        asked += 1;
                        let version = runtime.get("task").unwrap();
                        let (_, scores) = expected.iter().find(|(id, _)| *id == version.id()).unwrap();
                        assert_eq!(scores_of(&version), *scores);
                    }
                })
            })
            .collect();
        let failed = askers.into_iter().any(|asker| asker.join().is_err());
        done.store(true, Ordering::Relaxed); // also when an asker failed, or the swapper would go on for ever
        assert!(!failed, "an answer was not that of its version");
        swapper.join().unwrap();
    });
    assert!(swaps.into_inner() > 8);
}
