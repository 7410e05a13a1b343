//! The form that images of a folder are brought to, in grey and in colour, and that later ones are brought to the same.

use std::path::Path;

use bl_core::io::{Fit, InputSchema, Polarity};
use bl_tasks::{DataDir, Fitting, Form, Images, Request, Task, inputs, picture};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

use crate::files::write;

pub(crate) fn open(path: &Path, form: Form) -> Result<Task, bl_tasks::Error> {
    let data = DataDir { root: "/nowhere".into(), explicit: false };
    Task::open(path.to_str().unwrap(), &Request { form, ..Request::of(data) })
}

pub(crate) fn images(task: &Task) -> &Images {
    task.images().unwrap()
}

type Colour = [u8; 3];
const WHITE: Colour = [250; 3];
const BLACK: Colour = [10; 3];
const RED: Colour = [200, 20, 20];
const BLUE: Colour = [20, 20, 200];

/// A folder of pictures of two classes, tall and wide bars, twelve of each; `of` draws the nth one of a class.
fn folder(of: impl Fn(usize, u32) -> RgbImage) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (class, name) in ["tall", "wide"].into_iter().enumerate() {
        std::fs::create_dir_all(folder.path().join(name)).unwrap();
        for i in 0..12 {
            of(class, i).save(folder.path().join(name).join(format!("{i:02}.png"))).unwrap();
        }
    }
    folder
}

/// Ink on paper: a bar of 12 x 24 or 24 x 12 with its corner at (x, y).
fn bar(
    class: usize,
    (width, height): (u32, u32),
    (x, y): (u32, u32),
    ink: Colour,
    paper: Colour,
) -> RgbImage {
    let size = if class == 0 { (12, 24) } else { (24, 12) };
    let is_ink = |px: u32, py: u32| (x..x + size.0).contains(&px) && (y..y + size.1).contains(&py);
    RgbImage::from_fn(width, height, |px, py| Rgb(if is_ink(px, py) { ink } else { paper }))
}

/// Any place and any size.
fn anywhere(class: usize, i: u32, ink: Colour, paper: Colour) -> RgbImage {
    bar(class, (60 + 5 * i, 80 - 3 * i), (3 + i * 2, 20 - i), ink, paper)
}

/// A pattern up to its border.
fn texture(class: usize, i: u32, of: impl Fn(u8) -> Colour) -> RgbImage {
    RgbImage::from_fn(90 + i, 80, |x, y| {
        Rgb(of(if (if class == 0 { x } else { y }) / 8 % 2 == 0 { 40 } else { 200 }))
    })
}

fn schema((height, width, channels): (u32, u32, u32), polarity: Polarity, fit: Fit) -> InputSchema {
    InputSchema { height, width, channels, polarity, fit }
}

#[test]
fn the_form_is_chosen_by_looking_at_the_images() {
    use Polarity::{AsIs, LightOnDark};
    fn check(of: impl Fn(usize, u32) -> RgbImage, form: Form, expected: InputSchema, words: &str) {
        let folder = folder(of);
        let task = open(folder.path(), form).unwrap();
        let prepared = task.prepared.clone().unwrap();
        assert_eq!(images(&task).input, expected, "{prepared}");
        assert!(prepared.contains(words), "{prepared}");
        assert_eq!(
            images(&task).train.shape(),
            [expected.height, expected.width, expected.channels].map(|n| n as usize)
        );
    }
    let none = Form::default();
    let cut = schema((28, 28, 1), LightOnDark, Fit::Cut { side: 20 });
    let dark = |class, i| anywhere(class, i, BLACK, WHITE);
    check(
        dark,
        none,
        cut,
        "have ink on a plain ground, dark on light, 47 × 60 to 80 × 115; chosen: 28 × 28 grey",
    );
    check(
        |class, i| anywhere(class, i, WHITE, BLACK),
        none,
        cut,
        "light on dark, 47 × 60 to 80 × 115; chosen: 28 × 28 grey, light on dark as they are (others would be inverted)",
    );
    check(
        |class, i| if i % 2 == 0 { dark(class, i) } else { anywhere(class, i, WHITE, BLACK) },
        none,
        cut,
        "12 of them dark",
    );
    check(|class, i| anywhere(class, i, BLUE, WHITE), none, cut, "20 are in colour"); // one pen: ink as any other
    let of_class = |class, i| anywhere(class, i, [RED, BLUE][class], if i % 3 == 0 { BLACK } else { WHITE });
    check(
        of_class,
        none,
        schema((32, 32, 3), AsIs, Fit::Cut { side: 23 }),
        "32 × 32 in colour, not inverted, ink cut out",
    );
    let one_size = |class, i| bar(class, (40, 40), (1 + i, 15 - i), BLACK, WHITE);
    check(one_size, none, schema((40, 40, 1), LightOnDark, Fit::Cut { side: 29 }), "40 × 40");
    let placed =
        |class, i| bar(class, (28, 28), if class == 0 { (8, 2) } else { (2, 8) }, [200 + i as u8; 3], BLACK);
    check(placed, none, schema((28, 28, 1), LightOnDark, Fit::InkBox { side: 24 }), "ink of other sizes");
    let grey = |class, i| texture(class, i, |shade| [shade; 3]);
    check(grey, none, schema((28, 28, 1), AsIs, Fit::Whole), "0 have ink on a plain ground");
    let coloured = |class, i| texture(class, i, |shade| [shade, 30, 255 - shade]);
    check(coloured, none, schema((32, 32, 3), AsIs, Fit::Whole), "the whole image");

    let whole = Form { fit: Some(Fitting::Whole), invert: Some(false), ..none };
    check(dark, whole, schema((28, 28, 1), AsIs, Fit::Whole), "not inverted, the whole image");
    let large = Form { size: Some("64x48".parse().unwrap()), channels: Some(3), ..none };
    check(dark, large, schema((64, 48, 3), AsIs, Fit::Cut { side: 34 }), "64 × 48 in colour");
    let inverted = Form { invert: Some(true), ..none };
    check(coloured, inverted, schema((32, 32, 3), LightOnDark, Fit::Whole), "others would be inverted");
    check(of_class, Form { channels: Some(1), ..none }, cut, "28 × 28 grey");
}

#[test]
fn later_images_are_brought_to_the_form_that_was_learned() {
    let kinds: [fn(usize, u32) -> RgbImage; 4] = [
        |class, i| anywhere(class, i, BLACK, WHITE),
        |class, i| anywhere(class, i, [RED, BLUE][class], WHITE),
        |class, i| bar(class, (28, 28), (1 + i % 3, i % 4), BLACK, WHITE),
        |class, i| texture(class, i, |shade| [shade, 30, 255 - shade]),
    ];
    for of in kinds {
        let folder = folder(of);
        let task = open(folder.path(), Form::default()).unwrap();
        let Images { input, train, test, .. } = images(&task);
        // One picture at a time, as `--input` and the server prepare it.
        let bytes = std::fs::read(folder.path().join("tall/00.png")).unwrap();
        assert_eq!(picture::from_bytes(&bytes, input).unwrap().pixels, train.image(0));
        let each = inputs::read(&folder.path().join("tall"), input).unwrap();
        assert_eq!(each[0].as_ref().unwrap().pixels, train.image(0));
        assert_eq!(each[5].as_ref().unwrap().pixels, test.image(0));
        // Another folder of other sizes, for an adapter that learned this one.
        let again = open(folder.path(), Form { learned: Some(*input), ..Form::default() }).unwrap();
        assert_eq!((&images(&again).train, images(&again).input), (train, *input));
        let other = self::folder(|class, i| anywhere(class, i, WHITE, BLACK));
        let other = open(other.path(), Form { learned: Some(*input), ..Form::default() }).unwrap();
        assert_eq!(images(&other).input, *input);
        assert!(other.prepared.as_ref().unwrap().contains("as the adapter has learned"));
    }
}

#[test]
fn ink_in_colour_stays_on_its_ground_and_keeps_its_colour() {
    let input = schema((32, 32, 3), Polarity::AsIs, Fit::Cut { side: 20 });
    for (ink, paper) in [(RED, WHITE), (BLUE, BLACK), ([0, 120, 0], [120, 120, 120])] {
        let mut bytes = std::io::Cursor::new(Vec::new());
        anywhere(0, 3, ink, paper).write_to(&mut bytes, ImageFormat::Png).unwrap();
        let fitted = picture::from_bytes(bytes.get_ref(), &input).unwrap();
        assert_eq!(fitted.pixels[..3], paper);
        assert_eq!(fitted.pixels[3 * (16 * 32 + 16)..][..3], ink, "{}", fitted.how);
        let inked = fitted.pixels.chunks_exact(3).filter(|pixel| *pixel == ink).count();
        assert_eq!(inked, 20 * 10);
    }
}

#[test]
fn every_format_is_read_in_grey_and_in_colour() {
    let drawing: DynamicImage = anywhere(0, 2, BLUE, WHITE).into();
    let encoded = |picture: &DynamicImage, format| {
        let mut bytes = std::io::Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    };
    for channels in [1, 3] {
        for fit in [Fit::Whole, Fit::Cut { side: 20 }] {
            let input = schema((28, 28, channels), Polarity::AsIs, fit);
            let bring = |bytes: &[u8]| picture::from_bytes(bytes, &input).unwrap().pixels;
            let expected = bring(&encoded(&drawing, ImageFormat::Png));
            for format in
                [ImageFormat::WebP, ImageFormat::Bmp, ImageFormat::Tiff, ImageFormat::Gif, ImageFormat::Jpeg]
            {
                let picture =
                    if format == ImageFormat::Gif { drawing.to_rgba8().into() } else { drawing.clone() };
                let found = bring(&encoded(&picture, format));
                let off: usize = found.iter().zip(&expected).map(|(a, b)| usize::from(a.abs_diff(*b))).sum();
                let most = if format == ImageFormat::Jpeg { 20 } else { 1 }; // of 255, on average
                assert!(off <= most * found.len(), "{format:?}: {off} of {}", found.len());
            }
            let clear = DynamicImage::from(drawing.to_rgba8());
            assert_eq!(bring(&encoded(&clear, ImageFormat::Png)), expected, "with an alpha channel");
            let wide = DynamicImage::from(drawing.to_rgb16());
            assert_eq!(bring(&encoded(&wide, ImageFormat::Png)), expected, "of 16 bits");
        }
    }
}

#[test]
fn files_that_cannot_be_used_are_left_out_and_counted() {
    let folder = folder(|class, i| anywhere(class, i, BLACK, WHITE));
    let whole = open(folder.path(), Form::default()).unwrap();
    let path = |name: &str| folder.path().join(name);
    let picture = std::fs::read(path("tall/03.png")).unwrap();
    write(path("notes.md"), b"of these");
    write(path("tall/labels.json"), b"{}");
    write(path("tall/00a.txt"), b"hello");
    write(path("wide/cut.png"), &picture[..picture.len() / 2]);
    RgbImage::from_pixel(90, 70, Rgb(WHITE)).save(path("wide/blank.png")).unwrap();
    RgbImage::from_pixel(1, 1, Rgb(BLACK)).save(path("wide/one.png")).unwrap();
    let task = open(folder.path(), Form::default()).unwrap();
    let notice = task.notice.as_ref().unwrap();
    assert!(notice.contains("5 of 29 files cannot be used and are left out"), "{notice}");
    assert!(notice.contains("00a.txt`: expected a PNG") && notice.ends_with("; and 2 more"), "{notice}");
    // Those that are no pictures change nothing at all; the others had a place in the order.
    assert_eq!(images(&task).train.image(0), images(&whole).train.image(0));
    assert_eq!(images(&task).train.len() + images(&task).test.len(), 24);
    write(path("loose.png"), &picture);
    assert!(open(folder.path(), Form::default()).err().unwrap().to_string().contains("found the file"));
}

/// A file that cannot be decoded has a header all the same, with a size and a place in its class.
#[test]
fn only_images_that_can_be_used_decide_and_count() {
    let folder = folder(|class, i| bar(class, (40, 40), (1 + i, 15 - i), BLACK, WHITE));
    let whole = open(folder.path(), Form::default()).unwrap();
    let mut other = std::io::Cursor::new(Vec::new());
    anywhere(0, 3, RED, WHITE).write_to(&mut other, ImageFormat::Png).unwrap();
    for name in ["tall/98.png", "tall/99.png", "wide/98.png"] {
        write(folder.path().join(name), &other.get_ref()[..60]);
    }
    let task = open(folder.path(), Form::default()).unwrap();
    assert_eq!(images(&task).input, images(&whole).input);
    assert_eq!(images(&task).input.height, 40);
    assert!(
        task.prepared.as_ref().unwrap().contains("dark on light, 40 × 40; chosen"),
        "{:?}",
        task.prepared
    );
    let notice = task.notice.as_ref().unwrap();
    for words in ["is kept for testing, 4 of 24", "3 of 27 files cannot be used"] {
        assert!(notice.contains(words), "{words}: {notice}");
    }
}
