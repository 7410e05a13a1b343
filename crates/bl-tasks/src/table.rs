//! A user's own table as a task: a text file with a label and the pixels of an image in each line.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use bl_core::text::grouped;

use crate::folder::{self, TEST_EVERY, check_classes};
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
pub(crate) fn open(path: &Path) -> Result<Task, Error> {
    let csv::Table { labels, pixels, reading, lines } = csv::table(path, None)?;
    let labels = labels.unwrap_or_default();
    let size = pixels.len() / lines.len();
    let side = size.isqrt();
    let (height, width) = if side * side == size { (side, side) } else { (1, size) };

    let (names, labels) = folder::numbered(&labels, &labels, path)?;
    check_classes(path, names.len())?;
    let mut seen = vec![0; names.len()];
    let mut halves = [Vec::new(), Vec::new()];
    let of_class = |label: u8| labels.0.iter().filter(|&&other| other == label).count();
    let counts: Vec<usize> = (0..=u8::MAX).take(names.len()).map(of_class).collect();
    for (i, &label) in labels.0.iter().enumerate() {
        let class = usize::from(label);
        let is_test = folder::is_for_test(seen[class], counts[class]);
        halves[usize::from(is_test)].push(i);
        seen[class] += 1;
    }
    if halves[1].is_empty() {
        return Err(Error::NoTest { folder: path.to_owned() });
    }
    let whole = Split { images: pixels, labels: labels.0, height, width };
    let (train, test) = (whole.subset(&halves[0]), whole.subset(&halves[1]));
    let mut notices = vec![format!(
        "a table of pixels is taken for images of {height} × {width}: every {TEST_EVERY}th image of a class is kept for \
         testing, {} of {}",
        grouped(test.len()),
        grouped(whole.len())
    )];
    notices.extend(reading.note());
    notices.extend(folder::without_test(&names, &test));
    let task = folder::task(path, names, notices, train, test)?;
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
