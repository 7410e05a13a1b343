//! Files that are something else: what their first bytes say they are, and what to do about it.

use std::fmt;

/// What was found in place of a safetensors file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "their words say it")]
pub enum Foreign {
    LfsPointer,
    Html,
    Gzip,
    Zip,
    OtherArchive,
    Pickle,
    Numpy,
    Gguf,
    Hdf5,
    Image,
    Pdf,
    Json,
    Text,
}

/// Beginnings that are one format's alone.
const MARKS: &[(&[u8], Foreign)] = &[
    (b"version https://git-lfs.github.com/", Foreign::LfsPointer),
    (b"\x1f\x8b", Foreign::Gzip),
    (b"PK\x03\x04", Foreign::Zip),
    (b"PK\x05\x06", Foreign::Zip),
    (b"BZh", Foreign::OtherArchive),
    (b"\xfd7zXZ\0", Foreign::OtherArchive),
    (b"\x28\xb5\x2f\xfd", Foreign::OtherArchive),
    (b"7z\xbc\xaf\x27\x1c", Foreign::OtherArchive),
    (b"Rar!\x1a\x07", Foreign::OtherArchive),
    (b"\x93NUMPY", Foreign::Numpy),
    (b"GGUF", Foreign::Gguf),
    (b"\x89HDF\r\n\x1a\n", Foreign::Hdf5),
    (b"\x89PNG\r\n", Foreign::Image),
    (b"\xff\xd8\xff", Foreign::Image),
    (b"GIF8", Foreign::Image),
    (b"%PDF-", Foreign::Pdf),
];

/// A tar archive has its mark further on.
const TAR: (usize, &[u8]) = (257, b"ustar");

impl Foreign {
    /// What a file is that does not begin as a safetensors file, if that can be told.
    pub(crate) fn of(bytes: &[u8]) -> Option<Self> {
        if let Some((_, found)) = MARKS.iter().find(|(mark, _)| bytes.starts_with(mark)) {
            return Some(*found);
        }
        if bytes.get(TAR.0..).is_some_and(|rest| rest.starts_with(TAR.1)) {
            return Some(Self::OtherArchive);
        }
        // `\x80` and the protocol's number: what `torch.save` wrote before it wrote archives.
        match *bytes {
            [0x80, 2..=5, ..] => Some(Self::Pickle),
            // Less could be the beginning of anything.
            _ if bytes.len() < 8 => None,
            _ => Self::of_text(&bytes[..bytes.len().min(512)]),
        }
    }

    /// Of text of any kind.
    fn of_text(start: &[u8]) -> Option<Self> {
        let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
        let lower = start.to_ascii_lowercase();
        if [&b"<!doctype"[..], b"<html", b"<head", b"<?xml", b"<body"]
            .iter()
            .any(|tag| lower.starts_with(tag))
        {
            return Some(Self::Html);
        }
        let is_utf8 = std::str::from_utf8(start).map_or_else(|error| error.error_len().is_none(), |_| true);
        let is_text = |byte: &u8| !byte.is_ascii_control() || byte.is_ascii_whitespace();
        match start.first() {
            _ if !is_utf8 || !start.iter().all(is_text) => None,
            Some(b'{' | b'[') => Some(Self::Json),
            Some(_) => Some(Self::Text),
            None => None,
        }
    }

    /// What to do about it.
    pub fn hint(self) -> &'static str {
        match self {
            Self::LfsPointer => {
                "only the pointer was fetched: run `git lfs install`, then `git lfs pull` where it was cloned, or \
                 download the file itself"
            }
            Self::Html => {
                "the download brought a page in place of the file (a login, an error, or the page that shows it): \
                 download the file itself; on the Hub its address has `/resolve/`, not `/blob/`"
            }
            Self::Gzip => "unpack it first: `gunzip` (add `.gz` to its name if it has another)",
            Self::Zip => {
                "unpack it first; if `torch.save` wrote it, it is no file of this program: adapters are written by \
                 `bl-adapt train`"
            }
            Self::OtherArchive => "unpack it first",
            _ => "name a file that `bl-adapt` wrote",
        }
    }
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::LfsPointer => "it is a Git LFS pointer, which stands for the file and is not the file",
            Self::Html => "it is an HTML page",
            Self::Gzip => "it is compressed with gzip",
            Self::Zip => "it is a ZIP archive, as `torch.save` writes",
            Self::OtherArchive => "it is a compressed file or an archive",
            Self::Pickle => "it is a Python pickle, as `torch.save` writes",
            Self::Numpy => "it is a NumPy array",
            Self::Gguf => "it is a GGUF file",
            Self::Hdf5 => "it is an HDF5 file",
            Self::Image => "it is an image",
            Self::Pdf => "it is a PDF file",
            Self::Json => "it is JSON",
            Self::Text => "it is a text file",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_what_they_begin_with() {
        let cases: &[(&[u8], Option<Foreign>)] = &[
            (b"", None),
            (b"hello", None),
            (b"version https://git-lfs.github.com/spec/v1\noid", Some(Foreign::LfsPointer)),
            (b"\n <!DOCTYPE html><html>", Some(Foreign::Html)),
            (b"\xef\xbb\xbf<HTML>", Some(Foreign::Html)),
            (b"\x1f\x8b\x08\0", Some(Foreign::Gzip)),
            (b"PK\x03\x04\0", Some(Foreign::Zip)),
            (b"\x80\x02}q", Some(Foreign::Pickle)),
            (b"{\"error\":\"no\"}", Some(Foreign::Json)),
            (b"Entry not found", Some(Foreign::Text)),
            (b"\x40\0\0\0\0\0\0\0{\"__metadata__\"", None),
        ];
        for (bytes, expected) in cases {
            assert_eq!(Foreign::of(bytes), *expected, "{}", bytes.escape_ascii());
        }
    }
}
