//! What a user gives to be predicted, in every format.

use std::path::Path;

use bl_core::io::{Fit, InputSchema, Polarity};
use bl_tasks::Error;
use bl_tasks::inputs::{NamedPicture, read as read_each};
use proptest::prelude::*;

use crate::files::{floats, gzip, idx, npy, pixels, png, write};

/// Pictures of 2 rows and 3 columns.
const SMALL: InputSchema =
    InputSchema { height: 2, width: 3, channels: 1, polarity: Polarity::AsIs, fit: Fit::Whole };

/// All images of a path, or the first error.
fn read(path: &Path, input: &InputSchema) -> Result<Vec<NamedPicture>, Error> {
    read_each(path, input)?.into_iter().collect()
}

/// What reading a file of that name gives; errors without the folder.
fn given(name: &str, bytes: &[u8]) -> Result<Vec<NamedPicture>, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    write(&path, bytes);
    read(&path, &SMALL).map_err(|error| strip(&error.to_string(), folder.path()))
}

fn strip(message: &str, folder: &Path) -> String {
    message.replace(&format!("{}/", folder.display()), "")
}

fn shapes() -> Vec<(&'static str, Vec<u8>)> {
    let values = pixels(12, 4);
    let as_floats = floats(&values.iter().map(|&v| f64::from(v)).collect::<Vec<_>>());
    let line = |values: &[u8]| values.iter().map(u8::to_string).collect::<Vec<_>>().join(",");
    let csv = format!("{}\n{}\n", line(&values[..6]), line(&values[6..]));
    vec![
        ("images-idx3-ubyte", idx(&[2, 2, 3], &values)),
        ("no-extension", gzip(&idx(&[2, 2, 3], &values))),
        ("a.npy", npy("'|u1'", "(2, 2, 3)", &values)),
        ("b.npy", npy("'<f8'", "(2, 6)", &as_floats)),
        ("c.csv", csv.clone().into_bytes()),
        ("d.CSV", format!("\u{feff}p0,p1,p2,p3,p4,p5\r\n\r\n{}", csv.replace('\n', "\r\n")).into_bytes()),
        (
            "e.csv",
            format!("\"label\",a,b,c,d,e,f\n3,{}\n 7 , {}", line(&values[..6]), line(&values[6..]))
                .into_bytes(),
        ),
    ]
}

#[test]
fn every_format_gives_the_same_images() {
    let values = pixels(12, 4);
    for (name, bytes) in shapes() {
        let found = given(name, &bytes).unwrap();
        let read: Vec<&[u8]> = found.iter().map(|picture| &*picture.pixels).collect();
        assert_eq!(read, [&values[..6], &values[6..]], "{name}");
        assert_eq!(found[1].how, "used as it is, 2x3", "{name}");
    }
}

#[test]
fn images_are_named_so_that_they_can_be_found() {
    let names = |name: &str| {
        let bytes = shapes().into_iter().find(|(other, _)| *other == name).unwrap().1;
        let found = given(name, &bytes).unwrap();
        found.into_iter().map(|picture| (picture.name, picture.label)).collect::<Vec<_>>()
    };
    assert_eq!(names("b.npy"), [("b.npy[0]".into(), None), ("b.npy[1]".into(), None)]);
    assert_eq!(names("d.CSV"), [("d.CSV:3".into(), None), ("d.CSV:4".into(), None)]); // lines of the file
    assert_eq!(names("e.csv"), [("e.csv:2".into(), Some(3)), ("e.csv:3".into(), Some(7))]);
}

#[test]
fn content_counts_more_than_the_extension() {
    let picture = png(3, 2, 99);
    assert_eq!(given("digit.csv", &picture).unwrap()[0].pixels, [99; 6]);
    assert_eq!(given("digit", &picture).unwrap()[0].name, "digit");
    let one = given("one.png", &npy("'|u1'", "(2, 3)", &[1, 2, 3, 4, 5, 6])).unwrap();
    assert_eq!(one[0].pixels, [1, 2, 3, 4, 5, 6]);
}

#[test]
fn a_folder_of_images_is_read_in_order() {
    let folder = tempfile::tempdir().unwrap();
    for (name, shade) in [("b.png", 2), ("a.png", 1), ("c", 3)] {
        write(folder.path().join(name), &png(3, 2, shade));
    }
    write(folder.path().join(".hidden"), b"x");
    let found = read(folder.path(), &SMALL).unwrap();
    let found: Vec<_> = found.iter().map(|picture| (&*picture.name, picture.pixels[0])).collect();
    assert_eq!(found, [("a.png", 1), ("b.png", 2), ("c", 3)]);

    let message = |path: &Path| strip(&read(path, &SMALL).unwrap_err().to_string(), folder.path());
    write(folder.path().join("d.txt"), b"hello");
    assert_eq!(
        message(folder.path()),
        "`d.txt`: expected a PNG, JPEG, WebP, BMP, GIF or TIFF image, found a file that starts with `hello`"
    );
    write(folder.path().join("classes/0/a.png"), b"");
    let nested = folder.path().join("classes");
    assert_eq!(message(&nested), "expected only images, found the folder `classes/0`");
    let hint = strip(&read(&nested, &SMALL).unwrap_err().hint().unwrap(), folder.path());
    assert!(hint.contains("`--task classes` shows and measures"), "{hint}");
    assert!(hint.ends_with("`--input classes/0`"), "{hint}");
    std::fs::create_dir(folder.path().join("empty")).unwrap();
    assert_eq!(message(&folder.path().join("empty")), "the folder `empty` has no images");
}

/// What is in a folder is not there for somebody to wait for; what is named may be.
#[cfg(unix)]
#[test]
fn what_a_folder_has_that_is_no_plain_file_is_not_opened() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path().join("a.png"), &png(3, 2, 1));
    let pipe = folder.path().join("b.png");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let message = || strip(&read(folder.path(), &SMALL).unwrap_err().to_string(), folder.path());
    assert_eq!(message(), "cannot read `b.png`: it is not a plain file");
    std::fs::remove_file(&pipe).unwrap();
    std::os::unix::fs::symlink("/dev/zero", &pipe).unwrap();
    assert_eq!(message(), "cannot read `b.png`: it is not a plain file");
}

#[test]
fn a_file_that_is_too_long_is_refused_before_it_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.png");
    write(&path, &png(3, 2, 1));
    std::fs::File::options().write(true).open(&path).unwrap().set_len(15 << 30).unwrap(); // a hole
    let error = strip(&read(&path, &SMALL).unwrap_err().to_string(), folder.path());
    assert_eq!(error, "`a.png`: expected an image file of at most 256 MiB, found more");
}

#[test]
fn one_that_cannot_be_used_keeps_no_other_from_being_read() {
    let folder = tempfile::tempdir().unwrap();
    let ink = InputSchema { polarity: Polarity::LightOnDark, ..SMALL };
    let strip = |message: String| strip(&message, folder.path());
    let each = |path: &Path| -> Vec<Result<String, String>> {
        let all = read_each(path, &ink).unwrap().into_iter();
        all.map(|one| one.map(|one| one.name).map_err(|error| strip(error.to_string()))).collect()
    };
    let good =
        crate::files::encoded(&crate::files::grey(3, 2, |x, _| x as u8 * 120), image::ImageFormat::Png);
    write(folder.path().join("all/a.png"), &good);
    write(folder.path().join("all/b.png"), b"");
    write(folder.path().join("all/c.png"), &good[..50]);
    write(folder.path().join("all/d/e.png"), &good);
    write(folder.path().join("all/f.png"), &png(3, 2, 9));
    write(folder.path().join("all/g.png"), &good);
    let found = each(&folder.path().join("all"));
    let errors: Vec<&str> = found.iter().filter_map(|one| one.as_ref().err()).map(String::as_str).collect();
    assert_eq!(
        errors,
        [
            "`all/b.png`: expected a PNG, JPEG, WebP, BMP, GIF or TIFF image, found an empty file",
            "`all/c.png`: the image cannot be decoded: unexpected end of file",
            "expected only images, found the folder `all/d`",
            "`all/f.png`: the image is blank: expected ink on a plain ground, found one shade (9 of 255)",
        ]
    );
    assert_eq!((found[0].as_deref(), found[5].as_deref()), (Ok("a.png"), Ok("g.png")));
    std::fs::remove_file(folder.path().join("all/a.png")).unwrap();
    std::fs::remove_file(folder.path().join("all/g.png")).unwrap();
    let error = strip(read_each(&folder.path().join("all"), &ink).unwrap_err().to_string());
    assert!(error.starts_with("4 files cannot be used:\n`all/b.png`: expected"), "{error}");

    let path = folder.path().join("x.npy");
    write(&path, &npy("'|u1'", "(3, 2, 3)", &[0, 99, 0, 0, 0, 0, 5, 5, 5, 5, 5, 5, 0, 0, 200, 0, 0, 0]));
    let found = each(&path);
    assert!(found[0].is_ok() && found[2].is_ok());
    assert!(found[1].as_ref().unwrap_err().starts_with("`x.npy[1]`: the image is blank"));
}

#[test]
fn hints_lead_out() {
    let hint = |name: &str, bytes: &[u8]| {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path().join(name), bytes);
        let input = InputSchema { polarity: Polarity::LightOnDark, ..SMALL };
        read(&folder.path().join(name), &input).unwrap_err().hint().unwrap_or_default()
    };
    let real = |values: [f64; 6]| hint("x.npy", &npy("'<f8'", "(2, 3)", &floats(&values)));
    let whole =
        |values: [u16; 6]| hint("x.npy", &npy("'<u2'", "(2, 3)", &values.map(u16::to_le_bytes).concat()));
    for (found, expected) in [
        (real([-1.0, 0.0, 1.0, 0.5, 0.2, 0.1]), "`(array + 1) / 2`"),
        (real([-0.42, 2.8, 0.0, 0.0, 0.0, 0.0]), "the values are -0.42 to 2.8: undo the standardisation"),
        (real([-128.0, 127.0, 0.0, 0.0, 0.0, 0.0]), "+ 128).astype"),
        (real([0.0, 0.001, 0.0, 0.0, 0.0, 0.0]), "array * 255 / array.max()"),
        (whole([0, 4080, 0, 0, 0, 0]), "(array / 4095 * 255)"),
        (whole([0, 65_280, 0, 0, 0, 0]), "(array / 65535 * 255)"),
        (hint("x.tsv", b"1\t2\t3\t4\t5\t6\n"), "`tr '\\t' ',' < OLD.tsv > NEW.csv`"),
        (hint("x.ico", b"\0\0\x01\0\x01\0"), "convert it to PNG"),
    ] {
        assert!(found.contains(expected), "{found} has no {expected}");
    }
}

#[test]
fn malformed_input_says_where_and_what() {
    fn check(name: &str, bytes: &[u8], expected: &str) {
        assert_eq!(given(name, bytes).unwrap_err(), expected);
    }
    check("x.csv", b"1,2,3,4,5,6\n1,2,3,4,5\n", "`x.csv`, line 2: expected 6 columns, found 5");
    check("x.csv", b"9,1,2,3,4,5,6\n", "`x.csv`, line 1: expected 6 columns, found 7");
    check("x.csv", b"a,b,c,d,e,f,g\n", "`x.csv`, line 1: expected 6 columns, found 7");
    check("x.csv", b"label,b,c,d,e,f\n", "`x.csv`, line 1: expected 7 columns, found 6");
    check("x.csv", b"1;2;3;4;5;6\n", "`x.csv`, line 1: expected 6 columns, found 1");
    let value = "expected a number from 0 to 255 in column";
    check("x.csv", b"\n1,2,3,4,5,256\n", &format!("`x.csv`, line 2: {value} 6, found `256`"));
    check("x.csv", b"-1,2,3,4,5,6\n", &format!("`x.csv`, line 1: {value} 1, found `-1`"));
    check(
        "x.csv",
        b"0,0,0,0,0,0\n1,0.5,3,4,5,6\n",
        "`x.csv`, line 2: expected values from 0 to 1 or from 0 to 255, found a largest value of 6, which could be of either",
    );
    check(
        "x.csv",
        b"label,a,b,c,d,e,f\n1.5,2,3,4,5,6,7\n",
        "`x.csv`, line 2: expected a label, a whole number from 0 to 255, found `1.5`",
    );
    let utf16: Vec<u8> = "1,2,3,4,5,6\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    check("x.csv", &utf16, "`x.csv`, line 1: expected UTF-8 text, found UTF-16");
    check("x.csv", &[b"\xff\xfe", &*utf16].concat(), "`x.csv`, line 1: expected UTF-8 text, found UTF-16");
    let old = "`x.csv`, line 1: expected lines that end in LF or CRLF, found CR alone";
    check("x.csv", b"1,2,3,4,5,6\r1,2,3,4,5,6\r", old);
    check("x.csv", "1,2,3,4,5,6\r".repeat(100).as_bytes(), old);
    check(
        "x.csv",
        b"<!doctype html>",
        "expected an image (PNG, JPEG, WebP, BMP, GIF, TIFF), IDX, NPY or CSV, found `x.csv`, which is an HTML page",
    );
    check("x.csv", b"1,,3,4,5,6\n", &format!("`x.csv`, line 1: {value} 2, found ``"));
    check("x.csv", b"label,a,b,c,d,e,f\n1,2,3,4,5,6,x\n", &format!("`x.csv`, line 2: {value} 7, found `x`"));
    check(
        "x.csv",
        b"1,2,3,4,5,6\n1,2,3,4,5,\xff\n",
        "`x.csv`, line 2: expected UTF-8 text, found other bytes",
    );
    check("x.csv", &[b'1'; 1000], "`x.csv`, line 1: expected a line of at most 448 bytes, found more");
    check("x.csv", b"", "`x.csv`, line 1: expected an image, found the end of the file");
    check("x.csv", b"a,b,c,d,e,f\n\n", "`x.csv`, line 3: expected an image, found the end of the file");

    let size = "expected images of height 2 and width 3, found";
    check("x", &idx(&[1, 3, 2], &[0; 6]), &format!("`x`: {size} height 3 and width 2"));
    check("x", &idx(&[6], &[0; 6]), "`x`: expected 3 or 4 dimensions (images), found 1");
    check("x.npy", &npy("'|u1'", "(1, 3, 2)", &[0; 6]), &format!("`x.npy`: {size} height 3 and width 2"));
    check(
        "x.npy",
        &npy("'|u1'", "(3, 2)", &[0; 6]),
        "`x.npy`: expected images of shape [n, 2, 3], [n, 6] or [2, 3], found the shape [3, 2]",
    );
    check(
        "x.npy",
        &npy("'<f8'", "(1, 2, 3)", &floats(&[0.0, 0.0, 0.0, 0.0, -1.0, 0.0])),
        "`x.npy`: expected a pixel from 0 to 255, found `-1` at [0, 1, 1]",
    );
    check(
        "x.npz",
        b"PK\x03\x04 and so on",
        "`x.npz`: expected an NPY file that starts with `\\x93NUMPY`, found a ZIP archive",
    );
    check(
        "x.pdf",
        b"%PDF-1.7",
        "expected an image (PNG, JPEG, WebP, BMP, GIF, TIFF), IDX, NPY or CSV, found `x.pdf`, which is a PDF document",
    );
}

#[test]
fn arrays_are_brought_to_the_form_of_the_training_images_as_pictures_are() {
    /// The second of two images in every format, as the network gets it, and what is said.
    fn check(values: [u8; 12], real: Option<[f64; 12]>, expected: [u8; 6], how: &str, noted: bool) {
        let folder = tempfile::tempdir().unwrap();
        let line = |values: &[u8]| values.iter().map(u8::to_string).collect::<Vec<_>>().join(",");
        let mut files = vec![
            ("x-idx3-ubyte", idx(&[2, 2, 3], &values)),
            ("x.npy", npy("'|u1'", "(2, 2, 3)", &values)),
            ("y.npy", npy("'>i2'", "(2, 6)", &values.map(|v| [0, v]).concat())),
            ("x.csv", format!("{}\n{}\n", line(&values[..6]), line(&values[6..])).into_bytes()),
        ];
        if let Some(real) = real {
            let line = |values: &[f64]| values.iter().map(f64::to_string).collect::<Vec<_>>().join(",");
            files = vec![
                ("x.npy", npy("'<f8'", "(2, 2, 3)", &floats(&real))),
                ("x.csv", format!("{}\n{}\n", line(&real[..6]), line(&real[6..])).into_bytes()),
            ];
        }
        let ink = InputSchema { polarity: Polarity::LightOnDark, ..SMALL };
        for (name, bytes) in files {
            let path = folder.path().join(name);
            write(&path, &bytes);
            let second = &read(&path, &ink).unwrap()[1];
            assert_eq!(
                (&*second.pixels, &*second.how, second.note.is_some()),
                (&expected[..], how, noted),
                "{name}"
            );
        }
    }
    check([0, 0, 9, 0, 200, 0, 0, 0, 0, 7, 0, 99], None, [0, 0, 0, 7, 0, 99], "used as it is, 2x3", false);
    let (light, how) = ([255, 255, 0, 255, 255, 255], "inverted (bright border), 2x3");
    let both = [0, 0, 9, 0, 200, 0, light[0], light[1], light[2], light[3], light[4], light[5]];
    check(both, None, [0, 0, 255, 0, 0, 0], how, false);
    let times = "values 0..1 multiplied by 255, 2x3";
    check([0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0], None, [0, 0, 0, 255, 0, 0], times, true);
    let of = |most: f64| [0.0, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.2, 0.0, most, 0.0, 0.0];
    check([0; 12], Some(of(0.8)), [0, 51, 0, 204, 0, 0], times, false);
    check([0; 12], Some(of(1.000_01)), [0, 51, 0, 255, 0, 0], times, true);
}

#[test]
fn a_blank_image_of_an_array_is_refused_by_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let ink = InputSchema { polarity: Polarity::LightOnDark, ..SMALL };
    let blank = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        write(&path, bytes);
        strip(&read(&path, &ink).unwrap_err().to_string(), folder.path())
    };
    let values = [0, 99, 0, 0, 0, 0, 5, 5, 5, 5, 5, 5];
    let words = "the image is blank: expected ink on a plain ground, found one shade (5 of 255)";
    assert_eq!(blank("x.npy", &npy("'|u1'", "(2, 2, 3)", &values)), format!("`x.npy[1]`: {words}"));
    let faint = "the image is blank: expected ink on a plain ground, found shades 0 to 9 of 255";
    assert_eq!(blank("x.npy", &npy("'|u1'", "(2, 3)", &[0, 9, 0, 3, 0, 0])), format!("`x.npy`: {faint}"));
    assert_eq!(blank("x.csv", b"0,9,0,0,0,0\n0,7,0,0,0,0\n"), format!("`x.csv`: {faint}"));
    let one = idx(&[2, 2, 3], &[0, 99, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0]);
    write(folder.path().join("x"), &one);
    let read = read(&folder.path().join("x"), &ink).unwrap();
    assert_eq!(read[0].note, None);
    assert!(
        read[1]
            .note
            .as_ref()
            .unwrap()
            .contains("are shades 0 to 9 of 255, and its contrast is not stretched")
    );
    assert_eq!(blank("x.csv", b"0,99,0,0,0,0\n5,5,5,5,5,5\n"), format!("`x.csv:2`: {words}"));
}

#[test]
fn a_column_of_labels_without_a_name_is_explained() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.csv");
    write(&path, b"9,1,2,3,4,5,6\n");
    let hint = read(&path, &SMALL).unwrap_err().hint().unwrap();
    assert_eq!(hint, "a column of labels needs a first line of names that begins with `label`");
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(mut bytes: Vec<u8>, which in 0_usize..7, cut in 0_usize..400) {
        let (name, mut start) = shapes().swap_remove(which);
        start.truncate(cut);
        start.append(&mut bytes);
        let _ = given(name, &start);
    }
}
