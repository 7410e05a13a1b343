//! Files of pictures that are damaged, or sound and of a variant that is not read.

use bl_tasks::picture::{Fault, from_bytes};
use image::{ImageFormat, Rgb, RgbImage};

use crate::files::encoded;
use crate::picture::{DIGIT, bar};

#[test]
fn a_damaged_jpeg_with_an_end_mark_is_refused() {
    const HOLE: usize = 120; // a smaller one may be less than the last blocks, which writers may cut short
    let baseline = encoded(&bar(100, 50, 40, 80), ImageFormat::Jpeg);
    let coloured = {
        let picture = RgbImage::from_fn(120, 90, |x, y| Rgb([(x * y) as u8, (x ^ y) as u8, x as u8]));
        let mut bytes = std::io::Cursor::new(Vec::new());
        picture.write_to(&mut bytes, ImageFormat::Jpeg).unwrap();
        bytes.into_inner()
    };
    let restarts = include_bytes!("restarts.jpg").to_vec();
    let progressive = include_bytes!("progressive.jpg").to_vec();
    for (name, whole) in
        [("baseline", baseline), ("coloured", coloured), ("restarts", restarts), ("progressive", progressive)]
    {
        assert!(from_bytes(&whole, &DIGIT).is_ok(), "{name}");
        let start = whole.windows(2).position(|pair| pair == [0xff, 0xda]).unwrap() + 20;
        // The last pass of a progressive one brings details alone, and its end is not looked for.
        let last_pass = whole.windows(2).rposition(|pair| pair == [0xff, 0xda]).unwrap();
        let end = if name == "progressive" { last_pass } else { whole.len() - 40 };
        let (mut holes, mut missed) = (0, 0);
        for at in (start..end).step_by(11) {
            let cut = [&whole[..at], &[0xff, 0xd9]].concat();
            let refused = |bytes: &[u8], what: &str| match from_bytes(bytes, &DIGIT) {
                Err(fault) => assert!(fault.hint().is_some(), "{fault}"),
                Ok(_) => panic!("{name}: {what} at {at} of {}", whole.len()),
            };
            refused(&cut, "cut");
            if name != "progressive" {
                refused(&[&whole[..at], &whole].concat(), "a second one");
                if at + HOLE > end {
                    continue;
                }
                holes += 1; // some happen to decode to as many blocks
                missed +=
                    usize::from(from_bytes(&[&whole[..at], &whole[at + HOLE..]].concat(), &DIGIT).is_ok());
            }
        }
        assert!(8 * missed <= holes, "{name}: {missed} of {holes} holes were not found");
    }
}

#[test]
fn a_sound_file_of_another_variant_is_not_called_damaged() {
    let mut tiff = encoded(&bar(100, 50, 40, 80), ImageFormat::Tiff);
    assert!(from_bytes(&tiff, &DIGIT).is_ok());
    // Its tag of the compression, 259, names one that nobody has.
    let tag = tiff.windows(4).position(|tag| tag == [3, 1, 3, 0]).unwrap();
    tiff[tag + 8..tag + 10].copy_from_slice(&[0x6d, 0x88]);
    let fault = from_bytes(&tiff, &DIGIT).unwrap_err();
    assert!(matches!(fault, Fault::Unsupported(_)), "{fault:?}");
    assert!(fault.to_string().starts_with("this variant of the format is not read: "), "{fault}");
    assert!(fault.hint().unwrap().contains("convert it to PNG"));
}

#[test]
fn every_truncation_of_a_picture_is_an_error_or_what_a_decoder_could_save() {
    let png = encoded(&bar(100, 50, 40, 80), ImageFormat::Png);
    let jpeg = encoded(&bar(100, 50, 40, 80), ImageFormat::Jpeg);
    for length in (0..png.len()).step_by(3) {
        let result = from_bytes(&png[..length], &DIGIT);
        assert!(
            result.is_err() || length + 16 > png.len(),
            "{length} of {}: only the end mark may lack",
            png.len()
        );
    }
    for length in (0..jpeg.len() - 1).step_by(7).chain([jpeg.len() - 1]) {
        assert!(from_bytes(&jpeg[..length], &DIGIT).is_err(), "{length} of {}", jpeg.len()); // a decoder fills up what lacks
    }
}
