//! Tensors as they travel: a type, a shape, and values in row-major order.

use bl_tasks::picture::how_to_bytes;
use serde::de::{DeserializeSeed, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::failure::Failure;

/// The types that inputs and outputs here have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Datatype {
    U8,
    F32,
    F64,
    Bytes,
}

/// Their names.
pub(crate) const NAMES: [&str; 4] = ["UINT8", "FP32", "FP64", "BYTES"];

impl Datatype {
    pub(crate) fn named(name: &str) -> Option<Self> {
        [Self::U8, Self::F32, Self::F64, Self::Bytes].into_iter().find(|datatype| datatype.name() == name)
    }

    pub(crate) fn name(self) -> &'static str {
        NAMES[self as usize]
    }
}

/// Values.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Data {
    U8(Vec<u8>),
    F32(Vec<f32>),
    F64(Vec<f64>),
    /// Strings of any bytes; in JSON they are text.
    Bytes(Vec<Vec<u8>>),
}

/// A named tensor.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tensor {
    pub(crate) name: String,
    pub(crate) shape: Vec<usize>,
    pub(crate) data: Data,
}

impl Tensor {
    /// One string a row.
    ///
    /// # Shapes
    /// - the tensor: BYTES `[rows]`
    pub(crate) fn strings(&self) -> Result<&[Vec<u8>], Failure> {
        let Self { name, shape, data } = self;
        match (data, shape.as_slice()) {
            (Data::Bytes(strings), [_]) => Ok(strings),
            (Data::Bytes(_), _) => {
                Err(Failure::bad_input(format!("input `{name}` has shape {shape:?}, expected [rows]")))
            }
            _ => {
                let found = data.datatype().name();
                Err(Failure::bad_input(format!("input `{name}` has datatype {found}, expected BYTES")))
            }
        }
    }
}

impl Data {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::U8(values) => values.len(),
            Self::F32(values) => values.len(),
            Self::F64(values) => values.len(),
            Self::Bytes(values) => values.len(),
        }
    }

    pub(crate) fn datatype(&self) -> Datatype {
        match self {
            Self::U8(_) => Datatype::U8,
            Self::F32(_) => Datatype::F32,
            Self::F64(_) => Datatype::F64,
            Self::Bytes(_) => Datatype::Bytes,
        }
    }

    /// From the numbers or strings of JSON.
    pub(crate) fn from_json(name: &str, datatype: Datatype, values: Values) -> Result<Self, Failure> {
        let wrong = |what: String| Failure::bad_input(format!("input `{name}`: {what}"));
        match (datatype, values) {
            (Datatype::Bytes, Values::Strings(strings)) => {
                Ok(Self::Bytes(strings.into_iter().map(String::into_bytes).collect()))
            }
            (_, Values::Empty) => Ok(Self::empty(datatype)),
            (Datatype::Bytes, Values::Numbers(_)) => {
                Err(wrong("expected strings for BYTES, found numbers".into()))
            }
            (_, Values::Strings(_)) => {
                Err(wrong(format!("expected numbers for {}, found strings", datatype.name())))
            }
            (Datatype::U8, Values::Numbers(numbers)) => {
                let byte = |&x: &f64| ((0.0..=255.0).contains(&x) && x.fract() == 0.0).then_some(x as u8);
                let bytes: Option<Vec<u8>> = numbers.iter().map(byte).collect();
                bytes.map(Self::U8).ok_or_else(|| {
                    let odd = numbers.iter().find(|x| byte(x).is_none()).copied().unwrap_or_default();
                    wrong(format!("expected whole numbers from 0 to 255 for UINT8, found {odd}"))
                        .hint(how_to_bytes(numbers.iter().copied()))
                })
            }
            (Datatype::F32, Values::Numbers(numbers)) => {
                Ok(Self::F32(numbers.into_iter().map(|x| x as f32).collect()))
            }
            (Datatype::F64, Values::Numbers(numbers)) => Ok(Self::F64(numbers)),
        }
    }

    fn empty(datatype: Datatype) -> Self {
        match datatype {
            Datatype::U8 => Self::U8(Vec::new()),
            Datatype::F32 => Self::F32(Vec::new()),
            Datatype::F64 => Self::F64(Vec::new()),
            Datatype::Bytes => Self::Bytes(Vec::new()),
        }
    }

    /// From little-endian values; strings each after their length as a u32.
    pub(crate) fn from_binary(name: &str, datatype: Datatype, bytes: &[u8]) -> Result<Self, Failure> {
        let whole = |size: usize| {
            if bytes.len().is_multiple_of(size) {
                return Ok(());
            }
            let found = bytes.len();
            Err(Failure::bad_input(format!(
                "input `{name}`: {found} bytes are not a whole number of {}",
                datatype.name()
            )))
        };
        Ok(match datatype {
            Datatype::U8 => Self::U8(bytes.to_vec()),
            Datatype::F32 => {
                whole(4)?;
                Self::F32(
                    bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect(),
                )
            }
            Datatype::F64 => {
                whole(8)?;
                let value = |b: &[u8]| f64::from_le_bytes([b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]]);
                Self::F64(bytes.chunks_exact(8).map(value).collect())
            }
            Datatype::Bytes => Self::Bytes(strings(name, bytes)?),
        })
    }

    /// As [`Self::from_binary`] reads it.
    pub(crate) fn write_binary(&self, out: &mut Vec<u8>) {
        match self {
            Self::U8(values) => out.extend_from_slice(values),
            Self::F32(values) => values.iter().for_each(|x| out.extend_from_slice(&x.to_le_bytes())),
            Self::F64(values) => values.iter().for_each(|x| out.extend_from_slice(&x.to_le_bytes())),
            Self::Bytes(values) => {
                for value in values {
                    out.extend_from_slice(&(value.len() as u32).to_le_bytes());
                    out.extend_from_slice(value);
                }
            }
        }
    }
}

impl Serialize for Data {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::U8(values) => values.serialize(serializer),
            Self::F32(values) => values.serialize(serializer),
            Self::F64(values) => values.serialize(serializer),
            Self::Bytes(values) => {
                serializer.collect_seq(values.iter().map(|value| String::from_utf8_lossy(value)))
            }
        }
    }
}

/// Strings of a tensor: an empty one has four bytes where it is sent, and six times as many in memory.
const MOST_STRINGS: usize = 1 << 16;

fn strings(name: &str, mut bytes: &[u8]) -> Result<Vec<Vec<u8>>, Failure> {
    let mut all = Vec::new();
    while !bytes.is_empty() {
        if all.len() == MOST_STRINGS {
            let error = format!("input `{name}` has more than {MOST_STRINGS} strings");
            return Err(Failure::bad_input(error));
        }
        let cut = || Failure::bad_input(format!("input `{name}`: the last string of BYTES is cut off"));
        let (len, rest) = bytes.split_first_chunk::<4>().ok_or_else(cut)?;
        let (string, rest) = rest.split_at_checked(u32::from_le_bytes(*len) as usize).ok_or_else(cut)?;
        all.push(string.to_vec());
        bytes = rest;
    }
    Ok(all)
}

/// The `data` of a tensor in JSON, nested or flat: read into one list as it comes, for a batch of images is hundreds
/// of thousands of numbers.
#[derive(Debug, Default, PartialEq)]
pub(crate) enum Values {
    #[default]
    Empty,
    Numbers(Vec<f64>),
    Strings(Vec<String>),
}

impl<'de> Deserialize<'de> for Values {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut values = Self::Empty;
        Append(&mut values).deserialize(deserializer)?;
        Ok(values)
    }
}

/// Appends what comes to the list.
struct Append<'a>(&'a mut Values);

impl Append<'_> {
    fn number<E: serde::de::Error>(self, x: f64) -> Result<(), E> {
        match self.0 {
            Values::Empty => *self.0 = Values::Numbers(vec![x]),
            Values::Numbers(numbers) => numbers.push(x),
            Values::Strings(_) => return Err(E::custom("numbers and strings in one tensor")),
        }
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Append<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Append<'_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("numbers or strings, in lists of any depth")
    }

    fn visit_bool<E: serde::de::Error>(self, x: bool) -> Result<(), E> {
        self.number(f64::from(u8::from(x)))
    }

    fn visit_u64<E: serde::de::Error>(self, x: u64) -> Result<(), E> {
        self.number(x as f64)
    }

    fn visit_i64<E: serde::de::Error>(self, x: i64) -> Result<(), E> {
        self.number(x as f64)
    }

    fn visit_f64<E: serde::de::Error>(self, x: f64) -> Result<(), E> {
        self.number(x)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<(), E> {
        match self.0 {
            Values::Empty => *self.0 = Values::Strings(vec![text.to_owned()]),
            Values::Strings(strings) => strings.push(text.to_owned()),
            Values::Numbers(_) => return Err(E::custom("numbers and strings in one tensor")),
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(Append(&mut *self.0))?.is_some() {}
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(json: &str) -> Result<Values, serde_json::Error> {
        serde_json::from_str(json)
    }

    #[test]
    fn lists_of_any_depth_are_flat() {
        for json in ["[1, 2, 3, 4]", "[[1, 2], [3, 4]]", "[[[1], [2]], [[3], [4]]]", "[1, [2, [3, [4]]]]"] {
            assert_eq!(values(json).unwrap(), Values::Numbers(vec![1.0, 2.0, 3.0, 4.0]), "{json}");
        }
        assert_eq!(values(r#"["a", ["b"]]"#).unwrap(), Values::Strings(vec!["a".into(), "b".into()]));
        assert_eq!(values("[[], []]").unwrap(), Values::Empty);
        for json in [r#"[1, "a"]"#, "[null]", "[{}]", "[1e999]", "[NaN]"] {
            assert!(values(json).is_err(), "{json}");
        }
    }

    #[test]
    fn bytes_are_whole_numbers_in_range() {
        let data = |x: f64| Data::from_json("x", Datatype::U8, Values::Numbers(vec![0.0, x]));
        assert_eq!(data(255.0).unwrap(), Data::U8(vec![0, 255]));
        for x in [-1.0, 256.0, 0.5, f64::NAN, f64::INFINITY] {
            assert!(data(x).is_err(), "{x}");
        }
    }

    #[test]
    fn binary_tensors_come_back() {
        let all = [
            Data::U8(vec![1, 2, 255]),
            Data::F32(vec![1.5, -0.0, f32::MIN_POSITIVE]),
            Data::F64(vec![0.1, 1e300]),
            Data::Bytes(vec![b"kmnist".to_vec(), vec![], vec![0xff, 0]]),
        ];
        for data in all {
            let mut bytes = Vec::new();
            data.write_binary(&mut bytes);
            assert_eq!(Data::from_binary("x", data.datatype(), &bytes).unwrap(), data);
            if data.datatype() != Datatype::U8 {
                bytes.pop();
                assert!(Data::from_binary("x", data.datatype(), &bytes).is_err());
            }
        }
        let too_long = [255, 255, 255, 255, 1];
        assert!(Data::from_binary("x", Datatype::Bytes, &too_long).is_err());
    }
}
