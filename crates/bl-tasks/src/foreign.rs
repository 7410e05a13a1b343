//! What a file is that is not what was expected: told from its first bytes, with what to do about it.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::Error;

/// Bytes that are enough to tell.
pub(crate) const ENOUGH: usize = 64;

/// The first bytes of a file. Shown, it is what the file is, as in `an HTML page`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start(Vec<u8>);

const UNPACK: &str = "unpack it first";
const GUNZIP: &str = "unpack it first: `gunzip`, or `tar xzf` if it holds several files";
const PULL: &str = "run `git lfs pull` where it came from";
const FETCH: &str =
    "a web page was saved in its place: fetch the file itself, by its `raw` or `download` link";
const CONVERT: &str = "convert it to PNG, in 8-bit grey or colour";
const UTF_8: &str = "save it again as UTF-8 text (`iconv -f UTF-16 -t UTF-8`)";

/// Beginning, what it is, and what to do. Of several that fit the first counts.
const KNOWN: &[(&[u8], &str, &str)] = &[
    (b"version https://git-lfs", "a Git LFS pointer, not the file itself", PULL),
    (b"\x89PNG", "a PNG image", "give it where images are taken"),
    (b"\xff\xd8\xff", "a JPEG image", "give it where images are taken"),
    (b"\x93NUMPY", "an NPY array", "name it `.npy`"),
    (b"\x1f\x8b", "a gzip archive", GUNZIP),
    (b"PK\x03\x04", "a ZIP archive", UNPACK),
    (b"7z\xbc\xaf", "a 7z archive", UNPACK),
    (b"\xfd7zXZ", "an xz archive", UNPACK),
    (b"BZh", "a bzip2 archive", UNPACK),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive", UNPACK),
    (b"GIF8", "a GIF image", "give it where images are taken"),
    (b"BM", "a BMP image", "give it where images are taken"),
    (b"\0\0\x01\0", "an ICO image", CONVERT),
    (b"II*\0", "a TIFF image", "give it where images are taken"),
    (b"MM\0*", "a TIFF image", "give it where images are taken"),
    (b"RIFF", "a RIFF file (WebP, WAV, AVI)", "WebP is given where images are taken"),
    (b"8BPS", "a Photoshop image", CONVERT),
    (b"%PDF", "a PDF document", "export its pages as PNG"),
    (b"\x89HDF", "an HDF5 file", "save the array with `numpy.save`"),
    (b"\x80\x04\x95", "a Python pickle", "save the array with `numpy.save`"),
    (b"\xff\xfe", "UTF-16 text", UTF_8),
    (b"\xfe\xff", "UTF-16 text", UTF_8),
];

impl Start {
    pub(crate) fn new(bytes: &[u8]) -> Self {
        Self(bytes[..bytes.len().min(ENOUGH)].to_vec())
    }

    /// Of a file.
    pub fn of(path: &Path) -> Result<Self, Error> {
        let mut start = Vec::new();
        let read = File::open(path).and_then(|file| file.take(ENOUGH as u64).read_to_end(&mut start));
        read.map_err(|cause| Error::io(path, cause))?;
        Ok(Self(start))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Its first bytes, for a message; of text, what can be read of it.
    pub(crate) fn shown(&self) -> String {
        self.0[..self.0.len().min(8)].escape_ascii().to_string()
    }

    /// What it is, if that is known, and what to do.
    pub(crate) fn known(&self) -> Option<(&'static str, &'static str)> {
        if self.0.is_empty() {
            return Some(("an empty file", "fetch it again"));
        }
        let text = self.0.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&self.0).trim_ascii_start();
        let begins =
            |with: &str| text.len() >= with.len() && text[..with.len()].eq_ignore_ascii_case(with.as_bytes());
        if begins("<!doctype html") || begins("<html") || begins("<head") {
            return Some(("an HTML page", FETCH));
        }
        if begins("<svg") || begins("<?xml") {
            return Some(("an XML or SVG document", CONVERT));
        }
        if self.0.get(4..8) == Some(b"ftyp") {
            return Some(("a HEIC, AVIF or MP4 file", CONVERT));
        }
        if begins("{") || begins("[{") {
            return Some(("JSON text", "JSON requests are for `bl-run serve`"));
        }
        // Text may begin as a picture does: `BMI,age`.
        let is = |start: &[u8]| self.0.starts_with(start) && (start != b"BM" || self.0.contains(&0));
        let known = KNOWN.iter().find(|(start, ..)| is(start));
        known.map(|&(_, name, hint)| (name, hint))
    }

    /// What to do about it where a series is expected.
    pub fn hint_of_series(&self) -> &'static str {
        match self.known() {
            Some(("a ZIP archive", _)) => "unpack it; a spreadsheet (`.xlsx`) is saved as CSV",
            Some((_, hint)) if [UNPACK, GUNZIP, PULL, FETCH].contains(&hint) => hint,
            Some((name, _)) if name.contains("image") => {
                "a series is text; images are for image classifiers, such as `mnist`, and to learn from they are a folder with a sub-folder \
                 for each class"
            }
            None => "if it is text with a series, give its name the ending `.csv`",
            _ => "save the series as CSV: names in the first line, then a line for each sample",
        }
    }

    /// What to do about it, where that is known.
    pub(crate) fn hint(&self) -> Option<&'static str> {
        self.known().map(|(_, hint)| hint)
    }
}

impl fmt::Display for Start {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.known() {
            Some((name, _)) => f.write_str(name),
            None => write!(f, "a file that starts with `{}`", self.shown()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_for_what_they_are() {
        fn check(bytes: &[u8], expected: &str) {
            assert_eq!(Start::new(bytes).to_string(), expected);
        }
        check(b"", "an empty file");
        check(b"\n <!DOCTYPE HTML><title>404", "an HTML page");
        check(b"<html lang=\"en\">", "an HTML page");
        check(b"version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer, not the file itself");
        check(&[0x1f, 0x8b, 8, 0], "a gzip archive");
        check(b"GIF89a", "a GIF image");
        check(b"BM\x36\0\0\0", "a BMP image");
        check(b"BMI,age\n", "a file that starts with `BMI,age\\n`");
        check(b"\0\0\0\x18ftypheic", "a HEIC, AVIF or MP4 file");
        check(b"hello world", "a file that starts with `hello wo`");
    }
}
