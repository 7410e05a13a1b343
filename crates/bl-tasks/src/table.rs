//! A user's own table as a task: a text file with a label and the pixels of an image in each line.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use bl_core::text::grouped;

use crate::folder::{self, TEST_EVERY, check_classes};
use crate::form::Form;
use crate::inputs::csv;
use crate::task::Task;
use crate::{Error, Source, Split};

/// A longer first line is not read.
const LONGEST: u64 = 1 << 20;

/// Whether the first line of a file names a label and then pixels, as in `label,pixel0,pixel1` or `label,1x1,1x2`.
pub(crate) fn is_of_pixels(path: &Path) -> bool {
    let mut line = Vec::new();
    let read =
        File::open(path).and_then(|file| BufReader::new(file.take(LONGEST)).read_until(b'\n', &mut line));
    let line = String::from_utf8_lossy(&line);
    let name = |cell: &str| cell.trim().trim_matches('"').to_lowercase();
    let mut names = line.trim_start_matches('\u{feff}').split(',').map(name);
    read.is_ok() && names.next().as_deref() == Some("label") && {
        let names: Vec<String> = names.collect();
        names.len() > 1 && names.iter().all(|name| is_pixel(name))
    }
}

/// `pixel12`, `px_12`, `p12`, `1x12`, `12`
fn is_pixel(name: &str) -> bool {
    let place = ["pixel", "px", "p"].iter().find_map(|word| name.strip_prefix(word)).unwrap_or(name);
    let place = place.trim_start_matches(['_', '-', '.', ' ']);
    let numbers: Vec<&str> = place.split('x').collect();
    numbers.len() <= 2 && numbers.iter().all(|number| number.parse::<u32>().is_ok())
}

/// Opens the file at `path` as a task.
pub(crate) fn open(path: &Path, form: &Form) -> Result<Task, Error> {
    let csv::Table { labels, pixels, reading, lines } = csv::table(path, None)?;
    let mut labels = labels.unwrap_or_default();
    let size = pixels.len() / lines.len();
    let side = size.isqrt();
    let (height, width) = if side * side == size { (side, side) } else { (1, size) };

    let names = folder::number(&mut labels, &mut [], path)?;
    check_classes(path, names.len())?;
    let mut of_class = vec![Vec::new(); names.len()];
    for (i, &label) in labels.iter().enumerate() {
        of_class[usize::from(label)].push(i);
    }
    let mut halves = [Vec::new(), Vec::new()];
    for images in of_class {
        for (nth, &i) in images.iter().enumerate() {
            halves[usize::from(folder::is_for_test(nth, images.len()))].push(i);
        }
    }
    for half in &mut halves {
        half.sort_unstable(); // in the order of the file
    }
    if halves[1].is_empty() {
        return Err(Error::NoTest { folder: path.to_owned() });
    }
    let whole = Split { images: pixels, labels, height, width, channels: 1 };
    let (train, test) = (whole.subset(&halves[0]), whole.subset(&halves[1]));
    let mut notices = vec![format!(
        "a table of pixels is taken for images of {height} × {width}: every {TEST_EVERY}th image of a class is kept for \
         testing, {} of {}",
        grouped(test.len()),
        grouped(whole.len())
    )];
    notices.extend(reading.note());
    notices.extend(folder::without_test(&names, &test));
    let task = folder::task_of_arrays(path, names, notices, (train, test), form)?;
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Task { name, title: format!("the table `{}`", path.display()), source: Source::File, ..task })
}

#[cfg(test)]
mod tests {
    use super::is_pixel;

    #[test]
    fn pixels_are_numbered() {
        for (name, expected) in [
            ("pixel0", true),
            ("px_12", true),
            ("28x28", true),
            ("12", true),
            ("kwh", false),
            ("x", false),
            ("p", false),
        ] {
            assert_eq!(is_pixel(name), expected, "{name}");
        }
    }
}
