//! Images that cannot be used, or look wrong: a client is told, and the server goes on.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::adapters::{PIXELS, Small};
use crate::bad_input::{check, service};
use crate::support::{Service, image, strings};

#[tokio::test]
async fn pixels_of_another_type_are_refused_with_what_their_range_asks_for() {
    let service = service();
    for (datatype, least, most, expected) in [
        ("FP32", 0.0, 1.0, "the values are 0 to 1: multiply them by 255"),
        ("FP64", 0.0, 0.5, "the values are 0 to 0.5: multiply them by 255"),
        ("FP32", 0.0, 254.5, "the values are 0 to 254.5: round them"),
        ("FP32", -1.0, 1.0, "the values are -1 to 1: bring them to 0 to 255"),
        ("UINT8", 0.0, 0.5, "the values are 0 to 0.5: multiply them by 255"),
        ("UINT8", -3.0, 500.0, "the values are -3 to 500: bring them to 0 to 255"),
    ] {
        let mut data = vec![least; PIXELS];
        data[7] = most;
        let input = json!({ "name": "image", "datatype": datatype, "shape": [1, PIXELS], "data": data });
        let reply = service.infer("shapes", &json!({ "inputs": [input] })).await;
        let hint = serde_json::from_slice::<Value>(&reply.body).unwrap()["hint"].clone();
        reply.refused(400, "bad_input");
        assert!(hint.as_str().unwrap().starts_with(expected), "{datatype}: {hint}");
        assert!(hint.as_str().unwrap().ends_with("send them as UINT8"), "{hint}");
    }
}

#[tokio::test]
async fn files_that_are_not_images() {
    let service = service();
    let of = |files: &[&str]| json!({ "inputs": [strings("picture", files)] }).to_string();
    let png = crate::images::drawing(0, 255, image::ImageFormat::Png);
    let blank = crate::images::drawing(255, 255, image::ImageFormat::Png);
    let cases = [
        (of(&[""]), "row 0: expected a PNG, JPEG, WebP"),
        (of(&["no picture"]), "row 0: expected a PNG, JPEG, WebP"),
        (of(&[&STANDARD.encode(&png), "AAAA"]), "row 1: expected a PNG, JPEG, WebP"),
        (of(&[&STANDARD.encode(&png[..60])]), "row 0: the image cannot be decoded"),
        (of(&[""; 33]), "at most 32"),
        (of(&[]), "no rows"),
        (
            json!({ "inputs": [{ "name": "picture", "datatype": "BYTES", "shape": [1, 1, 1], "data": [""] }] }).to_string(),
            "expected [rows]",
        ),
        (
            json!({ "inputs": [{ "name": "picture", "datatype": "UINT8", "shape": [1], "data": [1] }] }).to_string(),
            "expected BYTES",
        ),
    ];
    for (body, words) in cases {
        check(&service, body, "bad_input", words).await;
    }
    let reply =
        service.infer("shapes", &json!({ "inputs": [strings("picture", &[STANDARD.encode(blank)])] })).await;
    assert!(matches!(reply.status, 200 | 400), "{}", reply.text()); // how a blank image is fitted is the library's affair
}

#[tokio::test]
async fn pixels_that_look_wrong_are_refused_or_noted() {
    let service = service();
    let of = |image: &dyn Fn(usize) -> u8| (0..PIXELS).map(image).collect::<Vec<u8>>();
    let ink = |i: usize| (27..37).contains(&i);
    let sent = |images: &[Vec<u8>]| json!({ "inputs": [image(images)] });
    let light = of(&|i| if ink(i) { 255 } else { 0 });
    let bits = of(&|i| ink(i).into());
    let black = of(&|i| 9 * u8::from(ink(i)));
    for (images, words) in [
        (
            vec![black],
            "input `image`: the image is blank: expected ink on a plain ground, found shades 0 to 9",
        ),
        (vec![light.clone(), vec![9; PIXELS]], "input `image`, row 1: the image is blank"),
    ] {
        check(&service, sent(&images).to_string(), "bad_input", words).await;
        let names = strings("adapter", &vec!["shapes"; images.len()]);
        let mixed = service.infer("mixed", &json!({ "inputs": [image(&images), names] })).await;
        if images.len() == 1 {
            mixed.refused(400, "bad_input");
        } else {
            let unanswered = mixed.ok()["parameters"]["unanswered"].to_string();
            assert!(unanswered.contains(words), "the other row is answered: {unanswered}");
        }
    }

    let head = service.infer("shapes", &sent(std::slice::from_ref(&light))).await.ok();
    assert_eq!(head.get("parameters"), None);
    let head_of_bits = service.infer("shapes", &sent(std::slice::from_ref(&bits))).await.ok();
    assert_eq!(head_of_bits["outputs"], head["outputs"], "zeros and ones are 0 to 1, as in a file");
    let note = head_of_bits["parameters"]["note"].as_str().unwrap();
    assert_eq!(note, "the values are 0 and 1 of 255: taken for 0..1 and multiplied by 255");

    let dark = of(&|i| if ink(i) { 0 } else { 255 });
    let faint = of(&|i| if ink(i) { 40 } else { 0 });
    let images = [faint, light, dark.clone(), bits];
    let head = service.infer("shapes", &sent(&images)).await.ok();
    let note = head["parameters"]["note"].as_str().unwrap().to_owned();
    assert!(note.starts_with("rows 0, 3: faint: all but a hundredth of its pixels"), "{note}");
    assert!(note.contains("row 2: dark on light and used as it is"), "{note}");
    let names = strings("adapter", &["shapes"; 4]);
    let head = service.infer("mixed", &json!({ "inputs": [image(&images), names] })).await.ok();
    assert_eq!(head["parameters"]["note"], note);

    let head = service.infer("shapes", &sent(std::slice::from_ref(&dark))).await.ok();
    let warning = head["parameters"]["warning"].as_str().unwrap().to_owned();
    assert!(
        warning.starts_with("not like the images that `shapes` was learned from: expected a mean"),
        "{warning}"
    );
    assert!(warning.contains("inverted, it would be") && warning.contains("255 - array"), "{warning}");
    let mixed = json!({ "inputs": [image(&[dark]), strings("adapter", &["shapes"])] });
    assert_eq!(service.infer("mixed", &mixed).await.ok()["parameters"]["warning"], warning);
}

#[tokio::test]
async fn files_whose_headers_state_too_much_are_refused_before_they_are_decoded() {
    let service =
        Service::with(&[("shapes", Small::default().file())], |settings, _| settings.max_batch = 32);
    let png = |width: u32, height: u32| {
        let mut file = std::io::Cursor::new(Vec::new());
        let picture =
            image::GrayImage::from_fn(width, height, |x, _| image::Luma([if x < 9 { 0 } else { 255 }]));
        picture.write_to(&mut file, image::ImageFormat::Png).unwrap();
        file.into_inner()
    };
    let sent =
        |file: &[u8], rows| json!({ "inputs": [strings("picture", &vec![STANDARD.encode(file); rows])] });
    let large = sent(&png(2000, 2001), 1);
    check(
        &service,
        large.to_string(),
        "bad_input",
        "row 0: expected an image of at most 4 megapixels, found 2001x2000",
    )
    .await;
    let many = sent(&png(2000, 2000), 17);
    check(&service, many.to_string(), "bad_input", "at most 64 megapixels in a request").await;
    service.infer("shapes", &sent(&png(2000, 2000), 2)).await.ok();

    let drawn = crate::images::drawing(0, 255, image::ImageFormat::Jpeg);
    let cut = sent(&drawn[..drawn.len() / 2], 1);
    check(&service, cut.to_string(), "bad_input", "row 0: the JPEG ends early").await;
    let mut wide = std::io::Cursor::new(Vec::new());
    let pixel = |x: u32, _| image::Luma([u16::from((9..12).contains(&x)) * 200]);
    let picture: image::ImageBuffer<_, Vec<u16>> = image::ImageBuffer::from_fn(20, 20, pixel);
    image::DynamicImage::from(picture).write_to(&mut wide, image::ImageFormat::Png).unwrap();
    let head = service.infer("shapes", &sent(&wide.into_inner(), 1)).await.ok();
    let note = head["parameters"]["note"].as_str().unwrap();
    assert_eq!(note, "row 0: the samples have 16 bits, and the largest is 200 of 65535: taken for 8-bit");
}
