//! With `--input`: images in every form.

use serde_json::Value;

use crate::support::{Ran, Sandbox, adapter, backbone, csv, idx, npy, save_drawing, strokes};

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.save("m.safetensors", &adapter(&backbone(1), 0));
    sandbox
}

/// The predictions alone, of each input.
fn predictions(ran: &Ran) -> Vec<Value> {
    ran.json()["inputs"].as_array().unwrap().iter().map(|input| input["predictions"].clone()).collect()
}

#[test]
fn a_drawing_is_prepared_and_named() {
    let sandbox = sandbox();
    save_drawing(&sandbox.path("one.png"));
    let ran = sandbox.run("--adapter m.safetensors --input one.png");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let words =
        "input        one.png: inverted (bright border), ink box 60x8 scaled to 20, centred by mass, 28x28\n";
    assert!(ran.stderr.contains(words), "{}", ran.stderr);
    let cells: Vec<&str> = ran.stdout.split_whitespace().collect();
    assert_eq!((cells.len(), &cells[..2]), (2 + 3 * 3, &["one.png", "m"][..]), "{}", ran.stdout);

    let json = sandbox.run("--json --adapter m.safetensors --input one.png --top 10").json();
    let input = &json["inputs"][0];
    assert_eq!(input["name"], "one.png");
    assert!(input["how"].as_str().unwrap().starts_with("inverted (bright border)"));
    let predictions = input["predictions"].as_array().unwrap();
    assert_eq!(predictions.len(), 10);
    assert_eq!(predictions[0]["adapter"], "m.safetensors");
    assert_eq!(predictions[0]["task"], "mnist");
    let probability = |prediction: &Value| prediction["probability"].as_f64().unwrap();
    let sum: f64 = predictions.iter().map(probability).sum();
    assert!((sum - 1.0).abs() < 1e-5, "{sum}");
    assert!(predictions.is_sorted_by(|a, b| probability(a) >= probability(b)));
    for prediction in predictions {
        assert_eq!(prediction["class"], prediction["index"].to_string(), "digits are their own names");
    }
}

#[test]
fn the_same_pixels_get_the_same_answer_in_every_format() {
    let sandbox = sandbox();
    let pixels = strokes(4);
    sandbox.write("a.idx3-ubyte", idx([4, 28, 28], &pixels));
    sandbox.write("a.npy", npy("|u1", "(4, 28, 28)", &pixels));
    sandbox.write("flat.npy", npy("|u1", "(4, 784)", &pixels));
    let floats: Vec<u8> = pixels.iter().flat_map(|&x| (f32::from(x) / 255.0).to_le_bytes()).collect();
    sandbox.write("f.npy", npy("<f4", "(4, 28, 28)", &floats));
    sandbox.write("a.csv", csv(&[], &pixels));
    sandbox.write("labelled.csv", csv(&[0, 1, 2, 3], &pixels));
    for (i, picture) in pixels.chunks_exact(784).enumerate() {
        let path = sandbox.path(&format!("pngs/{i}.png"));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        image::GrayImage::from_raw(28, 28, picture.to_vec()).unwrap().save(path).unwrap();
    }
    let expected = predictions(&sandbox.run("--json --adapter m.safetensors --input a.idx3-ubyte"));
    assert_eq!(expected.len(), 4);
    for path in ["a.npy", "flat.npy", "f.npy", "a.csv", "labelled.csv", "pngs"] {
        let found = predictions(&sandbox.run(&format!("--json --adapter m.safetensors --input {path}")));
        assert_eq!(found, expected, "{path}");
    }
    let ran = sandbox.run("--adapter m.safetensors --input pngs a.npy a.csv --top 1");
    let names: Vec<&str> = ran.stdout.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(names[..5], ["pngs/0.png", "pngs/1.png", "pngs/2.png", "pngs/3.png", "a.npy[0]"]);
    assert_eq!((names.len(), names[8]), (12, "a.csv:1"));
    assert!(ran.stderr.contains("input        pngs/0.png … a.csv:4 (12 images): used as it is, 28x28\n"));
}

#[test]
fn labels_in_the_input_are_compared() {
    let sandbox = sandbox();
    let pixels = strokes(3);
    sandbox.write("a.npy", npy("|u1", "(3, 28, 28)", &pixels));
    let classes: Vec<u8> = predictions(&sandbox.run("--json --adapter m.safetensors --input a.npy"))
        .iter()
        .map(|p| p[0]["index"].as_u64().unwrap() as u8)
        .collect();
    let labels = [classes[0], classes[1], (classes[2] + 1) % 10];
    sandbox.write("a.csv", csv(&labels, &pixels));
    let run = |flags: &str| sandbox.run(&format!("--adapter m.safetensors --input a.csv --top 1 {flags}"));
    let ran = run("");
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert!(lines[0].ends_with(&format!("  is {}", labels[0])), "{}", lines[0]);
    assert!(lines[2].ends_with(&format!("  is {}: wrong", labels[2])), "{}", lines[2]);
    assert!(ran.stderr.contains("accuracy     m: 66.67 % of 3 labelled images\n"), "{}", ran.stderr);
    for least in ["--min-metric", "--min-accuracy"] {
        let code = |value: &str| run(&format!("{least} {value}")).code;
        assert_eq!((code("0.6"), code("0.7")), (0, 1), "{least}");
    }
    let json = run("--json").json();
    assert_eq!((&json["labelled"], &json["inputs"][2]["label"]), (&3.into(), &labels[2].into()));
    assert!((json["accuracies"][0].as_f64().unwrap() - 2.0 / 3.0).abs() < 1e-12);
    // A label that the adapter has no class for is no answer's.
    sandbox.write("a.csv", csv(&[200, 201, 202], &pixels));
    assert!(run("").stdout.contains("  is class 200: wrong\n"));
}

#[test]
fn many_images_are_answered_in_batches_as_each_alone() {
    let sandbox = sandbox();
    let pixels = strokes(1100); // three batches
    sandbox.write("all.npy", npy("|u1", "(1100, 28, 28)", &pixels));
    sandbox.write("one.npy", npy("|u1", "(28, 28)", &pixels[1050 * 784..1051 * 784]));
    let all = predictions(&sandbox.run("--json --adapter m.safetensors --input all.npy"));
    let one = predictions(&sandbox.run("--json --adapter m.safetensors --input one.npy"));
    assert_eq!((all.len(), &all[1050]), (1100, &one[0]));
    assert_eq!(sandbox.run("--adapter m.safetensors --input all.npy").stdout.lines().count(), 1100);
}

#[test]
fn what_the_network_sees_can_be_shown() {
    let sandbox = sandbox();
    save_drawing(&sandbox.path("one.png"));
    let lines = |flags: &str| {
        let ran = sandbox.run(&format!("--adapter m.safetensors --input one.png {flags}"));
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        ran.stdout.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(lines("").len(), 1, "not in a pipe");
    assert_eq!(lines("--show=never").len(), 1);
    let shown = lines("--show");
    assert_eq!(shown.len(), 1 + 14 + 1 + 1 + 1, "blank, picture, caption, blank, answer: {shown:#?}");
    assert!(shown[7].contains("@@"), "the stroke is bright: {shown:#?}");
}

#[test]
fn quiet_leaves_the_answers_alone() {
    let sandbox = sandbox();
    save_drawing(&sandbox.path("one.png"));
    let ran = sandbox.run("--adapter m.safetensors --input one.png --quiet");
    assert_eq!((ran.stderr.as_str(), ran.stdout.lines().count()), ("", 1));
}

#[test]
fn what_cannot_be_used_is_skipped_and_named() {
    let sandbox = sandbox();
    std::fs::create_dir_all(sandbox.path("all/sub")).unwrap();
    save_drawing(&sandbox.path("all/a.png"));
    save_drawing(&sandbox.path("all/z.png"));
    let whole = std::fs::read(sandbox.path("all/a.png")).unwrap();
    sandbox.write("all/cut.png", &whole[..60]);
    sandbox.write("all/empty.png", "");
    sandbox.write("all/pointer.png", "version https://git-lfs.github.com/spec/v1\n");
    let mut pixels = strokes(3);
    pixels[784..2 * 784].fill(0);
    sandbox.write("x.npy", npy("|u1", "(3, 28, 28)", &pixels));
    for (input, answered, skipped) in [
        (
            "all",
            2,
            &["`all/cut.png`: ", "`all/empty.png`: ", "`all/pointer.png`: ", "the folder `all/sub`"][..],
        ),
        ("x.npy", 2, &["`x.npy[1]`: the image is blank"]),
        ("x.npy all/cut.png", 2, &["`x.npy[1]`: the image is blank", "`all/cut.png`: "]),
    ] {
        let ran = sandbox.run(&format!("--adapter m.safetensors --input {input}"));
        assert_eq!((ran.code, ran.stdout.lines().count()), (1, answered), "{}", ran.stderr);
        for words in skipped {
            assert!(
                ran.stderr.contains("warning: skipped: ") && ran.stderr.contains(words),
                "{}",
                ran.stderr
            );
        }
        let verb = if skipped.len() == 1 { "is" } else { "are" };
        let count = format!("warning: 2 images are answered, {} {verb} skipped\n", skipped.len());
        assert!(ran.stderr.contains(&count), "{}", ran.stderr);
        let ran = sandbox.run(&format!("--json --adapter m.safetensors --input {input}"));
        let json: Value = serde_json::from_str(&ran.stdout).unwrap();
        let named = json["skipped"].as_array().map(Vec::len);
        assert_eq!((ran.code, named), (1, Some(skipped.len())));
    }
    let ran = sandbox.run("--json --adapter m.safetensors --input all/a.png");
    assert_eq!((ran.code, ran.json()["skipped"].as_array().map(Vec::len)), (0, Some(0)));
}

#[test]
fn images_unlike_those_that_were_learned_from_are_said_to_be() {
    use bl_core::Io;
    use bl_core::io::Polarity;
    let sandbox = Sandbox::new();
    let mut learned_dark = adapter(&backbone(1), 0);
    if let Io::Images { input, preprocessing } = &mut learned_dark.header.io {
        input.polarity = Polarity::AsIs;
        (preprocessing.mean, preprocessing.std) = (0.87, 0.31); // dark on light
    }
    sandbox.save("dark.safetensors", &learned_dark);
    sandbox.write("light.npy", npy("|u1", "(2, 28, 28)", &strokes(2)));
    let inverted: Vec<u8> = strokes(2).iter().map(|pixel| 255 - pixel).collect();
    sandbox.write("inverted.npy", npy("|u1", "(2, 28, 28)", &inverted));
    let words = "warning: the images are not like those that dark has learned from: expected a mean brightness near 0.87";
    for (input, is_unlike) in [("light.npy", true), ("inverted.npy", false)] {
        let ran = sandbox.run(&format!("--adapter dark.safetensors --input {input}"));
        assert_eq!((ran.code, ran.stderr.contains(words)), (0, is_unlike), "{}", ran.stderr);
        let json = sandbox.run(&format!("--json --adapter dark.safetensors --input {input}")).json();
        assert_eq!(json["unlike"][0].is_string(), is_unlike);
    }
}

#[test]
fn what_was_guessed_of_the_values_is_a_warning_and_a_field() {
    let sandbox = sandbox();
    let bits: Vec<u8> = strokes(2).iter().map(|&value| u8::from(value > 127)).collect();
    sandbox.write("bits.npy", npy("|u1", "(2, 28, 28)", &bits));
    let bright: Vec<u8> = bits.iter().map(|bit| 255 * bit).collect();
    sandbox.write("bright.npy", npy("|u1", "(2, 28, 28)", &bright));
    let ran = sandbox.run("--quiet --adapter m.safetensors --input bits.npy");
    let words = "warning: bits.npy[0], bits.npy[1]: the values are 0 and 1 of 255: taken for 0..1 and multiplied by 255\n";
    assert_eq!((ran.code, &*ran.stderr), (0, words));

    let bits = sandbox.run("--json --adapter m.safetensors --input bits.npy");
    let bright = sandbox.run("--json --adapter m.safetensors --input bright.npy");
    assert_eq!(predictions(&bits), predictions(&bright));
    let (bits, bright) = (&bits.json()["inputs"][0], &bright.json()["inputs"][0]);
    assert_eq!(bits["how"], "values 0..1 multiplied by 255, 28x28");
    assert!(bits["note"].as_str().is_some_and(|note| note.starts_with("the values are 0 and 1")));
    assert_eq!(bright.get("note"), None);
}
