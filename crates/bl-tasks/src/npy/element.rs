//! The number types of NPY files, read as `f64`: exact for every pixel and every label.

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Element {
    kind: Kind,
    big_endian: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    U8,
    I8,
    U16,
    I16,
    U32,
    I32,
    U64,
    I64,
    F16,
    F32,
    F64,
}

impl Element {
    /// What [`from_descr`](Self::from_descr) takes, for messages.
    pub(super) const KNOWN: &str = "b1, u1, i1, u2, i2, u4, i4, u8, i8, f2, f4 or f8";

    /// From numpy's name of the type, such as `<f8`; `None` if it is not a plain number.
    pub(crate) fn from_descr(descr: &str) -> Option<Self> {
        let mut name = descr.chars();
        let big_endian = match name.next()? {
            '<' | '|' => false,
            '>' => true,
            _ => return None, // `=` is never written to a file
        };
        let kind = match name.as_str() {
            "u1" | "b1" => Kind::U8, // a truth value is a byte that is 0 or 1
            "i1" => Kind::I8,
            "u2" => Kind::U16,
            "i2" => Kind::I16,
            "u4" => Kind::U32,
            "i4" => Kind::I32,
            "u8" => Kind::U64,
            "i8" => Kind::I64,
            "f2" => Kind::F16,
            "f4" => Kind::F32,
            "f8" => Kind::F64,
            _ => return None,
        };
        Some(Self { kind, big_endian })
    }

    /// Bytes of one value.
    pub fn size(self) -> usize {
        match self.kind {
            Kind::U8 | Kind::I8 => 1,
            Kind::U16 | Kind::I16 | Kind::F16 => 2,
            Kind::U32 | Kind::I32 | Kind::F32 => 4,
            Kind::U64 | Kind::I64 | Kind::F64 => 8,
        }
    }

    /// Whether values may have a fraction.
    pub fn is_float(self) -> bool {
        matches!(self.kind, Kind::F16 | Kind::F32 | Kind::F64)
    }

    /// Replaces the content of `values` by the numbers in `bytes`, a whole number of them.
    pub(crate) fn decode(self, bytes: &[u8], values: &mut Vec<f64>) {
        values.clear();
        let big = self.big_endian;
        match self.kind {
            Kind::U8 => values.extend(bytes.iter().map(|&byte| f64::from(byte))),
            Kind::I8 => values.extend(bytes.iter().map(|&byte| f64::from(byte.cast_signed()))),
            Kind::U16 => numbers(bytes, big, values, |b| u16::from_le_bytes(b).into()),
            Kind::I16 => numbers(bytes, big, values, |b| i16::from_le_bytes(b).into()),
            Kind::U32 => numbers(bytes, big, values, |b| u32::from_le_bytes(b).into()),
            Kind::I32 => numbers(bytes, big, values, |b| i32::from_le_bytes(b).into()),
            // Rounded above 2^53, far outside what a pixel or a label may be.
            Kind::U64 => numbers(bytes, big, values, |b| u64::from_le_bytes(b) as f64),
            Kind::I64 => numbers(bytes, big, values, |b| i64::from_le_bytes(b) as f64),
            Kind::F16 => numbers(bytes, big, values, |b| half::f16::from_le_bytes(b).into()),
            Kind::F32 => numbers(bytes, big, values, |b| f32::from_le_bytes(b).into()),
            Kind::F64 => numbers(bytes, big, values, f64::from_le_bytes),
        }
    }
}

fn numbers<const N: usize>(
    bytes: &[u8],
    big_endian: bool,
    values: &mut Vec<f64>,
    from_little_endian: impl Fn([u8; N]) -> f64,
) {
    let (numbers, _) = bytes.as_chunks::<N>();
    values.extend(numbers.iter().map(|&number| {
        let mut number = number;
        if big_endian {
            number.reverse();
        }
        from_little_endian(number)
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_type_is_read_in_both_byte_orders() {
        fn check(descr: &str, bytes: &[u8], expected: f64) {
            let element = Element::from_descr(descr).unwrap();
            assert_eq!(element.size(), bytes.len(), "{descr}");
            let mut values = vec![9.0];
            element.decode(bytes, &mut values);
            assert_eq!(values, [expected], "{descr}");
        }
        check("|u1", &[200], 200.0);
        check("|i1", &[200], -56.0);
        check("<u2", &[1, 2], 513.0);
        check(">u2", &[1, 2], 258.0);
        check("<i2", &[0xfe, 0xff], -2.0);
        check("<u4", &[1, 0, 0, 1], 16_777_217.0);
        check(">i4", &[0xff, 0xff, 0xff, 0xfe], -2.0);
        check("<i8", &(-3_i64).to_le_bytes(), -3.0);
        check(">u8", &7_u64.to_be_bytes(), 7.0);
        check("|b1", &[1], 1.0);
        check("<f2", &[0x00, 0x38], 0.5);
        check(">f2", &[0x3c, 0x00], 1.0);
        check("<f4", &0.5_f32.to_le_bytes(), 0.5);
        check(">f4", &0.5_f32.to_be_bytes(), 0.5);
        check("<f8", &0.1_f64.to_le_bytes(), 0.1);
        check(">f8", &0.1_f64.to_be_bytes(), 0.1);
    }

    #[test]
    fn other_types_are_refused() {
        for descr in ["", "<", "<f1", "|O", "<c8", "<U3", "=f8", "<f16", "[('x', '<f8')]"] {
            assert_eq!(Element::from_descr(descr), None, "{descr}");
        }
    }
}
