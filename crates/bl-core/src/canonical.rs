//! Canonical JSON (RFC 8785): one text for one value, so that hashes and files are reproducible.
//!
//! Keys in UTF-16 order, no white space, numbers as ECMAScript prints them.

use std::fmt::Write;

use serde::Serialize;
use serde_json::{Number, Value};

/// The canonical text of a value.
pub fn to_string<T: Serialize>(value: &T) -> Result<String, serde_json::Error> {
    Ok(text(&serde_json::to_value(value)?))
}

/// The canonical text of a JSON value.
pub fn text(value: &Value) -> String {
    let mut out = String::new();
    write(value, &mut out);
    out
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Number(number) => out.push_str(&number_text(number)),
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write(item, out);
            }
            out.push(']');
        }
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            out.push('{');
            for (i, (key, item)) in entries.into_iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write(&Value::String(key.clone()), out);
                out.push(':');
                write(item, out);
            }
            out.push('}');
        }
        // serde_json escapes exactly what the RFC asks for.
        Value::Null | Value::Bool(_) | Value::String(_) => {
            write!(out, "{value}").expect("writing to a string does not fail");
        }
    }
}

fn number_text(number: &Number) -> String {
    match number.as_f64() {
        Some(x) if number.is_f64() => float_text(x),
        _ => number.to_string(),
    }
}

/// ECMAScript's `Number::toString`: the shortest digits that read back as `x`.
fn float_text(x: f64) -> String {
    if x == 0.0 {
        return "0".into();
    }
    let shortest = format!("{:e}", x.abs()); // d[.ddd]e±x
    let (digits, exponent) = shortest.split_once('e').expect("`{:e}` has an exponent");
    let digits = digits.replace('.', "");
    let point = exponent.parse::<i32>().expect("an exponent is an integer") + 1; // digits before the point
    let len = digits.len() as i32;
    let body = if len <= point && point <= 21 {
        format!("{digits}{}", "0".repeat((point - len) as usize))
    } else if 0 < point && point <= 21 {
        let (whole, fraction) = digits.split_at(point as usize);
        format!("{whole}.{fraction}")
    } else if -6 < point && point <= 0 {
        format!("0.{}{digits}", "0".repeat(-point as usize))
    } else {
        let (first, rest) = digits.split_at(1);
        let dot = if rest.is_empty() { "" } else { "." };
        format!("{first}{dot}{rest}e{:+}", point - 1)
    };
    if x < 0.0 { format!("-{body}") } else { body }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_are_printed_as_ecmascript_prints_them() {
        // Pairs as printed by `node -e 'console.log(JSON.stringify(x))'`.
        for (x, expected) in [
            (0.05, "0.05"),
            (1.0, "1"),
            (-0.0, "0"),
            (1e-7, "1e-7"),
            (1.5e-7, "1.5e-7"),
            (1e-6, "0.000001"),
            (123_456_789.125, "123456789.125"),
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"),
            (-2.5e30, "-2.5e+30"),
            (0.1 + 0.2, "0.30000000000000004"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
        ] {
            assert_eq!(text(&json!(x)), expected);
        }
    }

    #[test]
    fn keys_are_sorted_and_nothing_else_moves() {
        let value = json!({"b": [1, {"z": null, "a": true}], "a": "x\n\"é\u{1}", "é": 2, "B": 1.5});
        let expected = r#"{"B":1.5,"a":"x\n\"é\u0001","b":[1,{"a":true,"z":null}],"é":2}"#;
        assert_eq!(text(&value), expected);
        let again: Value = serde_json::from_str(expected).expect("valid");
        assert_eq!(text(&again), expected);
    }
}
