//! The form that sets of arrays are brought to, and the binary version of CIFAR-10.

use std::path::Path;

use bl_core::io::{Fit, Polarity};
use bl_tasks::{DataDir, Form, Images, Request, Task, inputs};

use crate::files::{idx, npy, pixels, write};
use crate::forms::{images, open};

/// Images of 2 x 3 in three colours, and their labels.
const SHAPE: [u32; 4] = [12, 2, 3, 3];

fn write_set(folder: &Path, shape: &[u32]) {
    for half in ["train", "t10k"] {
        let values = shape.iter().product::<u32>() as usize;
        let dimensions = shape.len();
        write(
            folder.join(format!("{half}-images-idx{dimensions}-ubyte")),
            &idx(shape, &pixels(values, half.len())),
        );
        let labels: Vec<u8> = (0..shape[0]).map(|i| (i % 3) as u8).collect();
        write(folder.join(format!("{half}-labels-idx1-ubyte")), &idx(&[shape[0]], &labels));
    }
}

#[test]
fn arrays_in_colour_are_sets_and_inputs() {
    let folder = tempfile::tempdir().unwrap();
    write_set(folder.path(), &SHAPE);
    let task = open(folder.path(), Form::default()).unwrap();
    let Images { input, train, .. } = images(&task);
    assert_eq!((train.shape(), train.len()), ([2, 3, 3], 12));
    assert_eq!(train.images, pixels(12 * 18, 5), "as they are");
    assert_eq!(task.kind().summary(), "12 training and 12 test images of 2 × 3 in colour, 3 classes");

    let numpy = tempfile::tempdir().unwrap();
    for half in ["train", "test"] {
        write(
            numpy.path().join(format!("x_{half}.npy")),
            &npy("'|u1'", "(12, 2, 3, 3)", &pixels(12 * 18, 5)),
        );
        let labels: Vec<u8> = (0..12).map(|i| i % 3).collect();
        write(numpy.path().join(format!("y_{half}.npy")), &npy("'|u1'", "(12,)", &labels));
    }
    assert_eq!(images(&open(numpy.path(), Form::default()).unwrap()).train, *train);

    let read = |name: &str, bytes: &[u8]| {
        let path = numpy.path().join(name);
        write(&path, bytes);
        inputs::read(&path, input).map_err(|error| error.to_string().rsplit("`: ").next().unwrap().to_owned())
    };
    for (name, bytes) in [
        ("x-ubyte", idx(&SHAPE, &train.images)),
        ("x.npy", npy("'|u1'", "(12, 2, 3, 3)", &train.images)),
        ("x.npy", npy("'|u1'", "(12, 18)", &train.images)),
    ] {
        let each = read(name, &bytes).unwrap();
        assert_eq!((each.len(), &*each[3].as_ref().unwrap().pixels), (12, train.image(3)), "{name}");
    }
    let one = npy("'|u1'", "(2, 3, 3)", train.image(1));
    assert_eq!(read("x.npy", &one).unwrap()[0].as_ref().unwrap().pixels, train.image(1));
    let grey = "expected images of height 2 and width 3 in colour (3 channels), found height 2 and width 3 in grey (1 channel)";
    assert_eq!(read("x-ubyte", &idx(&[2, 2, 3], &[9; 12])).unwrap_err(), grey);
    assert_eq!(read("x.npy", &npy("'|u1'", "(5, 2, 3)", &[9; 30])).unwrap_err(), grey);
    let other = "expected images of height 2 and width 3, found height 3 and width 2";
    assert_eq!(read("x.npy", &npy("'|u1'", "(2, 3, 2, 3)", &[9; 36])).unwrap_err(), other);
    let shape = "expected images of shape [n, 2, 3, 3], [n, 18] or [2, 3, 3], found the shape [2, 2, 3, 4]";
    assert_eq!(read("x.npy", &npy("'|u1'", "(2, 2, 3, 4)", &[9; 48])).unwrap_err(), shape);

    write_set(folder.path(), &[12, 3, 2, 5]);
    let error = open(folder.path(), Form::default()).err().unwrap();
    assert!(
        error.to_string().ends_with("expected images of 1 or 3 channels, found the shape [12, 3, 2, 5]"),
        "{error}"
    );
}

#[test]
fn a_set_of_arrays_is_brought_to_a_form_that_is_stated() {
    let folder = tempfile::tempdir().unwrap();
    write_set(folder.path(), &SHAPE);
    let form = Form { size: Some("8x6".parse().unwrap()), channels: Some(1), ..Form::default() };
    let task = open(folder.path(), form).unwrap();
    assert_eq!(images(&task).train.shape(), [8, 6, 1]);
    let learned = Form { learned: Some(images(&task).input), ..Form::default() };
    assert_eq!(images(&open(folder.path(), learned).unwrap()).test, images(&task).test);

    let mnist = |form| open(Path::new("mnist"), form).unwrap();
    let large = mnist(Form { size: Some("32".parse().unwrap()), ..Form::default() });
    assert_eq!(
        large.prepared.as_deref().unwrap(),
        "32 × 32 grey, light on dark as they are (others would be inverted), ink of other sizes cut out and scaled to 23"
    );
    assert_eq!(images(&large).test.shape(), [32, 32, 1]);
    assert_eq!(mnist(Form::default()).prepared, None, "a set of the catalogue is taken as it is");
}

#[test]
fn arrays_of_ink_say_how_others_become_like_them() {
    let check = |ink: u8, paper: u8, form: Form, expected: (Polarity, Fit), is_inverted: bool| {
        let folder = tempfile::tempdir().unwrap();
        let mut values = vec![paper; 12 * 400];
        for (i, image) in values.chunks_exact_mut(400).enumerate() {
            (5..15).for_each(|y| image[y * 20 + 5..y * 20 + 9 + i % 3].fill(ink));
        }
        for half in ["train", "t10k"] {
            write(folder.path().join(format!("{half}-images-idx3-ubyte")), &idx(&[12, 20, 20], &values));
            let labels: Vec<u8> = (0..12).map(|i| i % 3).collect();
            write(folder.path().join(format!("{half}-labels-idx1-ubyte")), &idx(&[12], &labels));
        }
        let task = open(folder.path(), form).unwrap();
        let Images { input, train, .. } = images(&task);
        assert_eq!((input.polarity, input.fit), expected, "{:?}", task.prepared);
        assert_eq!(
            task.prepared.as_ref().unwrap().contains("dark on light inverted"),
            is_inverted,
            "{:?}",
            task.prepared
        );
        assert_eq!(train.images[0], if is_inverted { 255 - paper } else { paper });
    };
    let (ink, none) = (Fit::InkBox { side: 10 }, Form::default());
    check(250, 3, none, (Polarity::LightOnDark, ink), false);
    check(3, 250, none, (Polarity::AsIs, ink), false);
    check(3, 250, Form { invert: Some(true), ..none }, (Polarity::LightOnDark, ink), true);
}

#[test]
fn the_binary_version_of_cifar_10_is_read() {
    // A label, then all red, all green and all blue.
    let record = |label: u8| {
        let mut record = vec![label];
        (0..3).for_each(|channel: u8| {
            record.extend((0..1024).map(|pixel| (pixel as u8).wrapping_mul(3) ^ channel ^ label));
        });
        record
    };
    let batch = |labels: &[u8]| labels.iter().flat_map(|&label| record(label)).collect::<Vec<u8>>();
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("cifar10");
    for i in 1..=5 {
        write(folder.join(format!("data_batch_{i}.bin")), &batch(&[0, 1, i]));
    }
    write(folder.join("test_batch.bin"), &batch(&[1, 0]));
    let data = DataDir { root: root.path().into(), explicit: true };
    let task = Task::open("cifar10", &Request::of(data.clone())).unwrap();
    let Images { train, test, labels, .. } = images(&task);
    assert_eq!(
        (train.len(), train.labels.as_slice(), test.len()),
        (15, &[0, 1, 1, 0, 1, 2, 0, 1, 3, 0, 1, 4, 0, 1, 5][..], 2)
    );
    assert_eq!((train.shape(), &train.image(1)[3..6]), ([32, 32, 3], &[3 ^ 1, 3, 3 ^ 2 ^ 1][..]));
    assert_eq!(labels[9], "truck");
    assert!(
        task.notice.as_ref().unwrap().contains("hold 15 + 2 images, the official set has 50,000 + 10,000")
    );

    // The same in a folder of one's own, with the names that lie beside the batches.
    assert_eq!(images(&open(&folder, Form::default()).unwrap()).labels, ["0", "1", "2", "3", "4", "5"]);
    write(folder.join("batches.meta.txt"), b"airplane\nautomobile\nbird\ncat\ndeer\ndog\n\n");
    assert_eq!(images(&open(&folder, Form::default()).unwrap()).labels[5], "dog");

    write(folder.join("data_batch_3.bin"), &batch(&[1])[1..]);
    let error = open(&folder, Form::default()).err().unwrap().to_string();
    assert!(
        error.ends_with("expected whole records of 3073 bytes (CIFAR-10's binary version), found 3072 bytes"),
        "{error}"
    );
    std::fs::remove_file(folder.join("data_batch_4.bin")).unwrap();
    let error = Task::open("cifar10", &Request::of(data)).err().unwrap().to_string();
    assert!(error.ends_with("missing `data_batch_4.bin`"), "{error}");
    // As a folder of one's own, and in the folder of data sets.
    let pickled = tempfile::tempdir().unwrap();
    write(pickled.path().join("cifar10/cifar-10-batches-py/data_batch_1"), b"\x80\x02");
    let of_folder = open(&pickled.path().join("cifar10"), Form::default()).err().unwrap();
    let data = DataDir { root: pickled.path().into(), explicit: true };
    let of_data = Task::open("cifar10", &Request::of(data)).err().unwrap();
    for error in [&of_folder, &of_data] {
        assert!(error.to_string().contains("the Python version of CIFAR-10"), "{error}");
        assert!(error.hint().unwrap().contains("bl-adapt data fetch cifar10"));
    }
    assert!(of_data.hint().unwrap().contains("cifar10 --data-dir "));
}
