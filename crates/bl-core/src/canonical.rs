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

/// The first integer in a value that canonical JSON cannot keep: beyond 2⁵³, and no double.
pub(crate) fn inexact_integer(value: &Value) -> Option<&Number> {
    match value {
        Value::Number(number) => Some(number).filter(|n| !n.is_f64() && number_text(n) != n.to_string()),
        Value::Array(items) => items.iter().find_map(inexact_integer),
        Value::Object(map) => map.values().find_map(inexact_integer),
        Value::Null | Value::Bool(_) | Value::String(_) => None,
    }
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

/// ECMAScript's `Number::toString`: the shortest digits that read back as the same double. Integers are
/// doubles too: one beyond 2⁵³ is printed as the double nearest to it.
fn number_text(number: &Number) -> String {
    let x = number.as_f64().expect("numbers are not of arbitrary precision");
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
    fn integers_are_doubles() {
        for (n, expected) in [
            (0, "0"),
            (60_000, "60000"),
            ((1 << 53) - 1, "9007199254740991"),
            ((1 << 53) + 1, "9007199254740992"),
            (u64::MAX, "18446744073709552000"),
        ] {
            assert_eq!(text(&json!(n)), expected);
        }
        assert_eq!(text(&json!(i64::MIN)), "-9223372036854776000");
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
