//! Adapters of trials: a class each, a class at each step, and values.

use bl_core::io::{Channel, Output, Read, SeriesScale, Signal, Trials};
use bl_core::{Adapter, Model};
use bl_tasks::kinds::{Answered, answer_trials};
use serde_json::json;

use crate::adapters::recurrent_with;
use crate::support::Service;

fn channel(name: &str) -> Channel {
    Channel {
        name: name.into(),
        values: 1,
        scale: SeriesScale { offset: 10.0, unit: 2.0 },
        low: 6.0,
        high: 14.0,
    }
}

fn adapter(output: Output) -> Adapter {
    let inputs = vec![channel("a"), channel("b")];
    let form = Trials { inputs, output, horizon: 0, washout: 0, spacing: None, longest: 9 };
    let labels: &[&str] = if form.read().is_some() { &["x", "y", "z"] } else { &[] };
    recurrent_with(Signal::Trials(form), labels)
}

/// Two trials of four steps.
const VALUES: [f64; 16] =
    [9.0, 11.0, 8.0, 12.5, 10.0, 7.0, 13.0, 9.5, 10.5, 9.0, 11.0, 8.5, 12.0, 10.0, 7.5, 11.5];

fn answered(adapter: &Adapter) -> Vec<Answered> {
    let backbone = adapter.generate_backbone().unwrap();
    let model = Model::new(adapter.clone(), backbone.into()).unwrap();
    answer_trials(&model, adapter.header.io.trials().unwrap(), &[&VALUES[..8], &VALUES[8..]]).unwrap()
}

fn trials(shape: &[usize], values: &[f64]) -> serde_json::Value {
    json!({ "inputs": [{ "name": "trials", "datatype": "FP64", "shape": shape, "data": values }] })
}

#[tokio::test]
async fn trials_are_answered_as_the_library_answers_them() {
    let classes = adapter(Output::Classes { read: Read::Mean });
    let steps = adapter(Output::Classes { read: Read::Each });
    let values = adapter(Output::Values { variables: vec![channel("u"), channel("v")] });
    let all = [("classes", &classes), ("steps", &steps), ("values", &values)];
    let service = Service::new(&all.map(|(name, of)| (name, of.to_bytes().unwrap())));
    for (name, adapter) in all {
        let reply = service.infer(name, &trials(&[2, 4, 2], &VALUES)).await;
        let (mut scores, mut found) = (Vec::new(), Vec::new());
        for answer in answered(adapter) {
            match answer {
                Answered::Scores(of) | Answered::ScoresOfSteps(of) => scores.extend(of),
                Answered::Values(of) => found.extend(of),
            }
        }
        match name {
            "values" => {
                assert_eq!(reply.names(), ["values"]);
                assert_eq!(reply.ok()["outputs"][0]["shape"], json!([2, 4, 2]));
                assert_eq!(reply.ok()["outputs"][0]["data"], json!(found));
            }
            "steps" => assert_eq!(reply.ok()["outputs"][0]["shape"], json!([2, 4, 3])),
            _ => assert_eq!(reply.names(), ["scores", "probabilities", "label"]),
        }
        if name != "values" {
            assert!(reply.output("scores").f32s() == scores, "{name}");
        }
        let one = service.infer(name, &trials(&[4, 2], &VALUES[..8])).await;
        assert_eq!(one.status, 200, "one trial needs no first axis");
        let metadata = service.get(&format!("/v2/models/{name}")).await;
        let expected = json!([{ "name": "trials", "datatype": "FP64", "shape": [-1, -1, 2] }]);
        assert_eq!(metadata.ok()["inputs"], expected);
    }
}

#[tokio::test]
async fn another_unit_is_said_and_under_strict_refused() {
    let service =
        Service::new(&[("classes", adapter(Output::Classes { read: Read::End }).to_bytes().unwrap())]);
    let near = service.infer("classes", &trials(&[2, 4, 2], &VALUES)).await;
    assert!(near.ok()["parameters"].get("warning").is_none());
    let far: Vec<f64> = VALUES.iter().map(|x| 1000.0 * x).collect();
    let mut request = trials(&[2, 4, 2], &far);
    let warned = service.infer("classes", &request).await;
    let words = warned.ok()["parameters"]["warning"].as_str().unwrap().to_owned();
    assert!(words.contains("100 % of `a`") && words.contains("`b`"), "{words}");
    request["parameters"] = json!({ "strict": true });
    assert_eq!(service.infer("classes", &request).await.status, 400);
    request["parameters"] = json!({ "strict": "yes" });
    assert_eq!(service.infer("classes", &request).await.status, 400);
}

#[tokio::test]
async fn what_are_no_trials_is_refused() {
    let service =
        Service::new(&[("classes", adapter(Output::Classes { read: Read::Mean }).to_bytes().unwrap())]);
    for (shape, count) in [(&[2, 4, 3][..], 24), (&[8][..], 8), (&[2, 0, 2][..], 0), (&[0, 4, 2][..], 0)] {
        let reply = service.infer("classes", &trials(shape, &vec![9.0; count])).await;
        assert_eq!(reply.status, 400, "{shape:?}");
    }
    let texts = json!({ "inputs": [{ "name": "trials", "datatype": "BYTES", "shape": [1, 1, 2], "data": ["a", "b"] }] });
    assert_eq!(service.infer("classes", &texts).await.status, 400);
}
