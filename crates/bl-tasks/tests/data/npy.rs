//! The NPY reader: which values are pixels, and every way in which a file can be wrong.

use bl_tasks::npy::Npy;
use proptest::prelude::*;

use crate::files::{self, floats, npy};

/// What reading a file of these bytes gives, errors without the path.
fn read(bytes: &[u8], labels: bool) -> Result<Vec<u8>, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    files::write(&path, bytes);
    let values = Npy::open(&path).and_then(|mut file| if labels { file.labels() } else { file.pixels() });
    values.map_err(|error| error.to_string().replace(&format!("`{}`: ", path.display()), ""))
}

#[test]
fn pixels_are_0_to_255_or_0_to_1() {
    fn check(values: &[f64], expected: &[u8]) {
        let shape = format!("({},)", values.len());
        assert_eq!(read(&npy("'<f8'", &shape, &floats(values)), false), Ok(expected.to_vec()), "{values:?}");
    }
    check(&[0.0, 0.4, 0.5, 1.5, 254.5, 255.0], &[0, 0, 1, 2, 255, 255]);
    check(&[0.0, 0.5, 1.0], &[0, 128, 255]); // 127.5 is rounded away from zero
    check(&[0.0, 0.5, 1.01], &[0, 128, 255]);
    check(&[0.0, -0.0], &[0, 0]);
}

#[test]
fn whole_numbers_are_scaled_if_they_are_zeros_and_ones() {
    assert_eq!(read(&npy("'|u1'", "(3,)", &[0, 1, 1]), false), Ok(vec![0, 255, 255]));
    assert_eq!(read(&npy("'|b1'", "(3,)", &[0, 1, 1]), false), Ok(vec![0, 255, 255]));
    assert_eq!(read(&npy("'|u1'", "(3,)", &[0, 1, 2]), false), Ok(vec![0, 1, 2]));
    let values: Vec<u8> = [7_i64, 255].iter().flat_map(|value| value.to_be_bytes()).collect();
    assert_eq!(read(&npy("'>i8'", "(2,)", &values), false), Ok(vec![7, 255]));
}

#[test]
fn labels_are_whole_numbers_of_any_type() {
    assert_eq!(read(&npy("'<f8'", "(3,)", &floats(&[0.0, 9.0, 3.0])), true), Ok(vec![0, 9, 3]));
    let values: Vec<u8> = [1_i32, 2].iter().flat_map(|value| value.to_le_bytes()).collect();
    assert_eq!(read(&npy("'<i4'", "(2,)", &values), true), Ok(vec![1, 2]));
    let wrong = "expected a whole number from 0 to 255, found";
    assert_eq!(read(&npy("'<f8'", "(2,)", &floats(&[0.0, 0.5])), true), Err(format!("{wrong} `0.5` at [1]")));
    assert_eq!(read(&npy("'|i1'", "(2,)", &[0, 255]), true), Err(format!("{wrong} `-1` at [1]")));
    assert_eq!(
        read(&npy("'|u1'", "(2, 1)", &[0, 1]), true),
        Err("expected labels of shape [count], found the shape [2, 1]".into())
    );
}

#[test]
fn a_malformed_file_says_what_is_wrong() {
    fn check(bytes: &[u8], expected: &str) {
        assert_eq!(read(bytes, false), Err(expected.into()));
    }
    let value = |x| npy("'<f8'", "(2, 2)", &floats(&[0.0, 1.0, x, 2.0]));
    check(&value(-0.5), "expected a pixel from 0 to 255, found `-0.5` at [1, 0]");
    check(&value(255.5), "expected a pixel from 0 to 255, found `255.5` at [1, 0]");
    check(&value(f64::NAN), "expected a pixel from 0 to 255, found `NaN` at [1, 0]");
    check(&value(f64::INFINITY), "expected a pixel from 0 to 255, found `inf` at [1, 0]");
    check(&npy("'<u2'", "(1,)", &[0, 1]), "expected a pixel from 0 to 255, found `256` at [0]");

    check(b"", "truncated in the header");
    check(b"PK\x03\x04....", "expected an NPY file that starts with `\\x93NUMPY`, found a ZIP archive");
    check(b"\x93NUMPY\x04\x00\x00\x00", "expected NPY version 1, 2 or 3, found 4");
    check(b"\x93NUMPY\x01\x00\xff\xff{", "truncated in the header");
    check(
        b"\x93NUMPY\x02\x00\xff\xff\xff\xff{",
        "expected a header of at most 65536 bytes, found 4294967295",
    );
    check(
        b"\x93NUMPY\x01\x00\x02\x00{}",
        "the header is not a dictionary of `descr`, `fortran_order` and `shape`",
    );
    let types = "expected values of type b1, u1, i1, u2, i2, u4, i4, u8, i8, f2, f4 or f8, found";
    check(&npy("'|O'", "(1,)", &[0]), &format!("{types} `|O`"));
    check(&npy("'<c8'", "(1,)", &[0; 8]), &format!("{types} `<c8`"));
    check(&npy("[('x', '<f8')]", "(1,)", &[0; 8]), &format!("{types} `[('x', '<f8')]`"));

    let transposed = fortran(npy("'<f8'", "(2, 2)", &floats(&[0.0, 300.0, 0.0, 2.0])));
    check(&transposed, "expected a pixel from 0 to 255, found `300` at [1, 0]");
    let unclear = "expected values from 0 to 1 or from 0 to 255, found a largest value of 1.5, which could be of either";
    check(&npy("'<f8'", "(2,)", &floats(&[0.0, 1.5])), unclear);

    check(&npy("'|u1'", "(2, 3)", &[0; 5]), "the header promises 6 bytes of values, found 5");
    check(&npy("'<f8'", "(2,)", &[0; 17]), "the header promises 16 bytes of values, found 17");
    check(&npy("'|u1'", "(2, 0)", &[]), "expected at least one value, found the shape [2, 0]");
    check(
        &npy("'|u1'", "(4294967296, 4294967296)", &[0]),
        "the shape [4294967296, 4294967296] is more than the 1 Gi values that are read at most",
    );
}

fn fortran(mut file: Vec<u8>) -> Vec<u8> {
    let at = file.windows(5).position(|bytes| bytes == b"False").unwrap();
    file.splice(at..at + 5, *b"True ");
    file
}

#[test]
fn values_with_the_first_index_fastest_become_row_major() {
    // numpy: a = arange(100, 112).reshape(2, 2, 3); a.tobytes("F")
    let values = [100, 106, 103, 109, 101, 107, 104, 110, 102, 108, 105, 111];
    let read = read(&fortran(npy("'|u1'", "(2, 2, 3)", &values)), false);
    assert_eq!(read, Ok((100..112).collect()));
}

#[test]
fn every_truncation_is_an_error() {
    let bytes = npy("'<f8'", "(2,)", &floats(&[30.0, 40.0]));
    assert_eq!(read(&bytes, false), Ok(vec![30, 40]));
    for length in 0..bytes.len() {
        assert!(read(&bytes[..length], false).is_err(), "{length}");
    }
}

#[test]
fn values_are_streamed_across_chunks() {
    let count = (1 << 18) + 5; // of 8 bytes: two chunks and a bit
    let values: Vec<f64> = (0..count).map(|i| f64::from(i % 256)).collect();
    let expected: Vec<u8> = (0..count).map(|i| (i % 256) as u8).collect();
    assert_eq!(read(&npy("'<f8'", &format!("({count},)"), &floats(&values)), false), Ok(expected));
}

proptest! {
    #[test]
    fn no_change_of_a_byte_makes_it_panic(at in 0_usize..144, value: u8) {
        let mut bytes = npy("'<f4'", "(2, 2)", &[0; 16]);
        let at = at % bytes.len();
        bytes[at] = value;
        let _ = read(&bytes, false);
    }
}
