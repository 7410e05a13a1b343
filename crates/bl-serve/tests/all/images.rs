//! Class scores over HTTP are those of the library, to the bit, in every form that they travel in.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bl_core::io::{Fit, InputSchema};
use bl_core::{Backbone, argmax, softmax};
use serde_json::{Value, json};

use crate::adapters::{PIXELS, SIDE, Small, images, version};
use crate::support::{Reply, Service, binary, binary_body, bytes, image, outputs};

const SMALL: Small = Small { seed: 1, which: 4, classes: 3, units: 101, fit: Fit::InkBox { side: 6 } };

fn service() -> Service {
    Service::new(&[("shapes", SMALL.file())])
}

/// Scores, probabilities, labels and version are those of the library for these images.
#[track_caller]
fn check(reply: &Reply, images: &[Vec<u8>]) {
    let expected = SMALL.scores(images);
    let (scores, probabilities) = (reply.output("scores"), reply.output("probabilities"));
    assert_eq!(scores.shape(), [images.len(), 3]);
    assert_eq!(scores.f32s(), expected.concat());
    assert_eq!(probabilities.shape(), [images.len(), 3]);
    assert_eq!(probabilities.f32s(), expected.iter().flat_map(|row| softmax(row)).collect::<Vec<f32>>());
    let labels: Vec<String> = expected.iter().map(|row| format!("shape {}", argmax(row))).collect();
    assert_eq!(reply.output("label").strings(), labels);
    let head = reply.ok();
    assert_eq!(
        (&head["model_name"], &head["model_version"]),
        (&json!("shapes"), &json!(version(&SMALL.file())))
    );
}

#[tokio::test]
async fn pixels_in_any_form_of_json() {
    let (service, images) = (service(), images(4));
    let rows: Vec<&[u8]> = images.iter().map(Vec::as_slice).collect();
    let lines: Vec<Vec<&[u8]>> = images.iter().map(|image| image.chunks(SIDE).collect()).collect();
    let forms = [
        (json!([4, 8, 8]), json!(images.concat())),
        (json!([4, PIXELS]), json!(images.concat())),
        (json!([4, PIXELS]), json!(rows)),
        (json!([4, 8, 8]), json!(rows)),
        (json!([4, 8, 8]), json!(lines)),
        (json!([4, 8, 8, 1]), json!(lines)),
    ];
    for (shape, data) in forms {
        let input = json!({ "name": "image", "datatype": "UINT8", "shape": shape, "data": data });
        check(&service.infer("shapes", &json!({ "inputs": [input] })).await, &images);
    }
}

#[tokio::test]
async fn pixels_and_answers_in_binary() {
    let (service, images) = (service(), images(5));
    let pixels = || vec![binary("image", "UINT8", &[5, 8, 8], &images.concat())];
    check(&service.infer_binary("shapes", binary_body(json!({}), pixels())).await, &images);

    let parameters = json!({ "parameters": { "binary_data_output": true } });
    let all = service.infer_binary("shapes", binary_body(parameters, pixels())).await;
    check(&all, &images);
    assert_eq!(all.headers["content-type"], "application/octet-stream");
    assert!(all.ok()["outputs"].as_array().unwrap().iter().all(|output| output["data"].is_null()));

    let output = |name, binary: bool| json!({ "name": name, "parameters": { "binary_data": binary } });
    let mixed = json!([output("label", true), output("probabilities", false), output("scores", true)]);
    let request =
        json!({ "outputs": mixed, "parameters": { "binary_data_output": true }, "inputs": [image(&images)] });
    let mixed = service.infer("shapes", &request).await;
    check(&mixed, &images);
    assert_eq!(mixed.names(), ["label", "probabilities", "scores"]);
    assert!(mixed.ok()["outputs"][1]["data"].is_array());

    // The length may be said of JSON alone, too.
    let json = json!({ "inputs": [image(&images)] }).to_string().into_bytes();
    check(&service.infer_binary("shapes", (json.len(), json)).await, &images);
}

#[tokio::test]
async fn outputs_are_those_that_are_asked_for_in_that_order() {
    let (service, images) = (service(), images(2));
    let usual = service.infer("shapes", &json!({ "inputs": [image(&images)] })).await;
    assert_eq!(usual.names(), ["scores", "probabilities", "label"]);
    for names in
        [&["label"][..], &["label", "scores"], &["on", "scores"], &["image", "label", "on", "probabilities"]]
    {
        let reply =
            service.infer("shapes", &json!({ "inputs": [image(&images)], "outputs": outputs(names) })).await;
        assert_eq!(reply.names(), names);
    }
}

#[tokio::test]
async fn an_id_comes_back() {
    let (service, images) = (service(), images(1));
    for id in [Some("42"), Some(""), Some("\u{1f600} \"quoted\"\n"), None] {
        let mut request = json!({ "inputs": [image(&images)] });
        if let Some(id) = id {
            request["id"] = id.into();
        }
        let head = service.infer("shapes", &request).await.ok();
        assert_eq!(head.get("id"), id.map(Value::from).as_ref());
    }
}

#[tokio::test]
async fn the_units_that_are_on_are_told_as_bits() {
    let (service, images) = (service(), images(3));
    let request = json!({ "inputs": [image(&images)], "outputs": outputs(&["on", "image"]) });
    let reply = service.infer("shapes", &request).await;
    let (backbone, adapter) = (Backbone::generate(&SMALL.spec()).unwrap(), SMALL.adapter());
    let half = backbone.prepare(&adapter).unwrap();
    let (mlp, half) = backbone.with(&half).mlp().unwrap();
    let bits = reply.output("on");
    assert_eq!(bits.shape(), [3, 101_usize.div_ceil(8)]);
    for (row, (image, bits)) in images.iter().zip(bits.u8s().chunks(13)).enumerate() {
        let expected = mlp.on_units(&mlp.preactivations(image).unwrap(), 0, half);
        assert!(expected.contains(&true) && expected.contains(&false));
        let bit = |unit: usize| bits[unit / 8] >> (unit % 8) & 1 == 1;
        assert_eq!((0..101).map(bit).collect::<Vec<bool>>(), expected, "row {row}");
        assert!((101..104).all(|unit| !bit(unit)), "bits beyond the last unit are 0");
    }
    let seen = reply.output("image");
    assert_eq!(seen.shape(), [3, SIDE, SIDE]);
    assert_eq!(seen.u8s(), images.concat());
}

/// A cross of ink, as the bytes of a file.
pub(crate) fn drawing(ink: u8, ground: u8, format: image::ImageFormat) -> Vec<u8> {
    let pixel = |x: u32, y: u32| {
        let inked =
            (8..30).contains(&x) && (18..22).contains(&y) || (18..23).contains(&x) && (5..40).contains(&y);
        image::Luma([if inked { ink } else { ground }])
    };
    let mut file = std::io::Cursor::new(Vec::new());
    image::GrayImage::from_fn(40, 50, pixel).write_to(&mut file, format).unwrap();
    file.into_inner()
}

#[tokio::test]
async fn image_files_are_prepared_as_the_library_prepares_them() {
    let service = service();
    let files = [
        drawing(0, 255, image::ImageFormat::Png),
        drawing(250, 10, image::ImageFormat::Png),
        drawing(20, 240, image::ImageFormat::Jpeg),
    ];
    let prepare = |file: &Vec<u8>| bl_tasks::picture::from_bytes(file, &SMALL.input()).unwrap().pixels;
    let images: Vec<Vec<u8>> = files.iter().map(prepare).collect();
    let shown = outputs(&["scores", "probabilities", "label", "image"]);

    let base64: Vec<String> = files.iter().map(|file| STANDARD.encode(file)).collect();
    let json = json!({ "inputs": [crate::support::strings("picture", &base64)], "outputs": shown });
    let (raw, text) = (bytes(&files), bytes(&base64));
    let raw = binary_body(json!({ "outputs": shown }), vec![binary("picture", "BYTES", &[3], &raw)]);
    let text = binary_body(json!({ "outputs": shown }), vec![binary("picture", "BYTES", &[3], &text)]);
    for reply in [
        service.infer("shapes", &json).await,
        service.infer_binary("shapes", raw).await,
        service.infer_binary("shapes", text).await,
    ] {
        check(&reply, &images);
        assert_eq!(reply.output("image").u8s(), images.concat());
    }
}

/// An adapter for images in colour, which cuts out their ink.
fn in_colour() -> bl_core::Adapter {
    let spec = bl_core::Spec::from_toml(
        r#"
        seed = 1
        input = { height = 8, width = 8, channels = 3 }
        layers = [{ units = 101, weights = { distribution = "normal", std = 0.2 } }]
        readout = { outputs = 3, weights = { distribution = "one_hot", value = 0.5 } }
        "#,
    );
    let mut header = SMALL.header();
    let bl_core::Io::Images { input, preprocessing } = header.io else { panic!("images") };
    let (polarity, fit) = (bl_core::io::Polarity::AsIs, Fit::Cut { side: 6 });
    header.io =
        bl_core::Io::Images { input: InputSchema { channels: 3, polarity, fit, ..input }, preprocessing };
    let header = bl_core::Header::new(
        header.kind,
        header.task,
        header.io,
        &Backbone::generate(&spec.unwrap()).unwrap(),
    );
    bl_core::Adapter::new(header, SMALL.adapter().parameters).unwrap()
}

#[tokio::test]
async fn images_in_colour_come_as_pixels_and_as_files_of_every_format() {
    use image::ImageFormat::{Bmp, Jpeg, Png, Tiff, WebP};
    let adapter = in_colour();
    let service = Service::new(&[("colour", adapter.to_bytes().unwrap())]);
    let metadata = service.get("/v2/models/colour").await;
    assert_eq!(metadata.ok()["inputs"][0]["shape"], json!([-1, 8, 8, 3]));

    let drawn = |format| {
        let pixel = |x: u32, y: u32| {
            image::Rgb(if (8..30).contains(&x) && (18..22).contains(&y) {
                [200, 20, 30]
            } else {
                [240, 240, 250]
            })
        };
        let mut file = std::io::Cursor::new(Vec::new());
        image::RgbImage::from_fn(40, 50, pixel).write_to(&mut file, format).unwrap();
        file.into_inner()
    };
    let files: Vec<Vec<u8>> = [Png, Jpeg, WebP, Bmp, Tiff].map(drawn).into();
    let (input, _) = adapter.header.io.images().unwrap();
    let images: Vec<Vec<u8>> =
        files.iter().map(|file| bl_tasks::picture::from_bytes(file, input).unwrap().pixels).collect();
    assert_eq!(images[0][..3], [240, 240, 250], "ink stays on its ground");

    let base64: Vec<String> = files.iter().map(|file| STANDARD.encode(file)).collect();
    let shown = outputs(&["scores", "image"]);
    let request = json!({ "inputs": [crate::support::strings("picture", &base64)], "outputs": shown });
    let of_files = service.infer("colour", &request).await;
    let pixels = |shape: Value| json!({ "name": "image", "datatype": "UINT8", "shape": shape, "data": images.concat() });
    let request = json!({ "inputs": [pixels(json!([5, 8, 8, 3]))], "outputs": shown });
    let of_pixels = service.infer("colour", &request).await;
    for reply in [&of_files, &of_pixels] {
        assert_eq!(reply.output("image").shape(), [5, 8, 8, 3]);
        assert_eq!(reply.output("image").u8s(), images.concat());
        assert_eq!(reply.output("scores").f32s(), of_files.output("scores").f32s());
    }
    let grey = json!({ "name": "image", "datatype": "UINT8", "shape": [1, 8, 8], "data": vec![1; 64] });
    let refused = service.infer("colour", &json!({ "inputs": [grey] })).await;
    assert!(refused.text().contains("expected [rows, 8, 8, 3] or [rows, 192]"), "{}", refused.text());
}

#[tokio::test]
async fn a_version_is_pinned_or_refused() {
    let (service, images) = (service(), images(1));
    let request = json!({ "inputs": [image(&images)] }).to_string();
    let id =
        service.get("/v2/models/shapes").await.ok()["adapter"]["generation"].as_str().unwrap().to_owned();
    let old = version(&SMALL.file());
    assert!(id.starts_with(&old) && id.len() == 64);
    let infer = async |version: &str| {
        service.post(&format!("/v2/models/shapes/versions/{version}/infer"), request.clone()).await
    };
    for version in [&*old, &*id] {
        check(&infer(version).await, &images);
        for rest in ["", "/ready"] {
            assert_eq!(service.get(&format!("/v2/models/shapes/versions/{version}{rest}")).await.status, 200);
        }
    }
    let new = Small::number(9).file();
    assert_eq!(service.load_bytes("shapes", &new).await.ok()["replaced"], old);
    for wrong in [&*old, &*id, &version(&new)[..15], "1", "%C3%A9", &version(&new).to_uppercase()] {
        infer(wrong).await.refused(404, "generation_not_loaded");
        for rest in ["", "/ready"] {
            let reply = service.get(&format!("/v2/models/shapes/versions/{wrong}{rest}")).await;
            reply.refused(404, "generation_not_loaded");
        }
    }
    assert_eq!(infer(&version(&new)).await.status, 200);
}
