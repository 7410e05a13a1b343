//! Gzip files of one or several members, and zeros after the last: some tools fill up to the end of a block.

use std::io::{self, BufRead, Read};

use flate2::bufread::GzDecoder;

/// Reads what all members hold, one after the other.
pub(super) struct Members<R: BufRead> {
    /// Taken out while the next one is looked for.
    member: Option<GzDecoder<R>>,
}

impl<R: BufRead> Members<R> {
    pub(super) fn new(reader: R) -> Self {
        Self { member: Some(GzDecoder::new(reader)) }
    }
}

impl<R: BufRead> Read for Members<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(member) = &mut self.member {
            let read = member.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            let rest = self.member.take().map(GzDecoder::into_inner);
            self.member = rest.map(next_member).transpose()?.flatten();
        }
        Ok(0)
    }
}

/// The member after some zeros, if the file goes on.
fn next_member<R: BufRead>(mut reader: R) -> io::Result<Option<GzDecoder<R>>> {
    loop {
        let buffer = reader.fill_buf()?;
        if buffer.is_empty() {
            return Ok(None);
        }
        let zeros = buffer.iter().take_while(|&&byte| byte == 0).count();
        let is_end = zeros == buffer.len();
        reader.consume(zeros);
        if !is_end {
            return Ok(Some(GzDecoder::new(reader))); // which says so if it is no member
        }
    }
}
