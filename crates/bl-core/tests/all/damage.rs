//! Whatever happens to a file on its way, reading it is an error: never a panic, never another content.

use crate::support::{
    ANYWHERE, LOCAL_NORMAL, ONE_HOT, adapter, bytes, every_adapter, generate, plain, recurrent, rnn, shallow,
    small_backbone, spec,
};
use bl_core::{Adapter, Backbone, Error};

/// Every file that differs in one bit, ends too early, or goes on.
fn check(bytes: &[u8], read: impl Fn(&[u8]) -> Result<(), Error>) {
    read(bytes).expect("the file itself is good");
    let mut damaged = bytes.to_vec();
    for bit in 0..8 * bytes.len() {
        damaged[bit / 8] ^= 1 << (bit % 8);
        assert!(read(&damaged).is_err(), "bit {bit} of {} flipped", 8 * bytes.len());
        damaged[bit / 8] ^= 1 << (bit % 8);
    }
    for len in 0..bytes.len() {
        assert!(read(&bytes[..len]).is_err(), "{len} of {} bytes", bytes.len());
    }
    for tail in [&[0][..], b" ", &[0; 8], &[0; 4096], bytes] {
        let error = read(&[bytes, tail].concat()).expect_err("bytes at the end");
        assert!(matches!(error, Error::TrailingBytes { .. }), "{error}");
    }
}

#[test]
fn a_damaged_adapter_is_never_read() {
    let files = [shallow(9), small_backbone(), recurrent(9)];
    for adapter in files.iter().flat_map(every_adapter) {
        check(&bytes(&adapter), |bytes| Adapter::from_bytes(bytes).map(drop));
    }
}

#[test]
fn a_damaged_backbone_is_never_read() {
    let deep = spec(1, &[(3, LOCAL_NORMAL), (2, ANYWHERE[0])], ONE_HOT);
    for backbone in [generate(&deep), generate(&rnn(3, 2, 2)), generate(&plain(3))] {
        let bytes = backbone.to_bytes().expect("a small backbone");
        check(&bytes, |bytes| Backbone::from_bytes(bytes).map(drop));
    }
}

#[test]
fn a_truncated_file_says_how_much_is_missing() {
    let bytes = bytes(&adapter(&shallow(5), 1));
    let len = bytes.len();
    for (end, expected) in [
        (0, "expected 8 bytes, found 0".to_owned()),
        (7, "expected 8 bytes, found 7".to_owned()),
        (len - 30, format!("expected {} bytes, found {}", len - 20, len - 30)), // five biases are 20 bytes
        (len - 1, format!("expected {len} bytes, found {}", len - 1)),
    ] {
        let error = Adapter::from_bytes(&bytes[..end]).expect_err("truncated").to_string();
        assert_eq!(error, format!("file is truncated: {expected}"));
    }
}
