//! A folder of a user's own images, from a look at it to an adapter that knows how later images are prepared.

mod support;

use image::{Rgb, RgbImage};
use support::{Home, json};

/// Tall and wide bars of ink, anywhere on paper of any size; the ink of a class is of its colour.
fn write_folder(home: &Home, colours: [[u8; 3]; 2], paper: [u8; 3]) {
    for (class, name) in ["tall", "wide"].into_iter().enumerate() {
        let folder = home.path("bars").join(name);
        std::fs::create_dir_all(&folder).expect("a temporary folder");
        for i in 0..24_u32 {
            let size = if class == 0 { (10, 30 + i % 5) } else { (30 + i % 5, 10) };
            let (x, y) = (2 + 3 * (i % 10), 3 + 2 * (i % 13));
            let is_ink = |px: u32, py: u32| (x..x + size.0).contains(&px) && (y..y + size.1).contains(&py);
            let pixel = |px, py| Rgb(if is_ink(px, py) { colours[class] } else { paper });
            let picture = RgbImage::from_fn(70 + 4 * i, 110 - i, pixel);
            picture
                .save(folder.join(format!("{i:02}.{}", ["png", "bmp", "webp"][i as usize % 3])))
                .expect("saved");
        }
    }
    std::fs::write(home.path("bars/notes.txt"), "of these").expect("a small file");
    std::fs::write(home.path("bars/tall/labels.csv"), "a,b").expect("a small file");
}

const BLACK: [u8; 3] = [15; 3];
const WHITE: [u8; 3] = [245; 3];

#[test]
fn a_folder_is_looked_at_trained_on_and_found_again() {
    let home = Home::new();
    write_folder(&home, [BLACK; 2], WHITE);
    let info = home.run(&["data", "info", "./bars", "--sheet", "sheet.png"]);
    assert_eq!(info.code, 0, "{}", info.words);
    for words in
        ["dark on light", "chosen: 28 × 28 grey, dark on light inverted, ink cut out", "tall  ", "@@@"]
    {
        assert!(info.result.contains(words), "{words}: {}", info.result);
    }
    assert!(image::open(home.path("sheet.png")).expect("a PNG").width() > 500);

    let run = home.run(&["train", "--task", "./bars", "--width", "256"]);
    assert_eq!(run.code, 0, "{}", run.words);
    for words in [
        "1 of 49 files cannot be used and are left out",
        "prepared   of 40 images",
        "accuracy        100.00 %",
    ] {
        assert!(run.words.contains(words), "{words}: {}", run.words);
    }
    let header = json(&home.run(&["inspect", "bars.safetensors", "--json"]));
    assert_eq!(header["input"]["fit"], serde_json::json!({ "how": "cut", "side": 20 }));
    // The folder is found by its name, or by the arguments of the line `next`.
    for more in [&[][..], &["--task", "./bars"]] {
        let eval = home.run(&[&["eval", "bars.safetensors"], more].concat());
        assert_eq!(eval.code, 0, "{}", eval.words);
        assert!(eval.words.contains("the test set and all metrics are as recorded"), "{}", eval.words);
    }
    std::fs::rename(home.path("bars"), home.path("moved")).expect("renamed");
    let eval = home.run(&["eval", "bars.safetensors"]);
    assert!(eval.words.contains("`--task ./bars` (as it was typed for training)"), "{}", eval.words);
    assert_eq!(home.run(&["eval", "bars.safetensors", "--task", "./moved"]).code, 0);
}

/// A name is not enough: the images tell whether a folder is the one that was learned from.
#[test]
fn an_own_folder_is_found_where_it_was_and_another_is_never_taken_for_it() {
    let home = Home::new();
    write_folder(&home, [BLACK; 2], WHITE);
    let (bars, kept) = (home.path("bars"), home.path("sub/bars"));
    std::fs::create_dir(home.path("sub")).expect("a temporary folder");
    std::fs::rename(&bars, &kept).expect("renamed");
    let run = home.run(&["train", "--task", "sub/bars", "--width", "64", "--epochs", "2"]);
    assert_eq!(run.code, 0, "{}", run.words);
    let eval = |code: i32, words: &str| {
        let eval = home.run(&["eval", "bars.safetensors", "--data-dir", "data"]);
        assert!(eval.code == code && eval.words.contains(words), "{words}: {}", eval.words);
    };
    eval(0, "the test set and all metrics are as recorded");
    // Others of the same name lie here.
    write_folder(&home, [BLACK; 2], WHITE);
    std::fs::remove_file(home.path("bars/tall/05.webp")).expect("one of those kept for testing");
    eval(0, "the folder `./sub/bars`");
    std::fs::rename(&kept, home.path("moved")).expect("renamed");
    eval(2, "`./bars` has other test images than the folder that the adapter was trained on (`sub/bars`)");
    eval(2, "to measure on it all the same, name it: `--task ./bars`");
    assert_eq!(home.run(&["eval", "bars.safetensors", "--task", "./bars"]).code, 0);
    std::fs::remove_dir_all(&bars).expect("removed");
    eval(2, "(`sub/bars`) is at none of `./sub/bars`, `./bars`, `data/bars`");
    std::fs::create_dir(home.path("data")).expect("a temporary folder");
    std::fs::rename(home.path("moved"), home.path("data/bars")).expect("renamed");
    eval(0, "the test set and all metrics are as recorded");
}

#[test]
fn what_a_run_did_beyond_its_epochs_is_said_and_reported() {
    let home = Home::new();
    write_folder(&home, [BLACK; 2], WHITE);
    let train = [
        "train",
        "--task",
        "./bars",
        "--width",
        "64",
        "--epochs",
        "20",
        "--shift",
        "2",
        "--flip",
        "--patience",
        "2",
    ];
    let run = home.run(&train);
    assert_eq!(run.code, 0, "{}", run.words);
    for words in [
        "varied     training images, otherwise in every epoch: shifted by up to 2 pixels, half of them mirrored",
        "validation      4 images held out; epoch ",
    ] {
        assert!(run.words.contains(words), "{words}: {}", run.words);
    }
    let report = json(&home.run(&[&train[..], &["--json"]].concat()));
    let varied = serde_json::json!({ "shift": 2.0, "rotate": 0.0, "flip": true });
    assert_eq!((&report["augmentation"], &report["dataset"]["validation"]), (&varied, &4.into()));
    assert!(report["kept_epoch"].as_u64() <= report["epochs"].as_u64(), "{report}");
    let plain = json(&home.run(&["train", "--task", "./bars", "--width", "64", "--epochs", "2", "--json"]));
    assert_eq!((&plain["augmentation"], &plain["kept_epoch"]), (&serde_json::Value::Null, &2.into()));
}

/// Noise: nothing can be told apart, and what was learned holds for nothing else.
#[test]
fn a_classifier_that_is_no_better_than_a_guess_is_said_to_be_so() {
    let home = Home::new();
    for class in ["a", "b"] {
        std::fs::create_dir_all(home.path("noise").join(class)).expect("a temporary folder");
        for i in 0..36_u32 {
            let mut state = i * 2 + u32::from(class == "b") + 1;
            let noise = RgbImage::from_fn(30, 30, |_, _| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                Rgb([(state >> 24) as u8; 3])
            });
            noise.save(home.path("noise").join(class).join(format!("{i}.png"))).expect("saved");
        }
    }
    let run = home.run(&["train", "--task", "./noise", "--width", "512"]);
    for words in [
        "warning: test accuracy ",
        "train accuracy ",
        "no better than a guess",
        "data info TASK --sheet",
        "`--fit`",
    ] {
        assert!(run.words.contains(words), "{words}: {}", run.words);
    }
    let eval = json(&home.run(&["eval", "noise.safetensors", "--json"]));
    assert!(eval["doubt"].as_str().is_some_and(|doubt| doubt.contains("no better than a guess")), "{eval}");
}

#[test]
fn a_sheet_is_what_its_name_says() {
    let home = Home::new();
    write_folder(&home, [BLACK; 2], WHITE);
    for (name, start) in [("s.png", &b"\x89PNG"[..]), ("s.svg", b"<svg"), ("S.SVG", b"<svg")] {
        assert_eq!(home.run(&["data", "info", "./bars", "--sheet", name]).code, 0);
        assert!(std::fs::read(home.path(name)).expect("written").starts_with(start), "{name}");
    }
    for name in ["s.jpg", "s"] {
        let run = home.run(&["data", "info", "./bars", "--sheet", name]);
        assert!(run.code == 2 && run.words.contains("ends in `.png` or `.svg`"), "{name}: {}", run.words);
        assert!(!home.path(name).exists());
    }
}

#[test]
fn what_is_not_there_is_generated_or_fetched_by_a_line_that_can_be_pasted() {
    let home = Home::new();
    std::fs::create_dir_all(home.path("data/cifar10/cifar-10-batches-py")).expect("a temporary folder");
    std::fs::write(home.path("data/cifar10/cifar-10-batches-py/data_batch_1"), [0x80, 2])
        .expect("a small file");
    let list = home.run(&["data", "list", "--data-dir", "data"]).result;
    for words in [
        "nothing in data/vai; `bl-adapt data generate vai --data-dir data`",
        "nothing in data/kmnist; `bl-adapt data fetch kmnist --data-dir data`",
        "data/cifar10 holds the Python version, which is not read; `bl-adapt data fetch cifar10 --data-dir data`",
    ] {
        assert!(list.contains(words), "{words}: {list}");
    }
}

#[test]
fn classes_are_matched_by_their_names_whatever_their_order() {
    let home = Home::new();
    home.bars("bars", 30);
    let run = home.run(&["train", "--task", "./bars", "--width", "256"]);
    assert_eq!(run.code, 0, "{}", run.words);
    let eval = |folder: &str| home.run(&["eval", "bars.safetensors", "--task", folder, "--json"]);
    let accuracy = |folder: &str| {
        let run = eval(folder);
        assert_eq!(run.code, 0, "{folder}: {}", run.words);
        json(&run)["accuracy"].as_f64().unwrap_or(0.0)
    };
    assert!(accuracy("./bars") > 0.9);
    // A table numbers its classes in another order, and a renamed class is sorted elsewhere.
    let rename = |from: &str, to: &str| std::fs::rename(home.path(from), home.path(to)).expect("renamed");
    for (renamed, lacks, has) in [("upright", "`down`", "`upright`"), ("a-line", "`down`", "`a-line`")] {
        rename("bars/down", &format!("bars/{renamed}"));
        let run = eval("./bars");
        assert_eq!(run.code, 2, "{renamed}: {}", run.result);
        let expected = format!(
            "knows the classes {lacks}, which are not here, task `bars` has the classes {has}, which it does not know"
        );
        assert!(run.words.contains(&expected), "{}", run.words);
        assert!(run.words.contains("hint: classes are matched by their names"), "{}", run.words);
        rename(&format!("bars/{renamed}"), "bars/down");
    }
    rename("bars/down", "bars/x");
    rename("bars/across", "bars/down");
    rename("bars/x", "bars/across");
    assert!(accuracy("./bars") < 0.1, "what is named so counts so");
    // Numbers are places among names.
    rename("bars/down", "bars/0");
    rename("bars/across", "bars/1");
    assert!(accuracy("./bars") > 0.9);
    let words = eval("./bars").words;
    assert!(words.contains("its numbers are taken as places among those"), "{words}");
}

#[test]
fn what_is_wished_of_the_form_is_done_and_recorded() {
    let home = Home::new();
    write_folder(&home, [[200, 20, 20], [20, 20, 200]], WHITE);
    let train = |more: &[&str]| {
        let run =
            home.run(&[&["train", "--task", "./bars", "--width", "64", "--epochs", "2"], more].concat());
        assert_eq!(run.code, 0, "{}", run.words);
        json(&home.run(&["inspect", "bars.safetensors", "--json"]))["input"].clone()
    };
    let check = |more: &[&str], expected: (u32, u32, u32), polarity: &str, how: &str| {
        let input = train(more);
        let shape = ["height", "width", "channels"].map(|side| input[side].as_u64().unwrap_or(0));
        assert_eq!(shape, [expected.0, expected.1, expected.2].map(u64::from), "{more:?}");
        assert_eq!((&input["polarity"], &input["fit"]["how"]), (&polarity.into(), &how.into()), "{more:?}");
        assert_eq!(home.run(&["eval", "bars.safetensors"]).code, 0, "the form is in the adapter");
    };
    check(&[], (32, 32, 3), "as_is", "cut");
    check(&["--channels", "1"], (28, 28, 1), "light_on_dark", "cut");
    check(&["--fit", "whole", "--size", "16x20"], (16, 20, 3), "as_is", "whole");
    check(&["--channels", "1", "--invert", "false"], (28, 28, 1), "as_is", "cut");
    for (more, words) in [
        (&["--channels", "2"][..], "invalid value '2'"),
        (&["--size", "0"], "expected a side of 1 to 1024 pixels, or HEIGHTxWIDTH, found `0`"),
        (&["--fit", "most"], "invalid value 'most'"),
        (&["--size", "1024"], "expected at most 65,536"),
        (&["--size", "3", "--channels", "1"], "`--backbone images-pixels` has no filters"),
    ] {
        let run = home.run(&[&["train", "--task", "./bars"], more].concat());
        assert!(run.code == 2 && run.words.contains(words), "{more:?}: {}", run.words);
    }
    let run = home.run(&["train", "--task", "mnist", "--size", "1024"]);
    assert!(run.code == 2 && run.words.contains("choose a smaller `--size`"), "{}", run.words);
    let run = home.run(&["train", "--task", "lorenz", "--size", "8"]);
    assert!(run.words.contains("`size` applies to tasks of images"), "{}", run.words);
}

#[test]
fn sets_in_the_manner_of_afro_mnist_are_made_where_tasks_find_them() {
    let home = Home::new();
    let few = ["--train", "40", "--test", "20"];
    let made =
        json(&home.run(&[&["data", "generate", "vai", "--data-dir", "data", "--json"], &few[..]].concat()));
    assert_eq!(
        (&made["train"], &made["seed"], made["files"].as_array().map(Vec::len)),
        (&40.into(), &1.into(), Some(4))
    );
    let info = json(&home.run(&["data", "info", "vai", "--data-dir", "data", "--json"]));
    assert_eq!((&info["train"], &info["source"]), (&40.into(), &"generated".into()));
    let digest = |seed: &str| {
        let run =
            home.run(&[&["data", "generate", "vai", "--out", "here", "--seed", seed], &few[..]].concat());
        assert_eq!(run.code, 0, "{}", run.words);
        json(&home.run(&["data", "info", "./here", "--json"]))["train_sha256"].clone()
    };
    assert_eq!(digest("1"), info["train_sha256"]);
    assert_ne!(digest("2"), info["train_sha256"]);
    std::fs::write(home.path("here/Vai_MNIST_X_train.npy"), "official").expect("a small file");
    for (args, words) in [
        (&["data", "generate", "mnist"][..], "expected `ethiopic`, `vai`, `osmanya` or `nko`, found `mnist`"),
        (&["data", "generate", "vai", "--out", "here"], "Vai_MNIST_X_train.npy` is there already"),
        (&["data", "generate", "vai", "--train", "0"], "expected 1 to 1000000 images"),
    ] {
        let run = home.run(args);
        assert!(run.code == 2 && run.words.contains(words), "{args:?}: {}", run.words);
    }
}
