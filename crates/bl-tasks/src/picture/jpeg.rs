//! Whether a JPEG is all there. The decoder fills up what lacks with grey and says nothing.

use super::Fault;

/// Passes over the picture: each costs as much as a small picture, and real ones have about ten.
const MOST_SCANS: usize = 100;

/// Walks from mark to mark until the one of the end.
pub(super) fn check(bytes: &[u8]) -> Result<(), Fault> {
    let (mut at, mut scans) = (2, 0); // after the mark of the beginning
    loop {
        // Between a mark and the next is the content of a scan, or what somebody left there.
        let rest = bytes.get(at..).unwrap_or_default();
        at += 1 + rest.iter().position(|&byte| byte == 0xff).ok_or(Fault::EndsEarly)?;
        let mark = *bytes.get(at).ok_or(Fault::EndsEarly)?;
        match mark {
            0xff => {} // filling
            // A byte of content that looks like a mark, and marks without content.
            0x00 | 0x01 | 0xd0..=0xd8 => at += 1,
            0xd9 => return if scans > 0 { Ok(()) } else { Err(Fault::EndsEarly) },
            _ => {
                scans += usize::from(mark == 0xda);
                if scans > MOST_SCANS {
                    return Err(Fault::Scans { most: MOST_SCANS });
                }
                let Some(&[high, low]) = bytes.get(at + 1..at + 3) else { return Err(Fault::EndsEarly) };
                at += 1 + usize::from(u16::from_be_bytes([high, low])).max(2);
            }
        }
    }
}
