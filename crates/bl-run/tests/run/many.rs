//! Several adapters: shared work, the same answers.

use bl_core::header::AdapterKind;
use bl_core::io::{Fit, Polarity};
use bl_core::{Io, UnitGains};
use serde_json::Value;

use crate::support::{Ran, Sandbox, adapter, backbone, csv, save_drawing, set_fit, strokes, trained};

/// The predictions of one adapter for every input.
fn of(ran: &Ran, adapter: &str) -> Vec<Value> {
    let json = ran.json();
    let all =
        json["inputs"].as_array().unwrap().iter().flat_map(|input| input["predictions"].as_array().unwrap());
    let mut own: Vec<Value> = all.filter(|prediction| prediction["adapter"] == adapter).cloned().collect();
    for prediction in &mut own {
        prediction.as_object_mut().unwrap().remove("how");
    }
    own
}

/// Runs two adapters together and each alone; returns the words of the common run and its frozen halves.
fn check_as_each_alone(sandbox: &Sandbox, inputs: &str) -> (String, u64) {
    let together = sandbox.run(&format!("--json --adapter a.safetensors b.safetensors --input {inputs}"));
    for name in ["a.safetensors", "b.safetensors"] {
        let alone = of(&sandbox.run(&format!("--json --adapter {name} --input {inputs}")), name);
        assert!(!alone.is_empty());
        assert_eq!(of(&together, name), alone, "{name}");
    }
    assert_ne!(
        of(&together, "a.safetensors")[0]["probability"],
        of(&together, "b.safetensors")[0]["probability"]
    );
    let frozen_halves = together.json()["frozen_halves"].as_u64().unwrap();
    (together.stderr, frozen_halves)
}

#[test]
fn adapters_on_one_backbone_share_a_frozen_half() {
    let sandbox = Sandbox::new();
    let backbone = backbone(1);
    sandbox.save("a.safetensors", &adapter(&backbone, 1));
    sandbox.save("b.safetensors", &adapter(&backbone, 2));
    save_drawing(&sandbox.path("one.png"));
    sandbox.write("x.csv", csv(&[], &strokes(3)));
    let (words, frozen_halves) = check_as_each_alone(&sandbox, "one.png x.csv");
    assert_eq!(frozen_halves, 4);
    assert!(
        words.ends_with("shared       4 frozen halves computed for 4 images and 2 adapters\n"),
        "{words}"
    );
}

#[test]
fn adapters_that_see_an_image_differently_share_what_they_can() {
    let sandbox = Sandbox::new();
    let backbone = backbone(1);
    let mut other = adapter(&backbone, 2);
    set_fit(&mut other, Fit::InkBox { side: 28 });
    sandbox.save("a.safetensors", &adapter(&backbone, 1));
    sandbox.save("b.safetensors", &other);
    save_drawing(&sandbox.path("one.png"));
    sandbox.write("x.csv", csv(&[], &strokes(3)));
    let (words, frozen_halves) = check_as_each_alone(&sandbox, "one.png x.csv");
    assert_eq!(frozen_halves, 5, "the drawing twice, images of the right size once");
    assert!(words.contains("adapters that prepare an image in different ways do not share it"), "{words}");
    assert!(words.contains("input        for b: one.png: "), "{words}");
    let json = sandbox.run("--json --adapter a.safetensors b.safetensors --input one.png --top 1").json();
    let predictions = &json["inputs"][0]["predictions"];
    assert_eq!((&predictions[0]["how"], predictions[1]["how"].is_string()), (&Value::Null, true));
}

#[test]
fn an_image_that_one_adapter_cannot_use_is_answered_by_the_others() {
    let sandbox = Sandbox::new();
    let backbone = backbone(1);
    let (mut ink, mut whole) = (adapter(&backbone, 2), adapter(&backbone, 3));
    set_fit(&mut ink, Fit::InkBox { side: 20 });
    set_fit(&mut whole, Fit::Whole);
    let Io::Images { input, .. } = &mut whole.header.io else { panic!("an image classifier") };
    input.polarity = Polarity::AsIs; // takes any image, also one without ink
    sandbox.save("ink.safetensors", &ink);
    sandbox.save("whole.safetensors", &whole);
    image::GrayImage::from_pixel(40, 50, image::Luma([200])).save(sandbox.path("blank.png")).unwrap();
    save_drawing(&sandbox.path("one.png"));
    for order in ["ink.safetensors whole.safetensors", "whole.safetensors ink.safetensors"] {
        let line = format!("--adapter {order} --input blank.png one.png --top 1");
        let ran = sandbox.run(&line);
        assert_eq!(ran.code, 1, "not all is answered: {}", ran.stderr);
        let of = |image: &str, adapter: &str| {
            let is = |line: &&str| line.starts_with(image) && line.split_whitespace().nth(1) == Some(adapter);
            ran.stdout.lines().find(is).unwrap().to_owned()
        };
        assert!(
            of("blank.png", "ink").contains("no answer: `blank.png`: the image is blank"),
            "{}",
            ran.stdout
        );
        for (image, adapter) in [("blank.png", "whole"), ("one.png", "ink"), ("one.png", "whole")] {
            assert!(of(image, adapter).contains(" %"), "{}", ran.stdout);
        }
        assert!(ran.stderr.contains("warning: ink cannot use 1 of 2 images"), "{}", ran.stderr);
        let json = sandbox.run(&format!("{line} --json"));
        let json: Value = serde_json::from_str(&json.stdout).unwrap();
        let blank = &json["inputs"][0];
        assert_eq!(blank["predictions"][0]["adapter"], "whole.safetensors");
        assert_eq!(blank["unanswered"][0]["adapter"], "ink.safetensors");
        assert_eq!(
            (&blank["surest"], &json["skipped"]),
            (&"whole.safetensors".into(), &serde_json::json!([]))
        );
        assert!(json["inputs"][1].get("unanswered").is_none());
    }
    let ran = sandbox.run("--adapter ink.safetensors --input blank.png");
    assert_eq!(ran.code, 2, "what nobody can use is an error");
    assert!(ran.stderr.contains("error: `blank.png`: the image is blank"), "{}", ran.stderr);
}

#[test]
fn adapters_on_different_backbones_share_nothing() {
    let sandbox = Sandbox::new();
    sandbox.save("a.safetensors", &adapter(&backbone(1), 1));
    sandbox.save("b.safetensors", &adapter(&backbone(2), 1));
    save_drawing(&sandbox.path("one.png"));
    let (words, frozen_halves) = check_as_each_alone(&sandbox, "one.png");
    assert_eq!(frozen_halves, 2);
    assert!(words.contains("nothing is shared, every adapter has a backbone of its own"), "{words}");
}

#[test]
fn a_folder_stands_for_the_adapters_in_it() {
    let sandbox = Sandbox::new();
    let backbone = backbone(1);
    sandbox.save("all/b.safetensors", &adapter(&backbone, 2));
    sandbox.save("all/a.safetensors", &adapter(&backbone, 1));
    backbone.save(sandbox.path("all/backbone.safetensors")).unwrap();
    sandbox.write("all/README.md", "not for the program");
    save_drawing(&sandbox.path("one.png"));
    let ran = sandbox.run("--adapter all --input one.png --top 1");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let names: Vec<&str> = ran.stdout.lines().filter_map(|line| line.split_whitespace().nth(1)).collect();
    assert_eq!(names, ["a", "b"]);
    assert!(
        ran.stderr.contains("skipped      1 file that is not an adapter: backbone.safetensors\n"),
        "{}",
        ran.stderr
    );
    // Files of the same name are told apart by their folders.
    sandbox.save("more/a.safetensors", &adapter(&backbone, 3));
    let ran = sandbox.run("--adapter all more/a.safetensors --input one.png --top 1");
    let names: Vec<&str> = ran.stdout.lines().filter_map(|line| line.split_whitespace().nth(1)).collect();
    assert_eq!(names, ["all/a.safetensors", "b", "more/a.safetensors"]);
}

#[test]
fn a_table_compares_adapters_on_their_own_tasks() {
    let sandbox = Sandbox::new();
    let backbone = backbone(1);
    sandbox.save("a.safetensors", &trained(&backbone));
    let mut absent = adapter(&backbone, 2);
    absent.header.task.name = "kmnist".into();
    sandbox.save("b.safetensors", &absent);
    sandbox.save("c.safetensors", &adapter(&backbone, 3));
    let ran = sandbox.run("--adapter a.safetensors b.safetensors c.safetensors");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let cells: Vec<Vec<&str>> = ran.stdout.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(cells[0], ["adapter", "task", "data", "images", "accuracy", "recorded"]);
    assert_eq!(cells[1][..4], ["a", "mnist", "sample", "1,000"]);
    assert_eq!(cells[1][4..6], cells[1][6..8], "as recorded");
    assert_eq!(cells[2], ["b", "kmnist", "none", "here", "–", "–", "–"]);
    assert_eq!(cells[3][..4], ["c", "mnist", "sample", "1,000"]);
    assert!(ran.stderr.contains("warning: `b` is not measured: no data of `kmnist`"), "{}", ran.stderr);

    let json = sandbox.run("--json --adapter a.safetensors c.safetensors").json();
    let rows = json["adapters"].as_array().unwrap();
    assert_eq!((rows.len(), &rows[0]["total"], &rows[1]["task"]), (2, &1000.into(), &"mnist".into()));
    assert_eq!(rows[0]["accuracy"], rows[0]["recorded_accuracy"]);
    assert_eq!(sandbox.run("--adapter a.safetensors c.safetensors --min-accuracy 0.9").code, 1);
    let ran = sandbox.run("--adapter a.safetensors b.safetensors --min-accuracy 0");
    assert_eq!(ran.code, 2, "what is not measured reaches nothing: {}", ran.stderr);
}

#[test]
fn the_most_confident_adapter_is_named() {
    let sandbox = Sandbox::new();
    let backbone = backbone(1);
    sandbox.save("a.safetensors", &adapter(&backbone, 1));
    // The same with scores ten times as far from each other.
    let mut sure = adapter(&backbone, 1);
    sure.header.kind = AdapterKind::BiasGain;
    sure.parameters.gains = UnitGains::Learned(vec![10.0; 64]);
    sandbox.save("sure.safetensors", &sure);
    sandbox.write("x.csv", csv(&[], &strokes(3)));
    let ran = sandbox.run("--json --adapter a.safetensors sure.safetensors --input x.csv");
    for input in ran.json()["inputs"].as_array().unwrap() {
        assert_eq!(input["surest"], "sure.safetensors");
        let entropies: Vec<f64> =
            input["entropies"].as_array().unwrap().iter().map(|e| e.as_f64().unwrap()).collect();
        assert!(0.0 <= entropies[1] && entropies[1] < entropies[0] && entropies[0] <= 1.0, "{entropies:?}");
    }
    let ran = sandbox.run("--adapter a.safetensors sure.safetensors --input x.csv");
    assert_eq!(
        ran.stdout.lines().filter(|line| line.ends_with("most confident")).count(),
        3,
        "{}",
        ran.stdout
    );
    let alone = sandbox.run("--json --adapter a.safetensors --input x.csv").json();
    assert!(alone["inputs"][0].get("surest").is_none(), "one adapter has nothing to be compared with");
}
