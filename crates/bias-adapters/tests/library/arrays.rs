use std::ops::ControlFlow;

use bias_adapters::bl_core::Adapter;
use bias_adapters::task::{SeriesPlan, Targets, Task, of_images, of_rows, of_series};
use bias_adapters::{EpochReport, Error, Halves, Model, Progress, Run, Settings, train, train_in};

struct Deaf;

impl Progress for Deaf {
    fn step(&mut self, _: u32, _: u32, _: f64) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn epoch(&mut self, _: &EpochReport) {}
}

/// Points of a plane, `[count, 2]`.
fn points(count: usize) -> Vec<f64> {
    (0..2 * count).map(|i| ((i * i) as f64 * 0.618).sin()).collect()
}

fn little() -> Settings {
    Settings { width: Some(300), ..Settings::default() }
}

fn quadrants() -> (Vec<f64>, Vec<u8>) {
    let rows = points(400);
    let classes = rows.chunks_exact(2).map(|row| u8::from(row[0] * row[1] > 0.0)).collect();
    (rows, classes)
}

fn task() -> Task {
    let (rows, classes) = quadrants();
    let labels = ["other", "same"].map(String::from).to_vec();
    let (train, test) = (&rows[..600], &rows[600..]);
    let (of_train, of_test) = (Targets::Classes(&classes[..300]), Targets::Classes(&classes[300..]));
    of_rows("quadrants", labels, 2, (train, of_train), Some((test, of_test))).unwrap()
}

#[test]
fn rows_with_classes_are_learned_written_and_asked() {
    let trained = train(&task(), little()).unwrap();
    assert!(trained.judgement.headline.unwrap().value > 0.85);
    let bytes = trained.adapter.to_bytes().unwrap();
    assert_eq!(trained.adapter.header.requires, ["values"]);
    assert_eq!(Adapter::from_bytes(&bytes).unwrap().to_bytes().unwrap(), bytes);
    let (model, loaded) = (trained.into_model().unwrap(), Model::from_bytes(&bytes).unwrap());
    let (rows, _) = quadrants();
    assert_eq!(model.row_scores(&rows).unwrap(), loaded.row_scores(&rows).unwrap());
    assert_eq!(model.does(), "classifies rows");
    assert!(matches!(model.estimate(&rows), Err(Error::OtherKind { .. })));
    assert!(model.row_scores(&rows[..3]).is_err() && model.row_scores(&[f64::NAN, 0.0]).is_err());
    assert!(matches!(model.scores(&[0, 0]), Err(Error::OtherKind { .. })));
}

#[test]
fn numbers_are_estimated_in_their_own_unit() {
    let rows = points(400);
    let numbers: Vec<f64> = rows.chunks_exact(2).map(|row| 1000.0 + 50.0 * row[0]).collect();
    let (train_rows, test_rows) = (&rows[..600], &rows[600..]);
    let (of_train, of_test) = (Targets::Numbers(&numbers[..300]), Targets::Numbers(&numbers[300..]));
    let task =
        of_rows("line", vec!["y".into()], 2, (train_rows, of_train), Some((test_rows, of_test))).unwrap();
    let trained = train(&task, little()).unwrap();
    assert!(trained.judgement.metric("r2", "test").unwrap() > 0.9);
    let model = trained.into_model().unwrap();
    let found = model.estimate(test_rows).unwrap();
    assert!(found.iter().zip(&numbers[300..]).all(|(found, y)| (found - y).abs() < 60.0));
}

#[test]
fn nothing_has_to_be_held_out() {
    let wave: Vec<f64> = (0..400).map(|t| (f64::from(t) / 9.0).sin()).collect();
    let plan = SeriesPlan { horizon: 1, washout: 20, test: 0, window: Some(60), spacing: None };
    let series = of_series("wave", wave, &plan).unwrap();
    let settings = Settings { width: Some(32), epochs: Some(1), window: Some(60), ..Settings::default() };
    let trained = train(&series, settings).unwrap();
    assert_eq!(trained.adapter.header.training.as_ref().unwrap().dataset.train, 400);
    assert!(trained.adapter.header.metrics.is_empty());
    let split = crate::support::digits().train.take(300);
    let labels = (0..10).map(|digit| digit.to_string()).collect();
    let images = of_images("some", labels, split, None).unwrap();
    let settings = Settings { width: Some(200), epochs: Some(2), ..Settings::default() };
    let trained = train(&images, settings).unwrap();
    assert!(trained.adapter.header.metrics.iter().all(|metric| metric.split == "train"));
}

#[test]
fn a_frozen_half_that_was_kept_changes_no_byte() {
    let halves = Halves::new(1 << 20);
    let task = task();
    for lr in [0.05, 0.1] {
        let settings = Settings { lr: Some(lr), epochs: Some(2), ..little() };
        let alone = train(&task, settings.clone()).unwrap();
        let run = Run { halves: Some(&halves), ..Run::default() };
        let shared = train_in(&task, settings, run, &mut Deaf).unwrap();
        assert_eq!(shared.adapter.to_bytes().unwrap(), alone.adapter.to_bytes().unwrap());
        assert!(halves.bytes() > 0);
    }
    halves.clear();
    assert_eq!(halves.bytes(), 0);
}
