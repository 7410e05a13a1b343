//! Everything that can be wrong with what the user gives: what is said, what is advised, exit code 2.

use std::fs;

use bl_core::{Adapter, Parameters};

use crate::support::{Sandbox, adapter, backbone, csv, idx, npy, save_drawing, strokes};

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.save("m.safetensors", &adapter(&backbone(1), 0));
    save_drawing(&sandbox.path("one.png"));
    sandbox
}

/// Every part of `expected` must be in what is printed on standard error, in that order.
#[track_caller]
fn check(sandbox: &Sandbox, line: &str, expected: &[&str]) {
    let ran = sandbox.run(line);
    assert_eq!(ran.code, 2, "{line}: {}", ran.stderr);
    assert_eq!(ran.stdout, "", "{line}: nothing but results on standard output");
    let mut rest = ran.stderr.as_str();
    for part in expected {
        let at = rest.find(part).unwrap_or_else(|| panic!("{line}: no `{part}` in: {}", ran.stderr));
        rest = &rest[at + part.len()..];
    }
    assert!(!ran.stderr.contains("panicked") && !ran.stderr.contains("stack backtrace"), "{}", ran.stderr);
}

#[test]
fn the_command_line() {
    let sandbox = sandbox();
    check(&sandbox, "", &["Usage: bl-run", "Examples:"]);
    check(&sandbox, "--input one.png", &["error: ", "--adapter <FILE|DIR|ORG/NAME>..."]);
    check(&sandbox, "bench", &["error: ", "--adapter <FILE|DIR|ORG/NAME>..."]);
    let m = "--adapter m.safetensors";
    check(
        &sandbox,
        &format!("{m} bench"),
        &["no adapter `bench`", "hint: put `--adapter` after the subcommand"],
    );
    check(
        &sandbox,
        &format!("{m} --json bench {m}"),
        &["put `--adapter` after the subcommand", "hint: the subcommand comes first"],
    );
    check(&sandbox, &format!("{m} --min-accuracy 95"), &["'95'", "expected a number from 0 to 1"]);
    check(&sandbox, &format!("{m} --min-metric nan"), &["'nan'", "expected a number"]);
    check(&sandbox, &format!("{m} --min-metric 0.5 --min-accuracy 0.5"), &["cannot be used with"]);
    check(&sandbox, &format!("{m} --threads 0"), &["'0'", "1..=4096"]);
    check(&sandbox, &format!("{m} --input one.png --top 0"), &["'0'"]);
    check(&sandbox, &format!("{m} --input one.png --samples 3"), &["cannot be used with"]);
    check(&sandbox, &format!("{m} --show"), &["--input <PATH>..."]);
    check(&sandbox, &format!("bench {m} --seconds nan"), &["expected a number from 0.001"]);
    check(
        &sandbox,
        &format!("{m} --input one.png --min-accuracy 0.5"),
        &["error: no image of the input has a label", "hint: a CSV file has labels if"],
    );
}

#[test]
fn adapters_that_are_not_there() {
    let sandbox = sandbox();
    let missing = "error: there is no adapter `x.safetensors`: no such file or folder";
    check(&sandbox, "--adapter x.safetensors", &[missing, "hint: check the path"]);
    check(&sandbox, "bench --adapter x.safetensors", &[missing, "hint: check the path"]);
    check(&sandbox, "--adapter m", &["no adapter `m`", "hint: did you mean `m.safetensors`?"]);
    for name in ["org/mnist", "org/mnist@v2"] {
        check(
            &sandbox,
            &format!("--adapter {name}"),
            &["needs a connection, which `HF_HUB_OFFLINE` forbids", "hint: unset"],
        );
    }
    fs::create_dir(sandbox.path("adapters")).unwrap();
    check(&sandbox, "--adapter adapters/mnist", &["no adapter `adapters/mnist`: no such file"]);
    check(&sandbox, "--adapter adapters", &["the folder `adapters` has no adapters", "hint: adapters are"]);
}

#[test]
fn adapters_that_are_damaged() {
    let sandbox = sandbox();
    let good = fs::read(sandbox.path("m.safetensors")).unwrap();
    let damaged = "hint: the file is damaged or is not a file of this program";
    sandbox.write("d.safetensors", &good[..good.len() - 1]);
    check(&sandbox, "--adapter d.safetensors", &["`d.safetensors`: file is truncated", damaged]);
    let mut flipped = good.clone();
    *flipped.last_mut().unwrap() ^= 1;
    sandbox.write("d.safetensors", &flipped);
    check(&sandbox, "--adapter d.safetensors", &["`d.safetensors`: content has digest", damaged]);
    let mut not_a_number = good.clone();
    let end = not_a_number.len();
    not_a_number[end - 4..].copy_from_slice(&f32::NAN.to_le_bytes());
    sandbox.write("d.safetensors", &not_a_number);
    check(
        &sandbox,
        "--adapter d.safetensors",
        &["`hidden.0.bias` is NaN at unit 63, expected finite values"],
    );
    sandbox.write("d.safetensors", b"version https://git-lfs.github.com/spec/v1\n");
    check(
        &sandbox,
        "--adapter d.safetensors",
        &["`d.safetensors`: ", "Git LFS pointer", "hint: ", "git lfs pull"],
    );
    sandbox.write("d.safetensors", b"");
    check(&sandbox, "--adapter d.safetensors", &["file is truncated: expected 8 bytes, found 0", damaged]);
    sandbox.write("folder/d.safetensors", &flipped);
    check(&sandbox, "--adapter folder", &["`folder/d.safetensors`: content has digest", damaged]);
    // Beside a good one they are skipped, and named: damaged, a folder, and one whose backbone is not what it states.
    let (mine, backbone_of) = (backbone(1), bl_core::Backbone::generate);
    sandbox.save("folder/good.safetensors", &adapter(&mine, 0));
    fs::create_dir(sandbox.path("folder/sub.safetensors")).unwrap();
    let mut other = adapter(&mine, 1);
    other.header.backbone.fingerprint = backbone_of(backbone(2).spec()).unwrap().fingerprint();
    sandbox.save("folder/other.safetensors", &other);
    let ran = sandbox.run("--adapter folder --input one.png");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for skipped in
        ["`folder/d.safetensors`: content has digest", "`folder/sub.safetensors`: it is a folder", "other"]
    {
        assert!(ran.stderr.contains("warning: skipped ") && ran.stderr.contains(skipped), "{}", ran.stderr);
    }
    check(&sandbox, "--adapter one.png", &["`one.png`: "]);
    backbone(1).save(sandbox.path("b.safetensors")).unwrap();
    check(
        &sandbox,
        "--adapter b.safetensors",
        &["no metadata key `bl_adapter`", "hint: adapters are written by"],
    );
}

#[test]
fn backbones_that_do_not_belong() {
    let sandbox = sandbox();
    let (own, other) = (backbone(1).fingerprint(), backbone(2).fingerprint());
    backbone(1).save(sandbox.path("own.safetensors")).unwrap();
    backbone(2).save(sandbox.path("other.safetensors")).unwrap();
    let m = "--adapter m.safetensors --input one.png";
    let ran = sandbox.run(&format!("{m} --backbone own.safetensors"));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("backbone     64 hidden units (feed-forward), read in "), "{}", ran.stderr);
    check(
        &sandbox,
        &format!("{m} --backbone other.safetensors"),
        &[
            &format!("was trained on backbone {own}, but backbone {other} is loaded"),
            "hint: drop `--backbone`",
        ],
    );
    check(
        &sandbox,
        &format!("{m} --backbone x.safetensors"),
        &["cannot read `x.safetensors`", "hint: check the path"],
    );
    check(
        &sandbox,
        &format!("{m} --backbone m.safetensors"),
        &["`m.safetensors`: no metadata key `bl_backbone`"],
    );

    let mut header = adapter(&backbone(1), 0).header;
    header.backbone.fingerprint = other;
    let biases = adapter(&backbone(1), 0).parameters.biases;
    sandbox.save("lie.safetensors", &Adapter::new(header, Parameters::of_biases(biases)).unwrap());
    check(
        &sandbox,
        "--adapter lie.safetensors",
        &[&format!("its backbone spec generates {own}, but its header states {other}"), "hint: "],
    );
}

#[test]
fn inputs_that_cannot_be_read() {
    let sandbox = sandbox();
    let pixels = strokes(2);
    sandbox.write("small.idx3-ubyte", idx([2, 14, 56], &pixels));
    sandbox.write("cut.idx3-ubyte", &idx([2, 28, 28], &pixels)[..500]);
    sandbox.write("small.npy", npy("|u1", "(4, 14, 28)", &pixels));
    let mut floats = vec![0_u8; 784 * 4];
    floats[400..404].copy_from_slice(&f32::NAN.to_le_bytes());
    sandbox.write("nan.npy", npy("<f4", "(1, 28, 28)", &floats));
    sandbox.write("short.csv", "1,2,3\n");
    sandbox.write("word.csv", csv(&[], &pixels).replacen(",255,", ",ink,", 1));
    sandbox.write("unlabelled.csv", csv(&[], &pixels).replacen("0,", "5,0,", 1));
    sandbox.write("broken.png", &fs::read(sandbox.path("one.png")).unwrap()[..60]);
    sandbox.write("notes.txt", "hello");
    image::GrayImage::new(50, 50).save(sandbox.path("blank.png")).unwrap();
    fs::create_dir(sandbox.path("empty")).unwrap();
    for (input, expected) in [
        ("x.png", &["error: there is no input `x.png`: no such file", "hint: check the path"][..]),
        (
            "small.idx3-ubyte",
            &[
                "`small.idx3-ubyte`: expected images of height 28 and width 28, found height 14",
                "hint: only image files are scaled",
            ],
        ),
        ("cut.idx3-ubyte", &["`cut.idx3-ubyte`: truncated", "hint: the file is damaged"]),
        ("small.npy", &["`small.npy`: expected images of height 28"]),
        ("nan.npy", &["`nan.npy`: expected ", "found `NaN` at [0, 3, 16]"]),
        ("short.csv", &["`short.csv`, line 1: expected 784 columns, found 3"]),
        ("word.csv", &["`word.csv`, line 1: expected a number from 0 to 255", "found `ink`"]),
        ("unlabelled.csv", &["expected 784 columns, found 785", "hint: a column of labels needs"]),
        ("broken.png", &["`broken.png`: the image cannot be decoded", "hint: the file is damaged"]),
        ("notes.txt", &["found `notes.txt`, which starts with `hello`", "hint: "]),
        ("blank.png", &["`blank.png`: the image is blank", "hint: draw with dark ink"]),
        ("empty", &["the folder `empty` has no images", "hint: put image files into it"]),
        ("one.png x.png", &["error: there is no input `x.png`"]),
    ] {
        check(&sandbox, &format!("--adapter m.safetensors --input {input}"), expected);
        check(&sandbox, &format!("--json --adapter m.safetensors --input {input}"), expected);
    }
}

#[test]
fn test_images_that_are_not_here() {
    let sandbox = sandbox();
    let mut absent = adapter(&backbone(1), 0);
    absent.header.task.name = "kmnist".into();
    sandbox.save("k.safetensors", &absent);
    let nowhere = [
        "error: no data of `kmnist`",
        "hint: `bl-adapt data fetch kmnist` puts the official files from http://codh.rois.ac.jp/kmnist/",
    ];
    check(&sandbox, "--adapter k.safetensors", &nowhere);
    check(&sandbox, "--adapter k.safetensors k.safetensors", &nowhere);
    check(
        &sandbox,
        "--adapter m.safetensors --data-dir x",
        &["error: the data folder `x` does not exist", "hint: "],
    );
    check(
        &sandbox,
        "--adapter m.safetensors --task kmist",
        &["unknown task `kmist`", "hint: did you mean `kmnist`?"],
    );

    for class in ["a", "b"] {
        for number in 0..2 {
            let path = sandbox.path(&format!("two/{class}/{number}.png"));
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            image::GrayImage::from_fn(28, 28, |x, y| image::Luma([(x * y) as u8])).save(path).unwrap();
        }
        let path = sandbox.path(&format!("large/{class}/0.png"));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let picture = image::GrayImage::from_fn(32, 32, |x, y| image::Luma([(x * y) as u8]));
        picture.save(&path).unwrap();
        picture.save(path.with_file_name("1.png")).unwrap();
    }
    check(
        &sandbox,
        "--adapter m.safetensors --task ./two",
        &[
            "adapter `mnist` knows the classes `0`, `1`, `2`, `3`, `4` and 5 more, which are not here",
            "task `two` has the classes `a`, `b`, which it does not know",
            "hint: classes are matched by their names",
        ],
    );
    check(
        &sandbox,
        "--adapter m.safetensors --task ./large",
        &[
            "adapter `mnist` knows the classes `0`, `1`, `2`, `3`, `4` and 5 more, which are not here",
            "task `large` has the classes `a`, `b`, which it does not know",
        ],
    );
}
