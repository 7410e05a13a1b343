//! Without `--input`: an adapter on its own test images.

use serde_json::Value;

use crate::support::{Sandbox, adapter, backbone, trained, without_times};

#[test]
fn a_run_says_what_was_verified_and_what_was_measured() {
    let sandbox = Sandbox::new();
    sandbox.save("m.safetensors", &trained(&backbone(1)));
    let ran = sandbox.run("--adapter m.safetensors --samples 2 --threads 1");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(
        without_times(&ran.stderr),
        "\
adapter      m.safetensors: MNIST handwritten digits, 10 classes
verified     digest, shapes and finite values of 64 biases
backbone     64 hidden units (feed-forward), generated from seed 1 in TIME: sha256:FINGERPRINT… as stated
data         MNIST handwritten digits (sample), 1,000 test images: as in the training record, by sha256
warning: embedded sample of MNIST, 5,000 + 1,000 images of the official 60,000 + 10,000
recorded     the test set and all metrics are as recorded
warning: test accuracy 6.50 %: no better than a guess, for always answering the most frequent class gives 12.60 %; look at what the \
         network sees (`bl-adapt data info TASK --sheet sheet.png`), try another `--fit` and `--invert`, or give more images of each \
         class
"
        .replace("FINGERPRINT", &backbone(1).fingerprint().short())
    );
    let lines: Vec<&str> = ran.stdout.lines().collect();
    let captions = lines.iter().position(|line| line.starts_with("says ")).unwrap();
    assert_eq!(captions, 15, "a blank line, and 28 pixels in 14 lines");
    assert_eq!(lines[captions].matches("says ").count(), 2, "{}", lines[captions]);
    assert_eq!(lines[captions + 1].matches("is ").count(), 2, "{}", lines[captions + 1]);
    assert!(!ran.stdout.contains('\u{1b}'), "no colours in a pipe");
    let figures = &lines[lines.len() - 3..];
    assert!(figures[0].starts_with("accuracy     ") && figures[0].ends_with(", as the header records"));
    assert!(figures[1].starts_with("one image    ") && figures[1].ends_with("runs)"), "{}", figures[1]);
    assert!(figures[2].contains("images per second in large batches (1 thread, "), "{}", figures[2]);
}

#[test]
fn the_json_object_has_it_all() {
    let sandbox = Sandbox::new();
    let adapter = trained(&backbone(1));
    let accuracy = adapter.header.metrics[0].value;
    sandbox.save("m.safetensors", &adapter);
    let json = sandbox.run("--json --adapter m.safetensors --samples 3 --seed 7").json();
    assert_eq!(json["adapter"], "m.safetensors");
    assert_eq!(json["task"], "mnist");
    assert_eq!(json["backbone"]["fingerprint"], backbone(1).fingerprint().to_string());
    assert_eq!(json["backbone"]["origin"], "generated");
    assert_eq!(json["data"]["source"], "sample");
    assert_eq!(json["data"]["as_recorded"], true);
    assert_eq!(json["total"], 1000);
    assert_eq!(json["accuracy"], accuracy);
    assert_eq!(json["recorded_accuracy"], accuracy);
    assert_eq!(json["differing_from_recorded"], 0);
    let classes = json["per_class"].as_array().unwrap();
    let sum = |field: &str| classes.iter().map(|class| class[field].as_u64().unwrap()).sum::<u64>();
    assert_eq!((sum("total"), Some(sum("correct"))), (1000, json["correct"].as_u64()));
    let samples = json["samples"].as_array().unwrap();
    assert_eq!(samples.len(), 3);
    for sample in samples {
        assert_eq!(sample["correct"], sample["truth"] == sample["class"]);
        assert!((0.1..=1.0).contains(&sample["probability"].as_f64().unwrap()), "the best of ten");
    }
    assert!(json["speed"]["both_us"].as_f64().unwrap() > 0.0);
    let other = sandbox.run("--json --adapter m.safetensors --samples 3 --seed 8").json();
    assert_ne!(json["samples"], other["samples"]);
    assert_eq!(json["accuracy"], other["accuracy"]);
}

#[test]
fn other_test_images_than_the_recorded_ones_are_said_loudly() {
    let sandbox = Sandbox::new();
    let mut adapter = trained(&backbone(1));
    let record = &mut adapter.header.training.as_mut().unwrap().dataset;
    (record.source, record.test, record.test_sha256) = ("official".into(), 10_000, "ab".repeat(32));
    sandbox.save("m.safetensors", &adapter);
    let ran = sandbox.run("--adapter m.safetensors --samples 0 --quiet");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let told = "warning: these are not the test images of the training record: it has 10,000 of `mnist` \
                (official), sha256 abababababab…; these are 1,000 of `mnist` (sample), sha256 ";
    assert!(ran.stderr.contains(told), "{}", ran.stderr);
    assert!(ran.stderr.contains("`--data-dir DIR` says where\n"), "{}", ran.stderr);
    assert!(ran.stdout.starts_with("accuracy     "), "no samples were asked for: {}", ran.stdout);
    assert!(ran.stdout.contains("of others as far as is known"), "{}", ran.stdout);
    assert_eq!(sandbox.run("--json --adapter m.safetensors").json()["data"]["as_recorded"], false);
}

#[test]
fn without_a_training_record_nothing_is_claimed() {
    let sandbox = Sandbox::new();
    sandbox.save("m.safetensors", &adapter(&backbone(1), 0));
    let json = sandbox.run("--json --adapter m.safetensors").json();
    assert_eq!(json["data"]["as_recorded"], Value::Null);
    assert_eq!(json["recorded_accuracy"], Value::Null);
    let ran = sandbox.run("--adapter m.safetensors --samples 0");
    assert!(ran.stderr.contains("the adapter has no training record"), "{}", ran.stderr);
    assert!(ran.stdout.contains("test images; the header records none\n"), "{}", ran.stdout);
}

#[test]
fn an_accuracy_that_differs_from_the_recorded_one_is_told_in_images() {
    let sandbox = Sandbox::new();
    let mut adapter = trained(&backbone(1));
    adapter.header.metrics[0].value += 0.003;
    sandbox.save("m.safetensors", &adapter);
    let ran = sandbox.run("--adapter m.safetensors --samples 0");
    assert!(ran.stdout.contains(" %: 3 classified differently\n"), "{}", ran.stdout);
}

#[test]
fn the_least_accuracy_decides_the_exit_code() {
    let sandbox = Sandbox::new();
    sandbox.save("m.safetensors", &trained(&backbone(1)));
    for (least, code) in [("accuracy 0", 0), ("accuracy 0.99", 1), ("metric 0", 0), ("metric 0.99", 1)] {
        let ran = sandbox.run(&format!("--adapter m.safetensors --samples 0 --min-{least}"));
        assert_eq!(ran.code, code, "{least}: {}", ran.stderr);
        assert!(ran.stdout.contains("accuracy     "), "the answer is printed all the same");
    }
}

#[test]
fn verbose_adds_a_line_for_each_class() {
    let sandbox = Sandbox::new();
    sandbox.save("m.safetensors", &trained(&backbone(1)));
    let ran = sandbox.run("--adapter m.safetensors --samples 0 --verbose");
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!(lines.len(), 1 + 10 + 2, "{}", ran.stdout);
    for (digit, line) in lines[1..11].iter().enumerate() {
        assert!(line.starts_with(&format!("  {digit} ")) && line.contains(" % of "), "{line}");
    }
    assert!(lines[1..11].iter().any(|line| line.contains("  most often confused with ")), "{}", ran.stdout);
}

#[test]
fn a_folder_of_the_user_is_found_where_the_user_says() {
    let sandbox = Sandbox::new();
    for class in 0..10 {
        for number in 0..2 {
            let picture = image::GrayImage::from_fn(28, 28, |x, y| {
                image::Luma([if x / 3 == class && y > number { 200 } else { 0 }])
            });
            std::fs::create_dir_all(sandbox.path(&format!("data/bars/{class}"))).unwrap();
            picture.save(sandbox.path(&format!("data/bars/{class}/{number}.png"))).unwrap();
        }
    }
    let mut adapter = trained(&backbone(1));
    adapter.header.task.name = "bars".into();
    adapter.header.training.as_mut().unwrap().dataset.source = "folder".into();
    sandbox.save("b.safetensors", &adapter);
    let json = sandbox.run("--json --adapter b.safetensors --task data/bars").json();
    assert_eq!((&json["total"], &json["data"]["task"]), (&10.into(), &"bars".into()));
    // A folder of that name is the one only if its images are those of the record.
    let ran = sandbox.run("--adapter b.safetensors --data-dir data");
    assert!(ran.code == 2 && ran.stderr.contains("has other test images than the folder"), "{}", ran.stderr);
    let test = json["data"]["test_sha256"].as_str().unwrap().to_owned();
    adapter.header.training.as_mut().unwrap().dataset.test_sha256 = test;
    sandbox.save("b.safetensors", &adapter);
    let json = sandbox.run("--json --adapter b.safetensors --data-dir data").json();
    assert_eq!((&json["total"], &json["data"]["as_recorded"]), (&10.into(), &true.into()));
    let ran = sandbox.run("--adapter b.safetensors");
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains(
            "error: the adapter was trained on a local folder (`bars`), whose path is not recorded"
        ),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr.contains(
            "hint: name the folder: `--task ./bars`, or put it into the data folder (`--data-dir`)"
        ),
        "{}",
        ran.stderr
    );
}

#[test]
fn names_in_a_header_cannot_write_to_the_terminal() {
    let sandbox = Sandbox::new();
    let mut adapter = trained(&backbone(1));
    adapter.header.task.title = "MNIST\u{1b}[2J".into();
    adapter.header.task.labels = (0..10).map(|class| format!("\u{1b}]0;{class}\u{7}")).collect();
    sandbox.save("m.safetensors", &adapter);
    let ran = sandbox.run("--adapter m.safetensors --verbose");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(!ran.stdout.contains('\u{1b}') && !ran.stderr.contains('\u{1b}'));
    assert!(ran.stderr.contains("has other class names than the adapter"), "{}", ran.stderr);
}
