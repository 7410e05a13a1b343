//! What bad input gets: exit code 2, what was expected and found, what to do; nothing half-written.

mod support;

use support::Home;

#[test]
fn bad_settings_are_errors_with_hints() {
    let home = Home::new();
    std::fs::write(home.path("c.toml"), "learning_rate = 0.1\n").expect("a small file");
    std::fs::write(home.path("s.toml"), "seed = 1\nwidth = 3\n").expect("a small file");
    std::fs::write(home.path("t.toml"), "[train]\nepochs = 1\n").expect("a small file");
    std::fs::write(home.path("notes.md"), "what I know of it\n").expect("a small file");
    std::fs::write(home.path("plain"), "x").expect("a small file");
    let check = |args: &[&str], expected: &[&str]| {
        let run = home.run(&[&["train"], args].concat());
        assert_eq!(run.code, 2, "{args:?}: {}", run.words);
        assert_eq!(run.result, "", "{args:?}");
        for words in expected {
            assert!(run.words.contains(words), "{args:?}: `{words}` is not in:\n{}", run.words);
        }
    };
    check(&["--task", "mnits"], &["unknown task `mnits`", "did you mean `mnist`"]);
    check(&["--task", "mnist", "--width", "0"], &["`width` is 0, expected a value from 1"]);
    check(&["--task", "mnist", "--width", "99999999"], &["`width` is 99999999"]);
    check(&["--task", "mnist", "--epochs", "0"], &["`epochs` is 0"]);
    check(&["--task", "mnist", "--epochs", "x"], &["invalid value 'x'"]);
    check(&["--task", "mnist", "--lr", "nan"], &["`lr` is NaN"]);
    check(&["--task", "mnist", "--threads", "0"], &["`--threads` is 0"]);
    check(&["--task", "mnist", "--cache-memory", "lots"], &["expected a size such as `1GiB`"]);
    check(&["--task", "mnist", "--cache-memory", "1"], &["`--cache-memory` allows 1", "hint: "]);
    check(&["--task", "mnist", "--cache-memory", "99999999TiB"], &["no machine has that much memory"]);
    check(&["--task", "mnist", "--config", "c.toml"], &["unknown field `learning_rate`"]);
    check(
        &["--task", "mnist", "--config", "t.toml"],
        &["unknown field `train`", "hint: settings stand by themselves"],
    );
    check(
        &["--task", "mnist", "--out", "plain"],
        &["`plain` is there already", "not written it", "hint: name another"],
    );
    check(&["--task", "mnist", "--out", "notes.md"], &["not written it: it is a text file"]);
    check(&["--task", "mnist", "--config", "none.toml"], &["cannot read `none.toml`"]);
    check(
        &["--task", "mnist", "--backbone", "imags"],
        &["unknown backbone `imags`", "did you mean `images`"],
    );
    check(&["--task", "mnist", "--backbone", "s.toml"], &["`s.toml`", "unknown field `width`"]);
    check(&["--task", "mnist", "--resume"], &["no checkpoint `mnist.safetensors.checkpoint`", "hint: "]);
    check(&["--task", "mnist", "--out", "."], &["cannot write `.`", "hint: name a file"]);
    check(&["--task", "mnist", "--out", "plain/x.safetensors"], &["cannot write `plain/x.safetensors`"]);
    check(&["--task", "mnist", "--out", "/dev/null"], &["cannot write `/dev/null`"]);
    check(&["--task", "kmnist"], &["kmnist", "hint: "]);
    check(&["--task", "mnist", "--data-dir", "nowhere"], &["nowhere", "hint: "]);
    check(&["--task", "./nowhere"], &["nowhere"]);
    let left: Vec<_> = std::fs::read_dir(home.path("."))
        .expect("the folder is there")
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.contains("safetensors") || name.starts_with(".bl-"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn bad_data_files_are_errors_and_an_existing_adapter_stays() {
    let home = Home::new();
    let precious = "12345678{\"__metadata__\":{\"bl_adapter\": precious";
    std::fs::write(home.path("mnist.safetensors"), precious).expect("a small file");
    let check = |damage: &dyn Fn(&Home), expected: &str| {
        home.idx("data/mnist", 30, 28, 28);
        damage(&home);
        let run =
            home.run(&["train", "--task", "mnist", "--data-dir", "data", "--width", "64", "--epochs", "1"]);
        assert_eq!(run.code, 2, "{}", run.words);
        assert!(run.words.contains(expected), "`{expected}` is not in:\n{}", run.words);
        let kept = std::fs::read_to_string(home.path("mnist.safetensors")).expect("it is there");
        assert_eq!(kept, precious);
    };
    let images = "data/mnist/train-images-idx3-ubyte";
    let labels = "data/mnist/train-labels-idx1-ubyte";
    let change = |path: &'static str, f: &'static dyn Fn(&mut Vec<u8>)| {
        move |home: &Home| {
            let mut bytes = std::fs::read(home.path(path)).expect("it was written");
            f(&mut bytes);
            std::fs::write(home.path(path), bytes).expect("a small file");
        }
    };
    check(&change(images, &|bytes| bytes.truncate(40)), "train-images-idx3-ubyte");
    check(&change(images, &|bytes| bytes[2] = 0x0d), "train-images-idx3-ubyte");
    check(&change(images, &|bytes| bytes[0] = 0x1f), "train-images-idx3-ubyte");
    check(&change(labels, &|bytes| *bytes.last_mut().expect("not empty") = 10), "label");
    check(&change(labels, &|bytes| bytes.push(0)), "train-labels-idx1-ubyte");
    check(
        &|home: &Home| std::fs::remove_file(home.path(labels)).expect("it was written"),
        "train-labels-idx1-ubyte",
    );
}

#[test]
fn pictures_of_another_size_than_the_tasks_are_an_error() {
    let home = Home::new();
    home.idx("data/kmnist", 30, 4, 4);
    let run = home.run(&["train", "--task", "kmnist", "--data-dir", "data", "--width", "64"]);
    assert_eq!(run.code, 2, "{}", run.words);
    assert!(run.words.contains("28"), "{}", run.words);
}

#[test]
fn a_disk_that_fills_up_leaves_the_old_adapter() {
    let home = Home::new();
    let small = home.path("small");
    std::fs::create_dir(&small).expect("a folder");
    let path = small.to_str().expect("a plain path").to_owned();
    let mount = |args: &[&str]| {
        std::process::Command::new("mount").args(args).status().is_ok_and(|status| status.success())
    };
    if !mount(&["-t", "tmpfs", "-o", "size=64k", "tmpfs", &path]) {
        eprintln!(
            "not run: mounting a small file system needs root (bl-core's tests fill one in another way)"
        );
        return;
    }
    let precious = "12345678{\"__metadata__\":{\"bl_adapter\": precious";
    std::fs::write(small.join("a.safetensors"), precious).expect("it fits");
    // 32,000 biases are 128 kB: more than there is room for.
    let out = "small/a.safetensors";
    let args = ["train", "--task", "mnist", "--width", "32000", "--epochs", "1", "--out", out];
    let run = home.run(&args);
    let kept = std::fs::read_to_string(small.join("a.safetensors"));
    let files = std::fs::read_dir(&small).map(Iterator::count);
    std::process::Command::new("umount").arg(&path).status().expect("it was mounted");
    assert_eq!(run.code, 2, "{}", run.words);
    assert!(run.words.contains("the disk is full"), "{}", run.words);
    let elsewhere =
        run.words.split("what was learned is in `").nth(1).and_then(|rest| rest.split('`').next());
    let elsewhere = elsewhere.expect("it is kept elsewhere");
    assert_eq!(home.run(&["verify", elsewhere]).code, 0);
    std::fs::remove_file(elsewhere).expect("it is there");
    assert_eq!(kept.expect("it is there"), precious);
    assert_eq!(files.expect("it can be listed"), 1, "nothing half-written");
}

#[test]
fn a_damaged_adapter_hides_no_other_in_a_list() {
    let home = Home::new();
    let train =
        ["train", "--task", "mnist", "--width", "96", "--epochs", "1", "--out", "all/good.safetensors"];
    assert_eq!(home.run(&train).code, 0);
    let good = std::fs::read(home.path("all/good.safetensors")).expect("it was written");
    std::fs::write(home.path("all/cut.safetensors"), &good[..200]).expect("a small change");
    std::fs::write(home.path("all/pointer.safetensors"), "version https://git-lfs.github.com/spec/v1\n")
        .expect("a small change");
    std::fs::create_dir(home.path("all/sub.safetensors")).expect("a small change");
    let run = home.run(&["list", "all"]);
    assert_eq!((run.code, run.result.lines().count()), (0, 1), "{}", run.words);
    for words in [
        "`all/cut.safetensors`: file is truncated",
        "Git LFS pointer",
        "`all/sub.safetensors`: it is a folder",
    ] {
        assert!(run.words.contains(words), "`{words}` is not in {}", run.words);
    }
    std::fs::remove_file(home.path("all/good.safetensors")).expect("a small change");
    assert_eq!(home.run(&["list", "all"]).code, 2, "there is no other");
}

#[test]
fn verify_prints_one_object_whatever_became_of_the_file() {
    let home = Home::new();
    std::fs::write(home.path("page.safetensors"), "<!doctype html><html></html>").expect("a small change");
    for command in [&["verify"][..], &["backbone", "verify"]] {
        for (file, code) in [("page.safetensors", 1), ("nowhere.safetensors", 2)] {
            let run = home.run(&[command, &[file, "--json"]].concat());
            let verdict = support::json(&run);
            assert_eq!(
                (run.code, &verdict["valid"]),
                (code, &false.into()),
                "{command:?} {file}: {}",
                run.words
            );
            assert!(verdict["message"].is_string() && verdict["hint"].is_string(), "{verdict}");
        }
    }
}

#[test]
fn a_backbone_that_takes_too_much_memory_is_refused_unless_allowed() {
    let home = Home::new();
    let args = ["backbone", "new", "--width", "100000", "--out", "b.safetensors"];
    let run = home.run_with(&args, &[("BL_MAX_MEMORY", "100MiB")]);
    assert_eq!(run.code, 2);
    assert!(
        run.words.contains("needs") && run.words.contains("hint: ") && run.words.contains("BL_MAX_MEMORY=")
    );
    let run = home.run_with(&["backbone", "show", "images"], &[("BL_MAX_MEMORY", "much")]);
    assert!(run.code == 2 && run.words.contains("`BL_MAX_MEMORY` is `much`"), "{}", run.words);
}

#[test]
fn a_damaged_adapter_is_a_negative_verification_and_an_error_elsewhere() {
    let home = Home::new();
    home.run(&["train", "--task", "mnist", "--width", "64", "--epochs", "1"]);
    let path = home.path("mnist.safetensors");
    let mut bytes = std::fs::read(&path).expect("it was written");
    let middle = bytes.len() - 100;
    bytes[middle] ^= 4;
    std::fs::write(&path, bytes).expect("a small file");
    let verify = home.run(&["verify", "mnist.safetensors"]);
    assert_eq!(verify.code, 1);
    assert!(verify.result.contains("not valid") && verify.result.contains("digest"), "{}", verify.result);
    for command in [&["inspect", "mnist.safetensors"][..], &["eval", "--adapter", "mnist.safetensors"]] {
        let run = home.run(command);
        assert_eq!(run.code, 2);
        assert!(run.words.contains("digest") && run.words.contains("hint: "), "{}", run.words);
    }
    assert_eq!(home.run(&["verify", "none.safetensors"]).code, 2);
}
