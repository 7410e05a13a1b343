//! The user's images, brought to the form that each adapter was trained on.

use std::path::{Path, PathBuf};

use bl_cli::words::{counted, grouped, printable};
use bl_core::io::InputSchema;
use bl_tasks::brightness;
use bl_tasks::inputs::{self, Each, NamedPicture};

use crate::models::Loaded;

/// The user's images, prepared for every adapter.
pub(super) struct Inputs {
    /// Distinct input schemas in the order of the adapters, each with all images.
    pub(super) prepared: Vec<(InputSchema, Vec<NamedPicture>)>,
    /// For each adapter, its place in `prepared`.
    pub(super) of_adapter: Vec<usize>,
    /// Why the images that are left out cannot be used.
    pub(super) skipped: Vec<bl_tasks::Error>,
}

impl Inputs {
    /// Reads every path, once for each distinct schema. What cannot be used is left out, as long as something can.
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
            let read = all.prepared.iter().map(|(schema, _)| inputs::read(path, schema));
            match read.collect::<Result<Vec<_>, _>>() {
                Ok(by_schema) => all.take(path, by_schema),
                Err(error) => all.skipped.push(error),
            }
        }
        if all.len() == 0 {
            return Err(bl_tasks::Error::of_all(all.skipped).into());
        }
        Ok(all)
    }

    /// Of the images at a path, those that every schema can be given: `[schemas][images]`.
    fn take(&mut self, path: &Path, by_schema: Vec<Vec<Each>>) {
        let mut by_schema: Vec<_> = by_schema.into_iter().map(Vec::into_iter).collect();
        loop {
            let of_schemas: Vec<Each> = by_schema.iter_mut().filter_map(Iterator::next).collect();
            if of_schemas.is_empty() {
                return;
            }
            match of_schemas.into_iter().collect::<Result<Vec<_>, _>>() {
                Ok(pictures) => {
                    for ((_, images), picture) in self.prepared.iter_mut().zip(pictures) {
                        images.push(named_as_typed(path, picture));
                    }
                }
                Err(error) => self.skipped.push(error),
            }
        }
    }

    /// Number of the user's images.
    pub(super) fn len(&self) -> usize {
        self.prepared.iter().map(|(_, images)| images.len()).min().unwrap_or(0)
    }

    /// How the images differ from those that each adapter has learned from, in words, where they do.
    pub(super) fn unlike(&self, adapters: &[Loaded]) -> Vec<Option<String>> {
        let of_adapter = |(place, adapter): (usize, &Loaded)| {
            let (_, learned) = adapter.model.header.io.images().ok()?;
            brightness::unlike((0..self.len()).map(|input| &*self.image(place, input).pixels), learned)
        };
        adapters.iter().enumerate().map(of_adapter).collect()
    }

    /// An image as an adapter sees it.
    pub(super) fn image(&self, adapter: usize, input: usize) -> &NamedPicture {
        &self.prepared[self.of_adapter[adapter]].1[input]
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
pub(super) fn preparation(images: &[NamedPicture], most: usize) -> Vec<String> {
    let runs: Vec<&[NamedPicture]> = images.chunk_by(|a, b| a.how == b.how).collect();
    lines(runs.into_iter().map(|run| (run, &*run[0].how)), most)
}

/// What was guessed of the images, likewise.
pub(super) fn guesses(images: &[NamedPicture], most: usize) -> Vec<String> {
    let runs = images.chunk_by(|a, b| a.note == b.note);
    lines(runs.filter_map(|run| Some((run, run[0].note.as_deref()?))), most)
}

fn lines<'a>(runs: impl Iterator<Item = (&'a [NamedPicture], &'a str)>, most: usize) -> Vec<String> {
    let mut runs = runs.fuse();
    let mut lines: Vec<String> = runs.by_ref().take(most).map(|(run, words)| run_line(run, words)).collect();
    let rest: usize = runs.map(|(run, _)| run.len()).sum();
    if rest > 0 {
        lines.push(format!("and so on for {}", counted(rest, "more image", "more images")));
    }
    lines
}

fn run_line(run: &[NamedPicture], words: &str) -> String {
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
        let lines = ["a: inverted", "b … d (3 images): as is", "e, f: x"];
        assert_eq!(preparation(&pictures, 3), lines);
        assert_eq!(preparation(&pictures, 2), [lines[0], lines[1], "and so on for 2 more images"]);
    }

    #[test]
    fn what_was_guessed_is_said_of_those_it_is_true_of() {
        let note = |note: &str| (!note.is_empty()).then(|| note.to_owned());
        let pictures = [("a", "x"), ("b", ""), ("c", "y"), ("d", "y")];
        let pictures: Vec<_> = pictures
            .map(|(name, said)| NamedPicture { note: note(said), ..picture(&(name, "as is")) })
            .into();
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
