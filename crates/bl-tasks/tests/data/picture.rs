//! Pictures of any kind, brought to the form of the training pictures.

use bl_core::io::{Fit, InputSchema, Polarity};
use bl_tasks::DataDir;
use bl_tasks::picture::{Declared, Doubts, Fault, Picture, from_bytes, load, read_arrays};
use flate2::Crc;
use image::codecs::jpeg::JpegEncoder;
use image::imageops::{self, FilterType};
use image::{
    DynamicImage, GrayImage, ImageBuffer, ImageEncoder, ImageFormat, Luma, LumaA, Rgb, RgbImage, RgbaImage,
};
use proptest::prelude::*;

use crate::files::{encoded, grey, open_task, png, write};

pub(crate) const DIGIT: InputSchema = schema(Polarity::LightOnDark, Fit::InkBox { side: 20 });

pub(crate) const fn schema(polarity: Polarity, fit: Fit) -> InputSchema {
    InputSchema { height: 28, width: 28, channels: 1, polarity, fit }
}

pub(crate) fn bring(picture: &GrayImage, input: &InputSchema) -> Picture {
    from_bytes(&encoded(picture, ImageFormat::Png), input).unwrap()
}

pub(crate) fn png_of(picture: impl Into<DynamicImage>) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.into().write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// A dark bar of `width` x `height` at (x, y) on white paper of 300 x 200.
pub(crate) fn bar(x: u32, y: u32, width: u32, height: u32) -> GrayImage {
    grey(
        300,
        200,
        |px, py| if (x..x + width).contains(&px) && (y..y + height).contains(&py) { 0 } else { 255 },
    )
}

#[test]
fn enlarged_test_pictures_come_back() {
    /// Mean absolute error, of 255, over test pictures that were enlarged to 300 x 300, turned to
    /// dark on light and laid on a larger sheet.
    fn error(filter: FilterType, format: ImageFormat) -> f64 {
        let mnist = open_task("mnist", &DataDir { root: "/nowhere".into(), explicit: false }).unwrap();
        let mut sum = 0;
        for i in 0..100 {
            let original = mnist.test.image(i);
            let picture = GrayImage::from_raw(28, 28, original.to_vec()).unwrap();
            let mut large = imageops::resize(&picture, 300, 300, filter);
            imageops::invert(&mut large);
            let mut sheet = grey(420, 510, |_, _| 255);
            imageops::replace(&mut sheet, &large, 80, 40);
            let back = from_bytes(&encoded(&sheet, format), &mnist.input).unwrap().pixels;
            sum += back.iter().zip(original).map(|(a, b)| u64::from(a.abs_diff(*b))).sum::<u64>();
        }
        sum as f64 / f64::from(100 * 784)
    }
    // Measured: 1.89, 6.31 and 6.29. Most of it is from the few pictures whose centre of mass is so
    // near half a pixel that it is rounded the other way.
    let (blocks, smooth, jpeg) = (
        error(FilterType::Nearest, ImageFormat::Png),
        error(FilterType::CatmullRom, ImageFormat::Png),
        error(FilterType::CatmullRom, ImageFormat::Jpeg),
    );
    assert!(blocks < 2.5 && smooth < 7.0 && jpeg < 7.0, "{blocks:.2} {smooth:.2} {jpeg:.2}");
}

#[test]
fn what_was_done_is_said() {
    fn check(picture: &GrayImage, input: &InputSchema, expected: &str) {
        assert_eq!(bring(picture, input).how, expected);
    }
    let (as_is, whole) = (schema(Polarity::AsIs, Fit::Whole), schema(Polarity::LightOnDark, Fit::Whole));
    let dot = |ground: u8, ink: u8| grey(28, 28, move |x, y| if (x, y) == (9, 9) { ink } else { ground });
    check(&dot(0, 255), &DIGIT, "used as it is, 28x28");
    check(&dot(255, 0), &DIGIT, "inverted (bright border), 28x28");
    check(&dot(255, 0), &as_is, "used as it is, 28x28");
    let mut light = bar(100, 50, 40, 80);
    check(&light, &DIGIT, "inverted (bright border), ink box 80x40 scaled to 20, centred by mass, 28x28");
    check(
        &light,
        &whole,
        "inverted (bright border), whole image of 200x300 scaled to 19x28, padded to 28x28",
    );
    check(&light, &as_is, "whole image of 200x300 scaled to 19x28, padded to 28x28");
    imageops::invert(&mut light);
    check(&light, &DIGIT, "ink box 80x40 scaled to 20, centred by mass, 28x28");
    check(&grey(56, 56, |x, _| x as u8), &as_is, "whole image of 56x56 scaled to 28x28");
    let dim = grey(90, 90, |x, y| if (30..50).contains(&x) && (20..70).contains(&y) { 20 } else { 110 });
    check(&dim, &DIGIT, "inverted (dark ink), ink box 50x20 scaled to 20, centred by mass, 28x28");
    let full = schema(Polarity::LightOnDark, Fit::InkBox { side: 28 });
    check(
        &bar(100, 50, 40, 80),
        &full,
        "inverted (bright border), ink box 80x40 scaled to 28, centred by its box, 28x28",
    );
}

#[test]
fn ink_is_white_on_black_whatever_the_picture_was() {
    let expected = bring(&bar(100, 50, 40, 80), &DIGIT).pixels;
    let (ink, ground): (Vec<u8>, Vec<u8>) = expected.iter().partition(|&&pixel| pixel > 0);
    assert_eq!((ink, ground), (vec![255; 10 * 20], vec![0; 784 - 10 * 20]));

    let check = |what: &str, picture: DynamicImage| {
        assert_eq!(from_bytes(&png_of(picture), &DIGIT).unwrap().pixels, expected, "{what}");
    };
    let bar = bar(37, 11, 40, 80); // elsewhere, too
    let map = |f: &dyn Fn(u8) -> Rgb<u8>| RgbImage::from_fn(300, 200, |x, y| f(bar.get_pixel(x, y).0[0]));
    check("light on dark", map(&|v| Rgb([255 - v; 3])).into());
    check("blue on yellow", map(&|v| if v == 0 { Rgb([0, 0, 200]) } else { Rgb([255, 255, 0]) }).into());
    check("pale ink on grey paper", map(&|v| Rgb([if v == 0 { 150 } else { 190 }; 3])).into());
    check("16 bits", DynamicImage::from(bar.clone()).into_luma16().into());
    check("black on nothing", {
        RgbaImage::from_fn(300, 200, |x, y| image::Rgba([0, 0, 0, 255 - bar.get_pixel(x, y).0[0]])).into()
    });
    check("half transparent", {
        image::GrayAlphaImage::from_fn(300, 200, |x, y| LumaA([0, (255 - bar.get_pixel(x, y).0[0]) / 2]))
            .into()
    });
}

#[test]
fn grain_and_a_speck_of_dust_do_not_move_the_ink() {
    // Not a bar: its middle would lie between two pixels, and any grain would decide.
    let ink = |x, y| {
        (100..120).contains(&x) && (50..130).contains(&y)
            || (120..160).contains(&x) && (110..130).contains(&y)
    };
    let clean = bring(&grey(300, 200, |x, y| if ink(x, y) { 0 } else { 255 }), &DIGIT);
    let mut dusty = grey(300, 200, |x, y| {
        let grain = (x * 7 + y * 13 + x * y) % 9;
        if ink(x, y) { 0 } else { 235 + grain as u8 }
    });
    dusty.put_pixel(290, 5, Luma([0]));
    dusty.put_pixel(291, 5, Luma([0]));
    let found = bring(&dusty, &DIGIT);
    assert_eq!(found.how, clean.how);
    let worst = found.pixels.iter().zip(&clean.pixels).map(|(a, b)| a.abs_diff(*b)).max();
    assert!(worst < Some(16), "{worst:?}");
}

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

#[test]
fn a_photograph_is_turned_upright() {
    let mut exif = b"II*\0\x08\0\0\0\x01\0".to_vec(); // little-endian, one entry:
    exif.extend(b"\x12\x01\x03\0\x01\0\0\0\x06\0\0\0"); // orientation, a short: turn clockwise
    exif.extend([0; 4]);
    let upright = bar(100, 50, 30, 80);
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 95);
    encoder.set_exif_metadata(exif).unwrap();
    encoder.encode_image(&imageops::rotate270(&upright)).unwrap();
    let found = from_bytes(&bytes, &DIGIT).unwrap();
    assert!(found.how.contains("ink box 80x30"), "{}", found.how);
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
fn samples_that_would_be_black_are_brought_to_0_to_255_and_it_is_said() {
    fn check(picture: impl Into<DynamicImage>, expected: &[u8], how: &str, note: Option<&str>) {
        let found = from_bytes(&png_of(picture), &DIGIT).unwrap();
        assert_eq!((&*found.pixels, &*found.how, found.note.as_deref()), (expected, how, note));
    }
    let ink = |x: u32, y: u32| (10..13).contains(&x) && (4..24).contains(&y);
    let expected = bring(&grey(28, 28, |x, y| if ink(x, y) { 255 } else { 0 }), &DIGIT).pixels;
    let wide = |most: u16| ImageBuffer::from_fn(28, 28, |x, y| Luma([if ink(x, y) { most } else { 0 }]));
    let said = "the samples have 16 bits, and the largest is 255 of 65535: taken for 8-bit";
    check(wide(65_535), &expected, "used as it is, 28x28", None);
    check(wide(255), &expected, "16-bit samples taken for 8-bit, 28x28", Some(said));
    let times = "values 0..1 multiplied by 255, 28x28";
    let bits = "the values are 0 and 1 of 255: taken for 0..1 and multiplied by 255";
    check(wide(1), &expected, times, Some(bits));
    check(grey(28, 28, |x, y| ink(x, y).into()), &expected, times, Some(bits));
    let colour = RgbImage::from_fn(28, 28, |x, y| Rgb([ink(x, y).into(); 3]));
    check(colour, &expected, times, Some(bits));
    let dark = |x, y| u16::from(!ink(x, y)) * 200;
    let dark: ImageBuffer<Luma<u16>, Vec<u16>> = ImageBuffer::from_fn(28, 28, |x, y| Luma([dark(x, y)]));
    let how = from_bytes(&png_of(dark), &DIGIT).unwrap().how;
    assert_eq!(how, "16-bit samples taken for 8-bit, inverted (bright border), 28x28");

    // Black ink whose amount is its opacity, in 16 bits, is what it was.
    let clear: ImageBuffer<LumaA<u16>, Vec<u16>> =
        ImageBuffer::from_fn(28, 28, |x, y| LumaA([u16::from(x % 2 == 0), u16::from(ink(x, y)) * 65_535]));
    assert_eq!(from_bytes(&png_of(clear), &DIGIT).unwrap().note, None);
    let faint = from_bytes(&png_of(grey(28, 28, |x, y| if ink(x, y) { 9 } else { 0 })), &DIGIT).unwrap_err();
    assert!(faint.to_string().ends_with("found shades 0 to 9 of 255"), "{faint}");
    assert!(faint.hint().unwrap().contains("all but black"));
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

#[test]
fn pixels_that_are_used_as_they_are_are_doubted_like_those_of_a_file() {
    let of = |f: &dyn Fn(u32) -> u8| (0..784).map(f).collect::<Vec<u8>>();
    let check = |pixels: &[u8], zero_one, blank, faint, dark| {
        let found = Doubts::of(pixels, &DIGIT);
        let found = (found.is_zero_one, found.blank, found.faint.is_some(), found.is_dark_on_light);
        assert_eq!(found, (zero_one, blank, faint, dark));
    };
    let ink = |i: u32| i.is_multiple_of(10) && (100..600).contains(&i);
    check(&of(&|i| if ink(i) { 255 } else { 0 }), false, None, false, false);
    check(&of(&|i| u8::from(ink(i))), true, None, true, false);
    check(&of(&|_| 0), false, Some((0, 0)), true, false);
    check(&of(&|i| if ink(i) { 0 } else { 255 }), false, None, false, true);
    check(&of(&|i| if ink(i) { 160 } else { 200 }), false, None, true, true);
    check(&of(&|i| if i == 400 { 255 } else { ink(i).into() }), false, None, true, false); // one hot pixel
    assert_eq!(Doubts::of(&[255; 784], &schema(Polarity::AsIs, Fit::Whole)), Doubts::default());

    let mut bits = [0, 1, 0, 0, 0, 1];
    let note = read_arrays(&mut bits, &DIGIT).unwrap();
    assert_eq!((bits, note.is_some()), ([0, 255, 0, 0, 0, 255], true));
    let black = read_arrays(&mut [0, 15, 0, 2], &DIGIT).unwrap_err();
    assert_eq!(
        black.to_string(),
        "the image is blank: expected ink on a plain ground, found shades 0 to 15 of 255"
    );
    assert!(black.hint().unwrap().contains("array * 255 / array.max()"));
    assert!(!read_arrays(&mut [0; 4], &DIGIT).unwrap_err().hint().unwrap().contains("dark ink"));
}

#[test]
fn samples_of_16_bits_are_stretched_from_the_bits_in_use() {
    let ink = |x: u32, y: u32| (10..13).contains(&x) && (4..24).contains(&y);
    let of = |most: u16, ground: u16| {
        let picture = ImageBuffer::from_fn(28, 28, |x, y| Luma([if ink(x, y) { most } else { ground }]));
        from_bytes(&png_of(picture), &DIGIT).unwrap()
    };
    let light = |shade: u8| bring(&grey(28, 28, |x, y| if ink(x, y) { shade } else { 0 }), &DIGIT).pixels;
    for (most, bits, shade) in
        [(511, 9, 255), (1000, 10, 249), (1023, 10, 255), (4095, 12, 255), (8191, 13, 255), (32_767, 15, 255)]
    {
        let largest = (1 << bits) - 1;
        let note = format!(
            "the samples have 16 bits, and the largest is {most} of 65535: values to {largest} taken as {bits} bits"
        );
        let found = of(most, 0);
        assert_eq!((found.note.as_deref(), &*found.how), (Some(&*note), "16-bit samples stretched, 28x28"));
        assert_eq!(found.pixels, light(shade), "{most}");
        let dark = of(0, most);
        let how = "16-bit samples stretched, inverted (bright border), 28x28";
        assert_eq!((dark.note.as_deref(), &*dark.how), (Some(&*note), how));
    }
    assert_eq!((of(40_000, 0).note, of(40_000, 0).pixels), (None, light(156)));
}

#[test]
fn faint_pictures_are_used_and_said_to_be_faint() {
    let said = |picture: &GrayImage| bring(picture, &DIGIT).note.unwrap_or_default();
    let small = |ink: u8, ground: u8| {
        grey(28, 28, |x, y| if (10..13).contains(&x) && (4..24).contains(&y) { ink } else { ground })
    };
    let large =
        |ink: u8, ground: u8| grey(300, 200, |x, y| if x.abs_diff(150) < 9 && y > 60 { ink } else { ground });
    let pixels = "faint: all but a hundredth of its pixels at either end are";
    for (ink, ground, shades) in
        [(16, 0, "shades 0 to 16"), (84, 0, "shades 0 to 84"), (160, 200, "shades 55 to 95")]
    {
        let found = said(&small(ink, ground));
        assert!(found.starts_with(&format!("{pixels} {shades} of 255")), "{found}");
        let found = said(&large(ink, ground));
        let most = ink.abs_diff(ground);
        assert!(
            found.starts_with(&format!("faint: its ink differs from its ground by at most {most} of 255"))
        );
    }
    for (ink, ground) in [(85, 0), (255, 0), (0, 255), (100, 200)] {
        assert_eq!((said(&small(ink, ground)), said(&large(ink, ground))), (String::new(), String::new()));
    }
    let mut hot = small(1, 0);
    hot.put_pixel(0, 0, Luma([255]));
    assert!(said(&hot).starts_with(&format!("{pixels} shades 0 to 1 of 255")));
}

#[test]
fn the_error_of_a_file_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("digit.png");
    write(&path, &png(28, 28, 255));
    let error = load(&path, &DIGIT).unwrap_err();
    assert!(error.to_string().starts_with(&format!("`{}`: the image is blank", path.display())));
    assert!(error.hint().unwrap().contains("dark ink on light paper"));
    let missing = load(&folder.path().join("none.png"), &DIGIT).unwrap_err().to_string();
    assert!(missing.starts_with("cannot read `"), "{missing}");
}

proptest! {
    #[test]
    fn ink_of_any_shape_ends_up_inside_and_centred(
        (x, y) in (1_u32..150, 1_u32..100),
        (width, height) in (1_u32..149, 1_u32..99),
        side in 1_u32..=28,
    ) {
        let input = schema(Polarity::LightOnDark, Fit::InkBox { side });
        let pixels = bring(&bar(x, y, width, height), &input).pixels;
        let inked: Vec<(usize, usize)> =
            (0..784).filter(|&i| pixels[i] > 0).map(|i| (i % 28, i / 28)).collect();
        let span = |of: fn(&(usize, usize)) -> usize| {
            let (low, high) = (inked.iter().map(of).min().unwrap(), inked.iter().map(of).max().unwrap());
            (high - low + 1, (low + high + 1) as f64 / 2.0)
        };
        let ((columns, x), (rows, y)) = (span(|p| p.0), span(|p| p.1));
        prop_assert_eq!(columns.max(rows), side as usize);
        prop_assert!((x - 14.0).abs() <= 1.0 && (y - 14.0).abs() <= 1.0, "{} {}", x, y);
    }

    #[test]
    fn no_picture_makes_it_panic(
        (width, height) in (1_u32..40, 1_u32..40),
        seed: u32,
        side in 0_u32..40,
        (rows, columns) in (1_u32..30, 1_u32..30),
        (light, whole) in any::<(bool, bool)>(),
    ) {
        let picture = grey(width, height, |x, y| (x.wrapping_mul(seed) ^ y.wrapping_mul(seed >> 7)) as u8);
        let input = InputSchema {
            height: rows,
            width: columns,
            channels: 1,
            polarity: if light { Polarity::LightOnDark } else { Polarity::AsIs },
            fit: if whole { Fit::Whole } else { Fit::InkBox { side } },
        };
        match from_bytes(&encoded(&picture, ImageFormat::Png), &input) {
            Ok(picture) => prop_assert_eq!(picture.pixels.len(), input.len()),
            Err(fault) => prop_assert!(matches!(fault, Fault::Blank { .. } | Fault::NoPlainGround { .. }), "{}", fault),
        }
    }
}
