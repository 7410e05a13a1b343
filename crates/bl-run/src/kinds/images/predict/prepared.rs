//! The user's images, brought to the form that each adapter was trained on.

use std::path::{Path, PathBuf};

use bl_cli::words::{counted, grouped, printable};
use bl_core::io::InputSchema;
use bl_tasks::brightness;
use bl_tasks::inputs::{self, NamedPicture};

use crate::models::Loaded;

/// An image in one form, or why it cannot be brought there, in words.
pub(super) type Each = Result<NamedPicture, String>;

/// The user's images, prepared for every adapter.
pub(super) struct Inputs {
    /// Distinct input schemas in the order of the adapters, each with all images: every image is usable in one of them.
    pub(super) prepared: Vec<(InputSchema, Vec<Each>)>,
    /// For each adapter, its place in `prepared`.
    pub(super) of_adapter: Vec<usize>,
    /// Why the images that no adapter can use are left out.
    pub(super) skipped: Vec<bl_tasks::Error>,
}

impl Inputs {
    /// Reads every path, once for each distinct schema. What no adapter can use is left out, as long as something else is there.
    pub(super) fn read(paths: &[PathBuf], adapters: &[Loaded]) -> anyhow::Result<Self> {
        let mut all = Self { prepared: Vec::new(), of_adapter: Vec::new(), skipped: Vec::new() };
        for adapter in adapters {
            let (&schema, _) = adapter.model.header.io.images()?;
            let place = all.prepared.iter().position(|(known, _)| *known == schema);
            all.of_adapter.push(place.unwrap_or(all.prepared.len()));
            if place.is_none() {
                all.prepared.push((schema, Vec::new()));
            }
        }
        for path in paths {
            let read = all.prepared.iter().map(|(schema, _)| inputs::read_each(path, schema));
            let by_schema = read.collect();
            all.take(path, by_schema);
        }
        if all.len() == 0 {
            return Err(bl_tasks::Error::of_all(all.skipped).into());
        }
        Ok(all)
    }

    /// Of the images at a path, those that some schema can be given: `[schemas][images]`. A path may hold nothing at all for
    /// a schema, such as arrays of another size.
    fn take(&mut self, path: &Path, by_schema: Vec<Result<Vec<inputs::Each>, bl_tasks::Error>>) {
        let count = by_schema.iter().flatten().map(Vec::len).max();
        let Some(count) = count else {
            self.skipped.extend(by_schema.into_iter().find_map(Result::err));
            return;
        };
        let words = |error: bl_tasks::Error| error.to_string();
        let mut by_schema: Vec<_> =
            by_schema.into_iter().map(|read| read.map(Vec::into_iter).map_err(words)).collect();
        for _ in 0..count {
            let mut fault = None;
            let of_schema = |read: &mut Result<std::vec::IntoIter<inputs::Each>, String>| match read {
                Err(why) => Err(why.clone()),
                Ok(images) => match images.next() {
                    Some(Ok(picture)) => Ok(named_as_typed(path, picture)),
                    Some(Err(error)) => {
                        let why = error.to_string();
                        fault.get_or_insert(error);
                        Err(why)
                    }
                    None => Err(format!("`{}` has fewer images of that form", path.display())),
                },
            };
            let images: Vec<Each> = by_schema.iter_mut().map(of_schema).collect();
            if images.iter().any(Result::is_ok) {
                self.prepared.iter_mut().zip(images).for_each(|((_, all), image)| all.push(image));
            } else {
                self.skipped.extend(fault);
            }
        }
    }

    /// Number of the user's images.
    pub(super) fn len(&self) -> usize {
        self.prepared.first().map_or(0, |(_, images)| images.len())
    }

    /// How the images differ from those that each adapter has learned from, in words, where they do.
    pub(super) fn unlike(&self, adapters: &[Loaded]) -> Vec<Option<String>> {
        let of_adapter = |(place, adapter): (usize, &Loaded)| {
            let (_, learned) = adapter.model.header.io.images().ok()?;
            let images = (0..self.len()).filter_map(|input| self.image(place, input).as_ref().ok());
            brightness::unlike(images.map(|image| &*image.pixels), learned)
        };
        adapters.iter().enumerate().map(of_adapter).collect()
    }

    /// An image as an adapter sees it, or why it cannot.
    pub(super) fn image(&self, adapter: usize, input: usize) -> &Each {
        &self.prepared[self.of_adapter[adapter]].1[input]
    }

    /// The same as the first adapter sees it that can: its name and its class.
    pub(super) fn first(&self, input: usize) -> &NamedPicture {
        let mut usable = self.prepared.iter().filter_map(|(_, images)| images[input].as_ref().ok());
        usable.next().expect("what no adapter can use is left out")
    }

    /// Images that an adapter cannot use.
    pub(super) fn unanswered(&self, adapter: usize) -> usize {
        self.prepared[self.of_adapter[adapter]].1.iter().filter(|image| image.is_err()).count()
    }
}

/// A name with the folder that the user typed, so that equal file names in two folders stay apart.
fn named_as_typed(path: &Path, picture: NamedPicture) -> NamedPicture {
    let folder = if path.is_dir() { path } else { path.parent().unwrap_or(Path::new("")) };
    let name = folder.join(&picture.name).to_string_lossy().into_owned();
    NamedPicture { name, ..picture }
}

/// What was done to the images: a line for all that follow each other with the same words, for the first
/// so many of such runs.
pub(super) fn preparation(images: &[&NamedPicture], most: usize) -> Vec<String> {
    let runs = images.chunk_by(|a, b| a.how == b.how);
    lines(runs.map(|run| (run, &*run[0].how)), most)
}

/// What was guessed of the images, likewise.
pub(super) fn guesses(images: &[&NamedPicture], most: usize) -> Vec<String> {
    let runs = images.chunk_by(|a, b| a.note == b.note);
    lines(runs.filter_map(|run| Some((run, run[0].note.as_deref()?))), most)
}

fn lines<'a>(runs: impl Iterator<Item = (&'a [&'a NamedPicture], &'a str)>, most: usize) -> Vec<String> {
    let mut runs = runs.fuse();
    let mut lines: Vec<String> = runs.by_ref().take(most).map(|(run, words)| run_line(run, words)).collect();
    let rest: usize = runs.map(|(run, _)| run.len()).sum();
    if rest > 0 {
        lines.push(format!("and so on for {}", counted(rest, "more image", "more images")));
    }
    lines
}

fn run_line(run: &[&NamedPicture], words: &str) -> String {
    let (first, last) = (printable(&run[0].name), printable(&run[run.len() - 1].name));
    match run.len() {
        1 => format!("{first}: {words}"),
        2 => format!("{first}, {last}: {words}"),
        n => format!("{first} … {last} ({} images): {words}", grouped(n)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture((name, how): &(&str, &str)) -> NamedPicture {
        NamedPicture { name: (*name).into(), pixels: Vec::new(), how: (*how).into(), note: None, label: None }
    }

    #[test]
    fn equal_words_are_said_once() {
        let pictures =
            [("a", "inverted"), ("b", "as is"), ("c", "as is"), ("d", "as is"), ("e", "x"), ("f", "x")];
        let pictures: Vec<_> = pictures.iter().map(picture).collect();
        let pictures: Vec<&NamedPicture> = pictures.iter().collect();
        let lines = ["a: inverted", "b … d (3 images): as is", "e, f: x"];
        assert_eq!(preparation(&pictures, 3), lines);
        assert_eq!(preparation(&pictures, 2), [lines[0], lines[1], "and so on for 2 more images"]);
    }

    #[test]
    fn what_was_guessed_is_said_of_those_it_is_true_of() {
        let note = |note: &str| (!note.is_empty()).then(|| note.to_owned());
        let pictures = [("a", "x"), ("b", ""), ("c", "y"), ("d", "y")];
        let pictures =
            pictures.map(|(name, said)| NamedPicture { note: note(said), ..picture(&(name, "as is")) });
        let pictures: Vec<&NamedPicture> = pictures.iter().collect();
        assert_eq!(guesses(&pictures, 3), ["a: x", "c, d: y"]);
    }

    #[test]
    fn names_keep_the_folder_that_was_typed() {
        let name = |path: &str| named_as_typed(Path::new(path), picture(&("x.csv:2", ""))).name;
        assert_eq!(name("x.csv"), "x.csv:2");
        assert_eq!(name("a/../x.csv"), "a/../x.csv:2");
        assert_eq!(name("/"), "/x.csv:2");
    }
}
