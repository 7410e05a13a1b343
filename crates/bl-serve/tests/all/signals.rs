//! Sequence tasks over HTTP are answered as the library answers, to the bit.

use bl_core::io::{Io, Learned, Signal};
use bl_core::{Adapter, Model};
use bl_tasks::kinds::{ReachTask, free_run, generate, teacher_forced};
use bl_tasks::metric;
use bl_tasks::series::Scale;
use serde_json::{Value, json};

use crate::adapters::{FORECAST, REACH, Small, forecaster, generator, reacher};
use crate::support::{Reply, Service, binary, binary_body};

fn service() -> Service {
    let file = |adapter: Adapter| adapter.to_bytes().unwrap();
    Service::with(
        &[("wave", file(forecaster())), ("song", file(generator())), ("arm", file(reacher()))],
        |settings, _| settings.max_steps = 500,
    )
}

fn model(adapter: Adapter) -> Model {
    let backbone = adapter.generate_backbone().unwrap();
    Model::new(adapter, backbone.into()).unwrap()
}

const SCALE: Scale = Scale { offset: 1.0, unit: 2.0 };

/// Numbers with all their digits.
fn wave(samples: usize) -> Vec<f64> {
    (0..samples).map(|t| 1.0 + (t as f64 * 0.37).sin() * 1.9).collect()
}

fn series(values: &[f64]) -> Value {
    json!({ "name": "series", "datatype": "FP64", "shape": [values.len()], "data": values })
}

fn target(values: &[f64]) -> Value {
    json!({ "name": "target", "datatype": "FP64", "shape": [values.len()], "data": values })
}

#[tokio::test]
async fn forecasts() {
    let (service, adapter, values) = (service(), forecaster(), wave(40));
    let net = model(adapter);
    let expected = teacher_forced(&net, &values, &SCALE).unwrap();
    let ahead = free_run(&net, &values, &SCALE, FORECAST.0, 25).unwrap();
    let check = |reply: &Reply, free: bool| {
        assert_eq!(reply.output("forecast").f64s(), expected);
        assert_eq!(reply.names().len(), if free { 2 } else { 1 });
        if free {
            assert_eq!(reply.output("free_run").f64s(), ahead);
        }
        assert_eq!(reply.ok()["parameters"], json!({ "horizon": 2, "washout": 5 }));
    };
    check(&service.infer("wave", &json!({ "inputs": [series(&values)] })).await, false);
    let free = json!({ "inputs": [series(&values)], "parameters": { "free_run": 25 } });
    check(&service.infer("wave", &free).await, true);
    let row = json!({ "name": "series", "datatype": "FP64", "shape": [1, 40], "data": [values] });
    check(&service.infer("wave", &json!({ "inputs": [row] })).await, false);

    let bytes: Vec<u8> = values.iter().flat_map(|x| x.to_le_bytes()).collect();
    let parameters = json!({ "parameters": { "free_run": 25, "binary_data_output": true } });
    let body = binary_body(parameters, vec![binary("series", "FP64", &[40], &bytes)]);
    check(&service.infer_binary("wave", body).await, true);

    let single: Vec<f32> = values.iter().map(|&x| x as f32).collect();
    let bytes: Vec<u8> = single.iter().flat_map(|x| x.to_le_bytes()).collect();
    let body = binary_body(json!({}), vec![binary("series", "FP32", &[40], &bytes)]);
    let reply = service.infer_binary("wave", body).await;
    let single: Vec<f64> = single.into_iter().map(f64::from).collect();
    assert_eq!(reply.output("forecast").f64s(), teacher_forced(&net, &single, &SCALE).unwrap());
}

#[tokio::test]
async fn a_series_of_another_kind_is_warned_of_and_refused_where_that_is_asked() {
    let mut adapter = forecaster();
    if let Io::Signal { signal: Signal::Forecast(signal), .. } = &mut adapter.header.io {
        signal.spacing = Some(3600.0);
        let (column, spacing_unit) = (Some("kwh".into()), Some("s".into()));
        signal.learned = Some(Learned { column, low: -1.0, high: 3.0, spacing_unit });
    }
    let files = [("load", adapter.to_bytes().unwrap())];
    let [service, strict] =
        [false, true].map(|strict| Service::with(&files, |settings, _| settings.strict = strict));
    let thousand: Vec<f64> = wave(40).iter().map(|x| 1000.0 * x).collect();
    let asked =
        |values: &[f64], parameters: Value| json!({ "inputs": [series(values)], "parameters": parameters });
    let own = json!({ "column": "kwh", "spacing": 3600 });
    for service in [&service, &strict] {
        assert_eq!(
            service.infer("load", &asked(&wave(40), own.clone())).await.ok()["parameters"]["warning"],
            Value::Null
        );
    }
    let others = [
        (thousand, json!({}), "expected values from -1 to 3"),
        (
            wave(40),
            json!({ "column": "temp" }),
            "expected the column `kwh`, which was learned from, found `temp`",
        ),
        (
            wave(40),
            json!({ "spacing": 900 }),
            "expected samples 1 h apart, as those that were learned from, found 15 min",
        ),
    ];
    for (values, mut parameters, expected) in others {
        let request = asked(&values, parameters.clone());
        let reply = service.infer("load", &request).await;
        let body = reply.ok();
        let warning = body["parameters"]["warning"].as_str().unwrap();
        assert!(warning.contains(expected), "{warning}");
        assert!(strict.infer("load", &request).await.refused(400, "bad_input").contains(expected));
        parameters["strict"] = true.into();
        assert!(
            service
                .infer("load", &asked(&values, parameters))
                .await
                .refused(400, "bad_input")
                .contains(expected)
        );
    }
    // What is not said cannot be compared.
    let (bare, expected) = (asked(&wave(40), json!({ "column": "kwh" })), "the spacing cannot be compared");
    let reply = service.infer("load", &bare).await;
    let body = reply.ok();
    assert!(body["parameters"]["note"].as_str().unwrap().contains(expected), "{body}");
    assert_eq!(body["parameters"]["warning"], Value::Null);
    assert!(strict.infer("load", &bare).await.refused(400, "bad_input").contains(expected));
    let mut spike = wave(40);
    spike[20] = 1e6;
    let reply = service.infer("load", &asked(&spike, own)).await;
    assert!(reply.ok()["parameters"]["note"].as_str().unwrap().starts_with("sample 20: found 1000000"));
    for wrong in [json!({ "column": 1 }), json!({ "spacing": 0 }), json!({ "strict": "yes" })] {
        service.infer("load", &asked(&wave(40), wrong)).await.refused(400, "bad_input");
    }
}

#[tokio::test]
async fn a_length_of_the_files_own_is_bounded_before_anything_is_computed() {
    let mut long = generator();
    if let Io::Signal { signal: Signal::Generate { steps, .. }, .. } = &mut long.header.io {
        *steps = 1_000_000_000;
    }
    let service =
        Service::with(&[("song", long.to_bytes().unwrap())], |settings, _| settings.max_steps = 500);
    let words = service.infer("song", &json!({})).await.refused(400, "bad_input");
    assert!(words.contains("1000000000 steps of 16 units") && words.contains("500 steps"), "{words}");
    let some = service.infer("song", &json!({ "parameters": { "steps": 7 } })).await;
    assert_eq!(some.output("trajectory").shape(), [7]);
}

#[tokio::test]
async fn trajectories() {
    let (service, adapter) = (service(), generator());
    let net = model(adapter);
    for (request, steps) in [(json!({}), 30), (json!({ "parameters": { "steps": 77 } }), 77)] {
        let reply = service.infer("song", &request).await;
        assert_eq!(reply.output("trajectory").f64s(), generate(&net, &SCALE, steps).unwrap());
        assert_eq!(reply.ok()["parameters"], json!({ "spacing": 0.5 }));
    }
}

#[tokio::test]
async fn movements() {
    let (service, adapter) = (service(), reacher());
    let net = model(adapter);
    for to in [[0.1, 0.0], [-0.03, 0.07], [0.0, 0.0]] {
        let expected = ReachTask::from(&REACH).reach(&net, &[to]).unwrap().remove(0);
        let reply = service.infer("arm", &json!({ "inputs": [target(&to)] })).await;
        let states = &expected.movement.states;
        assert_eq!(reply.output("position").shape(), [REACH.steps + 1, 2]);
        let positions: Vec<f64> = states.iter().flat_map(|state| state.position).collect();
        assert_eq!(reply.output("position").f64s(), positions);
        assert_eq!(reply.output("speed").f64s(), expected.movement.speeds());
        assert_eq!(reply.output("end_error").f64s(), [expected.end_error]);
    }
}

#[tokio::test]
async fn what_does_not_fit_is_refused() {
    let service = service();
    let values = wave(40);
    let with = |parameters: Value| json!({ "inputs": [series(&values)], "parameters": parameters });
    let typed = |datatype, shape: &[usize]| json!({ "inputs": [{ "name": "series", "datatype": datatype, "shape": shape, "data": [1, 2, 3, 4] }] });
    let cases = [
        ("wave", json!({})),
        ("wave", json!({ "inputs": [series(&[])] })),
        ("wave", json!({ "inputs": [series(&wave(501))] })),
        ("wave", json!({ "inputs": [series(&values), series(&values)] })),
        ("wave", json!({ "inputs": [target(&[1.0, 2.0])] })),
        ("wave", with(json!({ "free_run": 0 }))),
        ("wave", with(json!({ "free_run": 501 }))),
        ("wave", with(json!({ "free_run": -1 }))),
        ("wave", with(json!({ "free_run": 1.5 }))),
        ("wave", with(json!({ "free_run": "5" }))),
        ("wave", with(json!({ "free_run": u64::MAX }))),
        ("wave", with(json!({ "steps": 5 }))),
        ("wave", json!({ "inputs": [series(&wave(6))], "parameters": { "free_run": 1 } })),
        ("wave", typed("UINT8", &[4])),
        ("wave", typed("FP64", &[2, 2])),
        ("wave", typed("FP64", &[1, 1, 4])),
        ("wave", json!({ "inputs": [series(&values)], "outputs": [{ "name": "free_run" }] })),
        ("song", json!({ "inputs": [series(&values)] })),
        ("song", json!({ "parameters": { "steps": 501 } })),
        ("song", json!({ "parameters": { "steps": 0 } })),
        ("arm", json!({ "inputs": [target(&[0.1])] })),
        ("arm", json!({ "inputs": [target(&[0.1, 0.1, 0.1])] })),
        ("arm", json!({ "inputs": [target(&[1.1, 0.0])] })),
        ("arm", json!({ "inputs": [target(&[1e300, 1e300])] })),
    ];
    for (model, request) in cases {
        service.infer(model, &request).await.refused(400, "bad_input");
    }
    for x in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let double = [1.0, x, 2.0].map(f64::to_le_bytes).concat();
        let single = [1.0, x as f32, 2.0].map(f32::to_le_bytes).concat();
        for tensor in [binary("series", "FP64", &[3], &double), binary("series", "FP32", &[3], &single)] {
            let reply = service.infer_binary("wave", binary_body(json!({}), vec![tensor])).await;
            assert!(reply.refused(400, "bad_input").contains("finite"));
        }
        let tensor = binary("target", "FP64", &[2], &double[..16]);
        service.infer_binary("arm", binary_body(json!({}), vec![tensor])).await.refused(400, "bad_input");
    }
    let huge = json!({ "name": "series", "datatype": "FP32", "shape": [2], "data": [1, 1e300] });
    service.infer("wave", &json!({ "inputs": [huge] })).await.refused(400, "bad_input");
    assert_eq!(service.infer("wave", &json!({ "inputs": [series(&values)] })).await.status, 200);
}

#[tokio::test]
async fn a_network_that_explodes_is_a_refusal() {
    let mut adapter = generator();
    adapter.parameters.biases[0].fill(f32::MAX);
    let service = Service::new(&[("bang", adapter.to_bytes().unwrap())]);
    service.infer("bang", &json!({})).await.refused(422, "exploded");
}

#[tokio::test]
async fn metadata_says_what_each_takes_and_gives() {
    let service = service();
    let of = |name: &'static str| {
        let service = &service;
        async move {
            let metadata = service.get(&format!("/v2/models/{name}")).await.ok();
            let names = |list: &Value| -> Vec<String> {
                let list = list.as_array().unwrap().iter();
                list.map(|tensor| format!("{} {} {}", tensor["name"], tensor["datatype"], tensor["shape"]))
                    .collect()
            };
            (metadata["adapter"]["what"].clone(), names(&metadata["inputs"]), names(&metadata["outputs"]))
        }
    };
    let (what, inputs, outputs) = of("wave").await;
    assert_eq!((what, inputs), (json!("forecast"), vec![r#""series" "FP64" [-1]"#.into()]));
    assert_eq!(outputs, [r#""forecast" "FP64" [-1]"#, r#""free_run" "FP64" [-1]"#]);
    let (what, inputs, outputs) = of("song").await;
    assert_eq!(
        (what, inputs, outputs),
        (json!("generate"), vec![], vec![r#""trajectory" "FP64" [-1]"#.into()])
    );
    let (what, inputs, outputs) = of("arm").await;
    assert_eq!((what, inputs), (json!("reach"), vec![r#""target" "FP64" [2]"#.into()]));
    assert_eq!(
        outputs,
        [r#""position" "FP64" [-1,2]"#, r#""speed" "FP64" [-1]"#, r#""end_error" "FP64" [1]"#]
    );
    assert!(matches!(forecaster().header.io.signal(), Ok(Signal::Forecast(_))));
}

#[tokio::test]
async fn metadata_have_the_main_metric_by_its_name_and_in_words() {
    let check = |adapter: Adapter, name: &'static str, worth: &'static str| async move {
        let mut adapter = adapter;
        adapter.header.metrics = vec![metric("loss", "test", 0.5), metric(name, "test", 0.25)];
        let service = Service::with(&[("it", adapter.to_bytes().unwrap())], |_, _| {});
        let reply = service.get("/v2/models/it").await;
        let found = &reply.ok()["adapter"];
        assert_eq!(
            (&found[name], &found["worth"], &found["loss"]),
            (&json!(0.25), &json!(worth), &Value::Null)
        );
    };
    check(forecaster(), "teacher_forced_r2", "R² 0.2500, teacher-forced").await;
    check(generator(), "free_run_r2", "R² 0.2500, free run").await;
    check(reacher(), "end_error_m", "250.0 mm off at new targets").await;
    check(Small::default().adapter(), "accuracy", "accuracy 25.00 %").await;
}
