//! Canonical JSON is a fixed point: what is read back is printed as it was, and every number is kept.

use bl_core::canonical;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Any JSON: all doubles and integers, strings with everything that needs an escape.
fn any_value() -> impl Strategy<Value = Value> {
    let text = || prop_oneof![any::<String>(), "[\\x00-\\x22\\\\/\\x7f-\\x9f\u{2028}é\u{fb33}😀]{0,8}"];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 64, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::vec((text(), inner), 0..8)
                .prop_map(|entries| Value::Object(entries.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

proptest! {
    #[test]
    fn text_is_a_fixed_point(value in any_value()) {
        let text = canonical::text(&value);
        let again: Value = serde_json::from_str(&text).expect("canonical JSON is JSON");
        prop_assert_eq!(canonical::text(&again), text);
    }

    #[test]
    fn numbers_are_read_back_to_the_bit(x in any::<f64>().prop_filter("JSON has no others", |x| x.is_finite())) {
        let again: Value = serde_json::from_str(&canonical::text(&json!(x))).expect("a number");
        let again = again.as_f64().expect("a number");
        prop_assert!(again.to_bits() == x.to_bits() || again == 0.0 && x == 0.0, "{x:e} {again:e}");
    }
}

#[test]
fn keys_are_sorted_by_utf16_units() {
    // The example of RFC 8785, section 3.2.3: the smiley's surrogates sort before U+FB33.
    let value = json!({
        "\u{20ac}": "Euro Sign", "\r": "Carriage Return", "\u{fb33}": "Hebrew Letter Dalet With Dagesh",
        "1": "One", "\u{1f600}": "Emoji: Grinning Face", "\u{80}": "Control", "\u{f6}": "Latin Small Letter O With Diaeresis",
    });
    let expected = "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u{80}\":\"Control\",\
                    \"\u{f6}\":\"Latin Small Letter O With Diaeresis\",\"\u{20ac}\":\"Euro Sign\",\
                    \"\u{1f600}\":\"Emoji: Grinning Face\",\"\u{fb33}\":\"Hebrew Letter Dalet With Dagesh\"}";
    assert_eq!(canonical::text(&value), expected);
}
