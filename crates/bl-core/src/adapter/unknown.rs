//! Header fields that this program does not know: found, named, and put back when the file is written again.

use serde_json::Value;

/// A header field that this program does not know.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct UnknownField {
    /// JSON pointer (RFC 6901) to the object it is in.
    place: String,
    key: String,
    value: Value,
}

impl UnknownField {
    /// Whether it is in a metric.
    pub(crate) fn is_of_metrics(&self) -> bool {
        self.place.starts_with("/metrics/")
    }

    /// Changes every string of its value.
    pub(crate) fn change_words(&mut self, change: &impl Fn(&str) -> String) {
        change_words(&mut self.value, change);
    }

    /// Dotted name, for a warning.
    pub(crate) fn name(&self) -> String {
        format!("{}/{}", self.place, self.key)[1..].replace('/', ".")
    }
}

/// Changes every string of a value; keys stay.
pub(crate) fn change_words(value: &mut Value, change: &impl Fn(&str) -> String) {
    match value {
        Value::String(text) => *text = change(text),
        Value::Array(values) => values.iter_mut().for_each(|value| change_words(value, change)),
        Value::Object(map) => map.values_mut().for_each(|value| change_words(value, change)),
        _ => {}
    }
}

/// The fields of `original` that `known`, the same header as this program understands it, has lost.
pub(crate) fn unknown_fields(original: &Value, known: &Value) -> Vec<UnknownField> {
    let mut fields = Vec::new();
    collect_unknown(original, known, "", &mut fields);
    fields
}

fn collect_unknown(original: &Value, known: &Value, place: &str, fields: &mut Vec<UnknownField>) {
    match (original, known) {
        (Value::Object(original), Value::Object(known)) => {
            for (key, value) in original {
                match known.get(key) {
                    Some(known) => collect_unknown(value, known, &format!("{place}/{key}"), fields),
                    None => fields.push(UnknownField {
                        place: place.to_owned(),
                        key: key.clone(),
                        value: value.clone(),
                    }),
                }
            }
        }
        (Value::Array(original), Value::Array(known)) => {
            for (i, (value, known)) in original.iter().zip(known).enumerate() {
                collect_unknown(value, known, &format!("{place}/{i}"), fields);
            }
        }
        _ => {}
    }
}

/// Puts fields that this program does not know back where they were; those of a part that is gone go with it.
pub(crate) fn put_back(header: &mut Value, fields: &[UnknownField]) {
    for field in fields {
        if let Some(Value::Object(map)) = header.pointer_mut(&field.place) {
            map.entry(&field.key).or_insert_with(|| field.value.clone());
        }
    }
}
