//! Files that are something else are named as what they are, with what to do: adapters and backbones alike.

use std::collections::HashMap;

use bl_core::container::{self, Tensor};
use bl_core::{Adapter, Backbone, Error};
use safetensors::tensor::SafeTensors;

use crate::support::{ADAPTER, BACKBONE, adapter, bytes, shallow};

/// What reading an adapter and a backbone says of these bytes, with the hint.
fn said(bytes: &[u8]) -> [(Error, String); 2] {
    let with_hint = |error: Error| {
        let words = format!("{error}; {}", error.hint().unwrap_or_default());
        (error, words)
    };
    let adapter = Adapter::from_bytes(bytes).map(drop).expect_err("no adapter");
    let backbone = Backbone::from_bytes(bytes).map(drop).expect_err("no backbone");
    [with_hint(adapter), with_hint(backbone)]
}

#[track_caller]
fn check(bytes: &[u8], words: &[&str]) {
    for (error, said) in said(bytes) {
        assert!(matches!(error, Error::Foreign { .. }), "{error:?}");
        assert!(!error.is_another_kind(), "it is missed, and not beside the point");
        for words in words {
            assert!(said.contains(words), "`{words}` is not in: {said}");
        }
    }
}

#[test]
fn what_downloads_bring_in_place_of_the_file() {
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 129944\n";
    check(pointer.as_bytes(), &["Git LFS pointer", "git lfs pull"]);
    let page = "<!doctype html>\n<html><body>Sign in</body></html>";
    for page in
        [page.to_owned(), format!("\u{feff}\r\n  {}", page.to_uppercase()), "<html lang=\"en\">".into()]
    {
        check(page.as_bytes(), &["HTML page", "/resolve/"]);
    }
    check(b"{\"error\":\"Repository not found\"}", &["it is JSON"]);
    check(b"Entry not found\n", &["a text file"]);
    check(b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03", &["compressed with gzip", "gunzip"]);
    check(b"PK\x03\x04\x14\x00\x00\x00\x08\x00", &["ZIP archive", "torch.save"]);
    check(b"\x80\x02}q\x00(X\x01\x00\x00\x00aq", &["Python pickle"]);
    check(b"\x93NUMPY\x01\x00v\x00{'descr'", &["NumPy"]);
}

/// The tensors of a file again, with these metadata, as Python's library writes them.
fn saved_again(file: &[u8], metadata: &[(&str, &str)]) -> Vec<u8> {
    let tensors = SafeTensors::deserialize(file).expect("safetensors");
    let metadata: HashMap<_, _> = metadata.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    let metadata = (!metadata.is_empty()).then_some(metadata);
    safetensors::serialize(tensors.tensors(), metadata).expect("safetensors")
}

#[test]
fn what_another_program_saved_again() {
    let adapter = bytes(&adapter(&shallow(9), 1));
    let backbone = shallow(9).to_bytes().expect("bytes");
    let metadata = |file: &[u8], key: &str| {
        let (_, header) = SafeTensors::read_metadata(file).expect("safetensors");
        header.metadata().as_ref().expect("metadata")[key].clone()
    };
    for (file, key, which) in [(&adapter, ADAPTER, 0), (&backbone, BACKBONE, 1)] {
        let own = metadata(file, key);
        let (error, words) = &said(&saved_again(file, &[("format", "pt"), (key, &own)]))[which];
        assert!(matches!(error, Error::ExtraMetadata { .. }), "{error:?}");
        assert!(words.contains("`format`") && words.contains("the original file"), "{words}");
        for lost in [&[][..], &[("format", "pt")]] {
            let (error, words) = &said(&saved_again(file, lost))[which];
            assert!(matches!(error, Error::HeaderLost { .. }), "{error:?}");
            assert!(words.contains("header is lost") && words.contains("metadata="), "{words}");
            assert!(!error.is_another_kind());
        }
        assert_eq!(
            saved_again(file, &[(key, &own)]),
            *file,
            "with its own metadata alone it is the same file"
        );
    }
    let of_backbone = Adapter::from_bytes(&backbone).expect_err("a backbone");
    assert!(of_backbone.is_another_kind());
    assert!(of_backbone.hint().expect("a hint").contains("this file is a backbone"));
    let tensors = [("hidden.0.bias".to_owned(), Tensor::vector(&[0.5]))];
    let checkpoint = container::write("bl_checkpoint", &serde_json::json!({}), &tensors).expect("a file");
    for (error, words) in said(&checkpoint) {
        assert!(
            error.is_another_kind() && words.contains("this is the checkpoint of a training run"),
            "{words}"
        );
        assert!(words.contains("--resume"), "{words}");
    }
}

#[test]
fn other_tensors_are_no_damaged_adapter() {
    let values = [0_u8; 4];
    let view =
        safetensors::tensor::TensorView::new(safetensors::Dtype::F32, vec![1], &values).expect("a view");
    let file = safetensors::serialize([("model.embed.weight", view)], None).expect("safetensors");
    for (error, _) in said(&file) {
        assert!(matches!(error, Error::NoMetadata { .. }) && error.is_another_kind(), "{error:?}");
    }
}

#[test]
fn a_header_of_very_many_objects_is_refused_before_it_is_read() {
    let mut parts = crate::support::Parts::of(ADAPTER, &bytes(&adapter(&shallow(9), 1)));
    parts.header["more"] = vec![serde_json::json!({ "": 0 }); 20_000].into();
    let (error, _) = &said(&parts.sealed())[0];
    assert!(matches!(error, Error::HeaderObjects { .. }), "{error:?}");
}
