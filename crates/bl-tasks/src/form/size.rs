//! Height and width of images, as somebody states them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Height and width of images: `28` or `28x40`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Rows of pixels.
    pub height: u32,
    /// Columns of pixels.
    pub width: u32,
}

/// What is no size.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a side of 1 to {MOST_SIDE} pixels, or HEIGHTxWIDTH, found `{found}`")]
pub struct BadSize {
    found: String,
}

/// Larger ones are more values than a network takes.
const MOST_SIDE: u32 = 1024;

impl FromStr for Size {
    type Err = BadSize;

    fn from_str(text: &str) -> Result<Self, BadSize> {
        let side = |text: &str| text.parse().ok().filter(|side| (1..=MOST_SIDE).contains(side));
        let (height, width) = text.split_once('x').unwrap_or((text, text));
        let size = side(height).zip(side(width)).map(|(height, width)| Self { height, width });
        size.ok_or_else(|| BadSize { found: text.to_owned() })
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.height, self.width)
    }
}

impl Serialize for Size {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Stated)
    }
}

/// A settings file has `size = 28` or `size = "28x40"`.
struct Stated;

impl de::Visitor<'_> for Stated {
    type Value = Size;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a side of 1 to {MOST_SIDE} pixels, or \"HEIGHTxWIDTH\"")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Size, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_i64<E: de::Error>(self, side: i64) -> Result<Size, E> {
        self.visit_str(&side.to_string())
    }

    fn visit_u64<E: de::Error>(self, side: u64) -> Result<Size, E> {
        self.visit_str(&side.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_a_side_or_two() {
        let check = |text: &str, expected: Option<&str>| {
            let found = text.parse::<Size>().ok().map(|size| size.to_string());
            assert_eq!(found.as_deref(), expected, "{text}");
        };
        check("28", Some("28x28"));
        check("28x40", Some("28x40"));
        check("1024", Some("1024x1024"));
        for text in ["0", "", "28x", "28x40x3", "-1", "2000", "28 x 40"] {
            check(text, None);
        }
    }

    #[test]
    fn a_file_states_it_as_a_number_or_as_a_text() {
        let read = |value: &str| serde_json::from_str::<Size>(value).map_err(|error| error.to_string());
        for (value, expected) in [("24", "24x24"), ("\"24\"", "24x24"), ("\"24x32\"", "24x32")] {
            let size = read(value).unwrap();
            assert_eq!(size.to_string(), expected);
            assert_eq!(serde_json::to_string(&size).unwrap(), format!("\"{expected}\""));
        }
        for (value, found) in
            [("0", "found `0`"), ("-3", "found `-3`"), ("2.5", "floating point"), ("[3]", "sequence")]
        {
            let error = read(value).unwrap_err();
            assert!(
                error.contains(found) && error.contains("a side of 1 to 1024 pixels"),
                "{value}: {error}"
            );
        }
    }
}
