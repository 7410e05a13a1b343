//! Adapters of rows of real values: classes, and numbers.

use bl_core::header::{AdapterKind, TaskInfo};
use bl_core::io::{SeriesScale, ValueSchema};
use bl_core::{Adapter, Backbone, Header, Io, Model, Net, Parameters, Preprocessing, Spec};
use serde_json::json;

use crate::adapters::Small;
use crate::support::Service;

fn adapter(labels: &[&str], target: Option<SeriesScale>) -> Adapter {
    let spec = format!(
        r#"
        seed = 1
        input = {{ height = 1, width = 3 }}
        layers = [{{ units = 90, weights = {{ distribution = "normal", std = 0.5 }} }}]
        readout = {{ outputs = {}, weights = {{ distribution = "one_hot", value = 0.5 }} }}
        "#,
        labels.len()
    );
    let backbone = Backbone::generate(&Spec::from_toml(&spec).unwrap()).unwrap();
    let labels = labels.iter().map(ToString::to_string).collect();
    let task = TaskInfo { name: "rows".into(), title: "Rows".into(), labels };
    let input = ValueSchema { low: vec![-1.0; 3], high: vec![1.0, 2.0, 3.0], target };
    let io = Io::Values { input, preprocessing: Preprocessing { mean: 0.5, std: 0.3 } };
    let bias = |unit: usize| ((unit * 31) as f32 * 0.618).sin();
    let header = Header::new(AdapterKind::Bias, task, io, &backbone);
    Adapter::new(header, Parameters::of_biases(vec![(0..90).map(bias).collect()])).unwrap()
}

const ROWS: [f64; 6] = [0.0, 0.5, 1.0, -9.0, 1.9, 3.0];

fn outputs(adapter: &Adapter) -> Vec<f32> {
    let backbone = adapter.generate_backbone().unwrap();
    let rows = adapter.header.io.values().unwrap().rows(&ROWS).unwrap();
    Model::new(adapter.clone(), backbone.into()).unwrap().scores(&rows).unwrap()
}

#[tokio::test]
async fn rows_are_answered_as_the_library_answers_them() {
    let scale = SeriesScale { offset: 100.0, unit: 5.0 };
    let (classes, numbers) = (adapter(&["x", "y", "z"], None), adapter(&["price"], Some(scale)));
    let files =
        [("classes", &classes), ("numbers", &numbers)].map(|(name, of)| (name, of.to_bytes().unwrap()));
    let service =
        Service::new(&files.into_iter().chain([("image", Small::number(1).file())]).collect::<Vec<_>>());
    for datatype in ["FP64", "FP32"] {
        let rows = json!({ "name": "rows", "datatype": datatype, "shape": [2, 3], "data": ROWS });
        let reply = service.infer("classes", &json!({ "inputs": [rows] })).await;
        assert_eq!(reply.names(), ["scores", "probabilities", "label"]);
        let same = reply.output("scores").f32s() == outputs(&classes);
        assert!(same || datatype == "FP32", "1.9 in single precision may be of the next level");
    }
    let rows = json!({ "name": "rows", "datatype": "FP64", "shape": [2, 3], "data": ROWS });
    let reply = service.infer("numbers", &json!({ "inputs": [rows] })).await;
    assert_eq!(reply.names(), ["values"]);
    let metadata = service.get("/v2/models/numbers").await;
    assert_eq!(metadata.ok()["inputs"], json!([{ "name": "rows", "datatype": "FP64", "shape": [-1, 3] }]));
    assert_eq!(metadata.ok()["outputs"], json!([{ "name": "values", "datatype": "FP64", "shape": [-1, 1] }]));
}

#[tokio::test]
async fn what_are_no_rows_is_refused() {
    let service = Service::new(&[("classes", adapter(&["x", "y"], None).to_bytes().unwrap())]);
    for (shape, data) in
        [(json!([1, 2]), json!([0, 1])), (json!([3]), json!([0, 1, 2])), (json!([0, 3]), json!([]))]
    {
        let rows = json!({ "name": "rows", "datatype": "FP64", "shape": shape, "data": data });
        let reply = service.infer("classes", &json!({ "inputs": [rows] })).await;
        assert_eq!(reply.status, 400, "{shape}");
    }
}
