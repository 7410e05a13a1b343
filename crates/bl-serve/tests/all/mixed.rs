//! Batches whose rows belong to any adapters.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bl_core::io::Fit;
use serde_json::json;

use crate::adapters::{Small, forecaster, images, version};
use crate::images::drawing;
use crate::support::{Service, binary, binary_body, bytes, image, outputs, strings};

/// Two on one backbone, one on another, one that cuts images out in another way, one with other classes.
const ALL: [(&str, Small); 5] = [
    ("a", Small { seed: 1, which: 1, classes: 3, units: 101, fit: Fit::Whole }),
    ("b", Small { seed: 1, which: 2, classes: 3, units: 101, fit: Fit::Whole }),
    ("other", Small { seed: 2, which: 3, classes: 3, units: 60, fit: Fit::Whole }),
    ("cut", Small { seed: 1, which: 4, classes: 3, units: 101, fit: Fit::InkBox { side: 5 } }),
    ("five", Small { seed: 3, which: 5, classes: 5, units: 70, fit: Fit::Whole }),
];

fn service() -> Service {
    let files: Vec<_> = ALL.iter().map(|(name, small)| (*name, small.file())).collect();
    Service::new(&[files, vec![("wave", forecaster().to_bytes().unwrap())]].concat())
}

fn small(name: &str) -> Small {
    ALL.into_iter().find(|(known, _)| *known == name).unwrap().1
}

#[tokio::test]
async fn row_by_row_each_answers_as_it_does_alone() {
    let service = service();
    let names = ["a", "other", "a", "b", "cut", "b", "other", "a"];
    let images = images(names.len());
    let reply =
        service.infer("mixed", &json!({ "inputs": [image(&images), strings("adapter", &names)] })).await;
    assert_eq!(reply.names(), ["scores", "probabilities", "label", "generation"]);
    let expected: Vec<f32> = names
        .iter()
        .zip(&images)
        .flat_map(|(name, image)| small(name).scores(std::slice::from_ref(image)).concat())
        .collect();
    assert_eq!(reply.output("scores").f32s(), expected);
    assert_eq!(reply.output("scores").shape(), [8, 3]);
    let versions: Vec<String> = names.iter().map(|name| version(&small(name).file())).collect();
    assert_eq!(reply.output("generation").strings(), versions);
    assert_eq!(reply.ok()["model_version"], json!(null));

    let tensors = vec![
        binary("adapter", "BYTES", &[8], &bytes(&names)),
        binary("image", "UINT8", &[8, 64], &images.concat()),
    ];
    let all = json!({ "parameters": { "binary_data_output": true }, "id": "7" });
    let binary = service.infer_binary("mixed", binary_body(all, tensors)).await;
    assert_eq!(binary.output("scores").f32s(), expected);
    assert_eq!(binary.output("generation").strings(), versions);
    assert_eq!(binary.ok()["id"], "7");
}

#[tokio::test]
async fn one_image_is_answered_by_all() {
    let service = service();
    let (names, images) = (["b", "a", "other", "b"], images(1));
    let reply =
        service.infer("mixed", &json!({ "inputs": [image(&images), strings("adapter", &names)] })).await;
    let expected: Vec<f32> = names.iter().flat_map(|name| small(name).scores(&images).concat()).collect();
    assert_eq!(reply.output("scores").f32s(), expected);
}

#[tokio::test]
async fn files_are_cut_out_as_each_adapter_needs_them() {
    let service = service();
    let files = [drawing(0, 255, image::ImageFormat::Png), drawing(255, 0, image::ImageFormat::Png)];
    let texts = files.each_ref().map(|file| STANDARD.encode(file));
    let pixels =
        |file: &Vec<u8>, name| bl_tasks::picture::from_bytes(file, &small(name).input()).unwrap().pixels;
    let score = |file, name| small(name).scores(&[pixels(file, name)]).concat();
    assert_ne!(pixels(&files[0], "a"), pixels(&files[0], "cut"));

    let rows = json!({ "inputs": [strings("picture", &texts), strings("adapter", &["cut", "a"])] });
    let rows = service.infer("mixed", &rows).await;
    assert_eq!(rows.output("scores").f32s(), [score(&files[0], "cut"), score(&files[1], "a")].concat());
    let one = json!({ "inputs": [strings("picture", &texts[..1]), strings("adapter", &["a", "cut", "b"])] });
    let one = service.infer("mixed", &one).await;
    assert_eq!(one.output("scores").f32s(), ["a", "cut", "b"].map(|name| score(&files[0], name)).concat());
}

/// One that takes any image, also without ink.
fn as_is() -> Vec<u8> {
    let mut adapter = small("a").adapter();
    let bl_core::Io::Images { input, .. } = &mut adapter.header.io else { panic!("images") };
    input.polarity = bl_core::io::Polarity::AsIs;
    adapter.to_bytes().unwrap()
}

#[tokio::test]
async fn an_image_that_one_adapter_cannot_use_is_answered_by_the_others() {
    let files = ["cut", "b"].map(|name| (name, small(name).file()));
    let service = Service::new(&[&files[..], &[("a", as_is())]].concat());
    let (names, one) = (["a", "cut", "b"], images(1));
    let blank = STANDARD.encode(drawing(0, 0, image::ImageFormat::Png));
    let good = STANDARD.encode(drawing(0, 255, image::ImageFormat::Png));
    let unanswered = |reply: &crate::support::Reply| reply.ok()["parameters"]["unanswered"].clone();

    // A file without ink: `a` looks at the whole of it, and the others are named.
    let all = |names: &[&str]| json!({ "inputs": [strings("picture", std::slice::from_ref(&blank)), strings("adapter", names)] });
    let reply = service.infer("mixed", &all(&names)).await;
    let words = unanswered(&reply).to_string();
    assert!(words.contains("row 1, adapter `cut`: ") && words.contains("row 2, adapter `b`: "), "{words}");
    let labels = reply.output("label").strings();
    assert_eq!([0, 1, 2].map(|row| labels[row].is_empty()), [false, true, true]);
    service.infer("mixed", &all(&["cut", "b"])).await.refused(400, "bad_input");

    // Row by row, the others are answered, and the one that is not is named.
    let rows = json!({ "inputs": [strings("picture", &[good.clone(), blank.clone(), good.clone()]), strings("adapter", &names)] });
    let reply = service.infer("mixed", &rows).await;
    let words = unanswered(&reply);
    assert!(words.as_str().unwrap().starts_with("row 1, adapter `cut`: input `picture`, row 1: "), "{words}");
    assert_eq!(reply.output("label").strings()[1], "");
    assert_eq!(reply.output("scores").f32s()[3..6], [0.0; 3]);
    let alone =
        json!({ "inputs": [strings("picture", &[good.clone(), good]), strings("adapter", &["a", "b"])] });
    let alone = service.infer("mixed", &alone).await.output("scores").f32s();
    assert_eq!(reply.output("scores").f32s()[..3], alone[..3]);
    assert_eq!(reply.output("scores").f32s()[6..], alone[3..]);

    // Pixels likewise: of three images, one is blank.
    let mut pixels = images(3);
    pixels[2].fill(9);
    let rows = json!({ "inputs": [image(&pixels), strings("adapter", &names)] });
    let reply = service.infer("mixed", &rows).await;
    assert!(unanswered(&reply).as_str().unwrap().starts_with("row 2, adapter `b`: input `image`, row 2: "));
    assert_eq!(reply.output("label").strings()[2], "");
    let one = service.infer("mixed", &json!({ "inputs": [image(&one), strings("adapter", &names)] })).await;
    assert_eq!(unanswered(&one), json!(null));
}

#[tokio::test]
async fn scores_are_there_if_all_have_the_same_classes() {
    let (service, images) = (service(), images(1));
    let ask = |outputs| json!({ "inputs": [image(&images), strings("adapter", &["a", "five"])], "outputs": outputs });
    let usual = service.infer("mixed", &ask(json!([]))).await;
    assert_eq!(usual.names(), ["label", "generation"]);
    service.infer("mixed", &ask(outputs(&["scores"]))).await.refused(400, "bad_input");
}

#[tokio::test]
async fn questions_that_do_not_fit_are_refused() {
    let (service, three) = (service(), images(3));
    let ask = |inputs| json!({ "inputs": inputs });
    let cases = [
        (json!([image(&three), strings("adapter", &["a", "b"])]), 400, "bad_input"),
        (json!([image(&three)]), 400, "bad_input"),
        (json!([strings("adapter", &["a"])]), 400, "bad_input"),
        (json!([image(&three), strings("adapter", &["a", "b", "zebra"])]), 404, "unknown_model"),
        (json!([image(&three), strings("adapter", &["a", "b", "mixed"])]), 404, "unknown_model"),
        (json!([image(&three), strings("adapter", &["a", "b", "wave"])]), 400, "bad_input"),
        (json!([image(&three), image(&three), strings("adapter", &["a", "b", "a"])]), 400, "bad_input"),
        (json!([image(&[]), strings("adapter", &[""; 0])]), 400, "bad_input"),
        (json!([image(&three), strings("adapter", &[""; 0])]), 400, "bad_input"),
        (
            json!([image(&three[..2]), { "name": "adapter", "datatype": "BYTES", "shape": [1, 2], "data": ["a", "b"] }]),
            400,
            "bad_input",
        ),
        (
            json!([image(&three), { "name": "adapter", "datatype": "UINT8", "shape": [3], "data": [1, 2, 3] }]),
            400,
            "bad_input",
        ),
    ];
    for (inputs, status, code) in cases {
        service.infer("mixed", &ask(inputs)).await.refused(status, code);
    }
    let wave = json!({ "inputs": [image(&three[..1]), strings("adapter", &["wave"])] });
    let words = service.infer("mixed", &wave).await.refused(400, "bad_input");
    assert!(words.contains("adapter `wave` forecasts a series"), "{words}");
    for name in ["on", "image", "nonsense"] {
        let request = json!({ "inputs": [image(&three[..1]), strings("adapter", &["a"])], "outputs": outputs(&[name]) });
        service.infer("mixed", &request).await.refused(400, "bad_input");
    }
    service.post("/v2/models/mixed/versions/1/infer", "{}").await.refused(404, "unknown_model");
}
