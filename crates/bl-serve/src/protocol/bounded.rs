//! Parts of a request that are few and small, read so that they stay so: a list or an object in JSON takes a hundred
//! times its characters.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// Tensors of a request, or dimensions of a tensor.
const MOST: usize = 1024;
/// Parameters of either.
const MOST_PARAMETERS: usize = 64;

/// A list of few things.
pub(super) fn few<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    struct Few<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for Few<T> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "a list of at most {MOST}")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<T>, A::Error> {
            let mut all = Vec::new();
            while let Some(next) = list.next_element()? {
                if all.len() == MOST {
                    return Err(A::Error::invalid_length(MOST + 1, &self));
                }
                all.push(next);
            }
            Ok(all)
        }
    }

    deserializer.deserialize_seq(Few(PhantomData))
}

/// Parameters: names, and values that are one thing each, as the protocol has them.
pub(super) fn scalars<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, Value>, D::Error> {
    struct Scalars;

    impl<'de> Visitor<'de> for Scalars {
        type Value = BTreeMap<String, Value>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "an object of at most {MOST_PARAMETERS} parameters")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut all = BTreeMap::new();
            while let Some((name, Scalar(value))) = map.next_entry()? {
                if all.len() == MOST_PARAMETERS {
                    return Err(A::Error::invalid_length(MOST_PARAMETERS + 1, &self));
                }
                all.insert(name, value);
            }
            Ok(all)
        }
    }

    deserializer.deserialize_map(Scalars)
}

struct Scalar(Value);

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct One;

        impl Visitor<'_> for One {
            type Value = Scalar;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number, a string, true or false")
            }

            fn visit_bool<E>(self, x: bool) -> Result<Scalar, E> {
                Ok(Scalar(x.into()))
            }

            fn visit_u64<E>(self, x: u64) -> Result<Scalar, E> {
                Ok(Scalar(x.into()))
            }

            fn visit_i64<E>(self, x: i64) -> Result<Scalar, E> {
                Ok(Scalar(x.into()))
            }

            fn visit_f64<E>(self, x: f64) -> Result<Scalar, E> {
                Ok(Scalar(x.into()))
            }

            fn visit_str<E>(self, text: &str) -> Result<Scalar, E> {
                Ok(Scalar(text.into()))
            }

            fn visit_unit<E>(self) -> Result<Scalar, E> {
                Ok(Scalar(Value::Null))
            }
        }

        deserializer.deserialize_any(One)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct Both {
        #[serde(deserialize_with = "scalars")]
        parameters: BTreeMap<String, Value>,
        #[serde(default, deserialize_with = "few")]
        list: Vec<u8>,
    }

    fn read(json: &str) -> Result<Both, serde_json::Error> {
        serde_json::from_str(json)
    }

    #[test]
    fn what_is_not_one_thing_is_refused() {
        let both = read(r#"{"parameters":{"a":1,"b":-1.5,"c":"x","d":true,"e":null},"list":[1,2]}"#).unwrap();
        assert_eq!((both.parameters.len(), both.list), (5, vec![1, 2]));
        for value in ["[]", "{}", "[[]]", r#"{"":{}}"#] {
            assert!(read(&format!(r#"{{"parameters":{{"a":{value}}}}}"#)).is_err(), "{value}");
        }
    }

    #[test]
    fn many_are_refused() {
        let many = |n: usize| (0..n).map(|i| format!("\"{i}\":0")).collect::<Vec<_>>().join(",");
        assert!(read(&format!(r#"{{"parameters":{{{}}}}}"#, many(MOST_PARAMETERS))).is_ok());
        assert!(read(&format!(r#"{{"parameters":{{{}}}}}"#, many(MOST_PARAMETERS + 1))).is_err());
        let list = vec!["0"; MOST + 1].join(",");
        assert!(read(&format!(r#"{{"parameters":{{}},"list":[{list}]}}"#)).is_err());
    }
}
