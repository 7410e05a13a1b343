//! Files of a stranger who means ill: every text in them holds every control character there is.

#![allow(dead_code, unreachable_pub, missing_docs, reason = "shared by several test programs")]

use bl_core::container::{self, Tensor};
use serde_json::{Map, Value, json};

/// A sequence that clears a screen, one that names a window, and all control characters (C0, DEL and C1).
pub fn evil() -> String {
    let all = (0..=0x9f).filter_map(char::from_u32).filter(|c| c.is_control());
    "\u{1b}[2J\u{1b}]0;mine\u{7}".chars().chain(all).collect()
}

/// Fields whose texts a reader compares with what it knows: others would not be read at all.
const KNOWN: [&str; 7] = [".backbone", ".format", ".kind", ".mode", ".requires", ".encoding", ".input"];

/// A sealed file of the kind `key` with every text made evil but those at the paths in `honest`, and with evil names of
/// fields that nobody knows.
pub fn of_a_stranger(key: &'static str, file: &[u8], honest: &[&str]) -> Vec<u8> {
    let (mut header, tensors) = container::read(key, file).expect("a file of this kind");
    header.as_object_mut().expect("an object").remove("digest");
    if key == "bl_adapter" {
        header["license"] = json!("MIT");
    }
    spoil(&mut header, "", honest);
    // In the order of the digest.
    let names = [
        "hidden.0.mask",
        "recurrent.weight",
        "input.weight",
        "hidden.0.weight",
        "hidden.0.bias",
        "hidden.0.gain",
        "readout.weight",
        "state.0",
    ];
    let tensors: Vec<(String, Tensor)> = names
        .into_iter()
        .filter_map(|name| {
            let view = tensors.tensor(name).ok()?;
            let bytes = view.data().to_vec();
            Some((name.to_owned(), Tensor { dtype: view.dtype(), shape: view.shape().to_vec(), bytes }))
        })
        .collect();
    container::write_sealed(key, header, &tensors).expect("a small file")
}

fn spoil(value: &mut Value, path: &str, honest: &[&str]) {
    if honest.contains(&path) || KNOWN.contains(&path) || path == ".architecture" || path == ".signal.what" {
        return;
    }
    match value {
        Value::String(text) => *text += &evil(),
        Value::Array(values) => {
            for value in values {
                spoil(value, path, honest);
            }
        }
        Value::Object(fields) => {
            for (name, value) in fields.iter_mut() {
                spoil(value, &format!("{path}.{name}"), honest);
            }
            add_unknown(fields);
        }
        _ => {}
    }
}

fn add_unknown(fields: &mut Map<String, Value>) {
    if !fields.contains_key("what") && !fields.contains_key("how") && !fields.contains_key("offset") {
        fields.insert(format!("later{}", evil()), json!(1));
    }
}

/// The first control character that would reach a terminal, with what is around it.
pub fn control_in(printed: &str) -> Option<String> {
    let at = printed.find(|c: char| c.is_control() && c != '\n')?;
    let start = printed[..at].char_indices().rev().nth(60).map_or(0, |(start, _)| start);
    Some(printed[start..].chars().take(70).collect::<String>().escape_debug().to_string())
}
