//! Samples of pictures that are too dark, too faint or of other bits: what is made of them, and what is said.

use bl_core::io::{Fit, Polarity};
use bl_tasks::picture::{Doubts, from_bytes, read_arrays};
use image::{DynamicImage, GrayImage, ImageBuffer, Luma, LumaA, Rgb, RgbImage};

use crate::files::grey;
use crate::picture::{DIGIT, bring, png_of, schema};

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
