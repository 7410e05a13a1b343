//! Files of pictures: what is known from a header, what changes nothing, and what cannot be used.

use bl_core::io::InputSchema;
use bl_tasks::picture::{Declared, Fault, from_bytes};
use flate2::Crc;
use image::ImageFormat;

use crate::files::{encoded, grey, png};
use crate::picture::{DIGIT, bar, png_of};

#[test]
fn a_picture_that_cannot_be_used_says_why() {
    fn check(bytes: &[u8], expected: &str) {
        let fault = from_bytes(bytes, &DIGIT).unwrap_err();
        assert_eq!(fault.to_string(), expected);
        assert!(fault.hint().is_some(), "{expected}");
    }
    let format = "expected a PNG, JPEG, WebP, BMP, GIF or TIFF image, found";
    check(b"", &format!("{format} an empty file"));
    check(b"GIF89a...", "the image cannot be decoded: Format error decoding Gif: Unexpected End of File");
    check(b"%PDF-1.7", &format!("{format} a PDF document"));
    check(b"<!DOCTYPE html><html>", &format!("{format} an HTML page"));
    check(
        b"version https://git-lfs.github.com/spec/v1\n",
        &format!("{format} a Git LFS pointer, not the file itself"),
    );
    check(&crate::files::gzip(b"x"), &format!("{format} a gzip archive"));
    check(b"hello world", &format!("{format} a file that starts with `hello wo`"));
    let blank = "the image is blank: expected ink on a plain ground, found one shade";
    check(&png(28, 28, 255), &format!("{blank} (255 of 255)"));
    check(&png(300, 200, 255), &format!("{blank} (255 of 255)"));
    check(&png(1, 1, 7), &format!("{blank} (7 of 255)"));
    check(
        &encoded(&grey(50, 50, |x, y| 200 + (x * y % 7) as u8), ImageFormat::Png),
        "the image is blank: expected ink on a plain ground, found shades 200 to 206 of 255",
    );
    // Busy is not blank: nothing stands out from such a border.
    let busy = grey(60, 50, |x, y| ((x * 37) ^ (y * 91)) as u8);
    check(
        &encoded(&busy, ImageFormat::Png),
        "no ink can be told from paper: the border of the image has shades 0 to 255 of 255, and nothing stands out from that",
    );
    let corrupt = "the image cannot be decoded: unexpected end of file";
    check(&png(300, 200, 255)[..60], corrupt);
    let large = "expected an image of at most 64 megapixels, found";
    check(&header_claims(64_000, 1_001), &format!("{large} 1001x64000"));
    check(&header_claims(u32::MAX >> 1, u32::MAX >> 1), &format!("{large} more"));
    let two = InputSchema { channels: 2, ..DIGIT };
    let fault = from_bytes(&png(28, 28, 0), &two).unwrap_err();
    assert_eq!(fault.to_string(), "expected an adapter of 1 channel (grey) or 3 (red, green, blue), found 2");
}

/// A PNG whose header claims another size than it has.
fn header_claims(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = png(1, 1, 0);
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    let mut crc = Crc::new();
    crc.update(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&crc.sum().to_be_bytes());
    bytes
}

#[test]
fn what_a_picture_costs_is_known_from_its_header() {
    assert_eq!(Declared::of(&png(300, 200, 1), 60_000).unwrap().pixels, 60_000);
    let fault = Declared::of(&png(300, 200, 1), 59_999).unwrap_err();
    assert!(matches!(fault, Fault::TooLarge { most: 59_999, found: Some((300, 200)) }), "{fault}");
    assert_eq!(Declared::of(&header_claims(60_000, 7000), u64::MAX).unwrap().pixels, 420_000_000);
    let fault = Declared::of(&header_claims(60_000, 7000), 4_000_000).unwrap_err();
    assert_eq!(fault.to_string(), "expected an image of at most 4 megapixels, found 7000x60000");
}

/// A PNG with more between its header and its pixels.
fn with_chunk(png: &[u8], kind: [u8; 4], content: &[u8]) -> Vec<u8> {
    const HEADER: usize = 8 + 25;
    let mut crc = Crc::new();
    crc.update(&kind);
    crc.update(content);
    let length = (content.len() as u32).to_be_bytes();
    [&png[..HEADER], &length, &kind, content, &crc.sum().to_be_bytes(), &png[HEADER..]].concat()
}

/// Colours are of no use for grey, and texts of none at all.
#[test]
fn profiles_and_texts_of_any_length_change_nothing() {
    let packed = |bytes: usize| {
        let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        std::io::Write::write_all(&mut packer, &vec![0; bytes]).unwrap();
        packer.finish().unwrap()
    };
    let plain = encoded(&bar(100, 50, 30, 80), ImageFormat::Png);
    let expected = from_bytes(&plain, &DIGIT).unwrap();
    for bytes in [0, 3000, 3 << 20, 40 << 20] {
        let profile = [b"colours\0\0", &*packed(bytes)].concat();
        let text = [b"Comment\0\0", &*packed(bytes)].concat();
        let plain_text = [b"Comment\0", &*vec![b'x'; bytes / 8]].concat();
        for (kind, content) in [(b"iCCP", profile), (b"zTXt", text), (b"tEXt", plain_text)] {
            let file = with_chunk(&plain, *kind, &content);
            assert_eq!(from_bytes(&file, &DIGIT).unwrap(), expected, "{} {bytes}", kind.escape_ascii());
            assert_eq!(Declared::of(&file, u64::MAX).unwrap(), Declared::of(&plain, u64::MAX).unwrap());
        }
    }
    // A row that is longer than the file.
    let wide = png_of(grey(60_000, 40, |x, _| if x < 9000 { 0 } else { 255 }));
    from_bytes(&wide, &DIGIT).unwrap();
}
