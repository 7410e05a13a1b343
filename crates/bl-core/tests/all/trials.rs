//! Trials in a header: what a file says of them, and what is refused.

use bl_core::Adapter;
use bl_core::io::{Io, Output, Read, Signal, Trials};

use crate::support::{adapter, backbones, channel, trials};

/// Adapters of trials with classes, and with values.
fn both() -> [Adapter; 2] {
    let all = backbones().map(|backbone| adapter(&backbone, 1)).into_iter();
    let mut of_trials = all.filter(|adapter| adapter.header.io.trials().is_ok());
    [(); 2].map(|()| of_trials.next().expect("two of them"))
}

#[test]
fn a_file_has_classes_where_scores_come_out_and_announces_trials() {
    for (adapter, classes) in both().into_iter().zip([2, 0]) {
        let again = Adapter::from_bytes(&adapter.to_bytes().unwrap()).unwrap();
        assert_eq!(again.header.io, adapter.header.io);
        assert_eq!(again.header.task.labels.len(), classes);
        assert_eq!(again.header.requires, ["recurrent", "trials"]);
        assert!(again.header.io.signal().is_ok() && again.header.io.rows().is_err());
    }
}

#[test]
fn channels_of_one_kind_stand_side_by_side() {
    let Signal::Trials(form) = trials(Output::Classes { read: Read::Mean }) else { unreachable!() };
    assert_eq!(form.widths(7), (3, 7));
    let names: Vec<_> = bl_core::io::Channel::each(&form.inputs).map(|channel| &*channel.name).collect();
    assert_eq!(names, ["temperature", "wind", "wind"]);
    let json = serde_json::to_string(&channel("one", 1)).unwrap();
    assert!(!json.contains("values"), "a single value is not stated: {json}");
}

#[test]
fn what_makes_no_sense_is_refused() {
    type Change = fn(&mut Trials);
    let changes: [(&str, Change); 7] = [
        ("values that go in", |form| form.inputs.clear()),
        ("values", |form| form.inputs[0].values = 0),
        ("values that go in", |form| form.inputs[0].values = 60_000),
        ("longest", |form| form.longest = 0),
        ("scale.unit", |form| form.inputs[1].scale.unit = 0.0),
        ("high", |form| form.inputs[1].high = -5.0),
        ("low", |form| form.inputs[1].low = f64::NAN),
    ];
    for (expected, change) in changes {
        let [mut adapter, _] = both();
        let Io::Signal { signal: Signal::Trials(form), .. } = &mut adapter.header.io else { unreachable!() };
        change(form);
        if expected == "values that go in" && !form.inputs.is_empty() {
            form.inputs[1].values = 60_000;
        }
        let error = adapter.to_bytes().map(drop).expect_err(expected).to_string();
        assert!(error.contains(expected), "{expected}: {error}");
    }
    let [mut adapter, _] = both();
    adapter.header.task.labels.pop();
    assert!(adapter.to_bytes().is_err(), "as many classes as scores");
}
