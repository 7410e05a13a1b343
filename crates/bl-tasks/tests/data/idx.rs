//! The IDX reader: round trips, and every way in which a file can be wrong.

use bl_tasks::idx::{self, Array, Fault, parse};
use proptest::prelude::*;

use crate::files;

fn read(bytes: &[u8], dimensions: usize) -> Result<Array, Fault> {
    parse(bytes, Some(bytes.len() as u64), dimensions)
}

/// Two pictures of 2 x 3.
fn small() -> Vec<u8> {
    files::idx(&[2, 2, 3], &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
}

#[test]
fn a_malformed_file_says_what_is_wrong() {
    fn check(bytes: &[u8], dimensions: usize, expected: &str) {
        assert_eq!(read(bytes, dimensions).unwrap_err().to_string(), expected);
        let packed = read(&files::gzip(bytes), dimensions).unwrap_err();
        let place = if matches!(packed, Fault::Magic { .. }) { " in the gzip file" } else { "" };
        assert_eq!(packed.to_string(), format!("{expected}{place}"));
    }
    let edit = |at: usize, value: u8| {
        let mut bytes = small();
        bytes[at] = value;
        bytes
    };
    let magic = "expected an IDX file (plain or gzip) that starts with `00 00 08`, found";
    check(b"", 3, "truncated in the header: expected 16 bytes, found 0");
    check(&[0, 0, 8], 3, "truncated in the header: expected 16 bytes, found 3");
    check(b"P5 28 28", 3, &format!("{magic} `50 35 20 32`"));
    check(b"<html>", 3, &format!("{magic} an HTML page"));
    check(b"\x89PNG\r\n\x1a\n", 3, &format!("{magic} a PNG image"));
    check(&edit(0, 1), 3, &format!("{magic} `01 00 08 03`"));
    check(&edit(2, 0x0d), 3, "expected IDX values of type `08` (unsigned bytes), found type `0d`");
    check(&edit(3, 1), 3, "expected 3 or 4 dimensions (images), found 1");
    check(&small(), 1, "expected 1 dimensions (labels), found 3");
    check(&small()[..15], 3, "truncated in the header: expected 16 bytes, found 15");
    check(&files::idx(&[2, 0, 3], &[]), 3, "the shape [2, 0, 3] holds nothing");
    check(&files::idx(&[0], &[]), 1, "the shape [0] holds nothing");
    check(&edit(8, 255), 3, "the shape [2, 4278190082, 3] is more than the 1 GiB that are read at most");
    check(
        &files::idx(&[u32::MAX; 3], &[1]),
        3,
        "the shape [4294967295, 4294967295, 4294967295] is more than the 1 GiB that are read at most",
    );
    check(&edit(7, 3), 3, "truncated: the header promises 18 bytes of values, found 12");
    check(&edit(7, 1), 3, "the header promises 6 bytes of values, but more follow");
}

#[test]
fn a_big_promise_reserves_no_more_than_the_file_can_hold() {
    let error = read(&files::idx(&[1 << 20, 32, 32], &[1; 5]), 3).unwrap_err(); // 1 GiB promised
    assert_eq!(error.to_string(), "truncated: the header promises 1073741824 bytes of values, found 5");
}

#[test]
fn a_damaged_gzip_stream_is_an_error() {
    let mut checksum = files::gzip(&small());
    let at = checksum.len() - 8;
    checksum[at] ^= 1;
    let message = read(&checksum, 3).unwrap_err().to_string();
    assert!(message.starts_with("the gzip stream is damaged after 12 bytes of values"), "{message}");

    let mut trailing = files::gzip(&small());
    trailing.extend(b"more");
    assert!(matches!(read(&trailing, 3), Err(Fault::Gzip { .. })));

    let twice = [files::gzip(&small()), files::gzip(b"x")].concat();
    assert!(matches!(read(&twice, 3), Err(Fault::Trailing { expected: 12 })));
}

#[test]
fn zeros_after_the_last_member_of_a_gzip_file_are_no_part_of_it() {
    let whole = small();
    let (start, end) = whole.split_at(20);
    let members = [files::gzip(start), files::gzip(end)].concat();
    for zeros in [0, 1, 512, 100_000] {
        let padded = [&*members, &vec![0; zeros]].concat();
        assert_eq!(read(&padded, 3).unwrap(), read(&small(), 3).unwrap(), "{zeros}");
    }
    let wrong = [&*members, &[0; 9], b"more"].concat();
    assert!(matches!(read(&wrong, 3), Err(Fault::Gzip { .. })));
}

#[test]
fn every_truncation_is_an_error() {
    for bytes in [small(), files::gzip(&small())] {
        for length in 0..bytes.len() {
            assert!(read(&bytes[..length], 3).is_err(), "{length} of {}", bytes.len());
        }
        assert_eq!(read(&bytes, 3).unwrap().shape, [2, 2, 3]);
    }
}

#[test]
fn every_flipped_bit_of_the_header_is_an_error() {
    for bit in 0..16 * 8 {
        let mut bytes = small();
        bytes[bit / 8] ^= 1 << (bit % 8);
        assert!(read(&bytes, 3).is_err(), "bit {bit}");
    }
}

#[test]
fn a_flipped_bit_in_gzip_never_changes_what_is_read() {
    let (packed, expected) = (files::gzip(&small()), read(&small(), 3).unwrap());
    for bit in 0..packed.len() * 8 {
        let mut bytes = packed.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        if let Ok(array) = read(&bytes, 3) {
            assert_eq!(array, expected, "bit {bit}"); // the time stamp, for one, is not checked
        }
    }
}

#[test]
fn the_error_of_a_file_names_it_and_hints() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pointer");
    files::write(&path, b"version https://git-lfs.github.com/spec/v1\n");
    let error = idx::images(&path).unwrap_err();
    assert!(error.to_string().starts_with(&format!("`{}`: expected an IDX file", path.display())));
    assert!(error.hint().unwrap().contains("git lfs pull"));
    files::write(&path, &files::idx(&[1], &[7]));
    assert_eq!(idx::images(&path).unwrap_err().hint().unwrap(), "is this the file of labels?");
    let missing = idx::labels(&folder.path().join("none")).unwrap_err().to_string();
    assert!(missing.starts_with("cannot read `"), "{missing}");
}

proptest! {
    #[test]
    fn what_was_written_is_read((n, h, w) in (1_u32..5, 1_u32..7, 1_u32..7), seed in 0_usize..100, packed: bool) {
        let values = files::pixels((n * h * w) as usize, seed);
        let bytes = files::idx(&[n, h, w], &values);
        let array = read(&if packed { files::gzip(&bytes) } else { bytes }, 3).unwrap();
        prop_assert_eq!(array.shape, [n as usize, h as usize, w as usize]);
        prop_assert_eq!(array.values, values);
    }

    #[test]
    fn no_bytes_make_it_panic(mut bytes: Vec<u8>, start in 0_usize..4, dimensions in 1_usize..4) {
        let starts: [&[u8]; 4] = [&[], &[0, 0, 8, 3], &[0, 0, 8, 1, 0, 0, 0], &[0x1f, 0x8b, 8, 0]];
        bytes.splice(0..0, starts[start].iter().copied());
        let _ = read(&bytes, dimensions);
    }
}
