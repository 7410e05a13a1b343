//! Whether a JPEG is all there. The decoder fills up what lacks with grey and says nothing.

use super::Fault;

mod scan;

/// Passes over the picture: each costs as much as a small picture, and real ones have about ten.
const MOST_SCANS: usize = 100;

/// That the file goes on to its end mark: cheap, and enough to read its size.
pub(super) fn check(bytes: &[u8]) -> Result<(), Fault> {
    walk(bytes, |_| Ok(()))
}

/// That what lies between the marks is the whole image. Of a progressive JPEG, a hole and a cut in the last pass are not
/// found, and of any other, a hole that happens to decode to as many blocks.
pub(super) fn check_content(bytes: &[u8]) -> Result<(), Fault> {
    let mut frame = scan::Frame::default();
    walk(bytes, |segment| frame.take(segment).map_err(Fault::Damaged))?;
    frame.check_passes().map_err(Fault::Damaged)
}

/// A mark with its content, and what follows it in the file.
#[derive(Clone, Copy)]
struct Segment<'a> {
    mark: u8,
    content: &'a [u8],
    after: &'a [u8],
}

/// Walks from mark to mark until the one of the end.
fn walk<'a>(bytes: &'a [u8], mut each: impl FnMut(Segment<'a>) -> Result<(), Fault>) -> Result<(), Fault> {
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
                let length = usize::from(u16::from_be_bytes([high, low])).max(2);
                let content = bytes.get(at + 3..at + 1 + length).ok_or(Fault::EndsEarly)?;
                at += 1 + length;
                each(Segment { mark, content, after: &bytes[at..] })?;
            }
        }
    }
}
