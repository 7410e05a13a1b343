//! Whatever happens to a file on its way, reading it is an error: never a panic, never another content.

use crate::recurrent::support as in_time;
use crate::support::{
    ANYWHERE, LOCAL_NORMAL, ONE_HOT, adapter, every_form, every_kind, generate, small_adapter, spec,
};
use bl_core::recurrent::{RecurrentAdapter, RecurrentBackbone};
use bl_core::{Backbone, BiasAdapter, Error};

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
    let shallow = generate(&spec(1, &[(9, LOCAL_NORMAL)], ONE_HOT));
    let kinds = every_kind(&shallow).into_iter().chain(every_form(&shallow)).chain([small_adapter()]);
    for adapter in kinds {
        let bytes = adapter.to_bytes().expect("a small adapter");
        check(&bytes, |bytes| BiasAdapter::from_bytes(bytes).map(drop));
    }
}

#[test]
fn a_damaged_backbone_is_never_read() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("backbone");
    generate(&spec(1, &[(3, LOCAL_NORMAL), (2, ANYWHERE[0])], ONE_HOT)).save(&path).expect("saved");
    check(&std::fs::read(path).expect("saved"), |bytes| Backbone::from_bytes(bytes).map(drop));
}

#[test]
fn a_damaged_recurrent_adapter_is_never_read() {
    let backbone = in_time::generate(&in_time::spec(9, 1, 1));
    let [bias, mask, _, both] = in_time::every_kind(&backbone);
    let [.., half, byte] = &*in_time::every_form(&backbone) else { panic!("several forms") };
    for adapter in [&bias, &mask, &both, half, byte] {
        let bytes = adapter.to_bytes().expect("a small adapter");
        check(&bytes, |bytes| RecurrentAdapter::from_bytes(bytes).map(drop));
    }
}

#[test]
fn a_damaged_recurrent_backbone_is_never_read() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("backbone");
    for spec in [in_time::spec(3, 2, 2), in_time::plain(3)] {
        in_time::generate(&spec).save(&path).expect("saved");
        check(&std::fs::read(&path).expect("saved"), |bytes| RecurrentBackbone::from_bytes(bytes).map(drop));
    }
}

#[test]
fn a_truncated_file_says_how_much_is_missing() {
    let bytes = adapter(&generate(&spec(1, &[(5, LOCAL_NORMAL)], ONE_HOT)), 1).to_bytes().expect("small");
    let len = bytes.len();
    for (end, expected) in [
        (0, "expected 8 bytes, found 0".to_owned()),
        (7, "expected 8 bytes, found 7".to_owned()),
        (len - 30, format!("expected {} bytes, found {}", len - 20, len - 30)), // five biases are 20 bytes
        (len - 1, format!("expected {len} bytes, found {}", len - 1)),
    ] {
        let error = BiasAdapter::from_bytes(&bytes[..end]).expect_err("truncated").to_string();
        assert_eq!(error, format!("file is truncated: {expected}"));
    }
}
