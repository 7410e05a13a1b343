//! `adapter_config.json`: the adapter's header again, and a few fields for other tools.
//!
//! The header inside the adapter rules. A config that says something else is an error, for who reads it would be misled.

use bl_core::{canonical, container};
use serde_json::{Map, Value, json};

use crate::error::Error;
use crate::name::RepoName;

/// What PEFT is to find under `peft_type`: none of its own, so that it refuses rather than misreads.
pub(crate) const PEFT_TYPE: &str = "BIAS_LEARNING";
const KEY: &str = "bl_adapter";

/// The header of an adapter's file, as it stands there.
pub(crate) fn header(adapter: &[u8]) -> Result<Map<String, Value>, bl_core::Error> {
    let (header, _) = container::read(KEY, adapter)?;
    match header {
        Value::Object(header) => Ok(header),
        _ => Err(bl_core::Error::NotAnAdapter { found: "no object".into() }),
    }
}

/// The config of an adapter, sorted, ending with a line break.
pub(crate) fn config(adapter: &[u8], backbone: Option<&RepoName>) -> Result<Vec<u8>, bl_core::Error> {
    let mut config = header(adapter)?;
    config.insert("peft_type".into(), PEFT_TYPE.into());
    config.insert("inference_mode".into(), true.into());
    config.insert("base_model_name_or_path".into(), json!(backbone.map(RepoName::as_str)));
    Ok(pretty(&Value::Object(config)))
}

/// JSON for people: keys sorted, whatever order they came in.
pub(crate) fn pretty(value: &Value) -> Vec<u8> {
    let sorted: Value = serde_json::from_str(&canonical::text(value)).expect("canonical JSON is JSON");
    let mut text = serde_json::to_string_pretty(&sorted).expect("a value has a text");
    text.push('\n');
    text.into_bytes()
}

fn parse(config: &[u8], what: &str) -> Result<Map<String, Value>, Error> {
    let wrong = |why: String| Error::Config { what: format!("{what}/{}", crate::files::ADAPTER_CONFIG), why };
    match serde_json::from_slice(config) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err(wrong("it holds another value".into())),
        Err(error) => Err(wrong(error.to_string())),
    }
}

/// Whether a config is of an adapter of this program at all.
pub(crate) fn check_type(config: &[u8], what: &str) -> Result<(), Error> {
    let config = parse(config, what)?;
    match config.get("peft_type").and_then(Value::as_str) {
        Some(found) if found != PEFT_TYPE => {
            Err(Error::OtherAdapter { what: what.to_owned(), found: found.chars().take(40).collect() })
        }
        _ => Ok(()),
    }
}

/// That every field of the header stands in the config alike.
pub(crate) fn check(config: &[u8], adapter: &[u8], what: &str) -> Result<(), Error> {
    let config = parse(config, what)?;
    let header = header(adapter)
        .map_err(|source| Error::NotAnAdapter { what: what.to_owned(), source: Box::new(source) })?;
    let text =
        |value: Option<&Value>| value.map_or("nothing".to_owned(), |value| short(&canonical::text(value)));
    for (field, expected) in &header {
        let found = config.get(field);
        if found.is_none_or(|found| canonical::text(found) != canonical::text(expected)) {
            return Err(Error::Disagrees {
                what: what.to_owned(),
                field: field.clone(),
                expected: text(Some(expected)),
                found: text(found),
            });
        }
    }
    Ok(())
}

fn short(text: &str) -> String {
    const MOST: usize = 80;
    if text.chars().count() <= MOST {
        text.to_owned()
    } else {
        text.chars().take(MOST).chain(['…']).collect()
    }
}
